"""Mail that came back, as far as it counts, and the questions whether an address is alive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from newsletter.store.bounce_tables import mailbox_cursors, probes
from newsletter.store.database import Db
from newsletter.store.mail_tables import bounces, deliveries


@dataclass(frozen=True, slots=True)
class StoredBounce:
    """One that counted."""

    kind: str
    at: datetime
    status: str
    words: str
    mailing_id: int | None


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to a reader; ``sent_at`` None: it is still to be mailed."""

    id: int
    subscriber_id: int
    reason: str
    due_at: datetime
    sent_at: datetime | None


def add_bounce(db: Db, reader: int, *, kind: str, status: str, words: str, at: datetime) -> bool:
    """Count mail that came back from ``reader``; false when one of the same day counted already.

    A complaint is never lost to that rule: it takes the place of the other one.
    """
    newest = select(func.max(deliveries.c.mailing_id)).where(deliveries.c.subscriber_id == reader)
    values = {"kind": kind, "status": status, "words": words, "at": at, "day": at.date()}
    values |= {"subscriber_id": reader, "mailing_id": db.execute(newest).scalar_one()}
    is_it = (bounces.c.subscriber_id == reader, bounces.c.day == at.date())
    known = db.execute(select(bounces.c.kind).where(*is_it)).scalar_one_or_none()
    if known is None:
        db.execute(bounces.insert().values(**values))
        return True
    if known == "complaint" or kind == "soft" or kind == known:
        return False
    db.execute(update(bounces).where(*is_it).values(kind=kind, status=status, words=words, at=at))
    return True


def bounces_of(db: Db, reader: int) -> list[StoredBounce]:
    """What counted against ``reader``, the oldest first; what was before the address proved alive counts no more."""
    alive = select(func.max(probes.c.ended_at)).where(probes.c.subscriber_id == reader, probes.c.outcome == "alive")
    proved = db.execute(alive).scalar_one()
    found = select(bounces).where(bounces.c.subscriber_id == reader).order_by(bounces.c.at)
    if proved is not None:
        found = found.where(bounces.c.at > proved)
    return [StoredBounce(row.kind, row.at, row.status, row.words, row.mailing_id) for row in db.execute(found)]


def ask(db: Db, reader: int, *, reason: str, due_at: datetime) -> bool:
    """Put a question to ``reader`` on the list; false when one is open."""
    if open_probe(db, reader) is not None:
        return False
    db.execute(probes.insert().values(subscriber_id=reader, reason=reason, due_at=due_at, outcome=""))
    return True


def open_probe(db: Db, reader: int) -> Probe | None:
    """The question to ``reader`` that has no answer yet."""
    found = select(probes).where(probes.c.subscriber_id == reader, probes.c.ended_at.is_(None))
    row = db.execute(found.order_by(probes.c.id)).first()
    return None if row is None else _probe(row)


def probes_to_send(db: Db, *, now: datetime) -> list[Probe]:
    """The questions whose day has come."""
    is_due = (probes.c.ended_at.is_(None), probes.c.sent_at.is_(None), probes.c.due_at <= now)
    return [_probe(row) for row in db.execute(select(probes).where(*is_due).order_by(probes.c.id))]


def probes_without_echo(db: Db, *, before: datetime) -> list[Probe]:
    """The questions that were mailed ``before`` a time and did not come back."""
    is_quiet = (probes.c.ended_at.is_(None), probes.c.sent_at <= before)
    return [_probe(row) for row in db.execute(select(probes).where(*is_quiet).order_by(probes.c.id))]


def probe_sent(db: Db, probe: int, *, at: datetime) -> bool:
    """Note that a question goes out; false when another process has done so."""
    is_it = (probes.c.id == probe, probes.c.sent_at.is_(None), probes.c.ended_at.is_(None))
    return db.execute(update(probes).where(*is_it).values(sent_at=at)).rowcount == 1


def put_off(db: Db, probe: int, *, until: datetime) -> None:
    """A question that no mail server took is mailed later."""
    db.execute(update(probes).where(probes.c.id == probe).values(sent_at=None, due_at=until))


def end_probe(db: Db, probe: int, *, outcome: str, at: datetime) -> None:
    """The answer to a question: "alive", "dead", or "dropped" when nobody needs it any more."""
    db.execute(update(probes).where(probes.c.id == probe).values(outcome=outcome, ended_at=at))


def cursor_of(db: Db, name: str) -> Mapping[str, Any]:
    """How far the mailbox ``name`` was read; empty when it never was."""
    found = select(mailbox_cursors.c.cursor).where(mailbox_cursors.c.name == name)
    return db.execute(found).scalar_one_or_none() or {}


def save_cursor(db: Db, name: str, cursor: Mapping[str, Any]) -> None:
    """Remember how far the mailbox ``name`` was read; belongs into the transaction with what was in it."""
    db.upsert(mailbox_cursors, [{"name": name, "cursor": dict(cursor)}])


def _probe(row: Row[Any]) -> Probe:
    return Probe(row.id, row.subscriber_id, row.reason, row.due_at, row.sent_at)
