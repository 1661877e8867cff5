"""A reader's own page, leaving by a link, and the usefulness links, over HTTP."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.model.period import Period
from newsletter.model.subscriber import Choice
from newsletter.pipeline import subscribing
from newsletter.pipeline.approval import approve
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.useful import useful_counts
from newsletter.store import subscribers
from newsletter.store.every_table import metadata
from tests.web.desk import OWN, Desk, running_desk
from tests.web.readers import ALL, FEEDS, SITE, link_in, mails, newest_link, path_for, reader_at, subscribed


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path / "home", FEEDS) as running:
        yield running


def test_choosing_sections_and_rhythm(desk: Desk) -> None:
    reader = subscribed(desk)
    path, browser = path_for(desk.app, "preferences", reader), desk.browser(base=SITE)
    page = browser.get(path)
    assert "r…@example.org" in page.text
    assert "rita@" not in page.text
    assert (page.headers["cache-control"], page.headers["x-robots-tag"]) == ("no-store", "noindex")
    assert "set-cookie" not in page.headers
    answer = browser.post(path, data={"section": ["news", "events"], "rhythm": "highlights"}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?said=saved")
    assert "Saved. The next issue comes on Friday" in browser.get(answer.headers["location"]).text
    assert reader_at(desk.app, "rita@example.org").choice == Choice("highlights", ("events", "news"))
    answer = browser.post(path, data={"section": ALL, "rhythm": "weekly"}, headers=OWN)
    assert reader_at(desk.app, "rita@example.org").choice == Choice()
    for data in ({"rhythm": "weekly"}, {"section": "news"}, {"section": "nowhere", "rhythm": "weekly"}):
        answer = browser.post(path, data=data, headers=OWN)
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert "&lt;b&gt;" not in browser.get(f"{path}?said=<b>").text


def test_pausing_and_going_on(desk: Desk) -> None:
    reader = subscribed(desk)
    path, browser = path_for(desk.app, "preferences", reader), desk.browser(base=SITE)
    assert browser.post(f"{path}/pause", data={"weeks": "4"}, headers=OWN).status_code == 303
    until = desk.clock.now.date() + timedelta(weeks=4)
    assert reader_at(desk.app, "rita@example.org").paused_until == until
    page = browser.get(f"{path}?said=paused").text
    assert "Nothing comes before 24 March 2011" in page
    assert "The next issue comes on Friday 25 March" in page
    assert browser.post(f"{path}/pause", data={"weeks": "0"}, headers=OWN).status_code == 303
    assert reader_at(desk.app, "rita@example.org").paused_until is None
    for weeks in ("53", "-1", "x", "²", "9" * 5):
        assert browser.post(f"{path}/pause", data={"weeks": weeks}, headers=OWN).status_code == 400


def test_another_address_is_asked_first(desk: Desk) -> None:
    reader = subscribed(desk)
    old, browser = path_for(desk.app, "preferences", reader), desk.browser(base=SITE)
    leave = path_for(desk.app, "unsubscribe", reader)
    assert browser.post(f"{old}/address", data={"address": "new@example.org"}, headers=OWN).status_code == 303
    assert reader_at(desk.app, "rita@example.org").id == reader.id, "until it is confirmed, nothing changes"
    mail = mails(desk.app)[-1]
    assert mail["To"] == "new@example.org"
    path = link_in(mail)
    assert "Yes, send it here" in browser.get(path).text
    for _ in range(2):
        assert "You are subscribed" in browser.post(path, headers=OWN).text
    moved = reader_at(desk.app, "new@example.org")
    assert (moved.id, moved.epoch, moved.choice) == (reader.id, reader.epoch + 1, reader.choice)
    assert mails(desk.app)[-1]["To"] == "rita@example.org", "the old address is told"
    for page in (browser.get(old), browser.get(leave), browser.post(leave)):
        assert page.status_code == 403
        assert "Mail me a fresh link" in page.text
    again = old.replace("/r/", "/again/")
    assert browser.post(again, headers=OWN).status_code == 200
    assert mails(desk.app)[-1]["To"] == "new@example.org"
    assert browser.get(newest_link(desk.app)).status_code == 200
    assert browser.post("/again/x", headers=OWN).text == browser.post(again, headers=OWN).text


def test_a_wish_that_was_replaced_moves_nobody(desk: Desk) -> None:
    reader = subscribed(desk)
    subscribing.ask_move(desk.app, reader.id, "first@example.org", base=SITE)
    first = newest_link(desk.app)
    subscribing.ask_move(desk.app, reader.id, "second@example.org", base=SITE)
    browser = desk.browser(base=SITE)
    assert browser.post(first, headers=OWN).status_code == 404
    assert reader_at(desk.app, "rita@example.org").state == "active"


def test_moving_to_an_address_that_is_subscribed_tells_only_that_address(desk: Desk) -> None:
    reader = subscribed(desk)
    subscribed(desk, "other@example.org")
    path, browser = path_for(desk.app, "preferences", reader), desk.browser(base=SITE)
    known = browser.post(f"{path}/address", data={"address": "other@example.org"}, headers=OWN)
    assert mails(desk.app)[-1]["Subject"] == "You are subscribed to Test weekly already"
    unknown = browser.post(f"{path}/address", data={"address": "free@example.org"}, headers=OWN)
    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    for address in ("rita@example.org", "nobody"):
        assert browser.post(f"{path}/address", data={"address": address}, headers=OWN).status_code == 400


def test_ones_data_as_a_file(desk: Desk) -> None:
    reader = subscribed(desk)
    answer = desk.browser(base=SITE).get(path_for(desk.app, "preferences", reader) + "/data.json")
    assert "attachment" in answer.headers["content-disposition"]
    found = json.loads(answer.text)
    assert (found["address"], found["state"], found["sections"]) == ("rita@example.org", "active", "all")
    assert [each["what"] for each in found["consents"]] == ["asked", "confirmed"]


def test_erasing_leaves_nothing_to_find(desk: Desk) -> None:
    reader = subscribed(desk)
    subscribing.ask_move(desk.app, reader.id, "new@example.org", base=SITE)
    path, browser = path_for(desk.app, "preferences", reader), desk.browser(base=SITE)
    leave, confirm = path_for(desk.app, "unsubscribe", reader), newest_link(desk.app)
    assert "cannot be undone" in browser.get(f"{path}/erase").text
    assert reader_at(desk.app, "rita@example.org").state == "active", "asking erases nothing"
    assert browser.post(f"{path}/erase", headers=OWN).status_code == 200
    unknown = browser.get("/r/" + "A" * 32)
    for old in (path, f"{path}/data.json", f"{path}/erase", leave, confirm):
        answer = browser.get(old)
        assert (answer.status_code, answer.text) == (404, unknown.text)
    assert browser.post(leave).text == unknown.text
    dump = _everything_stored(desk)
    assert "rita" not in dump
    assert "new@example.org" not in dump
    with desk.app.database.reading() as db:
        assert subscribers.is_suppressed(db, "rita@example.org")
        erased = subscribers.by_id(db, reader.id)
    assert erased is not None
    assert (erased.state, erased.address) == ("erased", None)


def _everything_stored(desk: Desk) -> str:
    with desk.app.database.reading() as db:
        return repr([list(db.execute(table.select())) for table in metadata.sorted_tables])


def test_opening_the_link_to_leave_only_asks(desk: Desk) -> None:
    reader = subscribed(desk)
    path, browser = path_for(desk.app, "unsubscribe", reader), desk.browser(base=SITE)
    page = browser.get(path)
    assert (page.status_code, ">Unsubscribe</button>" in page.text) == (200, True)
    assert browser.head(path).status_code == 200
    assert reader_at(desk.app, "rita@example.org").state == "active"
    assert "You are unsubscribed" in browser.post(path, headers=OWN).text
    assert reader_at(desk.app, "rita@example.org").state == "left"
    assert "You are unsubscribed" in browser.get(path).text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"", ""),
        (b"\x00garbage", "multipart/form-data"),
    ],
)
def test_one_click_needs_nothing_but_the_link(desk: Desk, body: bytes, kind: str) -> None:
    """RFC 8058: no cookie, no form token, no Origin; answered with 200, and the same again."""
    reader = subscribed(desk)
    path = path_for(desk.app, "unsubscribe", reader)
    headers = {"content-type": kind} if kind else {}
    for site in ({}, {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}):
        answer = desk.browser(base=SITE).post(path, content=body, headers={**headers, **site})
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
        assert len(answer.content) < 8_000
    assert reader_at(desk.app, "rita@example.org").state == "left"
    with desk.app.database.reading() as db:
        assert [each.what for each in subscribers.consents_of(db, reader.id)] == ["asked", "confirmed", "left"]
    assert desk.browser(base=SITE).post("/u/" + "A" * 32, content=body, headers=headers).status_code == 404


def test_who_left_can_still_take_out_and_erase(desk: Desk) -> None:
    reader = subscribed(desk)
    path, browser = path_for(desk.app, "preferences", reader), desk.browser(base=SITE)
    assert browser.post(f"{path}/leave", headers=OWN).status_code == 303
    page = browser.get(path).text
    assert "You left, so nothing goes to you." in page
    assert "Subscribe again" in page
    assert ">Save</button>" not in page
    assert browser.get(f"{path}/data.json").status_code == 200
    answer = browser.post(path, data={"section": ALL, "rhythm": "weekly"}, headers=OWN)
    assert answer.status_code == 400
    assert browser.post(f"{path}/erase", headers=OWN).status_code == 200


def test_tokens_stay_out_of_the_log(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    reader = subscribed(desk)
    path = path_for(desk.app, "preferences", reader)
    monkeypatch.setattr("newsletter.web.preferences._page", broken)
    with capture_logs() as said:
        assert desk.browser(base=SITE).get(path).status_code == 500
    assert [each["path"] for each in said] == ["/r/…"]
    assert path not in repr(said)


def test_useful_is_counted_by_a_button_and_without_a_person(desk: Desk) -> None:
    now = desk.clock()
    number = make_draft(desk.app, Period(now - timedelta(days=7), now)).number
    browser = desk.browser(base=SITE, peer="192.0.2.1")
    assert browser.get(f"/useful/{number}/yes").status_code == 404, "a draft"
    render_issue(desk.app, number)
    approve(desk.app, number, editor="Ines")
    before = _everything_stored(desk)
    page = browser.get(f"/useful/{number}/yes")
    assert (page.status_code, "Yes, it was useful" in page.text) == (200, True)
    assert _everything_stored(desk) == before
    for at in range(5):
        assert browser.post(f"/useful/{number}/{'yes' if at else 'no'}", headers=OWN).status_code == 200
    assert useful_counts(desk.app, number) == (2, 1), "three a day from one network"
    for path in (f"/useful/{number}/maybe", "/useful/99/yes"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, headers=OWN).status_code == 404
    assert "192.0.2.1" not in _everything_stored(desk)
