"""Sources of a file that feeds.yaml includes: form, lines, mistakes, history and conflicts name that file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsletter.pipeline.feeds_file import read_feeds, versions
from newsletter.store.feeds_versions import add_version
from tests.web.desk import FEEDS, Desk, Signed, hidden, running_desk
from tests.web.test_feeds_file import by_browser, form_of, typed_in
from tests.web.test_sources import base_of, save, words

PATH = "/desk/sources"
FILE = f"{PATH}/file"
NAME = "more/lists.yaml"
QUERY = "file=more/lists.yaml"
MORE = """\
# the lists, kept by Ann
sources:
  - name: Planet  # since 2019
    kind: feed
    url: https://planet.example/atom.xml
    weight: 3
  - name: Announce
    kind: feed
    url: https://lists.example/announce.xml
"""
RULES = "rules:\n  - name: No adverts\n    match: {title: hiring, source: Planet}\n    drop: yes\n"


@dataclass
class Split:
    """A desk whose feeds.yaml includes one file."""

    desk: Desk

    def file(self, name: str = NAME) -> Path:
        return self.desk.app.home / name

    def text(self, name: str = NAME) -> str:
        return self.file(name).read_text(encoding="utf-8")


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Split]:
    (tmp_path / "more").mkdir()
    (tmp_path / NAME).write_text(MORE, encoding="utf-8")
    with running_desk(tmp_path, FEEDS + "include: [more/lists.yaml]\n" + RULES) as desk:
        yield Split(desk)


@pytest.fixture
def ines(split: Split) -> Signed:
    return split.desk.signed_in()


def test_the_form_changes_the_lines_of_the_included_file_and_nothing_else(split: Split, ines: Signed) -> None:
    main = split.text("feeds.yaml")
    page = ines.get(f"{PATH}/planet").text
    assert f'<a href="{FILE}?{QUERY}#L3">more/lists.yaml, lines 3 to 6</a>' in page
    assert "<span>3</span>  - name: Planet  # since 2019\n" in page
    answer = save(ines, "planet", base_of(ines, "planet"), weight="5", was_weight="3")
    assert answer.headers["location"] == f"{PATH}/planet?said=save"
    assert split.text() == MORE.replace("weight: 3", "weight: 5")
    assert split.text("feeds.yaml") == main
    assert (versions(split.desk.app)[0].by, versions(split.desk.app)[0].note) == ("Ines", "changed “Planet”: weight")
    assert "Saved in more/lists.yaml; it is in force." in ines.get(f"{PATH}/planet?said=save").text


def test_a_new_name_goes_into_the_rules_of_the_other_file_in_the_same_version(split: Split, ines: Signed) -> None:
    before = len(versions(split.desk.app))
    answer = save(ines, "planet", base_of(ines, "planet"), name="Our planet", was_name="Planet")
    assert answer.headers["location"] == f"{PATH}/planet?said=save"
    assert split.text() == MORE.replace("name: Planet", "name: Our planet")
    assert "match: {title: hiring, source: Our planet}" in split.text("feeds.yaml")
    assert len(versions(split.desk.app)) == before + 1
    history = ines.get(f"{PATH}/history?version={before + 1}").text
    assert "<h3>feeds.yaml</h3>" in history
    assert "<h3>more/lists.yaml</h3>" in history


def test_pause_go_on_and_remove(split: Split, ines: Signed) -> None:
    assert ines.post(f"{PATH}/announce", do="pause").status_code == 303
    assert split.text() == MORE + "    paused: yes\n"
    assert "It is paused in more/lists.yaml" in ines.get(f"{PATH}/announce").text
    ines.post(f"{PATH}/announce", do="go on")
    assert split.text() == MORE
    assert "go out of more/lists.yaml" in ines.get(f"{PATH}/announce?ask=remove").text
    assert ines.post(f"{PATH}/announce", do="remove", sure="yes").headers["location"] == f"{PATH}?said=removed"
    assert split.text() == MORE.partition("  - name: Announce")[0]


def test_two_changes_of_an_included_file_are_told_and_both_taken(split: Split, ines: Signed) -> None:
    base = base_of(ines, "planet")
    split.file().write_text(MORE.replace("kept by Ann", "kept by Ben"))
    answer = save(ines, "planet", base, weight="5", was_weight="3")
    assert answer.status_code == 409
    assert "more/lists.yaml was changed on the disk since you opened it." in words(answer)
    again = str(re.search(r'name="base" value="(\w+)"', answer.text)[1])  # type: ignore[index]
    assert save(ines, "planet", again, weight="5", was_weight="3").status_code == 303
    assert split.text() == MORE.replace("kept by Ann", "kept by Ben").replace("weight: 3", "weight: 5")


def test_a_change_of_feeds_yaml_is_no_conflict_for_a_source_of_another_file(split: Split, ines: Signed) -> None:
    base = base_of(ines, "planet")
    split.file("feeds.yaml").write_text(split.text("feeds.yaml") + "# more\n")
    assert save(ines, "planet", base, weight="5", was_weight="3").status_code == 303


def test_the_files_are_chosen_from_and_shown_with_their_lines(split: Split, ines: Signed) -> None:
    page = ines.get(FILE).text
    assert f'<a class="b" href="{FILE}" aria-current="page">✓ feeds.yaml</a>' in page
    assert f'<a class="b" href="{FILE}?{QUERY}">more/lists.yaml</a>' in page
    page = ines.get(f"{FILE}?{QUERY}").text
    assert "<h1>more/lists.yaml</h1>" in page
    assert '<li id="L1"><code># the lists, kept by Ann</code>' in page
    assert f'href="{FILE}?{QUERY}&amp;edit=1"' in page
    assert ines.get(f"{FILE}?file=../feeds.yaml").status_code == 404
    assert ines.get(f"{FILE}?file=data/newsletter.db").status_code == 404


def test_an_included_file_is_typed_checked_and_saved(split: Split, ines: Signed) -> None:
    opened = ines.get(f"{FILE}?{QUERY}&edit=1")
    assert typed_in(opened.text) == MORE
    form = {"file": NAME, "base": read_feeds(split.desk.app.home, NAME).hash, "note": "Ann asked"}
    wrong = by_browser(MORE.replace("weight: 3", "weight: high"))
    for answer in (
        ines.post(FILE, **form, text=wrong, do="save"),
        ines.post(FILE, **form, text=wrong, do="check"),
        ines.post(f"{FILE}/check", file=NAME, text=wrong),
    ):
        assert '<a href="#L6" data-line="6">Line 6</a> weight must be' in answer.text
    assert split.text() == MORE
    answer = ines.post(FILE, **form, text=by_browser(MORE.replace("weight: 3", "weight: 4")), do="save")
    assert answer.headers["location"] == f"{FILE}?{QUERY}&said=saved"
    assert split.text() == MORE.replace("weight: 3", "weight: 4")
    assert "Saved; it is in force." in ines.get(answer.headers["location"]).text
    assert versions(split.desk.app)[0].note == "Ann asked"


def test_a_mistake_on_the_disk_is_told_at_its_line_in_its_file(split: Split, ines: Signed) -> None:
    split.file().write_text(MORE.replace("weight: 3", "weigth: 3"))
    place = f"{FILE}?{QUERY}#L6"
    assert f'<a href="{place}">more/lists.yaml:6: &#34;weigth&#34; is not something' in ines.get(PATH).text
    assert f'<a href="{place}">more/lists.yaml, line 6</a>' in ines.get(FILE).text
    assert re.search(
        r'<li id="L6" class="bad"><code>    weigth: 3</code><p>! .*weigth', ines.get(f"{FILE}?{QUERY}").text
    )


def test_a_typed_text_of_an_included_file_is_tried_and_put_in_force(split: Split, ines: Signed) -> None:
    base = read_feeds(split.desk.app.home, NAME).hash
    typed = by_browser(MORE.replace("weight: 3", "weight: 4"))
    to_try = ines.post(FILE, file=NAME, text=typed, base=base, do="try").headers["location"]
    page = ines.get(to_try)
    assert "+ weight: 4" in words(page)
    shown = ines.get(to_try.replace("/try?", "/file?")).text
    assert "<h1>more/lists.yaml</h1>" in shown
    key = to_try.partition("text=")[2]
    assert ines.post(f"{PATH}/try", text=key, do="put in force").headers["location"] == f"{FILE}?{QUERY}&said=saved"
    assert split.text() == MORE.replace("weight: 3", "weight: 4")


def test_two_who_type_into_an_included_file(split: Split, ines: Signed) -> None:
    base = read_feeds(split.desk.app.home, NAME).hash
    theirs = MORE.replace("kept by Ann", "kept by Ben")
    split.file().write_text(theirs)
    typed = by_browser(MORE.replace("weight: 3", "weight: 4"))
    answer = ines.post(FILE, file=NAME, text=typed, base=base, do="save")
    assert answer.status_code == 409
    assert "more/lists.yaml was changed on the disk since you opened it." in words(answer)
    done = ines.post(FILE, **{**form_of(answer.text, "Take both"), "csrf": ines.csrf})
    assert done.headers["location"] == f"{FILE}?{QUERY}&said=saved"
    assert split.text() == theirs.replace("weight: 3", "weight: 4")


def test_going_back_takes_the_included_file_with_it_unless_somebody_changed_it(split: Split, ines: Signed) -> None:
    save(ines, "planet", base_of(ines, "planet"), weight="5", was_weight="3")
    number = versions(split.desk.app)[0].number
    asking = ines.get(f"{PATH}/history?version={number - 1}&ask=back")
    base = hidden(asking.text)["base"]
    split.file().write_text(split.text().replace("kept by Ann", "kept by Ben"))
    answer = ines.post(f"{PATH}/history/{number - 1}", base=base)
    assert answer.status_code == 409
    assert "more/lists.yaml was changed on the disk since you opened it." in words(answer)
    assert "<h1>more/lists.yaml</h1>" in answer.text
    base = hidden(ines.get(f"{PATH}/history?version={number - 1}&ask=back").text)["base"]
    assert ines.post(f"{PATH}/history/{number - 1}", base=base).status_code == 303
    assert split.text() == MORE


@pytest.mark.parametrize("is_changed", [False, True])
def test_going_back_to_a_version_with_a_mistake_is_mended_and_saved(
    split: Split, ines: Signed, *, is_changed: bool
) -> None:
    app, main = split.desk.app, split.text("feeds.yaml")
    with app.database.transaction() as db:
        old = {"feeds.yaml": "weight: 3\n" + main, NAME: MORE}
        number = add_version(db, old, file_hash="x", at=split.desk.clock.now, by="Ben", note="")
    base = hidden(ines.get(f"{PATH}/history?version={number}&ask=back").text)["base"]
    if is_changed:
        split.file("feeds.yaml").write_text(main + "# by hand\n")
    answer = ines.post(f"{PATH}/history/{number}", base=base)
    assert answer.status_code == 422
    mended = by_browser("# mended\n" + main)
    saved = ines.post(FILE, base=hidden(answer.text)["base"], text=mended, do="save")
    assert saved.status_code == (409 if is_changed else 303)
    assert split.text("feeds.yaml") == (main + "# by hand\n" if is_changed else "# mended\n" + main)


def test_a_file_that_is_not_included_any_more(split: Split, ines: Signed) -> None:
    main = split.text("feeds.yaml")
    split.file("feeds.yaml").write_text(main.replace("include: [more/lists.yaml]\n", "").replace("yes", "no way"))
    page = ines.get(f"{PATH}/planet").text
    assert "It stood in more/lists.yaml, which feeds.yaml does not include any more." in page
    answer = save(ines, "planet", "0" * 64, weight="5", was_weight="3")
    assert answer.status_code in (404, 409, 422)
    assert split.text() == MORE
