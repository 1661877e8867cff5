"""Mails go out over a real SMTP connection: each reader once, every answer written down, whatever the server does."""

from datetime import timedelta

import pytest

from newsletter.store.database import Database
from newsletter.store.lanes import lanes
from newsletter.store.mailings import step_mailing
from newsletter.store.rights import take_right
from tests.mailed import NOW, SOON, Mailed, copies, needs_sink, sink

pytestmark = needs_sink
ONCE = {f"r{n}@example.org": 1 for n in range(10)}


@pytest.fixture
def mailed(database: Database) -> Mailed:
    return Mailed(database)


def test_every_reader_gets_one(mailed: Mailed) -> None:
    mailed.freeze(50)
    with sink(keep_body=True) as server:
        report = mailed.send(server.port)
        assert (report.end, dict(report.counts)) == ("done", {"accepted": 50})
        assert copies(server) == {f"r{n}@example.org": 1 for n in range(50)}
        assert server.peak <= 4
        assert not any(row["warnings"] for row in server.mails)
        assert "\r\n.dots are stuffed\r\n" in server.mails[0]["body"]
    assert mailed.states() == {"accepted": 50}
    row = mailed.row("r7@example.org")
    assert (row.code, row.answer, row.attempts, row.next_at) == (250, "2.0.0 queued", 1, None)
    assert mailed.events() == []
    assert mailed.rested == []


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("rcpt-450@^r3", "4.2.1 mailbox busy"),
        ("rcpt-451@^r3", "4.3.0 later"),
        ("rcpt-452@^r3", "4.2.2 full"),
        ("rcpt-421@^r3", "4.3.2 closing"),
        ("data-451@^r3", "4.3.0 later"),
        ("data-421@^r3", "4.3.2 closing"),
        ("dot-451@^r3", "4.3.0 later"),
        ("dot-452@^r3", "4.3.1 disk full"),
        ("dot-421@^r3", "4.3.2 closing"),
        ("rcpt-hang@^r3", "no answer to RCPT in time"),
    ],
)
def test_what_is_put_off_is_tried_again_and_the_others_go_on(mailed: Mailed, fault: str, answer: str) -> None:
    if "hang" in fault:
        mailed.waits = SOON
    mailed.freeze()
    with sink(fault) as server:
        report = mailed.send(server.port)
        assert (report.end, report.counts["accepted"]) == ("waiting", 9)
        row = mailed.row("r3@example.org")
        assert (row.state, row.attempts, row.answer) == ("deferred", 1, answer)
        assert timedelta(minutes=5) <= row.next_at - row.changed_at <= timedelta(minutes=6)
        assert report.next_at == row.next_at
        server.faults.clear()
        mailed.clock.now = row.next_at
        assert mailed.send(server.port).end == "done"
        assert copies(server) == ONCE
    assert mailed.states() == {"accepted": 10}
    assert [(each.state, each.answer) for each in mailed.events()] == [("deferred", answer)]


def test_greylisting_is_waited_for(mailed: Mailed) -> None:
    mailed.freeze()
    with sink("greylist", greylist=0.05) as server:
        report = mailed.send(server.port)
        assert (report.end, mailed.states()) == ("waiting", {"deferred": 10})
        while report.end == "waiting":
            assert report.next_at is not None
            mailed.clock.now = report.next_at
            report = mailed.send(server.port)
        assert copies(server) == ONCE


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("rcpt-550@^r3", "suppressed"),
        ("rcpt-552@^r3", "failed"),
        ("data-554@^r3", "failed"),
        ("dot-550@^r3", "failed"),
        ("dot-552@^r3", "failed"),
    ],
)
def test_a_refusal_is_that_readers_alone(mailed: Mailed, fault: str, state: str) -> None:
    mailed.freeze()
    with sink(fault) as server:
        report = mailed.send(server.port)
        assert report.end == "done"
        assert copies(server) == {name: 1 for name in ONCE if name != "r3@example.org"}
    assert mailed.states() == {"accepted": 9, state: 1}
    assert mailed.row("r3@example.org").code in (550, 552, 554)


@pytest.mark.parametrize("fault", ["rcpt-reset@^r3", "reset-in-body@^r3", "dot-lost@^r3", "dot-hang@^r3"])
def test_a_lost_connection_loses_no_reader(mailed: Mailed, fault: str) -> None:
    if "hang" in fault:
        mailed.waits = SOON
    mailed.freeze()
    with sink(fault) as server:
        mailed.send(server.port)
        row = mailed.row("r3@example.org")
        # Once the end of a mail left us, nobody can say whether it was read.
        assert row.state == ("deferred" if "rcpt" in fault else "unknown")
        assert copies(server) == {name: 1 for name in ONCE if name != "r3@example.org"}
    assert sum(mailed.states().values()) == 10


@pytest.mark.parametrize("fault", ["accept-reset@^r3", "accept-hang@^r3", "accept-garbage@^r3"])
def test_what_may_have_arrived_is_held_for_a_person(mailed: Mailed, fault: str) -> None:
    if "hang" in fault:
        mailed.waits = SOON
    mailed.freeze()
    with sink(fault) as server:
        report = mailed.send(server.port)
        assert report.end == "done"
        assert copies(server) == ONCE
    assert mailed.states() == {"accepted": 9, "unknown": 1}
    assert "the server may have taken it" in mailed.row("r3@example.org").answer


@pytest.mark.parametrize("fault", ["accept-reset@^r3", "accept-hang@^r3", "dot-lost@^r3"])
def test_or_it_is_sent_again_as_the_same_mail(mailed: Mailed, fault: str) -> None:
    if "hang" in fault:
        mailed.waits = SOON
    mailed.sends_again = True
    mailed.freeze()
    with sink(fault) as server:
        assert mailed.send(server.port).end == "waiting"
        server.faults.clear()
        mailed.clock.now = mailed.row("r3@example.org").next_at
        assert mailed.send(server.port).end == "done"
        found = [row["message_id"] for row in server.mails if row["rcpt"] == ["r3@example.org"]]
        assert len(found) == (1 if "lost" in fault else 2)
        assert len(set(found)) == 1
    assert mailed.states() == {"accepted": 10}


@pytest.mark.parametrize("fault", ["accept-slow:1", "accept-multiline:1", "slow-banner:1"])
def test_slow_and_wordy_servers_are_no_trouble(mailed: Mailed, fault: str) -> None:
    mailed.freeze()
    with sink(fault, slow=0.05) as server:
        assert mailed.send(server.port).end == "done"
        assert copies(server) == ONCE
    assert mailed.states() == {"accepted": 10}
    if "multiline" in fault:
        assert mailed.row("r3@example.org").answer == "2.0.0 ok more queued"


@pytest.mark.parametrize(
    "fault", ["refuse!4", "banner-421!4", "garbage-banner!4", "mail-421!4", "mail-451!4", "close-after!4"]
)
def test_a_busy_server_gets_time(mailed: Mailed, fault: str) -> None:
    """Nobody is marked for it; the clock says that it was left alone for a while."""
    mailed.freeze()
    with sink(fault) as server:
        assert mailed.send(server.port).end == "done"
        assert copies(server) == ONCE
        assert server.counts["fault"] == 4
    assert mailed.states() == {"accepted": 10}
    assert mailed.clock.now >= NOW + timedelta(seconds=10 if not fault.startswith("close") else 0)
    assert mailed.row("r0@example.org").attempts == 1


def test_a_server_that_takes_few_connections_gets_few(mailed: Mailed) -> None:
    mailed.freeze()
    with sink(max_conn=1) as server:
        assert mailed.send(server.port).end == "done"
        assert copies(server) == ONCE


def test_a_server_that_is_away_is_tried_later(mailed: Mailed) -> None:
    mailed.freeze()
    with sink("refuse:1") as server:
        report = mailed.send(server.port)
        assert report.end == "waiting"
        assert report.next_at is not None
        assert mailed.states() == {"queued": 10}
        with mailed.database.reading() as db:
            assert lanes(db)["relay test"].not_before == report.next_at
        tried = server.counts["connect"]
        assert mailed.send(server.port).end == "waiting"
        assert server.counts["connect"] == tried


@pytest.mark.parametrize("fault", ["banner-554:1", "mail-550:1"])
def test_a_server_that_wants_nothing_of_ours_pauses_the_mailing(mailed: Mailed, fault: str) -> None:
    mailed.freeze()
    with sink(fault) as server:
        report = mailed.send(server.port)
    assert report.end == "paused"
    assert "554 no service here" in report.reason or "550 5.7.1 sender refused" in report.reason
    assert mailed.states() == {"queued": 10}


@pytest.mark.parametrize(("fault", "end"), [("auth-535:1", "paused"), ("auth-454!2", "done")])
def test_a_login_that_is_refused_marks_no_reader(mailed: Mailed, fault: str, end: str) -> None:
    mailed.freeze()
    mailed.user, mailed.password = "us", "secret"
    with sink(fault, auth="us:secret") as server:
        assert mailed.send(server.port).end == end
    assert mailed.states() == ({"queued": 10} if end == "paused" else {"accepted": 10})


def test_too_many_refusals_in_a_row_pause_it(mailed: Mailed) -> None:
    mailed.freeze(200)
    with sink("dot-550:1") as server:
        report = mailed.send(server.port)
    assert report.end == "paused"
    assert "mails in a row were not taken. The last answer: 5.7.1 content refused" in report.reason
    assert 20 <= mailed.states()["failed"] <= 24
    assert mailed.states()["queued"] == 200 - mailed.states()["failed"]


def test_so_does_a_quarter_of_all(mailed: Mailed) -> None:
    mailed.freeze(200)
    with sink("rcpt-550@^r\\d*[147]@") as server:
        report = mailed.send(server.port)
    assert report.end == "paused"
    assert "mails were not taken" in report.reason
    assert mailed.states()["queued"] > 100


def test_a_domain_that_gets_too_many_waits_and_the_others_go_on(mailed: Mailed) -> None:
    mailed.freeze([f"r{n}@{'slow.example' if n % 2 else 'fast.example'}" for n in range(20)])
    with sink("rcpt-450@slow.example") as server:
        _say(server, "450 4.7.28 too many, wait 300 s")
        report = mailed.send(server.port)
        assert report.end == "waiting"
        assert set(copies(server)) == {f"r{n}@fast.example" for n in range(0, 20, 2)}
        # Only those who were on their way when it was said were asked about.
        assert 1 <= mailed.states()["deferred"] <= 4
        with mailed.database.reading() as db:
            lane = lanes(db)["domain slow.example"]
        assert lane.not_before is not None
        assert lane.not_before - NOW == timedelta(seconds=300)
        assert (lane.per_minute, lane.reason) == (60, "450 4.7.28 too many, wait 300 s")
        server.faults.clear()
        while report.end == "waiting":
            mailed.clock.now = report.next_at or NOW
            report = mailed.send(server.port)
        assert max(copies(server).values()) == 1
        assert len(copies(server)) == 20
    assert mailed.states() == {"accepted": 20}


def _say(server: object, line: str) -> None:
    """Let the server say ``line`` where it would say that a mailbox is busy."""
    plain = server.session  # type: ignore[attr-defined]

    async def session(reader: object, writer: object, number: int) -> None:
        real = writer.write  # type: ignore[attr-defined]
        writer.write = lambda data: real(  # type: ignore[attr-defined]
            line.encode() + b"\r\n" if data.startswith(b"450 4.2.1") else data
        )
        await plain(reader, writer, number)

    server.session = session  # type: ignore[attr-defined]


def test_so_many_a_minute_and_no_more(mailed: Mailed) -> None:
    mailed.per_minute = 120
    mailed.freeze(20)
    with sink() as server:
        assert mailed.send(server.port).end == "done"
        assert len(server.mails) == 20
    assert timedelta(seconds=9.4) <= mailed.clock.now - NOW <= timedelta(seconds=11)


def test_the_limit_outlives_a_restart(mailed: Mailed) -> None:
    mailed.per_minute = 1
    mailed.freeze(2)
    with sink() as server:
        ledger = mailed.ledger()
        ledger.is_over = lambda: len(server.mails) == 1
        assert mailed.send(server.port, ledger).end == "interrupted"
        stopped = mailed.clock.now
        assert mailed.send(server.port).end == "done"
    assert mailed.clock.now >= NOW + timedelta(minutes=1)
    assert stopped < NOW + timedelta(minutes=1)


def test_a_mail_that_is_put_off_for_48_hours_is_given_up(mailed: Mailed) -> None:
    mailed.freeze(1)
    tries = 0
    with sink("rcpt-451:1") as server:
        report = mailed.send(server.port)
        while report.end == "waiting":
            tries += 1
            assert report.next_at is not None
            mailed.clock.now = report.next_at
            report = mailed.send(server.port)
    row = mailed.row("r0@example.org")
    assert (row.state, row.answer) == ("failed", "gave up after 48 h: 4.3.0 later")
    assert row.changed_at - row.first_at == timedelta(hours=48)
    assert 12 <= tries <= 20


def test_somebody_stops_it(mailed: Mailed) -> None:
    """From another process: all that is shared is the row. Nothing begins after it was said."""
    mailed.freeze(200)

    def stop(row: object) -> None:
        if len(server.mails) == 30:
            with mailed.database.transaction() as db:
                assert step_mailing(db, mailed.number, "stopped")

    with sink(on_mail=stop) as server:
        report = mailed.send(server.port)
        assert report.end == "stopped"
        assert 30 <= len(server.mails) <= 34
        assert mailed.states() == {"accepted": len(server.mails), "queued": 200 - len(server.mails)}
        with mailed.database.transaction() as db:
            assert step_mailing(db, mailed.number, "sending")
        server.on_mail = None
        assert mailed.send(server.port).end == "done"
        assert set(copies(server).values()) == {1}


def test_who_loses_the_right_begins_nothing_more(mailed: Mailed) -> None:
    mailed.freeze(200)

    def take(row: object) -> None:
        if len(server.mails) == 30:
            with mailed.database.transaction() as db:
                assert take_right(db, "elsewhere", "other host", now=NOW, by_force=True)

    with sink(on_mail=take) as server:
        assert mailed.send(server.port).end == "lost"
        assert 30 <= len(server.mails) <= 34
    assert mailed.states() == {"accepted": len(server.mails), "queued": 200 - len(server.mails)}
