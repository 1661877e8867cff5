"""Readers and what they agreed to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from newsletter.model.address import address_key
from newsletter.model.subscriber import Choice, Consent, Subscriber
from newsletter.store.database import Db
from newsletter.store.mail_tables import bounces, consents, deliveries, delivery_events, moves
from newsletter.store.mail_tables import subscribers as rows
from newsletter.store.suppression import is_suppressed, lift, suppress

__all__ = ["address_key", "is_suppressed", "lift", "suppress"]


@dataclass(frozen=True, slots=True)
class Move:
    """A new address that a reader asked for."""

    id: int
    subscriber_id: int
    address: str
    asked_at: datetime


def by_id(db: Db, number: int) -> Subscriber | None:
    """The reader of that number, None when there is none; in a writer nobody else changes them meanwhile."""
    return _one(db, rows.c.id == number)


def by_address(db: Db, address: str) -> Subscriber | None:
    """The reader at ``address``, None when there is none."""
    return _one(db, rows.c.address_key == address_key(address))


def add_waiting(db: Db, address: str, choice: Choice, *, source: str, at: datetime) -> Subscriber:
    """A new reader at ``address`` who has not confirmed yet; if there is one already, that one."""
    values: dict[str, Any] = {"address": address, "address_key": address_key(address), "state": "waiting"}
    values |= {"rhythm": choice.rhythm, "sections": choice.sections, "source": source, "created_at": at, "epoch": 0}
    db.insert_new(rows, [values])
    found = by_address(db, address)
    assert found is not None
    return found


def save(db: Db, reader: Subscriber) -> None:
    """Store a reader who was changed."""
    key = None if reader.address is None else address_key(reader.address)
    values: dict[str, Any] = {"address": reader.address, "address_key": key, "state": reader.state}
    values |= {"rhythm": reader.choice.rhythm, "sections": reader.choice.sections, "source": reader.source}
    for name in ("paused_until", "created_at", "confirmed_at", "left_at", "epoch"):
        values[name] = getattr(reader, name)
    db.execute(update(rows).where(rows.c.id == reader.id).values(**values))


def erase(db: Db, reader: Subscriber) -> None:
    """Take the address of ``reader`` out of every row; who wants to may still count the row."""
    address = reader.address
    if address is None:
        return
    db.execute(delete(moves).where(moves.c.subscriber_id == reader.id))
    for table, column in ((deliveries, "answer"), (delivery_events, "answer"), (bounces, "words")):
        text = table.c[column]
        is_named = (table.c.subscriber_id == reader.id, func.lower(text).contains(address.lower(), autoescape=True))
        db.execute(update(table).where(*is_named).values({column: "(erased)"}))
    values = {"address": None, "address_key": None, "state": "erased", "source": "", "sections": None}
    db.execute(update(rows).where(rows.c.id == reader.id).values(**values, paused_until=None, epoch=reader.epoch + 1))


def add_consent(db: Db, number: int, consent: Consent) -> None:
    """Write down what a reader agreed to or took back."""
    newest = select(func.coalesce(func.max(consents.c.number), 0)).where(consents.c.subscriber_id == number)
    values = {"at": consent.at, "what": consent.what, "wording": consent.wording, "source": consent.source}
    last = db.execute(newest).scalar_one()
    db.execute(consents.insert(), [{"subscriber_id": number, "number": last + 1, **values}])


def consents_of(db: Db, number: int) -> list[Consent]:
    """Everything a reader agreed to or took back, the oldest first."""
    found = select(consents).where(consents.c.subscriber_id == number).order_by(consents.c.number)
    return [Consent(row.at, row.what, row.wording, row.source) for row in db.execute(found)]


def asked_at(db: Db, number: int) -> datetime | None:
    """When a reader asked for the newsletter last."""
    is_it = (consents.c.subscriber_id == number, consents.c.what == "asked")
    found: datetime | None = db.execute(select(func.max(consents.c.at)).where(*is_it)).scalar_one()
    return found


def drop_unconfirmed(db: Db, *, source: str, before: datetime) -> int:
    """Forget who asked by way of ``source`` and never confirmed; how many they were."""
    old = select(rows.c.id).where(rows.c.state == "waiting", rows.c.source == source, rows.c.created_at < before)
    gone = list(db.execute(old).scalars())
    for number in gone:
        db.execute(delete(consents).where(consents.c.subscriber_id == number))
        db.execute(delete(rows).where(rows.c.id == number))
    return len(gone)


def add_move(db: Db, number: int, address: str, *, at: datetime) -> int:
    """Remember a new address that waits to be confirmed; an older wish of the same reader is forgotten."""
    db.execute(delete(moves).where(moves.c.subscriber_id == number))
    made = db.execute(moves.insert().values(subscriber_id=number, address=address, asked_at=at).returning(moves.c.id))
    return int(made.scalar_one())


def find_move(db: Db, number: int) -> Move | None:
    """The wish of that number, None when it was granted, or another one took its place."""
    row = db.execute(select(moves).where(moves.c.id == number)).one_or_none()
    return None if row is None else Move(row.id, row.subscriber_id, row.address, row.asked_at)


def drop_moves(db: Db, number: int) -> None:
    """Forget the wish of a reader for a new address."""
    db.execute(delete(moves).where(moves.c.subscriber_id == number))


def choices_of_active(db: Db) -> tuple[Choice, ...]:
    """Every distinct choice of readers, for each of whom an edition is made."""
    found = select(rows.c.rhythm, rows.c.sections).where(rows.c.state == "active").distinct()
    made = {Choice(row.rhythm, tuple(row.sections) if row.sections is not None else None) for row in db.execute(found)}
    return tuple(sorted(made, key=lambda each: (each.rhythm, each.sections or ())))


def known_addresses(db: Db, keys: Iterable[str]) -> Mapping[str, Subscriber]:
    """The readers at those addresses, each by its one spelling; at most 500 may be asked for."""
    found = select(rows).where(rows.c.address_key.in_(list(keys)))
    return {row.address_key: subscriber(row) for row in db.execute(found)}


def subscriber(row: Row[Any]) -> Subscriber:
    """The reader of a row."""
    return Subscriber(
        id=row.id,
        address=row.address,
        state=row.state,
        choice=Choice(row.rhythm, None if row.sections is None else tuple(row.sections)),
        created_at=row.created_at,
        source=row.source,
        confirmed_at=row.confirmed_at,
        left_at=row.left_at,
        paused_until=row.paused_until,
        epoch=row.epoch,
    )


def _one(db: Db, condition: Any) -> Subscriber | None:
    row = db.execute(_locked(db, select(rows).where(condition))).one_or_none()
    return None if row is None else subscriber(row)


def _locked(db: Db, statement: Any) -> Any:
    """``statement`` so that its rows stay as they are until the transaction ends; SQLite's writers are alone anyway."""
    is_writer = db.connection.get_execution_options().get("is_writer")
    return statement.with_for_update() if db.is_postgres and is_writer else statement
