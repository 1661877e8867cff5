"""The desk's Sources page, over HTTP."""

import html
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from newsletter.model.story import Story
from newsletter.pipeline import source_value
from newsletter.pipeline.adding import probe
from newsletter.pipeline.feeds_file import differences, versions
from newsletter.pipeline.source_value import Suggestion
from newsletter.store import items, stories
from newsletter.store.sources import load_states
from newsletter.web import source_add
from tests.loopback import atom
from tests.web.desk import Signed, hidden
from tests.web.sources import ENTRIES, FEEDS, Sources, home_of_sources, read_them, write_items

PATH = "/desk/sources"


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Sources]:
    with home_of_sources(tmp_path / "home") as running:
        running.desk.web.state.source_tasks.patience = 20
        yield running


@pytest.fixture
def ines(found: Sources) -> Signed:
    """An editor, no manager: editors may tune sources."""
    return found.desk.signed_in("Ines", role="editor")


def words(answer: Response) -> str:
    """The page's own part as text, one line."""
    main = re.sub(r"<[^>]*>", " ", answer.text[answer.text.index("<main") :])
    return " ".join(html.unescape(main).split())


def save(ines: Signed, source: str, base: str, **fields: str) -> Response:
    """Send the settings; "weight" is the new value, "was_weight" what stood there."""
    sent = {"base": base, "do": "save"}
    for name, value in fields.items():
        key = name.removeprefix("was_").replace("_", " ")
        sent[("was " if name.startswith("was_") else "set ") + key] = value
    return ines.post(f"{PATH}/{source}", **sent)


def base_of(ines: Signed, source: str) -> str:
    return str(re.search(r'name="base" value="(\w+)"', ines.get(f"{PATH}/{source}").text)[1])  # type: ignore[index]


def test_the_list_has_trouble_first_and_says_what_servers_said(found: Sources, ines: Signed) -> None:
    write_items(found.desk.app)
    read_them(found.desk.app)
    page = ines.get(PATH)
    names = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a>', page.text)
    assert [name for _, name in names] == [
        "Elections page",
        "Gauge reviews",
        "Old blog",
        "Vendor news",
        "Planet",
        "Try",
    ]
    assert names[-1][0] == f"{PATH}/~try"
    said = words(page)
    assert "× broken Elections page web page – – 0, 0 kept +20 No match for “#content h2”: the page changed" in said
    assert "503 since 14:35, 6 tries; again 22:35" in said
    assert "– idle Vendor news feed 1 h 5 20, 0 kept (0 %) −10 0 of 20 kept in 8 weeks; remove it?" in said
    assert "✓ well Planet feed 2 h 4 16, 8 kept (50 %) 0 21:35" in said
    status = page.text[page.text.index('role="status"') : page.text.index("<main")]
    for each in (
        "<b>6 sources</b>",
        "1 well",
        "1 broken",
        "1 slow",
        "1 moved",
        "1 without use",
        "1 paused",
        "version of",
    ):
        assert each in status
    assert '<a href="/desk/sources" aria-current="page">Sources</a>' in page.text


def test_fifty_rows_then_more_and_a_search(tmp_path: Path) -> None:
    lines = "".join(f"  - {{name: Source {at}, kind: feed, url: 'https://s{at}.example/'}}\n" for at in range(120))
    with home_of_sources(tmp_path / "home", FEEDS.partition("sources:")[0] + f"sources:\n{lines}") as found:
        ines = found.desk.signed_in()
        first = ines.get(PATH).text
        assert (first.count('<th scope="row">'), "50 more" in first) == (50, True)
        last = ines.get(f"{PATH}?from=100").text
        assert (last.count('<th scope="row">'), " more</a>" in last) == (20, False)
        assert "Source 119" in last
        hits = ines.get(f"{PATH}?q=s119").text
        assert re.findall(r">(Source \d+)</a>", hits) == ["Source 119"]
        assert "1 of 120 sources" in hits
        assert "No source like that" in ines.get(f"{PATH}?q=nothing").text
        assert ines.get(f"{PATH}?from=x&q=%00").status_code == 200


def test_without_sources_there_are_three_steps_and_the_sample(tmp_path: Path) -> None:
    with home_of_sources(tmp_path / "home", FEEDS.partition("sources:")[0]) as found:
        said = words(found.desk.signed_in().get(PATH))
    assert "No sources yet" in said
    assert "newsletter demo --serve" in said


def test_a_source_shows_its_answer_its_lines_and_what_became_of_its_items(found: Sources, ines: Signed) -> None:
    write_items(found.desk.app)
    read_them(found.desk.app)
    said = words(ines.get(f"{PATH}/gauge-reviews"))
    assert "503, 800 bytes, 1.2 s, 20:15 Service <down> for “upgrade”" in said
    assert "feeds.yaml, lines 20 to 22 20 - name: Gauge reviews 21 kind: feed 22 url:" in said
    said = words(ines.get(f"{PATH}/planet"))
    assert "10 - name: Planet # ours, since 2019" in said
    assert "Items a week: 0, 0, 0, 4, 4, 4, 4, 4" in said
    assert "13 October We are hiring planet43 × left out of issue 5: dropped by the rule “No adverts”." in said
    assert "Story 4.2 of the river planet42 ✓ stands in General of the draft of issue 5" in said
    assert "Story 4.0 of the river planet40 – below the line of General, issue 5" in said
    assert said.count("of the river") == 15
    assert ines.get(f"{PATH}/nobody").status_code == 404


def test_an_item_of_a_story_that_another_one_speaks_for(found: Sources, ines: Signed) -> None:
    write_items(found.desk.app)
    with found.desk.app.database.transaction() as db:
        newest = items.items_of_sources(db, ["planet"], since=found.desk.clock.now.replace(day=12))
        one, two = (each.item for each in newest[:2])
        stories.save_stories(db, [Story(one.id, (one, two), one.title, one.url)])
    assert f"{two.title} " in words(ines.get(f"{PATH}/planet"))
    assert f"merged into “{one.title}”" in words(ines.get(f"{PATH}/planet"))


def test_the_form_changes_the_lines_and_nothing_else(found: Sources, ines: Signed) -> None:
    before = found.text()
    answer = save(ines, "planet", base_of(ines, "planet"), weight="5", was_weight="", section="", was_section="general")
    assert answer.headers["location"] == f"{PATH}/planet?said=save"
    assert found.text() == before.replace("    section: general\n", "    weight: 5\n")
    newest = versions(found.desk.app)[0]
    assert (newest.by, newest.note) == ("Ines", "changed “Planet”: section, weight")
    assert "+    weight: 5" in dict(differences(found.desk.app, newest.number))["feeds.yaml"]
    page = ines.get(f"{PATH}/planet").text
    assert 'name="set weight" maxlength="2000" autocomplete="off" value="5"' in page
    assert "</span>    weight: 5\n" in page
    same = save(ines, "planet", base_of(ines, "planet"), weight="5", was_weight="5")
    assert same.headers["location"] == f"{PATH}/planet?said=same"


def test_a_new_name_keeps_the_source_and_goes_into_the_rules(found: Sources, ines: Signed) -> None:
    answer = save(ines, "planet", base_of(ines, "planet"), name="Our planet", was_name="Planet")
    assert answer.headers["location"] == f"{PATH}/planet?said=save"
    assert "  - name: Our planet  # ours, since 2019\n" in found.text()
    assert "match: {title: hiring, source: Our planet}" in found.text()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"weight": "much", "was_weight": ""}, "weight must be a whole number"),
        ({"name": "", "was_name": "Planet"}, "A source needs a name."),
        ({"name": "Old blog", "was_name": "Planet"}, "Two sources are called"),
        ({"check_every": "now and then", "was_check_every": ""}, "check every"),
    ],
)
def test_what_the_file_would_not_take_stands_in_the_form(
    found: Sources, ines: Signed, fields: dict[str, str], said: str
) -> None:
    before = found.text()
    answer = save(ines, "planet", base_of(ines, "planet"), **fields)
    assert answer.status_code == 422
    assert said in words(answer)
    assert next(iter(fields.values())) in answer.text
    assert found.text() == before


def test_two_changes_that_do_not_touch_are_both_taken(found: Sources, ines: Signed) -> None:
    base = base_of(ines, "planet")
    found.file.write_text(found.file.read_text().replace("weight: -10", "weight: -20"))
    answer = save(ines, "planet", base, weight="5", was_weight="")
    assert answer.status_code == 409
    assert "feeds.yaml was changed on the disk since you opened it." in words(answer)
    assert "Take both" in answer.text
    assert "weight: 5" not in found.text()
    again = str(re.search(r'name="base" value="(\w+)"', answer.text)[1])  # type: ignore[index]
    assert save(ines, "planet", again, weight="5", was_weight="").status_code == 303
    assert "weight: -20" in found.text()
    assert "    section: general\n    weight: 5\n" in found.text()


def test_two_changes_of_one_key_are_shown_side_by_side(found: Sources, ines: Signed) -> None:
    base = base_of(ines, "vendor-news")
    found.file.write_text(found.file.read_text().replace("weight: -10", "weight: -20"))
    answer = save(ines, "vendor-news", base, weight="5", was_weight="-10")
    assert answer.status_code == 409
    assert "You both changed the same: Weight." in words(answer)
    assert "! The file now says: -20" in words(answer)
    assert "Save mine over it" in answer.text
    assert 'name="was weight" value="-20"' in answer.text


def test_pause_and_go_on(found: Sources, ines: Signed) -> None:
    before = found.text()
    assert ines.post(f"{PATH}/planet", do="pause").status_code == 303
    assert "    section: general\n    paused: yes\n" in found.text()
    assert "Go on" in ines.get(f"{PATH}/planet").text
    assert ines.post(f"{PATH}/planet", do="go on").status_code == 303
    assert found.text() == before
    found.file.write_text(found.file.read_text().replace("sections:", "defaults:\n  paused: yes\nsections:"))
    ines.post(f"{PATH}/planet", do="go on")
    assert "    section: general\n    paused: no\n" in found.text()


def test_a_source_whose_id_is_the_name_of_a_page(found: Sources, ines: Signed) -> None:
    assert "<h1>Try</h1>" in ines.get(f"{PATH}/~try").text
    assert ines.post(f"{PATH}/~try", do="go on").headers["location"] == f"{PATH}/~try?said=go+on"
    assert "paused" not in found.text()


def test_what_is_suggested_is_done_by_one_button(found: Sources, ines: Signed) -> None:
    write_items(found.desk.app)
    read_them(found.desk.app)
    page = ines.get(f"{PATH}/old-blog")
    assert "Moved to https://new.example/feed for good; write url: https://new.example/feed at feeds.yaml:29." in words(
        page
    )
    assert "Write the new address" in words(page)
    before = found.text()
    wrong = {"do": "suggested", "key": "url", "value": "https://other.example/"}
    assert ines.post(f"{PATH}/old-blog", **wrong).status_code == 303
    assert found.text() == before
    for _ in range(2):
        sent = {"do": "suggested", "key": "url", "value": "https://new.example/feed"}
        assert ines.post(f"{PATH}/old-blog", **sent).headers["location"] == f"{PATH}/old-blog?said=suggested"
    assert found.text() == before.replace("https://old.saltmarsh.example/feed", "https://new.example/feed")
    assert versions(found.desk.app)[0].note == "“Old blog”: url: https://new.example/feed, as suggested"
    assert "0 of 20 kept in 8 weeks; remove it? Remove it …" in words(ines.get(f"{PATH}/vendor-news"))


@pytest.mark.parametrize(
    ("suggestion", "button", "line"),
    [
        (
            Suggestion("60 a week; all but 6 are held. Let all in?", "hold bursts", "no"),
            "Let it all in",
            "hold bursts: no",
        ),
        (Suggestion("2 of 40 kept; lower its weight?", "weight", "-20"), "Set its weight to -20", "weight: -20"),
    ],
)
def test_a_flood_is_let_in_and_a_weight_is_lowered(
    found: Sources, ines: Signed, monkeypatch: pytest.MonkeyPatch, suggestion: Suggestion, button: str, line: str
) -> None:
    read_them(found.desk.app)
    monkeypatch.setattr(source_value, "_suggestion", lambda *_, **__: suggestion)
    page = ines.get(f"{PATH}/vendor-news")
    assert button in words(page)
    assert suggestion.words in words(ines.get(PATH))
    ines.post(f"{PATH}/vendor-news", do="suggested", key=suggestion.key, value=suggestion.value)
    assert line in found.text()


def test_removing_asks_first(found: Sources, ines: Signed) -> None:
    asks = ines.post(f"{PATH}/elections-page", do="remove").headers["location"]
    assert asks == f"{PATH}/elections-page?ask=remove#ask"
    page = ines.get(asks)
    assert "Remove “Elections page”?" in words(page)
    assert "Elections page" in found.text()
    answer = ines.post(f"{PATH}/elections-page", do="remove", sure="yes")
    assert answer.headers["location"] == f"{PATH}?said=removed"
    assert "Elections" not in found.text()
    assert versions(found.desk.app)[0].note == "removed “Elections page”"
    assert ines.post(f"{PATH}/elections-page", do="pause").status_code == 404


def test_a_test_shows_five_items_and_stores_nothing(found: Sources, ines: Signed) -> None:
    where = ines.post(f"{PATH}/planet", do="test").headers["location"]
    said = words(ines.get(where))
    assert "Test of this source 14 items, 7 a week. Read as feed in" in said
    assert [f"Post {at}" in said for at in range(14, 8, -1)] == [True] * 5 + [False]
    with found.desk.app.database.reading() as db:
        assert load_states(db)["planet"].state == "new"
    assert "Nothing was read from it yet." in said
    other = where.replace("/planet?", "/vendor-news?")
    assert "What was asked is forgotten" in words(ines.get(other))


def test_read_now_stores_what_is_new(found: Sources, ines: Signed) -> None:
    where = ines.post(f"{PATH}/planet", do="read").headers["location"]
    said = words(ines.get(where))
    assert "14 new, 0 changed" in said
    assert "14 October Post 14 ? waiting for the next draft" in said
    broken = words(ines.get(ines.post(f"{PATH}/old-blog", do="read").headers["location"]))
    assert "the name old.saltmarsh.example is not known" in broken


def test_what_takes_long_is_shown_as_being_asked(found: Sources, ines: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(source_add, "probe", lambda app, address: answers.wait(20) and probe(app, address))
    found.desk.web.state.source_tasks.patience = 0
    where = ines.post(f"{PATH}/look", address=f"{found.web.base}/planet.xml").headers["location"]
    page = ines.get(where)
    assert page.headers["refresh"] == "2"
    assert f"Asking {found.web.base}/planet.xml …" in words(page)
    answers.set()
    deadline = time.monotonic() + 20
    while "refresh" in (page := ines.get(where)).headers and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "Found: " in words(page)


def test_adding_by_address_alone(found: Sources, ines: Signed) -> None:
    found.web["/notes.xml"] = atom(*ENTRIES, title="Harbour notes")
    found.web["/blog"] = (
        "<!doctype html><html><head><title>A blog</title>"
        "<link rel='alternate' type='application/rss+xml' title='Posts' href='/notes.xml'>"
        "<link rel='alternate' type='application/rss+xml' title='Comments' href='/comments.xml'></head></html>"
    )
    found.web.types["/blog"] = "text/html"
    before = found.text()
    page = ines.get(ines.post(f"{PATH}/look", address=f"{found.web.base}/blog").headers["location"])
    assert f"{found.web.base}/blog names 2 feeds. Which one?" in words(page)
    where = ines.post(f"{PATH}/look", address=f"{found.web.base}/notes.xml").headers["location"]
    page = ines.get(where)
    assert "Found: Harbour notes feed · 14 items, 7 a week, the newest of 14 October" in words(page)
    sent = hidden(page.text)
    assert found.text() == before
    answer = ines.post(f"{PATH}/add", **{**sent, "csrf": ines.csrf}, name="Harbour", section="nowhere")
    assert (answer.status_code, "Harbour" in answer.text, found.text()) == (422, True, before)
    answer = ines.post(f"{PATH}/add", **{**sent, "csrf": ines.csrf}, name="Harbour", section="events")
    assert answer.headers["location"] == f"{PATH}/harbour?said=added"
    added = found.text().replace(before.partition("\nrules:")[0], "").partition("\nrules:")[0].strip("\n")
    assert added == (
        "  - name: Harbour  # 2026-10-15, Ines\n    kind: feed\n    url: {web}/notes.xml\n    section: events"
    )
    assert (versions(found.desk.app)[0].by, versions(found.desk.app)[0].note) == ("Ines", "added “Harbour”")
    again = ines.post(f"{PATH}/add", **{**sent, "csrf": ines.csrf}, name="Harbour", section="events")
    assert again.status_code == 422
    there = words(ines.get(ines.post(f"{PATH}/look", address=f"{found.web.base}/notes.xml").headers["location"]))
    assert "Harbour reads this address already." in there


def test_a_source_that_carries_the_same_is_named(found: Sources, ines: Signed) -> None:
    ines.post(f"{PATH}/planet", do="read")
    found.web["/copy.xml"] = atom(*ENTRIES, title="A copy")
    page = ines.get(ines.post(f"{PATH}/look", address=f"{found.web.base}/copy.xml").headers["location"])
    assert "! “Planet” carries 14 of these 14 items as well." in words(page)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://10.0.0.7/feed", "This address is inside your network; the program does not read such addresses."),
        ("not an address", "“not an address” is no web address."),
        ("https://nowhere.example/feed", "the name nowhere.example is not known"),
    ],
)
def test_an_address_that_gives_nothing(found: Sources, ines: Signed, address: str, said: str) -> None:
    where = ines.post(f"{PATH}/look", address=address).headers["location"]
    page = ines.get(where)
    assert said in words(page)
    assert f'value="{address}"' in page.text
    assert f'value="{address}"' in ines.get(re.sub("look=.*", "look=x", where)).text


def test_what_was_found_is_not_kept_for_good(found: Sources, ines: Signed) -> None:
    answer = ines.post(f"{PATH}/add", look="gone", address="https://a.example/", name="A", section="")
    assert answer.status_code == 409
    assert "is forgotten by now" in words(answer)


def test_a_file_with_mistakes_is_named_with_its_hours(found: Sources, ines: Signed) -> None:
    found.file.write_text(found.file.read_text().replace("weight: 20", "weight: heavy"))
    for path in (PATH, f"{PATH}/planet"):
        said = words(ines.get(path))
        assert re.search(r"! feeds.yaml has 1 mistake since [^;]+; the version of [^;]+ is in force\. ", said)
        assert "feeds.yaml:19: " in said
    before = found.text()
    answer = ines.post(f"{PATH}/planet", do="pause")
    assert answer.status_code == 409
    assert "! Nothing was changed The file on the disk has mistakes, which have to be mended first." in words(answer)
    answer = save(ines, "vendor-news", base_of(ines, "vendor-news"), weight="light", was_weight="-10")
    assert answer.text.count("weight must be") >= 2
    assert found.text() == before
    mended = save(ines, "elections-page", base_of(ines, "elections-page"), weight="20", was_weight="heavy")
    assert mended.status_code == 303


def test_a_source_that_is_not_in_the_file_on_the_disk(found: Sources, ines: Signed) -> None:
    ines.get(PATH)
    text = found.file.read_text()
    found.file.write_text(text.replace("name: Gauge reviews", "name: Other").replace("weight: 20", "weight: heavy"))
    said = words(ines.get(f"{PATH}/gauge-reviews"))
    assert "It does not stand in the file as it is on the disk now." in said
    assert "Settings" not in said
    assert ines.post(f"{PATH}/gauge-reviews", do="pause").status_code == 404


def test_who_is_not_signed_in_gets_nothing(found: Sources) -> None:
    browser = found.desk.browser()
    for path in (PATH, f"{PATH}/planet", f"{PATH}/add"):
        assert browser.get(path).headers["location"].startswith("/desk/sign-in")
