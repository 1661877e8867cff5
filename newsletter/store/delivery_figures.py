"""Figures of many deliveries, counted by the database: no row of a reader is loaded but those that are shown."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select

from newsletter.store.database import Db
from newsletter.store.delivery_reports import DomainCount
from newsletter.store.keep_tables import delivery_totals
from newsletter.store.mail_tables import bounces, deliveries, delivery_events, mailings, subscribers
from newsletter.store.mailings import Mailing
from newsletter.store.outbox import PROGRAM

_OPEN = ("queued", "sending", "deferred")
_STATUS, _WORDS = 6, 40
_MOST_REASONS = 500


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many mails did not arrive, and how the answers to them begin."""

    state: str
    code: int | None
    start: str
    count: int


@dataclass(frozen=True, slots=True)
class UncertainOne:
    """A reader of whom nobody knows whether the server took the mail; ``address`` is None after erasing."""

    subscriber_id: int
    address: str | None
    at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about uncertain mails: ``count`` of them, all to the ``state`` they have since."""

    at: datetime
    said_by: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The answer that most of the mails got which are tried again, with the domain that gave it."""

    domain: str
    code: int | None
    answer: str
    count: int


def mailed_issues(db: Db, *, before: int | None, count: int) -> tuple[int, ...]:
    """The numbers of the issues that were approved to be mailed, the newest first."""
    asked = select(mailings.c.issue_number).distinct().order_by(mailings.c.issue_number.desc()).limit(count)
    if before is not None:
        asked = asked.where(mailings.c.issue_number < before)
    return tuple(db.execute(asked).scalars())


def mailings_about(db: Db, numbers: Collection[int]) -> tuple[Mailing, ...]:
    """All mailings about these issues: the newest issue first, its errata after it."""
    asked = select(mailings).where(mailings.c.issue_number.in_(numbers))
    rows = db.execute(asked.order_by(mailings.c.issue_number.desc(), mailings.c.id))
    return tuple(Mailing(**row._mapping) for row in rows)


def counts_of(db: Db, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many deliveries of each of these mailings are in each state."""
    if not ids:
        return {}
    key = (deliveries.c.mailing_id, deliveries.c.state)
    asked = select(*key, func.count().label("found")).where(deliveries.c.mailing_id.in_(ids)).group_by(*key)
    found: dict[int, dict[str, int]] = {each: {} for each in ids}
    for row in db.execute(asked):
        found[row.mailing_id][row.state] = row.found
    total = delivery_totals.c
    let_go = select(total.mailing_id, total.state, total["count"].label("found")).where(total.mailing_id.in_(ids))
    for row in db.execute(let_go):
        found[row.mailing_id][row.state] = found[row.mailing_id].get(row.state, 0) + row.found
    return found


def done_since(db: Db, mailing_id: int, since: datetime) -> int:
    """How many readers of a mailing were dealt with after ``since``."""
    here = (deliveries.c.mailing_id == mailing_id, deliveries.c.changed_at > since)
    return int(db.execute(select(func.count()).where(*here, deliveries.c.state.not_in(_OPEN))).scalar_one())


def largest_domains(db: Db, mailing_id: int, most: int) -> tuple[DomainCount, ...]:
    """How it went with the domains that have trouble, and then with those with most readers; at most ``most``."""
    here = deliveries.c.mailing_id == mailing_id
    trouble = func.sum(case((deliveries.c.state.in_(("queued", "sending", "accepted")), 0), else_=1))
    order = (case((trouble > 0, 0), else_=1), func.count().desc(), deliveries.c.domain)
    names = select(deliveries.c.domain).where(here).group_by(deliveries.c.domain).order_by(*order).limit(most)
    found: dict[str, dict[str, int]] = {name: {} for name in db.execute(names).scalars()}
    key = (deliveries.c.domain, deliveries.c.state)
    asked = select(*key, func.count().label("found")).where(here, deliveries.c.domain.in_(found)).group_by(*key)
    for row in db.execute(asked):
        found[row.domain][row.state] = row.found
    made = [DomainCount(domain, sum(states.values()), states) for domain, states in found.items()]
    return tuple(sorted(made, key=lambda each: (-each.total, each.domain)))


def domain_count(db: Db, mailing_id: int) -> int:
    """To how many domains a mailing goes."""
    asked = select(func.count(deliveries.c.domain.distinct())).where(deliveries.c.mailing_id == mailing_id)
    return int(db.execute(asked).scalar_one())


def refusals(db: Db, mailing_id: int) -> tuple[Refusals, ...]:
    """Mails that will not arrive, by how their answers begin: the status code, or the program's own words."""
    answer = deliveries.c.answer
    is_own = or_(deliveries.c.code.is_(None), answer.like("gave up after%"))
    start = case((is_own, func.substr(answer, 1, _WORDS)), else_=func.substr(answer, 1, _STATUS))
    key = (deliveries.c.state, deliveries.c.code, start.label("start"))
    parts = select(*key).where(deliveries.c.mailing_id == mailing_id, deliveries.c.state.in_(("failed", "suppressed")))
    inner = parts.subquery()
    asked = select(inner, func.count().label("found")).group_by(inner.c.state, inner.c.code, inner.c.start)
    rows = db.execute(asked.order_by(func.count().desc()).limit(_MOST_REASONS))
    return tuple(Refusals(row.state, row.code, row.start, row.found) for row in rows)


def uncertain_ones(db: Db, mailing_id: int, *, after: int = 0, count: int) -> tuple[UncertainOne, ...]:
    """Readers of whom nobody knows whether the server took the mail, by number, after the one numbered ``after``."""
    columns = (deliveries.c.subscriber_id, subscribers.c.address, deliveries.c.changed_at, deliveries.c.answer)
    asked = select(*columns).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
    here = (deliveries.c.mailing_id == mailing_id, deliveries.c.state == "unknown")
    asked = asked.where(*here, deliveries.c.subscriber_id > after).order_by(deliveries.c.subscriber_id).limit(count)
    rows = db.execute(asked)
    return tuple(UncertainOne(row.subscriber_id, row.address, row.changed_at, row.answer) for row in rows)


def decisions(db: Db, mailing_id: int) -> tuple[Decision, ...]:
    """What people decided about uncertain mails, the oldest first."""
    key = (delivery_events.c.at, delivery_events.c.said_by, delivery_events.c.state)
    asked = select(*key, func.count().label("found")).where(
        delivery_events.c.mailing_id == mailing_id, delivery_events.c.said_by != PROGRAM
    )
    rows = db.execute(asked.group_by(*key).order_by(delivery_events.c.at))
    return tuple(Decision(row.at, row.said_by, row.state, row.found) for row in rows)


def waits_for(db: Db, mailing_id: int) -> Waiting | None:
    """What most of the mails that are tried again were told; None when there are none."""
    key = (deliveries.c.domain, deliveries.c.code, deliveries.c.answer)
    here = (deliveries.c.mailing_id == mailing_id, deliveries.c.state == "deferred")
    asked = select(*key, func.count().label("found")).where(*here).group_by(*key)
    row = db.execute(asked.order_by(func.count().desc(), deliveries.c.domain).limit(1)).one_or_none()
    return None if row is None else Waiting(row.domain, row.code, row.answer, row.found)


def came_back(db: Db, mailing_id: int) -> int:
    """How many mails came back after a server had taken them, and count against their readers."""
    return int(db.execute(select(func.count()).where(bounces.c.mailing_id == mailing_id)).scalar_one())
