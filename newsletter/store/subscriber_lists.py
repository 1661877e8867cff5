"""Readers in lists: how many there are, one page of them, all of them one after the other, and what each received."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func, or_, select, type_coerce

from newsletter.model.subscriber import Consent, Subscriber
from newsletter.store.database import Db
from newsletter.store.imported import brought_and_waiting
from newsletter.store.mail_tables import bounces, consents, deliveries, mailings
from newsletter.store.mail_tables import subscribers as rows
from newsletter.store.subscribers import subscriber

PAGE = 50
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """How many readers there are; ``paused`` ones are active, ``imported`` some of the waiting.

    ``bouncing`` are active ones whose mail came back, and those who are ``asked`` whether they are there.
    """

    active: int = 0
    waiting: int = 0
    paused: int = 0
    left: int = 0
    removed: int = 0
    erased: int = 0
    bouncing: int = 0
    asked: int = 0
    imported: int = 0
    """Brought in, and not known yet how they agreed."""

    @property
    def all(self) -> int:
        """Everybody who ever was there."""
        return self.active + self.waiting + self.asked + self.left + self.removed + self.erased


@dataclass(frozen=True, slots=True)
class Filter:
    """Which readers are wanted; what is empty leaves nobody out."""

    text: str = ""
    section: str = ""
    rhythm: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A mailing that was made for a reader, and what became of it."""

    subscriber_id: int
    issue_number: int
    kind: str
    state: str
    changed_at: datetime
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Bounced:
    """How often mail to a reader came back, and the newest words."""

    count: int
    words: str


def counts(db: Db, today: date) -> Counts:
    """How many readers there are on a day."""
    by_state: Any = db.execute(select(rows.c.state, func.count()).group_by(rows.c.state)).all()
    states: dict[str, int] = dict(by_state)
    active = rows.c.state == "active"
    paused = select(func.count()).select_from(rows).where(active, rows.c.paused_until > today)
    imported = select(func.count()).select_from(rows).where(*brought_and_waiting())
    return Counts(
        **{name: states.get(name, 0) for name in ("active", "waiting", "left", "removed", "erased")},
        paused=db.execute(paused).scalar_one(),
        bouncing=db.execute(select(func.count()).select_from(rows).where(*_bouncing())).scalar_one(),
        asked=states.get("bouncing", 0),
        imported=db.execute(imported).scalar_one(),
    )


def page(
    db: Db, wanted: Filter, *, today: date, before: int | None = None, count: int = PAGE
) -> tuple[list[Subscriber], bool]:
    """The newest readers that are wanted, from the one before the number ``before`` on; and whether there are more."""
    found = select(rows).where(*_conditions(wanted, today)).order_by(rows.c.id.desc()).limit(count + 1)
    if before is not None:
        found = found.where(rows.c.id < before)
    got = [subscriber(row) for row in db.execute(found)]
    return got[:count], len(got) > count


def everybody(db: Db, wanted: Filter, *, today: date) -> Iterator[tuple[Subscriber, Consent | None]]:
    """All readers that are wanted, the oldest first, each with how they came to agree last; few are held at a time."""
    after = 0
    while True:
        is_next = (rows.c.id > after, *_conditions(wanted, today))
        got = [subscriber(row) for row in db.execute(select(rows).where(*is_next).order_by(rows.c.id).limit(_AT_ONCE))]
        if not got:
            return
        agreed = _agreed(db, [each.id for each in got])
        for each in got:
            yield each, agreed.get(each.id)
        after = got[-1].id


def received(db: Db, numbers: Sequence[int], *, newest_only: bool = False) -> list[Received]:
    """What was mailed to readers, the newest first; of each the newest only if that is enough."""
    found = (
        select(deliveries, mailings.c.issue_number, mailings.c.kind)
        .join(mailings, mailings.c.id == deliveries.c.mailing_id)
        .where(deliveries.c.subscriber_id.in_(numbers), deliveries.c.first_at.is_not(None))
        .order_by(deliveries.c.mailing_id.desc())
    )
    if newest_only:
        newest = (
            select(func.max(deliveries.c.mailing_id))
            .where(deliveries.c.subscriber_id.in_(numbers), deliveries.c.first_at.is_not(None))
            .group_by(deliveries.c.subscriber_id)
        )
        found = found.where(deliveries.c.mailing_id.in_(newest))
    return [
        Received(row.subscriber_id, row.issue_number, row.kind, row.state, row.changed_at, row.answer)
        for row in db.execute(found)
    ]


def bounced(db: Db, numbers: Sequence[int]) -> dict[int, Bounced]:
    """How often mail to readers came back."""
    found: dict[int, Bounced] = {}
    for row in db.execute(select(bounces).where(bounces.c.subscriber_id.in_(numbers)).order_by(bounces.c.at)):
        before = found.get(row.subscriber_id)
        found[row.subscriber_id] = Bounced((before.count if before else 0) + 1, row.words)
    return found


def _conditions(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        found.append(rows.c.address_key.contains(wanted.text.lower(), autoescape=True))
    if wanted.section:
        as_text = type_coerce(rows.c.sections, Text)
        found.append(or_(rows.c.sections.is_(None), as_text.contains(f'"{wanted.section}"', autoescape=True)))
    if wanted.rhythm:
        found.append(rows.c.rhythm == wanted.rhythm)
    return found + _of_state(wanted.state, today)


def _of_state(state: str, today: date) -> list[ColumnElement[bool]]:
    is_active = rows.c.state == "active"
    if state == "paused":
        return [is_active, rows.c.paused_until > today]
    if state == "bouncing":
        return _bouncing()
    if state == "imported":
        return list(brought_and_waiting())
    return [rows.c.state == state] if state else []


def _bouncing() -> list[ColumnElement[bool]]:
    came_back = and_(rows.c.state == "active", rows.c.id.in_(select(bounces.c.subscriber_id)))
    return [or_(rows.c.state == "bouncing", came_back)]


def _agreed(db: Db, numbers: Sequence[int]) -> dict[int, Consent]:
    """How readers came to agree the last time."""
    ways = ("confirmed", "imported")
    found = select(consents).where(consents.c.subscriber_id.in_(numbers), consents.c.what.in_(ways))
    ordered = db.execute(found.order_by(consents.c.number))
    return {row.subscriber_id: Consent(row.at, row.what, row.wording, row.source) for row in ordered}
