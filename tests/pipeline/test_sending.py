"""From the approval to the readers: frozen, sent at its hour, stopped, gone on with, and never by two."""

import re
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from newsletter.errors import NotFound, WrongState
from newsletter.model.correction import Correction
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve, take_back
from newsletter.pipeline.corrections import correct_entry
from newsletter.pipeline.deliveries import deliveries_of, trail
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.readers import readers_of
from newsletter.pipeline.send_acts import pause, resolve_unknown, send_at, send_erratum, send_now, stop
from newsletter.pipeline.send_right import NotTheSender, sending_alone, who_else_sends
from newsletter.pipeline.sending import send_due
from newsletter.pipeline.times import week_period
from newsletter.store import issues
from newsletter.store.mail_tables import deliveries, mailings, subscribers
from newsletter.store.mailings import known_mailing, mailing, state_of_mailing
from newsletter.store.outbox import Writer, write_down
from newsletter.store.rights import right, take_right
from newsletter.store.runs import begin_run
from tests.loopback import atom
from tests.mailed import add_readers, copies, needs_sink, sink
from tests.pipeline.conftest import Home, gather_due

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
HOUR = datetime(2026, 10, 16, 10, 0, tzinfo=UTC)
_TOKEN = re.compile(r"(?<=example.org/[ur]/)[\w-]{32}")
NAMES = [f"r{n}@example.org" for n in range(10)]


def approved(
    home: Home, *, readers: list[str] | None = None, port: int | None = None, more: str = "", site: str = ""
) -> Home:
    """A home whose issue 1 is approved."""
    server = f"delivery:\n  server: 127.0.0.1\n  port: {port}\n  at most per minute: 100000\n{more}" if port else ""
    home.write(f"  site: {site}\n{PLANET}{server}" if site else PLANET + server)
    home.web["/planet.xml"] = atom(ONE)
    with home.opened() as app:
        gather_due(app)
        assert draft_if_due(app)
        if names := NAMES if readers is None else readers:
            add_readers(app.database, names)
        approve(app, 1, editor="Ines")
    home.clock.now = HOUR
    return home


def rest(home: Home) -> Any:
    return lambda seconds: home.clock.move(seconds=seconds)


def send(home: Home) -> Any:
    with home.opened() as app:
        return send_due(app, rest=rest(home))


def states(app: Newsletter) -> tuple[str, str]:
    """Of the mailing and of the issue."""
    with app.database.reading() as db:
        return known_mailing(db, 1).state, issues.issue(db, 1).state


def mails(home: Home) -> list[Path]:
    return sorted((home.folder / "data" / "outbox").glob("issue-*.eml"))


def test_without_a_mail_server_every_mail_is_a_file(any_home: Home) -> None:
    home = approved(any_home)
    home.clock.now = HOUR - timedelta(seconds=1)
    assert send(home) == ()
    home.clock.now = HOUR
    (sent,) = send(home)
    assert (sent.report.end, dict(sent.report.counts)) == ("done", {"accepted": 10})
    assert send(home) == ()
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in mails(home)]
    assert sorted(str(each["To"]) for each in found) == NAMES
    assert len({each["Message-ID"] for each in found}) == 10
    assert all(path.stem == str(mail["Message-ID"]).strip("<>") for path, mail in zip(mails(home), found, strict=True))
    assert "The bridge opens" in found[0].get_body(("plain",)).get_content()
    with home.opened() as app:
        assert states(app) == ("done", "sent")
        row = deliveries_of(app, 1)
        assert (row.total, row.done_count, row.crash, row.domains[0].counts) == (10, 10, "", {"accepted": 10})


def test_nobody_is_a_reader_yet(home: Home) -> None:
    home = approved(home, readers=[])
    assert [each.report.end for each in send(home)] == ["done"]
    with home.opened() as app:
        assert states(app) == ("done", "sent")


def test_the_audience_is_fixed_with_the_approval(any_home: Home) -> None:
    home = approved(any_home, readers=["weekly@example.org", "leaves@example.org"])
    with home.opened() as app:
        take_back(app, 1, editor="Ines")
        with app.database.reading() as db:
            assert mailing(db, 1) is None
        add_readers(app.database, ["short@example.org"], rhythm="highlights")
        add_readers(app.database, ["some@example.org"], sections=["events"])
        add_readers(app.database, ["monthly@example.org"], rhythm="monthly")
        add_readers(app.database, ["waits@example.org"], state="waiting")
        add_readers(app.database, ["away@example.org"], paused_until=date(2026, 11, 1))
        add_readers(app.database, ["back@example.org"], paused_until=date(2026, 10, 16))
        assert readers_of(app, 1).count == 5
        assert "1 get only their sections. 1 monthly: not today." in readers_of(app, 1).where
        home.clock.now = HOUR - timedelta(hours=2)
        approve(app, 1, editor="Ines")
        add_readers(app.database, ["late@example.org"])
        with app.database.transaction() as db:
            leaves = subscribers.c.address == "leaves@example.org"
            db.execute(update(subscribers).where(leaves).values(state="left"))
            stays = subscribers.c.address == "some@example.org"
            db.execute(update(subscribers).where(stays).values(paused_until=date(2026, 12, 1)))
    home.clock.now = HOUR
    send(home)
    got = sorted(str(message_from_bytes(path.read_bytes())["To"]) for path in mails(home))
    assert got == ["back@example.org", "short@example.org", "weekly@example.org"]
    with home.opened() as app:
        assert trail(app, 1, "leaves@example.org")[-1].answer == "left after approval"
        assert trail(app, 1, "Some@example.org")[-1].answer == "paused after approval"
        with pytest.raises(NotFound, match="does not go to"):
            trail(app, 1, "late@example.org")
        assert deliveries_of(app, 1).counts == {"accepted": 3, "suppressed": 2}


def test_the_last_issue_of_a_month_goes_to_monthly_readers(home: Home) -> None:
    home.clock.now = datetime(2026, 10, 29, 18, 35, tzinfo=UTC)
    home.write(PLANET)
    home.web["/planet.xml"] = atom(("one", "News", "2026-10-26T09:00:00Z", "Words about it."))
    with home.opened() as app:
        gather_due(app)
        make_draft(app, week_period(app.config.schedule, "2026-W44"))
        add_readers(app.database, ["monthly@example.org"], rhythm="monthly")
        from newsletter.pipeline.publish import render_issue

        render_issue(app, 1)
        approve(app, 1, editor="Ines")
        assert deliveries_of(app, 1).counts == {"queued": 1}


def test_approved_now_it_goes_out_however_long_ago_its_hour_was(any_home: Home) -> None:
    home = approved(any_home)
    home.clock.now = HOUR + timedelta(days=2)
    with home.opened() as app:
        take_back(app, 1, editor="Ines")
        approve(app, 1, editor="Ines", is_now=True)
    (sent,) = send(home)
    assert (sent.report.end, dict(sent.report.counts)) == ("done", {"accepted": 10})


def test_approved_now_and_then_left_alone_for_hours_it_asks(home: Home) -> None:
    home = approved(home)
    home.clock.now = HOUR + timedelta(days=2)
    with home.opened() as app:
        take_back(app, 1, editor="Ines")
        approve(app, 1, editor="Ines", is_now=True)
    home.clock.move(hours=6, minutes=1)
    assert send(home) == ()
    with home.opened() as app:
        assert states(app) == ("asking", "approved")


def test_an_issue_that_is_six_hours_late_asks(any_home: Home) -> None:
    home = approved(any_home)
    home.clock.now = HOUR + timedelta(hours=6, minutes=1)
    assert send(home) == ()
    assert send(home) == ()
    with home.opened() as app:
        assert states(app) == ("asking", "approved")
        notices = list((home.folder / "data" / "outbox").glob("*.eml"))
        assert len(notices) == 1
        assert "is late, shall it go out?" in str(
            message_from_bytes(notices[0].read_bytes(), policy=default)["Subject"]
        )
        send_at(app, 1, home.clock.now + timedelta(hours=1), by="Ines")
        assert send(home) == ()
        home.clock.move(hours=1)
        assert len(send(home)) == 1
        assert states(app) == ("done", "sent")


def test_what_goes_out_at_its_hour_has_the_hour_for_its_date(home: Home) -> None:
    home = approved(home)
    assert len(send(home)) == 1
    assert dates(home) == {HOUR}


@pytest.mark.parametrize("when", [timedelta(days=3), -timedelta(hours=2)])
def test_its_date_stays_the_same_whenever_one_of_them_is_sent(home: Home, when: timedelta) -> None:
    home = approved(home)
    home.clock.now = began = HOUR + when
    with home.opened() as app:
        send_now(app, 1, by="Ines")
    assert len(send(home)) == 1
    with home.opened() as app, app.database.transaction() as db:
        db.execute(update(deliveries).where(deliveries.c.subscriber_id == 1).values(state="queued"))
        db.execute(update(mailings).values(state="sending"))
    home.clock.move(hours=1)
    assert len(send(home)) == 1
    assert dates(home) == {began}


def dates(home: Home) -> set[datetime]:
    """What the mails say of when they were sent."""
    made = [message_from_bytes(each.read_bytes(), policy=default) for each in mails(home)]
    assert len(made) == len(NAMES)
    return {each["Date"].datetime for each in made}


@needs_sink
def test_one_that_was_left_in_its_middle_for_hours_asks_too(home: Home) -> None:
    with sink() as server:
        home = approved(home, port=server.port)
        with home.opened() as app:
            fall(app, 3, HOUR)
            with app.database.transaction() as db:
                db.execute(update(mailings).values(said_by="the program"))
            home.clock.now = HOUR + timedelta(hours=7)
            assert send(home) == ()
            assert states(app)[0] == "asking"
            send_now(app, 1, by="Ines")
            assert len(send(home)) == 1
            assert deliveries_of(app, 1).counts == {"accepted": 9, "unknown": 1}


@needs_sink
def test_it_goes_out_by_a_mail_server(any_home: Home) -> None:
    with sink(keep_body=True) as server:
        back = "  bounces to: back@example.org\n"
        home = approved(any_home, port=server.port, site="https://weekly.example.org", more=back)
        (sent,) = send(home)
        assert sent.report.end == "done"
        assert copies(server) == dict.fromkeys(NAMES, 1)
        assert send(home) == ()
        assert not any(row["warnings"] for row in server.mails)
        assert len({row["message_id"] for row in server.mails}) == len(NAMES)
        # What is a reader's own is the address, the name of the mail, and the tokens of two links.
        tokens = {row["mail_from"]: set(_TOKEN.findall(unfolded(row["body"]))) for row in server.mails}
        assert len(tokens) == len(NAMES), "mail that comes back tells whose it was"
        assert {len(each) for each in tokens.values()} == {2}
        assert len({each for found in tokens.values() for each in found}) == 2 * len(NAMES)
        bodies = {_TOKEN.sub("", unfolded(row["body"].partition("\r\n\r\n")[2])) for row in server.mails}
        assert len(bodies) == 1


def unfolded(body: str) -> str:
    """Quoted-printable without its soft line ends."""
    return body.replace("=\r\n", "").replace("=\n", "")


@needs_sink
def test_it_is_stopped_and_goes_on(any_home: Home) -> None:
    with sink() as server:
        home = approved(any_home, readers=[f"r{n}@example.org" for n in range(300)], port=server.port)

        def halt(row: object) -> None:
            if len(server.mails) == 40:
                with home.opened() as other:
                    stop(other, 1, by="Bo")

        server.on_mail = halt
        (sent,) = send(home)
        assert sent.report.end == "stopped"
        assert 40 <= len(server.mails) <= 45
        assert send(home) == ()
        with home.opened() as app:
            assert states(app) == ("stopped", "stopped")
            with pytest.raises(WrongState, match="stopped already"):
                stop(app, 1, by="Bo")
            server.on_mail = None
            assert send_now(app, 1, by="Ines").state == "sending"
            assert states(app) == ("sending", "sending")
            send(home)
            assert states(app) == ("done", "sent")
            with pytest.raises(WrongState, match="has been sent already"):
                send_now(app, 1, by="Ines")
        assert set(copies(server).values()) == {1}
        assert len(copies(server)) == 300


@needs_sink
def test_too_many_refusals_pause_it_and_the_manager_hears_of_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("newsletter.pipeline.send_notices.tell_managers", lambda app, notice: told.append(notice))
    with sink("mail-550:1") as server:
        home = approved(home, port=server.port)
        (sent,) = send(home)
        assert sent.report.end == "paused"
        with home.opened() as app:
            assert states(app) == ("paused", "sending")
            assert deliveries_of(app, 1).counts == {"queued": 10}
            assert "does not take our sender: 550 5.7.1 sender refused" in deliveries_of(app, 1).mailing.reason
        assert told[0].subject == "Test weekly: the mail of issue 1 is paused"
        send(home)
        assert {each.key for each in told} == {told[0].key}
        server.faults.clear()
        with home.opened() as app:
            send_now(app, 1, by="Ines")
        send(home)
        assert copies(server) == dict.fromkeys(NAMES, 1)


@needs_sink
def test_who_has_no_such_address_gets_nothing_more(home: Home) -> None:
    with sink("rcpt-550@^r3") as server:
        home = approved(home, port=server.port)
        send(home)
        with home.opened() as app:
            assert deliveries_of(app, 1).counts == {"accepted": 9, "suppressed": 1}
            assert deliveries_of(app, 1).answers[0].answer == "5.1.1 no such user"
            assert readers_of(app, 1).count == 10
            with app.database.reading() as db:
                found = db.execute(subscribers.select().where(subscribers.c.address == "r3@example.org")).one()
            assert found.state == "bouncing", "it is asked whether it is there"


def fall(app: Newsletter, number: int, at: datetime) -> None:
    """As if a process had died in the middle of a mail."""
    with app.database.transaction() as db:
        known = right(db)
        taken = take_right(db, known.holder if known else _mark(app), "host", now=at)
        assert taken is not None
        found = known_mailing(db, 1)
        from newsletter.store.mailings import step_mailing

        step_mailing(db, found.id, "sending", started_at=at)
        writer = Writer(found.id, taken.turn)
        begin_run(db, found.id, writer.holder, now=at, done_count=0, unknown_count=0)
        row = db.execute(subscribers.select().where(subscribers.c.address == f"r{number}@example.org")).one()
        assert write_down(db, writer, [], [row.id], at)


def _mark(app: Newsletter) -> str:
    from newsletter.pipeline.send_right import this_holder

    return this_holder(app).mark


@needs_sink
@pytest.mark.parametrize("is_again", [True, False])
def test_after_a_fall_the_uncertain_one_is_held_for_a_person(any_home: Home, is_again: bool) -> None:
    with sink() as server:
        home = approved(any_home, port=server.port)
        with home.opened() as app:
            fall(app, 3, HOUR)
            home.clock.now = HOUR + timedelta(minutes=2)
            send(home)
            assert "r3@example.org" not in copies(server)
            found = deliveries_of(app, 1)
            assert found.counts == {"accepted": 9, "unknown": 1}
            assert found.crash == (
                "The program stopped at 10:00 and came back at 10:02. It went on at reader 2. "
                "Nobody was left out, 1 uncertain."
            )
            assert resolve_unknown(app, 1, again=is_again, by="Ines").count == 1
            send(home)
            assert copies(server)["r3@example.org"] == int(is_again)
            assert deliveries_of(app, 1).counts == {"accepted": 10}
            assert states(app)[0] == "done"
            steps = trail(app, 1, "r3@example.org")
            assert [(each.state, each.said_by) for each in steps[:2]] == [
                ("unknown", "the program"),
                ("queued" if is_again else "accepted", "Ines"),
            ]


@needs_sink
def test_or_sent_again_where_feeds_yaml_says_so(home: Home) -> None:
    with sink() as server:
        home = approved(home, port=server.port, more="  uncertain: send again\n")
        with home.opened() as app:
            fall(app, 3, HOUR)
        send(home)
        assert copies(server) == dict.fromkeys(NAMES, 1)


def test_a_file_is_simply_written_again(home: Home) -> None:
    home = approved(home)
    with home.opened() as app:
        fall(app, 3, HOUR)
        send(home)
        assert deliveries_of(app, 1).counts == {"accepted": 10}
    assert len(mails(home)) == 10


def test_a_copy_of_the_database_does_not_send(any_home: Home) -> None:
    home = approved(any_home)
    with home.opened() as app:
        with app.database.transaction() as db:
            take_right(db, "another home", "alpha", now=HOUR - timedelta(seconds=20))
        assert send(home) == ()
        assert states(app) == ("scheduled", "approved")
        other = who_else_sends(app)
        assert other is not None
        assert other.host == "alpha"
        text = "Another copy of this newsletter holds the right to send (alpha, seen 20 s ago). This one does not send."
        with pytest.raises(NotTheSender) as told, sending_alone(app):
            pass
        assert str(told.value) == text
        with sending_alone(app, by_force=True):
            pass
        assert who_else_sends(app) is None
    assert len(send(home)) == 1


def test_the_right_stays_with_machine_and_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsletter.pipeline import send_right

    approved(home)
    with home.opened() as app:
        mark = _mark(app)
        monkeypatch.setattr(send_right, "_machine", lambda: "another machine")
        assert _mark(app) != mark
        monkeypatch.undo()
        home.environ = {**home.environ, "NEWSLETTER_INSTANCE": "news"}
    with home.opened() as app:
        named = _mark(app)
        monkeypatch.setattr(send_right, "_machine", lambda: "another machine")
        assert named == _mark(app) != mark


@needs_sink
def test_two_at_once_send_one_each(any_home: Home) -> None:
    """A double click, and a schedule that fires twice: whoever comes second does nothing."""
    for _ in range(3):
        with sink() as server:
            home = approved(any_home, port=server.port) if not _issues(any_home) else again(any_home, server.port)
            threads = [threading.Thread(target=send, args=(home,)) for _ in range(4)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            send(home)
            assert copies(server) == dict.fromkeys(NAMES, 1)


def _issues(home: Home) -> bool:
    return (home.folder / "feeds.yaml").exists()


def again(home: Home, port: int) -> Home:
    """The same issue to the same readers once more, as if nothing had been sent."""
    home.write(PLANET + f"delivery:\n  server: 127.0.0.1\n  port: {port}\n  at most per minute: 100000\n")
    with home.opened() as app, app.database.transaction() as db:
        found = known_mailing(db, 1)
        db.execute(update(deliveries).values(state="queued", attempts=0, first_at=None))
        from newsletter.store.mailings import step_mailing

        assert step_mailing(db, found.id, "sending")
        assert state_of_mailing(db, found.id) == "sending"
    return home


def test_pausing_leaves_the_issue_as_it_is(home: Home) -> None:
    with approved(home).opened() as app:
        send_now(app, 1, by="Ines")
        pause(app, 1, by="Bo")
        assert states(app) == ("paused", "sending")
        assert send(home) == ()
        send_now(app, 1, by="Ines")
        assert len(send(home)) == 1


def test_what_began_is_not_taken_back(home: Home) -> None:
    with approved(home).opened() as app:
        stop(app, 1, by="Bo")
        assert states(app) == ("stopped", "approved")
        send_now(app, 1, by="Ines")
        with pytest.raises(WrongState):
            take_back(app, 1, editor="Ines")


def test_an_erratum_goes_to_those_who_got_the_issue(any_home: Home) -> None:
    home = approved(any_home)
    with home.opened() as app:
        with pytest.raises(WrongState, match="still going out"):
            _erratum(app, home)
        send(home)
        add_readers(app.database, ["new@example.org"])
        made = send_erratum(app, 1, 1, by="Ines")
        assert made.state == "sending"
        send(home)
        assert deliveries_of(app, 1, "erratum-1").counts == {"accepted": 10}
        found = list((home.folder / "data" / "outbox").glob("erratum-*.eml"))
        got = Counter(str(message_from_bytes(path.read_bytes())["To"]) for path in found)
        assert got == dict.fromkeys(NAMES, 1)
        with pytest.raises(WrongState, match="Erratum 1 of issue 1 has been sent already"):
            send_erratum(app, 1, 1, by="Ines")
        with pytest.raises(NotFound, match="no erratum 2"):
            send_erratum(app, 1, 2, by="Ines")


def _erratum(app: Newsletter, home: Home) -> None:
    home.clock.now = HOUR
    with app.database.reading() as db:
        entry = issues.issue(db, 1).issue.entries[0]
    correct_entry(app, 1, entry=entry.id, correction=Correction(0, entry.id, HOUR, "Ines", note="It was wrong."))
    send_erratum(app, 1, 1, by="Ines")


@needs_sink
def test_an_address_that_no_server_knows_is_asked_about(any_home: Home) -> None:
    with sink("rcpt-550@^r3@") as server:
        home = approved(any_home, port=server.port)
        (sent,) = send(home)
        assert sent.report.end == "done"
        with home.opened() as app, app.database.reading() as db:
            found = db.execute(
                select(subscribers.c.address, subscribers.c.state).where(subscribers.c.state != "active")
            )
            assert [tuple(row) for row in found] == [("r3@example.org", "bouncing")]
