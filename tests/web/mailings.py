"""Mailings in any state at a desk, with readers and what became of their mails, as rows: nothing is sent for them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from newsletter.model.codec import to_json
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.model.subscriber import Choice
from newsletter.pipeline.send_right import this_holder
from newsletter.store import issues, tables
from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, delivery_events, mailings, send_runs, subscribers
from newsletter.store.mailings import ISSUE, Made, Mailing, add_audience, add_mailing, known_mailing
from newsletter.store.rights import take_right
from tests.mailed import add_readers
from tests.web.desk import Desk

Said = Mapping[str, tuple[int | None, str]]
"""What became of the mails of some readers: by state, the code and the answer."""
ANSWERS: Said = {
    "accepted": (250, "2.0.0 Ok: queued"),
    "deferred": (451, "4.7.1 too many, wait 300 s"),
    "failed": (550, "5.7.1 we do not like you"),
    "suppressed": (550, "5.1.1 no such user"),
    "unknown": (None, "no answer to the end of the mail in time; the server may have taken it"),
}


def add_readers_to(desk: Desk, count: int, *, domains: int = 3) -> None:
    """Active readers r0@d0.example, r1@d1.example and so on."""
    add_readers(desk.app.database, [f"r{at}@d{at % domains}.example" for at in range(count)])


def add_mailed(desk: Desk, number: int, state: str, counts: Mapping[str, int], **values: Any) -> Mailing:
    """The mailing of a new issue ``number``: so many of its readers in each state, in the order of their numbers."""
    kind, said = values.pop("kind", ISSUE), {**ANSWERS, **values.pop("said", {})}
    now = desk.clock.now
    with desk.app.database.transaction() as db:
        if kind == ISSUE:
            add_issue_row(db, number, now)
        made = add_mailing(db, number, kind, send_at=values.pop("send_at", now), now=now - timedelta(hours=12))
        add_audience(db, made.id, {Choice(): Made("whole", "0" * 64, 1)}, on=now.date(), with_monthly=False, now=now)
        rows = db.execute(select(deliveries.c.subscriber_id).order_by(deliveries.c.subscriber_id).distinct()).scalars()
        states = [each for each, count in counts.items() for _ in range(count)]
        for reader, each in zip(rows, states, strict=False):
            code, answer = said.get(each, (None, ""))
            next_at = now + timedelta(minutes=5) if each == "deferred" else None
            here = (deliveries.c.mailing_id == made.id, deliveries.c.subscriber_id == reader)
            row = {"state": each, "code": code, "answer": answer, "next_at": next_at, "changed_at": now}
            db.execute(deliveries.update().where(*here).values(**row))
            if each not in ("queued", "sending", "accepted"):
                event = {"mailing_id": made.id, "subscriber_id": reader, "at": now, "state": each, "code": code}
                db.execute(delivery_events.insert(), [{**event, "answer": answer, "said_by": "the program"}])
        db.execute(mailings.update().where(mailings.c.id == made.id).values(state=state, **values))
        return known_mailing(db, number, kind)


def add_run(desk: Desk, mailing_id: int, *, began_at: datetime, **values: Any) -> None:
    """A process at a mailing; it is at it still unless ``ended_at`` is given."""
    row = {"mailing_id": mailing_id, "holder": "turn 1", "began_at": began_at, "seen_at": desk.clock.now}
    row |= {"ended_at": None, "outcome": "", "began_count": 0, "unknown_count": 0, **values}
    with desk.app.database.transaction() as db:
        db.execute(send_runs.insert(), [row])


def give_right(desk: Desk, host: str = "", *, seen: datetime | None = None) -> None:
    """Let another installation on ``host`` have the right to send, or this one."""
    holder = "elsewhere" if host else this_holder(desk.app).mark
    with desk.app.database.transaction() as db:
        take_right(db, holder, host or "here", now=seen or desk.clock.now, by_force=True)


def reader_ids(desk: Desk) -> list[int]:
    """The numbers of all readers."""
    with desk.app.database.reading() as db:
        return list(db.execute(select(subscribers.c.id).order_by(subscribers.c.id)).scalars())


def states_of(desk: Desk, number: int, kind: str = ISSUE) -> tuple[str, str]:
    """Of the mailing and of the issue."""
    with desk.app.database.reading() as db:
        return known_mailing(db, number, kind).state, issues.issue(db, number).state


def add_issue_row(db: Db, number: int, now: datetime) -> None:
    """A row for the mailing to be about; a real draft gets the next number, which is not always the one wanted."""
    start = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=number)
    issue = Issue(number, f"Issue {number}", Period(start, start + timedelta(days=7)), date(2026, 10, 16))
    row = {"number": number, "period_start": issue.period.start, "period_end": issue.period.end, "title": issue.title}
    moments = dict.fromkeys(("created_at", "drafted_at", "state_at"), now)
    more = {"publish_on": issue.publish_on, "state": "approved", "draft": to_json(issue)}
    db.execute(tables.issues.insert(), [{**row, **moments, **more}])
