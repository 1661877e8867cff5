"""The history of feeds.yaml: who, when, what; an older version becomes a new one."""

import html

from newsletter.pipeline.feeds_file import read_feeds, save_feeds, versions, whole_hash
from newsletter.store.feeds_versions import add_version
from tests.web.desk import FEEDS, Desk

PAGE = "/desk/sources/history"


def change(desk: Desk, text: str, by: str = "Ben", note: str = "") -> None:
    save_feeds(desk.app, text, base_hash=read_feeds(desk.app.home).hash, by=by, note=note)


def test_versions_are_told_with_who_when_and_what(desk: Desk) -> None:
    ines = desk.signed_in(role="editor")
    change(desk, FEEDS + "# <one>\n", note="a remark")
    page = ines.get(PAGE).text
    assert "Version 2</a> by Ben: a remark" in page
    assert "Version 1</a> on the disk" in page
    opened = ines.get(f"{PAGE}?version=2").text
    assert '<span class="in">+ # &lt;one&gt;</span>' in opened
    assert "Go back to this" not in opened
    assert "Go back to this" in ines.get(f"{PAGE}?version=1").text
    assert ines.get(f"{PAGE}?version=9").status_code == 404
    assert ines.get(f"{PAGE}?version=x").status_code == 404
    (desk.app.home / "feeds.yaml").write_text(FEEDS + "# a\n# b\n", encoding="utf-8")
    assert "Version 3</a> on the disk: 2 lines written, 1 line taken out" in ines.get(PAGE).text


def test_going_back_asks_and_becomes_a_new_version(desk: Desk) -> None:
    ines = desk.signed_in(role="editor")
    change(desk, FEEDS + "# one\n")
    assert "what was changed since then stays in this history" in ines.get(f"{PAGE}?version=1&ask=back").text
    base = read_feeds(desk.app.home).hash
    assert ines.post(f"{PAGE}/1", base=base).status_code == 303
    assert (desk.app.home / "feeds.yaml").read_text(encoding="utf-8") == FEEDS
    newest = versions(desk.app)[0]
    assert (newest.number, newest.by, newest.note) == (3, "Ines", "back to version 1")
    assert ines.post(f"{PAGE}/77", base=base).status_code == 404
    assert ines.post(f"{PAGE}/1").status_code == 400


def test_going_back_does_not_go_over_what_another_saved_meanwhile(desk: Desk) -> None:
    ines = desk.signed_in()
    change(desk, FEEDS + "# one\n")
    base = read_feeds(desk.app.home).hash
    change(desk, FEEDS + "# two\n")
    answer = ines.post(f"{PAGE}/1", base=base)
    assert answer.status_code == 409
    assert "changed by Ben" in html.unescape(answer.text)
    assert "back to version 1" in answer.text


def test_an_older_version_with_mistakes_by_now_is_shown_to_be_mended(desk: Desk) -> None:
    ines = desk.signed_in()
    change(desk, FEEDS + "# one\n")
    with desk.app.database.transaction() as db:
        add_version(db, {"feeds.yaml": "sources: 3\n" + FEEDS}, file_hash="x", at=desk.clock.now, by="Ben", note="")
    answer = ines.post(f"{PAGE}/3", base=whole_hash(desk.app.home))
    assert answer.status_code == 422
    assert "to mend" in answer.text
    assert "sources: 3" in answer.text


def test_many_versions_come_fifty_at_a_time(desk: Desk) -> None:
    ines = desk.signed_in()
    for at in range(55):
        change(desk, FEEDS + f"# {at}\n")
    page = ines.get(PAGE).text
    assert page.count("<time>") == 50
    assert f"{PAGE}?before=7" in page
    assert ines.get(f"{PAGE}?before=7").text.count("<time>") == 6


def test_a_version_with_an_included_file_is_known_as_the_one_in_force_and_comes_back_whole(desk: Desk) -> None:
    more, ines = desk.app.home / "more.yaml", desk.signed_in()
    old = "sources:\n  - name: More\n    url: https://more.example/feed.xml\n"
    more.write_text(old, encoding="utf-8")
    change(desk, FEEDS + "include: [more.yaml]\n")
    assert ines.get(PAGE).text.count("in force</b>") == 1
    base = read_feeds(desk.app.home, "more.yaml").hash
    save_feeds(desk.app, old.replace("More", "Most"), base_hash=base, by="Ben", name="more.yaml")
    assert "Go back to this" in ines.get(f"{PAGE}?version=2").text
    assert ines.post(f"{PAGE}/2", base=whole_hash(desk.app.home)).status_code == 303
    assert more.read_text(encoding="utf-8") == old
    assert ines.get(PAGE).text.count("in force</b>") == 1
