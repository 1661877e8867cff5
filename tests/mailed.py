"""A mailing ready to go out, and the faulty mail server it goes to."""

import asyncio
import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.deliver.pace import Paces
from newsletter.deliver.send import send_all
from newsletter.deliver.setup import Report, Setup
from newsletter.deliver.smtp_lane import Lane, Waits, open_lane
from newsletter.deliver.transport import SmtpSettings
from newsletter.deliver.work import Letter, Pace, Work
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.model.subscriber import Choice
from newsletter.pipeline.ledger import MailLedger
from newsletter.store.database import Database
from newsletter.store.issues import save_draft
from newsletter.store.lanes import lanes
from newsletter.store.mail_tables import deliveries, delivery_events, subscribers
from newsletter.store.mailings import Made, Mailing, add_audience, add_mailing, step_mailing
from newsletter.store.outbox import Writer
from newsletter.store.rights import take_right
from newsletter.store.runs import begin_run
from tests.corpus import SHARED
from tests.fakes import FixedClock

NOW = datetime(2026, 10, 16, 10, 0, tzinfo=UTC)
SOON = Waits(answer=1, body=1, dot=1)
BODY = b"Dear reader,\r\n..dots are stuffed\r\n" + b"This line says what happened in the week, and it is long.\r\n" * 20


TOOL = SHARED / "tools" / "smtp_sink.py"
needs_sink = pytest.mark.skipif(not TOOL.is_file(), reason=f"the mail server for tests is not at {TOOL}")


@cache
def tool() -> ModuleType:
    """The module of the mail server."""
    spec = importlib.util.spec_from_file_location("smtp_sink", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["smtp_sink"] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def sink(*faults: str, **options: Any) -> Iterator[Any]:
    """The mail server; ``mails`` are what it took. It ends when it has seen that everybody left."""
    with tool().SmtpSink(faults=list(faults), **options) as server:
        yield server
        until = time.monotonic() + 2
        while server.conns and time.monotonic() < until:
            time.sleep(0.002)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), server.loop).result(2)


def copies(server: Any) -> Counter[str]:
    """How many mails the server took for each address, whether it said so or not."""
    return Counter(row["rcpt"][0] for row in server.mails)


def add_readers(database: Database, addresses: Iterable[str], **values: Any) -> None:
    """Active readers."""
    row = {"state": "active", "sections": None, "rhythm": "weekly", "source": "test", "created_at": NOW, "epoch": 0}
    rows = [{**row, "address": each, "address_key": each.lower(), **values} for each in addresses]
    with database.transaction() as db:
        db.execute(subscribers.insert(), rows)


def add_issue(database: Database, number: int = 1) -> None:
    """A draft of that number, for a mailing to be about."""
    start = datetime(2026, 10, 1 + number, tzinfo=UTC)
    issue = Issue(number, f"Issue {number}", Period(start, start.replace(hour=12)), date(2026, 10, 16))
    with database.transaction() as db:
        save_draft(db, issue, now=NOW)


@dataclass
class Mailed:
    """A mailing that goes out to readers of a database."""

    database: Database
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    number: int = 0
    waits: Waits = Waits(answer=20, body=20, dot=20)
    connections: int = 4
    per_minute: int | None = None
    sends_again: bool = False
    user: str | None = None
    password: str | None = None
    rested: list[float] = field(default_factory=list)
    body: bytes = BODY

    def freeze(self, readers: int | Sequence[str] = 10) -> Mailing:
        """Readers, an issue, and the mailing to them, begun."""
        names = [f"r{n}@example.org" for n in range(readers)] if isinstance(readers, int) else readers
        add_readers(self.database, names)
        add_issue(self.database)
        with self.database.transaction() as db:
            mailing = add_mailing(db, 1, "issue", send_at=NOW, now=NOW)
            made = {Choice(): Made("whole", "0" * 64, len(BODY))}
            add_audience(db, mailing.id, made, on=NOW.date(), with_monthly=False, now=NOW)
            step_mailing(db, mailing.id, "sending", started_at=NOW)
        self.number = mailing.id
        return mailing

    def compose(self, work: Work) -> Letter:
        """A mail with a head of its own and a body that all share."""
        mark = f"<{self.number}.{work.subscriber_id}@news.example.org>"
        head = f"From: News <news@example.org>\r\nTo: {work.address}\r\nSubject: Issue 1\r\n"
        head += f"Date: Fri, 16 Oct 2026 10:00:00 +0000\r\nMessage-ID: {mark}\r\n\r\n"
        return Letter("bounce@example.org", work.address, [head.encode(), self.body], mark)

    def ledger(self) -> MailLedger:
        """A ledger for a new run."""
        with self.database.transaction() as db:
            right = take_right(db, "here", "host", now=self.clock())
            assert right is not None
            writer = Writer(self.number, right.turn)
            run = begin_run(db, self.number, writer.holder, now=self.clock(), done_count=0, unknown_count=0)
        return MailLedger(self.database, writer, run, self.clock)

    def rest(self, seconds: float) -> None:
        """Time passes without anybody waiting."""
        self.rested.append(seconds)
        self.clock.move(seconds=seconds)

    def setup(self, port: int, ledger: Any) -> Setup:
        """How this mailing is sent to a server on that port."""
        settings = SmtpSettings("127.0.0.1", port, self.user, self.password, seconds=2)
        with self.database.reading() as db:
            paces = Paces("relay test", [_pace(each) for each in lanes(db).values()], per_minute=self.per_minute)

        def dial() -> Lane:
            return open_lane(settings, self.waits)

        return Setup(
            ledger,
            self.compose,
            dial,
            paces,
            connections=self.connections,
            sends_again=self.sends_again,
            now=self.clock,
            rest=self.rest,
        )

    def send(self, port: int, ledger: Any = None) -> Report:
        """Send what is due."""
        books = ledger or self.ledger()
        try:
            return send_all(self.setup(port, books))
        finally:
            books.close()

    def states(self) -> Counter[str]:
        """How many deliveries are in each state."""
        with self.database.reading() as db:
            return Counter(db.execute(select(deliveries.c.state)).scalars())

    def row(self, address: str) -> Any:
        """The delivery to an address."""
        asked = select(deliveries).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        with self.database.reading() as db:
            return db.execute(asked.where(subscribers.c.address == address)).one()

    def events(self) -> list[Any]:
        """What happened beside being taken at once."""
        with self.database.reading() as db:
            return list(db.execute(select(delivery_events).order_by(delivery_events.c.id)))


def _pace(row: Any) -> Pace:
    return Pace(row.name, row.not_before, row.per_minute, row.free_at, row.reason)
