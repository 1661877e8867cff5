"""feeds.yaml on the desk: its lines and mistakes, saving, and who was first."""

import html
import re
import time

from newsletter.pipeline.feeds_file import read_feeds, versions
from tests.web.desk import FEEDS, Desk, Signed, hidden, send

PAGE = "/desk/sources/file"
SOURCE = "sources:\n  - name: Planet\n    kind: feed\n    url: https://planet.example/feed.xml\n"
WRONG = FEEDS.replace("timezone", "timezoen")


def by_browser(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def written(desk: Desk) -> bytes:
    return (desk.app.home / "feeds.yaml").read_bytes()


def save(ines: Signed, desk: Desk, text: str, **fields: str):  # type: ignore[no-untyped-def]
    form = {"text": by_browser(text), "base": read_feeds(desk.app.home).hash, "do": "save", **fields}
    return ines.post(PAGE, **form)


def typed_in(page: str) -> str:
    """What stands in the form's text."""
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1])


def test_every_line_has_its_number_and_its_anchor(desk: Desk) -> None:
    page = desk.signed_in(role="editor").get(PAGE).text
    for number, line in enumerate(FEEDS.splitlines(), 1):
        assert re.search(rf'<li id="L{number}"[^>]*><code>{re.escape(html.escape(line))}</code>', page)
    assert "to mend" not in page
    assert 'href="/desk/sources/file?edit=1"' in page


def test_a_mistake_on_the_disk_stands_at_its_line_and_the_older_version_is_in_force(desk: Desk) -> None:
    ines = desk.signed_in()
    (desk.app.home / "feeds.yaml").write_text(WRONG, encoding="utf-8")
    page = ines.get(PAGE).text
    assert re.search(r'<li id="L5" class="bad"><code>  timezoen: Europe/Oslo</code><p>! .*timezone', page)
    assert "! 1 to mend" in page
    assert "The file on the disk has mistakes." in page
    assert "is in force" in page


def test_saving_keeps_the_line_ends_and_notes_who_and_what_for(desk: Desk) -> None:
    ines = desk.signed_in(role="editor")
    old = FEEDS.replace("\n", "\r\n").rstrip()
    (desk.app.home / "feeds.yaml").write_bytes(b"\xef\xbb\xbf" + old.encode())
    page = ines.get(f"{PAGE}?edit=1")
    assert typed_in(page.text) == old
    answer = save(ines, desk, typed_in(page.text) + "\n# a word", note="only a word")
    assert answer.headers["location"] == f"{PAGE}?said=saved"
    assert written(desk) == b"\xef\xbb\xbf" + old.encode() + b"\r\n# a word"
    newest = versions(desk.app)[0]
    assert (newest.by, newest.note) == ("Ines", "only a word")
    assert "Saved; it is in force." in ines.get(answer.headers["location"]).text
    assert save(ines, desk, old + "\n# a word").headers["location"] == f"{PAGE}?said=same"


def test_a_mistake_is_not_saved_and_nothing_typed_is_lost(desk: Desk) -> None:
    ines = desk.signed_in()
    answer = save(ines, desk, WRONG + "# <mine>\n", note="the clock")
    assert answer.status_code == 422
    assert typed_in(answer.text).replace("\r\n", "\n") == WRONG + "# <mine>\n"
    assert 'value="the clock"' in answer.text
    assert 'data-line="5">Line 5</a>' in answer.text
    assert written(desk) == FEEDS.encode()


def test_a_check_says_what_is_wrong_and_saves_nothing(desk: Desk) -> None:
    ines = desk.signed_in()
    assert "Line 5" in save(ines, desk, WRONG, do="check").text
    assert "✓ No mistake" in save(ines, desk, FEEDS, do="check").text
    assert "Line 5" in ines.post(f"{PAGE}/check", text=by_browser(WRONG)).text
    part = ines.post(f"{PAGE}/check", text=by_browser(FEEDS)).text
    assert "✓ No mistake" in part
    assert "<html" not in part
    assert save(ines, desk, FEEDS, do="eat").status_code == 400
    assert save(ines, desk, FEEDS + "# " + "x" * 400_000).status_code == 400
    assert written(desk) == FEEDS.encode()


def two_changes(desk: Desk, mine: str, theirs: str) -> tuple[Signed, str]:
    """The page that Ines gets who saves ``mine`` after Ben saved ``theirs``; both began with the same."""
    ines, ben = desk.signed_in(), desk.signed_in("Ben", role="editor")
    base = read_feeds(desk.app.home).hash
    assert save(ben, desk, theirs).status_code == 303
    answer = save(ines, desk, mine, base=base, note="of Ines")
    assert answer.status_code == 409
    assert "feeds.yaml was changed by Ben since you opened it." in html.unescape(answer.text)
    assert typed_in(answer.text).replace("\r\n", "\n") == mine
    assert written(desk) == theirs.encode()
    return ines, answer.text


def form_of(page: str, button: str) -> dict[str, str]:
    """The hidden fields of the form with that button."""
    return hidden(page.partition(f">{button}</button>")[0])


def test_both_changes_are_taken_where_they_do_not_touch(desk: Desk) -> None:
    ines, page = two_changes(desk, FEEDS.replace("Test weekly", "My weekly"), FEEDS + SOURCE)
    assert "both fit into one file" in page
    answer = ines.post(PAGE, **{**form_of(page, "Take both"), "csrf": ines.csrf})
    assert answer.status_code == 303
    assert written(desk).decode() == FEEDS.replace("Test weekly", "My weekly") + SOURCE
    assert [(each.by, each.note) for each in versions(desk.app)[:2]] == [("Ines", "of Ines"), ("Ben", "")]


def test_changes_of_one_line_stand_side_by_side_and_mine_can_take_its_place(desk: Desk) -> None:
    mine = FEEDS.replace("Test weekly", "My weekly")
    ines, page = two_changes(desk, mine, FEEDS.replace("Test weekly", "Your weekly"))
    assert "Take both" not in page
    assert "From line 2 on" in page
    assert "Take theirs" in page
    assert ines.post(PAGE, **{**form_of(page, "Save mine in its place"), "csrf": ines.csrf}).status_code == 303
    assert written(desk).decode() == mine


def test_what_makes_a_mistake_together_is_not_put_together(desk: Desk) -> None:
    both = SOURCE + "  - name: Blog\n    kind: feed\n    url: https://blog.example/x\n"
    desk.signed_in("Olga")
    assert save(desk.signed_in_again("Olga"), desk, FEEDS + both).status_code == 303
    start = FEEDS + both
    _, page = two_changes(desk, start.replace("name: Blog", "name: News"), start.replace("name: Planet", "name: News"))
    assert "Both together would be a file with mistakes" in page
    assert "Take both" not in page


def test_a_text_that_waits_can_be_read_by_lines_and_changed_on(desk: Desk) -> None:
    ines = desk.signed_in()
    where = save(ines, desk, FEEDS + "# more\n", do="try", note="why").headers["location"]
    key = where.partition("text=")[2]
    page = ines.get(f"{PAGE}?text={key}").text
    assert "This text is not saved." in page
    assert re.search(r'<li id="L6"[^>]*><code># more</code>', page)
    page = ines.get(f"{PAGE}?text={key}&edit=1").text
    assert typed_in(page).replace("\r\n", "\n") == FEEDS + "# more\n"
    assert 'value="why"' in page
    assert "not kept any more" in ines.get(f"{PAGE}?text=gone").text


def test_three_hundred_sources_stay_quick(desk: Desk) -> None:
    lines = [f"  - name: Source {at}\n    kind: feed\n    url: https://s{at}.example/\n" for at in range(300)]
    text = FEEDS + "sources:\n" + "".join(lines)
    ines = desk.signed_in()
    assert save(ines, desk, text).status_code == 303
    times = []
    for act in (lambda: ines.get(PAGE), lambda: ines.post(f"{PAGE}/check", text=by_browser(text))):
        start = time.perf_counter()
        assert act().status_code == 200
        times.append(time.perf_counter() - start)
    assert max(times) < 2, times


def test_who_is_signed_out_keeps_what_was_typed(desk: Desk) -> None:
    desk.with_password()
    browser = desk.browser()
    page = browser.get("/desk/sign-in")
    answer = send(browser, page, PAGE, text=FEEDS + "# typed\n", base="x", do="save")
    assert "# typed" in answer.text
    assert answer.status_code == 401
