"""The ledger of a mailing while it goes out: a row a reader, which says what is known before and after a mail.

What is written for every single mail is SQL as the driver takes it: it costs a third of the same built anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model.subscriber import DeliveryState
from newsletter.store.columns import PlainText
from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, delivery_events, subscribers
from newsletter.store.pen import Pen

LEFT = "left after approval"
PAUSED = "paused after approval"
PROGRAM = "the program"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_text = PlainText().process_bind_param

_BEGIN = """UPDATE deliveries SET state = 'sending', holder = ?, attempts = attempts + 1,
 first_at = COALESCE(first_at, ?), changed_at = ?, next_at = NULL
 WHERE mailing_id = ? AND subscriber_id = ? AND state IN ('queued', 'deferred')
 AND EXISTS (SELECT 1 FROM mailings WHERE id = ? AND state = 'sending')
 AND EXISTS (SELECT 1 FROM send_rights WHERE name = 'send' AND turn = ?)
 AND EXISTS (SELECT 1 FROM subscribers WHERE id = ? AND state = 'active'
 AND (paused_until IS NULL OR paused_until <= ?))"""
_RESULT = """UPDATE deliveries SET state = ?, code = ?, answer = ?, changed_at = ?, next_at = ?
 WHERE mailing_id = ? AND subscriber_id = ? AND holder = ? AND state IN ('sending', 'unknown')"""
_RELEASE = """UPDATE deliveries SET state = CASE WHEN attempts > 1 THEN 'deferred' ELSE 'queued' END,
 attempts = attempts - 1, holder = '', changed_at = ?,
 first_at = CASE WHEN attempts > 1 THEN first_at ELSE NULL END, next_at = CASE WHEN attempts > 1 THEN ? ELSE NULL END
 WHERE mailing_id = ? AND subscriber_id = ? AND holder = ? AND state = 'sending'"""
_EVENT = """INSERT INTO delivery_events (mailing_id, subscriber_id, at, state, code, answer, said_by)
 VALUES (?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes into the ledger: the mailing, and the turn of the right to send that its rows are held under."""

    mailing_id: int
    turn: int

    @property
    def holder(self) -> str:
        """What stands in the rows it is at."""
        return f"turn {self.turn}"


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that may begin."""

    subscriber_id: int
    address: str
    edition: str
    domain: str
    attempts: int
    epoch: int
    first_at: datetime | None


class Result(Protocol):
    """What came of a delivery."""

    @property
    def subscriber_id(self) -> int:
        """Whose it is."""

    @property
    def state(self) -> DeliveryState:
        """What it is now."""

    @property
    def code(self) -> int | None:
        """What the server answered last."""

    @property
    def answer(self) -> str:
        """Its words."""

    @property
    def next_at(self) -> datetime | None:
        """When it is tried again."""

    @property
    def released(self) -> bool:
        """Whether it never began, as nothing was said to anybody yet."""


def due(db: Db, mailing_id: int, *, now: datetime, after: int, count: int, but: Collection[str] = ()) -> list[Due]:
    """At most ``count`` deliveries that may begin: those to be tried again, then the queued ones by number.

    ``after`` is the number of the last queued reader that was given out; domains in ``but`` are passed over.
    """
    wanted = (
        deliveries.c.subscriber_id,
        subscribers.c.address,
        deliveries.c.edition,
        deliveries.c.domain,
        deliveries.c.attempts,
        subscribers.c.epoch,
        deliveries.c.first_at,
    )
    asked = select(*wanted).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
    asked = asked.where(deliveries.c.mailing_id == mailing_id).limit(count)
    if but:
        asked = asked.where(deliveries.c.domain.not_in(sorted(but)))
    again = asked.where(deliveries.c.state == "deferred", deliveries.c.next_at <= now).order_by(deliveries.c.next_at)
    first = asked.where(deliveries.c.state == "queued", deliveries.c.subscriber_id > after)
    found = [_due(row) for row in db.execute(again)]
    if len(found) < count:
        first = first.order_by(deliveries.c.subscriber_id).limit(count - len(found))
        found += [_due(row) for row in db.execute(first)]
    return found


def _due(row: Any) -> Due:
    """The row; of an erased reader, who is passed over when it begins, there is no address."""
    number, address, *rest = row
    return Due(number, address or "", *rest)


def write_down(
    db: Db | Pen, writer: Writer, results: Sequence[Result], begins: Sequence[int], now: datetime
) -> frozenset[int]:
    """Write what came of some deliveries, and that others begin; the readers whose mail may begin indeed.

    One does not begin when its reader left, the mailing was stopped, or somebody else has the right to send.
    """
    at = (now - _EPOCH) // _MICROSECOND
    for each in results:
        _write_result(db, writer, each, at)
    return frozenset(number for number in begins if _begin(db, writer, number, at, now))


def _write_result(db: Db | Pen, writer: Writer, result: Result, at: int) -> None:
    key = (writer.mailing_id, result.subscriber_id, writer.holder)
    if result.released:
        db.run(_RELEASE, (at, at, *key))
        return
    answer = result.answer if result.answer.isascii() else _text(result.answer, None)  # type: ignore[arg-type]
    next_at = None if result.next_at is None else (result.next_at - _EPOCH) // _MICROSECOND
    written = db.run(_RESULT, (result.state, result.code, answer, at, next_at, *key))
    if result.state != "accepted" and written:
        row = (writer.mailing_id, result.subscriber_id, at, result.state, result.code, answer, PROGRAM)
        db.run(_EVENT, row)


def _begin(db: Db | Pen, writer: Writer, number: int, at: int, now: datetime) -> bool:
    values = (writer.holder, at, at, writer.mailing_id, number, writer.mailing_id, writer.turn, number)
    day = now.date() if db.is_postgres else now.date().isoformat()
    return db.run(_BEGIN, (*values, day)) == 1


def skip_left(db: Db, mailing_id: int, subscriber_id: int, *, now: datetime) -> bool:
    """Pass a reader over who left or paused after the audience was fixed; false when that is not so."""
    asked = select(subscribers.c.state, subscribers.c.paused_until).where(subscribers.c.id == subscriber_id)
    row = db.execute(asked).one_or_none()
    is_paused = row is not None and row.paused_until is not None and row.paused_until > now.date()
    if row is not None and row.state == "active" and not is_paused:
        return False
    here = (deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id == subscriber_id)
    open_states = deliveries.c.state.in_(("queued", "deferred"))
    said = PAUSED if row is not None and row.state == "active" else LEFT
    values = {"state": "suppressed", "answer": said, "code": None, "next_at": None, "changed_at": now}
    return db.execute(update(deliveries).where(*here, open_states).values(**values)).rowcount == 1


def orphans_to(db: Db, mailing_id: int, state: DeliveryState, *, but: str, now: datetime, said: str) -> int:
    """Give the deliveries at which a process died a ``state`` (unknown, or queued); how many there were.

    ``but`` is the holder that is alive.
    """
    here = (deliveries.c.mailing_id == mailing_id, deliveries.c.state == "sending", deliveries.c.holder != but)
    numbers = _held(db, *here)
    if not numbers:
        return 0
    row = {"mailing_id": mailing_id, "at": now, "code": None, "answer": said, "said_by": PROGRAM}
    states: tuple[str, ...] = ("unknown",) if state == "unknown" else ("unknown", state)
    db.execute(
        delivery_events.insert(),
        [{**row, "subscriber_id": number, "state": each} for number in numbers for each in states],
    )
    values = {"state": state, "changed_at": now, "answer": said, "next_at": None}
    if state != "unknown":
        values["holder"] = ""
    db.execute(update(deliveries).where(*here).values(**values))
    return len(numbers)


def _held(db: Db, *here: ColumnElement[bool]) -> list[int]:
    """The readers of these rows, in which nobody else writes until the transaction ends."""
    asked = select(deliveries.c.subscriber_id).where(*here).order_by(deliveries.c.subscriber_id).with_for_update()
    return list(db.execute(asked).scalars())


def open_counts(db: Db, mailing_id: int, *, now: datetime) -> tuple[int, int, datetime | None]:
    """How many deliveries may begin now, how many are still to begin in all, and when the next that waits is due."""
    waits = (deliveries.c.mailing_id == mailing_id, deliveries.c.state == "deferred")
    next_at = db.execute(select(func.min(deliveries.c.next_at)).where(*waits)).scalar()
    asked = select(deliveries.c.state, func.count().label("count_of")).where(deliveries.c.mailing_id == mailing_id)
    counts = {row.state: int(row.count_of) for row in db.execute(asked.group_by(deliveries.c.state))}
    ready = counts.get("queued", 0)
    if next_at is not None and next_at <= now:
        ready += db.execute(select(func.count()).where(*waits, deliveries.c.next_at <= now)).scalar() or 0
    return ready, counts.get("queued", 0) + counts.get("deferred", 0), next_at


def done_count(db: Db, mailing_id: int) -> int:
    """How many deliveries of a mailing were dealt with."""
    is_done = deliveries.c.state.not_in(("queued", "deferred", "sending"))
    asked = select(func.count()).where(deliveries.c.mailing_id == mailing_id, is_done)
    return int(db.execute(asked).scalar_one())


def resolve(db: Db, mailing_id: int, *, again: bool, said_by: str, now: datetime, reader: int | None = None) -> int:
    """Let uncertain deliveries begin again, or count them as taken; how many they are.

    ``reader`` names the one that is meant, where not all are.
    """
    here: tuple[ColumnElement[bool], ...] = (deliveries.c.mailing_id == mailing_id, deliveries.c.state == "unknown")
    if reader is not None:
        here = (*here, deliveries.c.subscriber_id == reader)
    numbers = _held(db, *here)
    if not numbers:
        return 0
    state = "queued" if again else "accepted"
    said = "sent again" if again else "left as it is: it may have arrived"
    row = {"mailing_id": mailing_id, "at": now, "state": state, "code": None, "answer": said, "said_by": said_by}
    db.execute(delivery_events.insert(), [{**row, "subscriber_id": number} for number in numbers])
    values = {"state": state, "changed_at": now, "holder": "", "answer": said, "code": None}
    if again:
        values["first_at"] = None
    db.execute(update(deliveries).where(*here).values(**values))
    return len(numbers)
