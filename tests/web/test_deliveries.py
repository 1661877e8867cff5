"""The Deliveries page over HTTP: what is said of each state, and what managers do about it."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from newsletter.model.correction import Correction
from newsletter.pipeline.approval import approve
from newsletter.pipeline.corrections import correct_entry
from newsletter.pipeline.deliveries import trail
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.send_right import who_else_sends
from newsletter.pipeline.sending import send_due
from newsletter.pipeline.useful import answer_useful
from newsletter.store.lanes import LaneRow, save_lanes
from newsletter.store.mail_tables import delivery_events, mailings
from newsletter.store.mailings import known_mailing
from newsletter.web.delivery_views import PATH
from tests.mailed import add_readers
from tests.web.desk import Desk, Signed, running_desk
from tests.web.issues import drafted_desk
from tests.web.mailings import add_mailed, add_readers_to, add_run, give_right, reader_ids, states_of
from tests.web.readers import FEEDS

SERVER = f"{FEEDS}delivery:\n  server: mail.example.org\n"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path / "home", SERVER) as running:
        add_readers_to(running, 20)
        yield running


@pytest.fixture
def ines(desk: Desk) -> Signed:
    return desk.signed_in()


def words(page: str) -> str:
    """What a page says, on one line."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", f"<main{main}")).split())


def test_nothing_is_scheduled(desk: Desk, ines: Signed) -> None:
    page = ines.get(PATH).text
    assert "Nothing is scheduled. An issue stands here from its approval on" in words(page)
    assert '<a href="/desk/deliveries" aria-current="page">Deliveries</a>' in page
    assert 'data-again="0"' in page
    assert ines.get(f"{PATH}/1").status_code == 404


def test_scheduled_with_a_countdown(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 57, "scheduled", {}, send_at=desk.clock.now + 15 * HOUR)
    page = ines.get(PATH).text
    assert "It goes to 20 readers on Friday 25 February, 10:00 Oslo, in 15 h." in words(page)
    assert "Send now to 20 …" in page
    assert "Stop for the 20 not yet sent …" in page
    assert 'data-again="30"' in page
    asked = words(ines.get(f"{PATH}/57?ask=stop").text)
    assert "Stop issue 57? 20 readers will not get issue 57." in asked
    assert "Stop it for 20 readers" in asked
    desk.clock.move(hours=15, minutes=2)
    assert "Its hour was 10:00. “newsletter run” goes on with it" in words(ines.get(PATH).text)


@pytest.mark.parametrize("state", ["asking", "scheduled"])
def test_late_it_asks(desk: Desk, ines: Signed, state: str) -> None:
    add_mailed(desk, 57, state, {}, send_at=desk.clock.now - 8 * HOUR)
    page = ines.get(PATH).text
    assert "Issue 57 was due at 11:00; it is 19:00. It waits for a manager’s word." in words(page)
    for button in ("Send now to 20", "Tomorrow 11:00", "Another hour …", "Do not send …"):
        assert f">{button}<" in page
    at = re.search(r'name="at" value="([^"]+)"', page)
    assert at
    assert ines.post(f"{PATH}/57", do="send at", at=at[1], mail="issue", page="list").headers["location"] == (
        f"{PATH}?said=send+at#mail-57"
    )
    assert "at Friday" not in words(ines.get(PATH).text)
    assert "It goes to 20 readers on Friday 25 February, 11:00 Oslo, in 16 h." in words(ines.get(PATH).text)


def test_late_in_its_middle(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 57, "asking", {"accepted": 19}, started_at=desk.clock.now - 9 * HOUR)
    assert "The program was away in the middle of issue 57: 1 reader still waits." in words(ines.get(PATH).text)
    assert ">Send now to 1<" in ines.get(PATH).text


def test_under_way_with_its_pace(desk: Desk, ines: Signed) -> None:
    began = desk.clock.now - MINUTE
    mailing = add_mailed(desk, 57, "sending", {"accepted": 10, "deferred": 2, "failed": 1}, started_at=began)
    add_run(desk, mailing.id, began_at=began, ended_at=began, outcome="crashed", seen_at=began)
    add_run(desk, mailing.id, began_at=desk.clock.now - MINUTE / 2, began_count=3, unknown_count=0)
    page = ines.get(PATH).text
    said = words(page)
    assert "11 of 20 22 a minute about 1 min left" in said
    assert "✓ accepted 10 ? try again 2 × refused 1 ! uncertain 0" in said
    assert "2 wait until 19:05 (d1.example: “4.7.1 too many, wait 300 s”)." in said
    assert "It went on at reader 4. Nobody was left out, 0 uncertain." in said
    assert ">Pause<" in page
    assert "Stop for the 9 not yet sent …" in page
    assert 'data-again="5"' in page
    desk.clock.move(minutes=3)
    assert "Nobody is at it just now." in words(ines.get(PATH).text)


def test_a_mail_server_that_is_away(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 57, "sending", {"accepted": 10}, started_at=desk.clock.now)
    with desk.app.database.transaction() as db:
        save_lanes(db, [LaneRow("relay mail.example.org", desk.clock.now + 5 * MINUTE, reason="it cannot be reached")])
    assert "The mail server rests until 19:05: it cannot be reached." in words(ines.get(PATH).text)


def test_paused_by_a_server_that_refuses_the_sign_in(desk: Desk, ines: Signed) -> None:
    reason = "mail.example.org:587 refuses the user or the password (535 5.7.8 no)"
    add_mailed(desk, 57, "paused", {}, said_by="the program", reason=reason, started_at=desk.clock.now)
    said = words(ines.get(PATH).text)
    assert f"It paused by itself: {reason}. Nothing was sent, and no reader is marked for it." in said
    assert "Mend “user:” and “password:” under “delivery:” in feeds.yaml, then go on." in said
    assert "Go on for 20" in said


def test_paused_and_stopped_by_a_person(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 56, "stopped", {"accepted": 12}, said_by="Bo")
    add_mailed(desk, 57, "paused", {"accepted": 5}, said_by="Bo", started_at=desk.clock.now)
    said = words(ines.get(PATH).text)
    assert "Bo paused it. 15 readers did not get it yet." in said
    assert "Bo stopped it. 8 readers did not get it." in said
    assert "Send it to the 8 after all …" in words(ines.get(f"{PATH}/56").text)


def test_done_compared_with_the_one_before(desk: Desk, ines: Signed) -> None:
    times = {"started_at": desk.clock.now - HOUR, "finished_at": desk.clock.now - HOUR / 2}
    add_mailed(desk, 55, "done", {"accepted": 20}, **times)
    add_readers(desk.app.database, ["new@d0.example"])
    add_mailed(desk, 56, "done", {"accepted": 17, "failed": 1, "suppressed": 1, "unknown": 2}, **times)
    page = ines.get(PATH).text
    said = words(page)
    assert "17 accepted · 1 refused · 1 passed over · 2 uncertain" in said
    assert "Thursday 24 February, 18:00 to 18:30. 21 readers, 1 more than issue 55; 81 % accepted, 100 % then." in said
    assert f'href="{PATH}/56#uncertain">Look' in page
    assert "Nothing is scheduled." in said


def test_one_opened(desk: Desk, ines: Signed) -> None:
    said = {"suppressed": (550, "5.1.1 <r1@d1.example> is nobody here")}
    counts = {"accepted": 14, "deferred": 2, "failed": 1, "suppressed": 1, "unknown": 2}
    add_mailed(desk, 57, "sending", counts, said=said, started_at=desk.clock.now)
    add_mailed(desk, 57, "done", {"accepted": 20}, kind="erratum-1", started_at=desk.clock.now)
    answer_useful(desk.app, 57, "yes")
    page = ines.get(f"{PATH}/57").text
    found = words(page)
    assert "1 found it useful, 0 did not. Nobody knows who." in found
    assert "no such address" in found
    assert "the server does not trust us; nothing is held against the reader" in found
    assert "550 5.1.1 <r…@d1.example> is nobody here" in found
    assert "r1@d1.example" not in page
    assert "The server may have taken these 2. Send again (they could get it twice) or leave?" in found
    assert "Leave all 2 Send again to 2" in found
    assert "d0.example 5 1 0 1" in found
    assert f'href="{PATH}/57?mail=erratum-1">Erratum 1 of issue 57</a>' in page
    with capture_logs() as logged:
        assert "r1@d1.example" in ines.get(f"{PATH}/57?show=1").text
    assert {"event": "addresses shown", "by": "Ines", "count": 2, "log_level": "info"} in logged
    assert "Erratum 1 of issue 57: deliveries" in words(ines.get(f"{PATH}/57?mail=erratum-1").text)
    assert ines.get(f"{PATH}/57?mail=erratum-9").status_code == 404


def test_one_readers_trail(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 57, "sending", {"deferred": 1}, started_at=desk.clock.now)
    found = words(ines.get(f"{PATH}/57?reader=R0@d0.example").text)
    assert "r…@d0.example 19:00 try again (the program) 451 4.7.1 too many, wait 300 s" in found
    assert "Issue 57 does not go to this address." in words(ines.get(f"{PATH}/57?reader=x@d0.example").text)


def test_pausing_going_on_and_stopping(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 57, "sending", {"accepted": 5}, started_at=desk.clock.now)
    for do, state in (("pause", "paused"), ("pause", "paused"), ("send now", "sending"), ("stop", "stopped")):
        answer = ines.post(f"{PATH}/57", do=do, mail="issue", sure="yes")
        assert answer.status_code == 303, answer.text
        assert states_of(desk, 57)[0] == state
    assert ines.post(f"{PATH}/57", do="stop", sure="yes").status_code == 303
    with desk.app.database.reading() as db:
        assert known_mailing(db, 57).said_by == "Ines"


def test_what_is_not_asked_for_is_refused(desk: Desk, ines: Signed) -> None:
    add_mailed(desk, 57, "sending", {"unknown": 3}, started_at=desk.clock.now)
    for fields, status in (
        ({"do": "stop"}, 400),
        ({"do": "dance"}, 400),
        ({"do": "send at", "at": "soon"}, 400),
        ({"do": "send at", "at": "2009-01-01T10:00"}, 400),
        ({"do": "send at", "at": "9999-12-31T23:59"}, 400),
        ({"do": "send at", "at": "2011-02-25T10:00"}, 409),
        ({"do": "again"}, 400),
        ({"do": "again", "count": "2"}, 409),
        ({"do": "pause", "mail": "erratum-3"}, 404),
    ):
        assert ines.post(f"{PATH}/57", **fields).status_code == status, fields
    assert ines.post(f"{PATH}/take-over").status_code == 400
    assert states_of(desk, 57)[0] == "sending"


def test_uncertain_ones_are_decided_by_a_person_and_written_down(desk: Desk, ines: Signed) -> None:
    ids = reader_ids(desk)
    times = {"started_at": desk.clock.now, "finished_at": desk.clock.now}
    add_mailed(desk, 57, "done", {"unknown": 3, "accepted": 17}, **times)
    assert ines.post(f"{PATH}/57", do="leave", reader=str(ids[0])).status_code == 303
    assert "The server may have taken these 2." in words(ines.get(f"{PATH}/57").text)
    for _ in range(2):
        assert ines.post(f"{PATH}/57", do="again", count="2").status_code == 303
    assert states_of(desk, 57)[0] == "sending"
    with desk.app.database.reading() as db:
        asked = select(delivery_events).where(delivery_events.c.said_by == "Ines").order_by(delivery_events.c.id)
        rows = [(each.subscriber_id, each.state) for each in db.execute(asked)]
    assert rows == [(ids[0], "accepted"), (ids[1], "queued"), (ids[2], "queued")]
    found = words(ines.get(f"{PATH}/57").text)
    assert "19:00: Ines left 1 uncertain mail as it is." in found
    assert "19:00: Ines had 2 uncertain mails sent again." in found
    assert [each.said_by for each in trail(desk.app, 57, "r0@d0.example")][:2] == ["the program", "Ines"]


def test_a_copied_server(desk: Desk, ines: Signed) -> None:
    give_right(desk, "alpha", seen=desk.clock.now - timedelta(seconds=20))
    said = words(ines.get(PATH).text)
    assert "Another copy of this newsletter holds the right to send (alpha, seen 20 s ago). This one does not" in said
    assert "Take over …" in said
    assert "What the other one is at, it cannot go on with" in words(ines.get(f"{PATH}?ask=take-over").text)
    for _ in range(2):
        assert ines.post(f"{PATH}/take-over", sure="yes").status_code == 303
    assert who_else_sends(desk.app) is None
    assert "Another copy" not in words(ines.get(f"{PATH}?said=take+over").text)


def test_editors_look_and_managers_act(desk: Desk) -> None:
    give_right(desk, "alpha")
    add_mailed(desk, 57, "sending", {"unknown": 3}, started_at=desk.clock.now)
    omar = desk.signed_in("Omar", role="editor")
    for path in (PATH, f"{PATH}?ask=take-over", f"{PATH}/57?ask=stop&reader=r1@d1.example&show=1"):
        page = omar.get(path).text
        assert "<form method" not in page.partition("<main")[2], path
        assert "…@" not in page
        assert "@d1" not in page
    for path in (f"{PATH}/57", f"{PATH}/take-over", "/desk/issues/57/correct/1"):
        assert omar.post(path, do="pause", sure="yes").status_code == 403
    assert desk.client.get(PATH).status_code == 303


def test_twenty_issues_then_older_ones(desk: Desk, ines: Signed) -> None:
    for number in range(1, 23):
        add_mailed(desk, number, "done", {"accepted": 20}, started_at=desk.clock.now, finished_at=desk.clock.now)
    page = ines.get(PATH).text
    assert page.count('<article class="item"') == 20
    assert f'href="{PATH}?before=3">Older issues' in page
    assert page.count("as many as issue 2;") == 1
    assert ines.get(f"{PATH}?before=3").text.count('<article class="item"') == 2
    with desk.app.database.transaction() as db:
        db.execute(mailings.update().values(state="sending"))
    assert "Nobody is at it just now" in ines.get(PATH).text, "what is kept is kept of what is over"


def test_the_erratum_goes_to_those_who_got_the_issue(tmp_path: Path) -> None:
    with drafted_desk(tmp_path / "home") as (desk, _):
        ines = desk.signed_in()
        add_readers(desk.app.database, ["a@example.org", "b@example.org"])
        approve(desk.app, 1, editor="Ines")
        desk.clock.move(hours=16)
        entry = open_desk(desk.app, 1).issue.entries[0]
        wrong = Correction(0, entry.id, desk.app.now(), "Ines", note="It was late.", title="Lamps, late")
        correct_entry(desk.app, 1, entry=entry.id, correction=wrong)
        path = "/desk/issues/1/correct"
        assert "so nobody is told by mail" in words(ines.get(path).text), "it did not go out yet"
        assert ines.post(f"{path}/1", sure="yes").status_code == 409
        send_due(desk.app)
        assert "Send erratum to the 2 readers who got it …" in words(ines.get(path).text)
        assert "Send erratum to the 2 readers who got it …" in words(ines.get("/desk/archive/1").text)
        asked = words(ines.get(f"{path}?ask=1").text)
        assert "goes at once to the 2 readers who got issue 1. It cannot be called back." in asked
        assert ines.post(f"{path}/1").status_code == 400
        for _ in range(2):
            assert ines.post(f"{path}/1", sure="yes").headers["location"] == f"{PATH}/1?mail=erratum-1"
        assert ines.post(f"{path}/7", sure="yes").status_code == 404
        send_due(desk.app)
        assert "Erratum 1 of issue 1 2 accepted" in words(ines.get(PATH).text)
        assert f'href="{PATH}/1?mail=erratum-1">Its mail is done: look' in ines.get(path).text
        assert len(list((desk.app.data / "outbox").glob("*erratum*.eml"))) == 2
        assert f'href="{PATH}/1"' in ines.get("/desk/issues/1/").text
        assert f'href="{PATH}/1"' in ines.get("/desk/issues/1/approve").text
