"""Many readers at once: those a file brings, and those of whom it is said later how they agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from newsletter.model.address import address_key
from newsletter.model.subscriber import Choice
from newsletter.store.database import Db, in_parts
from newsletter.store.mail_tables import consents
from newsletter.store.mail_tables import subscribers as rows


@dataclass(frozen=True, slots=True)
class NewReader:
    """A reader as a file says; ``agreed_at`` is the day it names."""

    address: str
    choice: Choice
    agreed_at: datetime | None = None


def add_imported(db: Db, new: Sequence[NewReader], *, source: str, wording: str, at: datetime) -> None:
    """Add readers who are not known; they are readers at once if ``wording`` says how they agreed, else they wait."""
    state = "active" if wording else "waiting"
    made = [
        {
            "address": each.address,
            "address_key": address_key(each.address),
            "state": state,
            "sections": each.choice.sections,
            "rhythm": each.choice.rhythm,
            "source": source,
            "created_at": at,
            "confirmed_at": (each.agreed_at or at) if wording else None,
            "epoch": 0,
        }
        for each in new
    ]
    # Two files that name the same readers in another order would wait for each other.
    db.lock("readers brought in")
    db.insert_new(rows, made)
    agreed = {address_key(each.address): each.agreed_at or at for each in new}
    for part in in_parts(agreed):
        found = db.execute(select(rows.c.id, rows.c.address_key).where(rows.c.address_key.in_(part)))
        values = {"number": 1, "what": "imported", "wording": wording, "source": source}
        db.insert_new(consents, [{**values, "subscriber_id": row.id, "at": agreed[row.address_key]} for row in found])


def brought_and_waiting() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The readers a file brought who wait for a word on how they agreed."""
    brought = select(consents.c.subscriber_id).where(consents.c.what == "imported")
    return rows.c.state == "waiting", rows.c.id.in_(brought)


def agree(db: Db, numbers: Sequence[int], *, wording: str, at: datetime) -> int:
    """Make waiting readers who were brought in to readers, now that it is known how they agreed; how many they were."""
    count = 0
    for part in in_parts(numbers):
        is_it = (rows.c.id.in_(part), *brought_and_waiting())
        # Two who say so at once would give the same numbers: the second waits, and finds nobody waiting.
        who = list(db.execute(select(rows.c.id).where(*is_it).order_by(rows.c.id).with_for_update()).scalars())
        if not who:
            continue
        newest = select(consents.c.subscriber_id, func.max(consents.c.number)).where(consents.c.subscriber_id.in_(who))
        told = {"at": at, "what": "imported", "wording": wording, "source": "said later"}
        found: Any = db.execute(newest.group_by(consents.c.subscriber_id)).all()
        db.execute(consents.insert(), [{"subscriber_id": each, "number": last + 1, **told} for each, last in found])
        since = select(func.min(consents.c.at)).where(
            consents.c.subscriber_id == rows.c.id, consents.c.what == "imported"
        )
        values = {"state": "active", "confirmed_at": since.scalar_subquery()}
        db.execute(update(rows).where(rows.c.id.in_(who)).values(**values))
        count += len(who)
    return count


def agreeing_count(db: Db, numbers: Sequence[int]) -> int:
    """How many :func:`agree` would make readers."""
    count = 0
    for part in in_parts(numbers):
        is_it = (rows.c.id.in_(part), *brought_and_waiting())
        count += db.execute(select(func.count()).select_from(rows).where(*is_it)).scalar_one()
    return count


def waiting_from(db: Db, source: str) -> list[int]:
    """The numbers of those whom ``source`` brought and who wait for a word on how they agreed."""
    is_it = (rows.c.source == source, *brought_and_waiting())
    return list(db.execute(select(rows.c.id).where(*is_it)).scalars())


def waiting_sources(db: Db) -> list[tuple[str, int]]:
    """Where those came from who wait for a word on how they agreed, with how many they are."""
    found = select(rows.c.source, func.count()).where(*brought_and_waiting())
    ordered: Any = db.execute(found.group_by(rows.c.source).order_by(rows.c.source)).all()
    return [(source, count) for source, count in ordered]
