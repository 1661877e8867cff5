"""What became of the deliveries of a mailing, counted and told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from newsletter.errors import NotFound
from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, delivery_events, subscribers

_MOST_ANSWERS = 50


@dataclass(frozen=True, slots=True)
class DomainCount:
    """How many deliveries to a domain are in each state."""

    domain: str
    total: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """What a server answered word for word, and to how many mails."""

    state: str
    code: int | None
    answer: str
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened with one mail."""

    at: datetime
    state: str
    code: int | None
    answer: str
    said_by: str


def counts(db: Db, mailing_id: int) -> dict[str, int]:
    """How many deliveries of a mailing are in each state."""
    asked = select(deliveries.c.state, func.count().label("found")).where(deliveries.c.mailing_id == mailing_id)
    return {row.state: row.found for row in db.execute(asked.group_by(deliveries.c.state))}


def domains(db: Db, mailing_id: int) -> tuple[DomainCount, ...]:
    """How it went with each domain, the one with most readers first."""
    asked = select(deliveries.c.domain, deliveries.c.state, func.count().label("found"))
    rows = db.execute(
        asked.where(deliveries.c.mailing_id == mailing_id).group_by(deliveries.c.domain, deliveries.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.domain, {})[row.state] = row.found
    made = (DomainCount(domain, sum(states.values()), states) for domain, states in found.items())
    return tuple(sorted(made, key=lambda each: (-each.total, each.domain)))


def answers(db: Db, mailing_id: int) -> tuple[AnswerCount, ...]:
    """The answers to mails that were not simply taken, the most frequent first, at most 50."""
    columns = (deliveries.c.state, deliveries.c.code, deliveries.c.answer)
    asked = select(*columns, func.count().label("found")).where(
        deliveries.c.mailing_id == mailing_id, deliveries.c.state.not_in(("accepted", "queued", "sending"))
    )
    ordered = asked.group_by(*columns).order_by(func.count().desc(), deliveries.c.answer).limit(_MOST_ANSWERS)
    return tuple(AnswerCount(row.state, row.code, row.answer, row.found) for row in db.execute(ordered))


def next_try(db: Db, mailing_id: int) -> datetime | None:
    """When the next mail that was put off is tried again."""
    waits = (deliveries.c.mailing_id == mailing_id, deliveries.c.state == "deferred")
    found: datetime | None = db.execute(select(func.min(deliveries.c.next_at)).where(*waits)).scalar()
    return found


def trail(db: Db, mailing_id: int, address: str) -> tuple[Step, ...]:
    """What happened with the mail to ``address``, its present state last. Raises NotFound."""
    key = address.strip().lower()
    asked = select(deliveries).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
    row = db.execute(asked.where(deliveries.c.mailing_id == mailing_id, subscribers.c.address_key == key)).one_or_none()
    if row is None:
        raise NotFound(f"It does not go to “{address}”.")
    happened = select(delivery_events).where(
        delivery_events.c.mailing_id == mailing_id, delivery_events.c.subscriber_id == row.subscriber_id
    )
    steps = [
        Step(each.at, each.state, each.code, each.answer, each.said_by)
        for each in db.execute(happened.order_by(delivery_events.c.id))
    ]
    if not steps or (steps[-1].state, steps[-1].at) != (row.state, row.changed_at):
        steps.append(Step(row.changed_at, row.state, row.code, row.answer, ""))
    return tuple(steps)
