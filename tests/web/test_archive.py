"""The archive for readers and editors, rebuilding, and corrections after an issue is out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.edit.corrections import find_entry
from newsletter.pipeline.approval import approve
from newsletter.pipeline.review import act, open_desk
from newsletter.web.event_fields import field_texts
from tests.web.desk import Desk
from tests.web.issues import drafted_desk

ARCHIVE, SEARCH, CORRECT = "/desk/archive", "/archive/search", "/desk/issues/1/correct"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with drafted_desk(tmp_path / "home") as (found, _):
        yield found


def test_readers_find_what_is_out_and_no_draft(desk: Desk) -> None:
    assert "Nothing found" in desk.client.get(f"{SEARCH}?q=bridge").text
    approve(desk.app, 1, editor="Ines")
    page = desk.client.get(f"{SEARCH}?q=bridge&year=2026&section=general&person=ada").text
    assert "1 entry found" in page
    entry = next(each for each in open_desk(desk.app, 1).issue.entries if each.title == "The bridge opens")
    assert f'href="/issues/1/#e-{entry.id}"' in page
    assert f'id="e-{entry.id}"' in desk.client.get("/issues/1/").text
    near = desk.client.get(f"{SEARCH}?q=brigde").text
    assert f'<a href="{SEARCH}?q=bridge">bridge</a>' in near


def test_what_is_typed_comes_back_as_text(desk: Desk) -> None:
    page = desk.client.get(SEARCH, params={"q": '"><script>alert(1)</script>', "person": "'\"<b>"}).text
    assert "<script>alert" not in page
    assert "<b>" not in page.partition("<form")[2]
    for bad in ("year=x", "year=99999", "page=-1", "page=²"):
        assert desk.client.get(f"{SEARCH}?{bad}").status_code == 400
    assert desk.client.get(SEARCH, params={"q": "x " * 5_000}).status_code == 200


def test_editors_see_every_issue_and_what_it_was_made_from(desk: Desk) -> None:
    ines = desk.signed_in()
    page = ines.get(ARCHIVE).text
    assert "1 draft" in page
    assert "3 entries" in page
    assert "The bridge opens" in ines.get(f"{ARCHIVE}?q=bridge").text
    act(desk.app, 1, [("note", "issue", {"text": "Hello.", "by": "Ines"})], editor="Ines")
    record = ines.get(f"{ARCHIVE}/1").text
    assert "3 from 1 source" in record
    assert "1 by Ines" in record
    assert ines.get(f"{ARCHIVE}/9").status_code == 404
    assert desk.browser().get(ARCHIVE).status_code == 303


def test_an_issue_is_made_again_and_compared(desk: Desk) -> None:
    ines = desk.signed_in()
    assert "files are the same, byte for byte" in ines.post(f"{ARCHIVE}/1").text
    (desk.app.issue_folder(1) / "email.txt").write_text("other", encoding="utf-8")
    assert "it differs in email.txt" in ines.post(f"{ARCHIVE}/1").text
    (desk.app.issue_folder(1) / "snapshot" / "input.json").unlink()
    gone = ines.post(f"{ARCHIVE}/1")
    assert gone.status_code == 200
    assert "cannot be read" in gone.text


def test_a_correction_is_dated_on_the_web_and_found_and_its_mail_is_shown(desk: Desk) -> None:
    ines = desk.signed_in()
    assert ines.get(CORRECT).status_code == 409
    approve(desk.app, 1, editor="Ines")
    desk.clock.move(days=2)
    mailed = (desk.app.issue_folder(1) / "issue.eml").read_bytes()
    entry = next(each for each in open_desk(desk.app, 1).issue.entries if each.title == "The bridge opens")
    form = ines.get(f"{CORRECT}?entry={entry.id}").text
    assert 'value="The bridge opens"' in form
    right = {"entry": entry.id, "title": "The bridge opens on Tuesday", "note": "The day was missing."}
    answer = ines.post(CORRECT, summary=entry.summary, url=entry.url or "", **right)
    page = ines.get(answer.headers["location"]).text
    assert "The day was missing." in page
    assert f'src="{CORRECT}/1"' in page
    frame = ines.get(f"{CORRECT}/1")
    assert "Tuesday" in frame.text
    assert "sandbox" in frame.headers["content-security-policy"]
    assert "The day was missing." in desk.client.get("/issues/1/").text
    assert (desk.app.issue_folder(1) / "issue.eml").read_bytes() == mailed
    assert "1 entry found" in desk.client.get(f"{SEARCH}?q=tuesday+bridge").text
    assert "corrected once" in ines.get(ARCHIVE).text
    assert "The day was missing." in ines.get(f"{ARCHIVE}/1").text


def test_a_wrong_date_is_set_right_with_its_calendar_and_the_mail_says_so(desk: Desk) -> None:
    ines = desk.signed_in()
    entry = next(each for each in open_desk(desk.app, 1).issue.entries if each.title == "The bridge opens")
    act(desk.app, 1, [("event", entry.id, {"starts_at": "2026-10-20", "place": "Kranj"})], editor="Ines")
    approve(desk.app, 1, editor="Ines")
    desk.clock.move(days=2)
    shown = field_texts(find_entry(open_desk(desk.app, 1).issue, entry.id).event)
    assert 'name="start" maxlength="500" value="20 October 2026"' in ines.get(f"{CORRECT}?entry={entry.id}").text
    same = {"entry": entry.id, "title": entry.title, "summary": entry.summary, "url": entry.url or ""}
    assert ines.post(CORRECT, **same, **shown).status_code == 400, "nothing is different"
    wrong = ines.post(CORRECT, **same, **{**shown, "start": "31 February 2026"})
    assert (wrong.status_code, "no day of the calendar" in wrong.text) == (400, True)
    assert 'value="31 February 2026"' in wrong.text
    sent = {**same, **shown, "start": "21 October 2026", "note": "The day was wrong."}
    for _ in range(2):
        assert ines.post(CORRECT, **sent).status_code == 303
    folder = desk.app.issue_folder(1)
    assert "20261021" in (folder / "events.ics").read_text()
    assert "20261020" not in (folder / "events.ics").read_text()
    frame = " ".join(ines.get(f"{CORRECT}/1").text.split())
    assert "Tuesday 20 October 2026" in frame
    assert "Wednesday 21 October 2026" in frame
    assert ines.get(f"{CORRECT}/2").status_code == 404, "it was corrected once"
    assert "The day was wrong." in desk.client.get("/issues/1/").text


def test_a_correction_that_says_nothing_is_refused(desk: Desk) -> None:
    ines = desk.signed_in()
    approve(desk.app, 1, editor="Ines")
    desk.clock.move(days=2)
    entry = open_desk(desk.app, 1).issue.entries[0]
    same = {"title": entry.title, "summary": entry.summary, "url": entry.url or ""}
    assert ines.post(CORRECT, entry=entry.id, **same).status_code == 400
    assert ines.post(CORRECT, **{**same, "entry": "none-such", "title": "x"}).status_code == 404
    assert ines.get(f"{CORRECT}?entry=none-such").status_code == 404
    assert ines.get(f"{CORRECT}/7").status_code == 404
