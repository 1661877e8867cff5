"""Mailings: what goes to a frozen audience, its steps from state to state, and who is in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.errors import NotFound, WrongState
from newsletter.model.subscriber import Choice, MailingState
from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, delivery_events, editions, mailings, send_runs, subscribers

ISSUE = "issue"

STEPS: Mapping[str, frozenset[str]] = {
    "scheduled": frozenset({"asking", "sending", "stopped"}),
    "asking": frozenset({"scheduled", "sending", "stopped"}),
    "sending": frozenset({"paused", "stopped", "done", "asking"}),
    "paused": frozenset({"sending", "stopped"}),
    "stopped": frozenset({"sending"}),
    "done": frozenset({"sending"}),
}
"""From each state, the states a mailing may step to; a done one goes on when a person has mails sent again."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What is mailed to an audience: an issue, or the erratum of a correction."""

    id: int
    issue_number: int
    kind: str
    state: MailingState
    send_at: datetime
    frozen_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reason: str
    said_by: str


@dataclass(frozen=True, slots=True)
class Made:
    """An edition that was rendered for a choice: its name, and the hash of its bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A reader whose address no server takes mail for, and its words."""

    subscriber_id: int
    answer: str
    at: datetime


def mailing(db: Db, issue_number: int, kind: str = ISSUE) -> Mailing | None:
    """The mailing of an issue; None when nothing was approved to be mailed."""
    asked = select(mailings).where(mailings.c.issue_number == issue_number, mailings.c.kind == kind)
    row = db.execute(asked).one_or_none()
    return None if row is None else Mailing(**row._mapping)


def known_mailing(db: Db, issue_number: int, kind: str = ISSUE) -> Mailing:
    """The mailing of an issue (NotFound)."""
    found = mailing(db, issue_number, kind)
    if found is None:
        what = f"Issue {issue_number}" if kind == ISSUE else f"The {kind} of issue {issue_number}"
        raise NotFound(f"{what} is not approved, so nobody gets it yet.")
    return found


def state_of_mailing(db: Db, mailing_id: int) -> MailingState | None:
    """The state of a mailing; None when it was taken back."""
    found: MailingState | None = db.execute(select(mailings.c.state).where(mailings.c.id == mailing_id)).scalar()
    return found


def mailings_of(db: Db, issue_number: int) -> tuple[Mailing, ...]:
    """Everything mailed about an issue, the issue itself first."""
    rows = db.execute(select(mailings).where(mailings.c.issue_number == issue_number).order_by(mailings.c.id))
    return tuple(Mailing(**row._mapping) for row in rows)


def mailings_in(db: Db, *states: MailingState) -> tuple[Mailing, ...]:
    """The mailings in one of ``states``, the one due first first."""
    asked = select(mailings).where(mailings.c.state.in_(states)).order_by(mailings.c.send_at, mailings.c.id)
    return tuple(Mailing(**row._mapping) for row in db.execute(asked))


def step_mailing(db: Db, mailing_id: int, to: MailingState, **values: Any) -> bool:
    """Bring a mailing into the state ``to``, with other ``values`` of its row; false when it cannot go there.

    Of two programs that try the same step, one does it.
    """
    allowed = sorted(state for state, steps in STEPS.items() if to in steps)
    statement = update(mailings).where(mailings.c.id == mailing_id, mailings.c.state.in_(allowed))
    return db.execute(statement.values(state=to, **values)).rowcount == 1


def schedule_mailing(db: Db, mailing_id: int, send_at: datetime, *, said_by: str) -> bool:
    """Another hour for a mailing that did not begin; false when it did."""
    here = (mailings.c.id == mailing_id, mailings.c.state.in_(("scheduled", "asking")))
    values = {"state": "scheduled", "send_at": send_at, "reason": "", "said_by": said_by}
    return db.execute(update(mailings).where(*here).values(**values)).rowcount == 1


def add_mailing(db: Db, issue_number: int, kind: str, *, send_at: datetime, now: datetime) -> Mailing:
    """A new mailing without an audience; WrongState when there is one of that kind."""
    if mailing(db, issue_number, kind) is not None:
        raise WrongState(f"The {kind} of issue {issue_number} has its readers already.")
    row = {"issue_number": issue_number, "kind": kind, "state": "scheduled", "send_at": send_at, "frozen_at": now}
    db.execute(mailings.insert(), [{**row, "started_at": None, "finished_at": None, "reason": "", "said_by": ""}])
    return known_mailing(db, issue_number, kind)


def forget_mailing(db: Db, mailing_id: int) -> bool:
    """Take back a mailing that did not begin; false when it did."""
    begun = select(mailings.c.started_at, mailings.c.state).where(mailings.c.id == mailing_id).with_for_update()
    row = db.execute(begun).one_or_none()
    if row is None or row.started_at is not None or row.state not in ("scheduled", "asking", "stopped"):
        return False
    for table in (delivery_events, deliveries, editions, send_runs):
        db.execute(delete(table).where(table.c.mailing_id == mailing_id))
    db.execute(delete(mailings).where(mailings.c.id == mailing_id))
    return True


def choices_reached(db: Db, mailing_id: int, *, on: date, with_monthly: bool) -> tuple[Choice, ...]:
    """The distinct choices of the readers whom an issue reaches that goes out ``on`` a day, and who are not in yet."""
    here = (*_reached(on, with_monthly=with_monthly), _not_in(mailing_id))
    asked = select(subscribers.c.rhythm, subscribers.c.sections).where(*here)
    return tuple(_choice(row) for row in db.execute(asked.distinct()))


def reach(db: Db, *, on: date, with_monthly: bool) -> tuple[int, int, int]:
    """How many readers an issue reaches, how many of them by sections of their own, and how many are monthly ones."""
    count = select(func.count()).select_from(subscribers)
    here = _reached(on, with_monthly=with_monthly)
    is_monthly = subscribers.c.rhythm == "monthly"
    asked = (
        count.where(*here),
        count.where(*here, subscribers.c.sections.is_not(None)),
        count.where(*_reached(on, with_monthly=True), is_monthly),
    )
    reached, parts, monthly = (int(db.execute(each).scalar_one()) for each in asked)
    return reached, parts, monthly


def add_audience(
    db: Db, mailing_id: int, made: Mapping[Choice, Made], *, on: date, with_monthly: bool, now: datetime
) -> int:
    """Fix who gets a mailing: every active reader who did not pause and has one of the choices that were ``made``.

    Each gets the edition of their choice; who is in already stays as they are. How many came in.
    """
    rows = {}
    for choice, found in made.items():
        sections = None if choice.sections is None else list(choice.sections)
        values = {"key": found.key, "rhythm": choice.rhythm, "sections": sections}
        rows[found.key] = {"mailing_id": mailing_id, **values, "sha256": found.sha256, "size": found.size}
    db.insert_new(editions, list(rows.values()))
    total = 0
    for choice, found in made.items():
        chosen = and_(subscribers.c.rhythm == choice.rhythm, _same_sections(choice.sections))
        here = (*_reached(on, with_monthly=with_monthly), _not_in(mailing_id), chosen)
        total += _add_rows(db, mailing_id, found.key, here, now)
    return total


def add_audience_of(db: Db, mailing_id: int, of: int, edition: Made, *, now: datetime) -> int:
    """Fix that a mailing goes to those who got the mailing ``of`` and are still active; how many they are."""
    row = {"mailing_id": mailing_id, "key": edition.key, "rhythm": "weekly", "sections": None}
    db.insert_new(editions, [{**row, "sha256": edition.sha256, "size": edition.size}])
    return _add_rows(db, mailing_id, edition.key, _got(of), now)


def count_of_audience(db: Db, of: int) -> int:
    """To how many the erratum of the mailing ``of`` would go: those who got it and are still active."""
    return int(db.execute(select(func.count()).select_from(subscribers).where(*_got(of))).scalar_one())


def edition_keys(db: Db, mailing_id: int) -> dict[str, str]:
    """The editions of a mailing by name, each with the hash of its bytes."""
    rows = db.execute(select(editions.c.key, editions.c.sha256).where(editions.c.mailing_id == mailing_id))
    return {row.key: row.sha256 for row in rows}


def refused_in(db: Db, mailing_id: int) -> tuple[Refused, ...]:
    """The readers whose address a server called bad in this mailing, and who are active still."""
    refused = (
        deliveries.c.mailing_id == mailing_id,
        deliveries.c.state == "suppressed",
        deliveries.c.code.is_not(None),
    )
    columns = (deliveries.c.subscriber_id, deliveries.c.answer, deliveries.c.changed_at)
    of_them = select(*columns).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
    rows = db.execute(of_them.where(*refused, subscribers.c.state == "active"))
    return tuple(Refused(row.subscriber_id, row.answer, row.changed_at) for row in rows)


def _add_rows(db: Db, mailing_id: int, key: str, where: Sequence[ColumnElement[bool]], now: datetime) -> int:
    address = func.lower(subscribers.c.address)
    domain = func.substr(address, (func.strpos if db.is_postgres else func.instr)(address, "@") + 1)
    columns = {
        "mailing_id": literal(mailing_id),
        "subscriber_id": subscribers.c.id,
        "edition": literal(key),
        "domain": domain,
        "state": literal("queued"),
        "attempts": literal(0),
        "changed_at": literal(now, deliveries.c.changed_at.type),
        "holder": literal(""),
        "answer": literal(""),
    }
    chosen = select(*columns.values()).where(*where)
    return db.execute(insert(deliveries).from_select(list(columns), chosen)).rowcount


def _got(of: int) -> tuple[ColumnElement[bool], ...]:
    got = select(deliveries.c.subscriber_id).where(
        deliveries.c.mailing_id == of, deliveries.c.state.in_(("accepted", "unknown"))
    )
    return (subscribers.c.state == "active", subscribers.c.address.is_not(None), subscribers.c.id.in_(got))


def _reached(on: date, *, with_monthly: bool) -> tuple[ColumnElement[bool], ...]:
    rhythms: Collection[str] = ("weekly", "highlights", "monthly") if with_monthly else ("weekly", "highlights")
    return (
        subscribers.c.state == "active",
        subscribers.c.address.is_not(None),
        or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= on),
        subscribers.c.rhythm.in_(rhythms),
    )


def _not_in(mailing_id: int) -> ColumnElement[bool]:
    """Whether a reader is not in the audience."""
    here = (deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id == subscribers.c.id)
    return ~exists().where(*here)


def _same_sections(sections: Sequence[str] | None) -> ColumnElement[bool]:
    return subscribers.c.sections.is_(None) if sections is None else subscribers.c.sections == list(sections)


def _choice(row: Any) -> Choice:
    return Choice(row.rhythm, None if row.sections is None else tuple(row.sections))
