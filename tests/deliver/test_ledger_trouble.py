"""A full disk or a locked database of ours: nothing is sent that is not written down, and nobody is lost."""

import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from newsletter.deliver.work import Done, Pace
from newsletter.errors import StoreFault
from newsletter.pipeline.ledger import MailLedger
from newsletter.store.database import Database
from newsletter.store.outbox import orphans_to
from newsletter.store.pen import Pen
from tests.mailed import NOW, Mailed, copies, needs_sink, sink

pytestmark = needs_sink


class Failing(MailLedger):
    """A ledger that cannot be written from its ``first`` write on, ``times`` times."""

    first = 8
    times = 3
    writes = 0

    def write(self, done: Sequence[Done], begins: Sequence[int], paces: Sequence[Pace]) -> Collection[int]:
        """As the real one, when it does."""
        self.writes += 1
        if self.first <= self.writes < self.first + self.times:
            raise StoreFault("n.db cannot grow: the disk is full.")
        return super().write(done, begins, paces)


def failing(mailed: Mailed, times: int) -> Failing:
    real = mailed.ledger()
    made = Failing(real.database, real.writer, real.run_id, real.now)
    made.times = times
    return made


def test_a_ledger_that_comes_back_is_waited_for(database: Database) -> None:
    mailed = Mailed(database)
    mailed.freeze(20)
    with sink() as server:
        assert mailed.send(server.port, failing(mailed, 3)).end == "done"
        assert set(copies(server).values()) == {1}
        assert len(copies(server)) == 20
    assert mailed.states() == {"accepted": 20}
    assert mailed.rested[:2] == [1.0, 1.0]


def test_one_that_stays_away_ends_sending_and_everybody_is_accounted_for(database: Database) -> None:
    mailed = Mailed(database)
    mailed.freeze(20)
    with sink() as server:
        report = mailed.send(server.port, failing(mailed, 10_000))
        assert report.end == "no ledger"
        assert "the disk is full" in report.reason
        assert len(report.not_written) <= 1
        held = mailed.states()["sending"]
        assert 1 <= held <= 4
        with database.transaction() as db:
            assert orphans_to(db, mailed.number, "unknown", but="", now=NOW, said="fell") == held
        assert mailed.send(server.port).end == "done"
        assert set(copies(server).values()) == {1}
        assert len(copies(server)) >= 20 - held
    assert mailed.states() == {"accepted": 20 - held, "unknown": held}


@pytest.mark.slow
@pytest.mark.sqlite_only("how far its file may grow")
def test_a_disk_that_is_full_indeed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may not grow any more: the pages that it has are all there will be."""
    database = Database(f"sqlite:///{tmp_path / 'n.db'}")
    database.migrate()
    mailed = Mailed(database)
    mailed.freeze(600)
    is_full, pages = [True], list[int]()
    real = Database.own_connection

    def full(self: Database) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(self)
        pages.append(connection.execute("PRAGMA page_count").fetchone()[0])
        connection.execute(f"PRAGMA max_page_count = {pages[0] + 1 if is_full[0] else 1_000_000}")
        return connection

    monkeypatch.setattr(Database, "own_connection", full)
    with sink() as server:
        report = mailed.send(server.port)
        assert (report.end, "the disk is full" in report.reason) == ("no ledger", True)
        is_full[0] = False
        with database.transaction() as db:
            left = orphans_to(db, mailed.number, "unknown", but="", now=NOW, said="fell")
        assert mailed.send(server.port).end == "done"
        assert set(copies(server).values()) == {1}
        assert 1 <= left <= 4
        assert mailed.states() == {"accepted": 600 - left, "unknown": left}
    database.close()


@pytest.mark.sqlite_only("the lock on its file")
def test_a_locked_database_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite:///{tmp_path / 'n.db'}")
    database.migrate()
    mailed = Mailed(database)
    mailed.freeze(20)
    other = sqlite3.connect(tmp_path / "n.db", isolation_level=None)
    real = Database.own_connection

    def impatient(self: Database) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(self)
        connection.execute("PRAGMA busy_timeout = 10")
        return connection

    monkeypatch.setattr(Database, "own_connection", impatient)
    rest = mailed.rest

    def let_go(seconds: float) -> None:
        rest(seconds)
        if other.in_transaction and len(mailed.rested) >= 2:
            other.execute("COMMIT")

    mailed.rest = let_go  # type: ignore[method-assign]

    ledger = mailed.ledger()
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(type(ledger), "order", lambda self: "go on")
    with sink() as server:
        assert mailed.send(server.port, ledger).end == "done"
        assert set(copies(server).values()) == {1}
    assert mailed.rested[:2] == [1.0, 1.0]
    assert mailed.states() == {"accepted": 20}
    other.close()
    database.close()


def test_a_pen_stores_all_or_nothing(database: Database) -> None:
    mailed = Mailed(database)
    mailed.freeze(1)
    pen = Pen(database)
    with pytest.raises(StoreFault):
        _fail_in_the_middle(pen, mailed.number)
    assert mailed.states() == {"queued": 1}
    with pen.transaction():
        pen.run("UPDATE deliveries SET state = ? WHERE mailing_id = ?", ("failed", mailed.number))
    assert mailed.states() == {"failed": 1}
    pen.close()


def _fail_in_the_middle(pen: Pen, number: int) -> None:
    with pen.transaction():
        assert pen.run("UPDATE deliveries SET state = ? WHERE mailing_id = ?", ("failed", number)) == 1
        pen.run("UPDATE nothing SET state = ?", ("failed",))
