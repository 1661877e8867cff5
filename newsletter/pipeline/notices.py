"""Reminders: a mail when a draft waits, when nobody approved it in time, and when its hour passed. Each once."""

import math
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from newsletter.deliver.notice import Notice, notice_mail
from newsletter.edit.changes import fold
from newsletter.errors import MailFault
from newsletter.model.issue import Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import who_approved
from newsletter.pipeline.checking import seen_entries
from newsletter.pipeline.mailing import desk_address, editors_of, managers_of, sender_of, transport_of
from newsletter.pipeline.missed import missed_words
from newsletter.pipeline.send_right import is_put_back
from newsletter.pipeline.times import draft_time, send_time
from newsletter.render.address import parse_address
from newsletter.store import issues, jobs

Stage = Literal["draft", "remind", "late"]

NOTICE = "notice"
MINUTES_FOR_ONE = 1.2
"""Minutes that one decision takes: so an editor knows what to expect."""
_ANY = 2**31 - 1
TOO_LATE = timedelta(days=3)
"""After that nobody is reminded of an issue any more."""
_TRY_AGAIN = timedelta(minutes=10)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The draft that waits for editors: how much is to decide, when it goes out, and how urgent it is by now."""

    number: int
    entries_count: int
    open_count: int
    minutes: int
    send_at: datetime
    stage: Stage
    approved_by: tuple[str, ...] = ()
    """Who approved it already, where two have to."""


def reminders_due(app: Newsletter) -> Waiting | None:
    """The newest draft, as long as it waits for its approval; what a page can show without sending anything."""
    with app.database.reading() as db:
        newest = issues.issues_before(db, _ANY, count=1)
        if not newest or newest[0].state != "draft":
            return None
        stored, changes = newest[0], issues.changes(db, newest[0].number)
    issue = fold(stored.issue, changes)
    send_at, now = send_time(app.config.schedule, issue), app.now()
    if now > send_at + TOO_LATE:
        return None
    seen = seen_entries(issue, changes)
    count = sum(each.id not in seen for each in issue.entries)
    minutes = math.ceil(count * MINUTES_FOR_ONE)
    stage = _stage(app, issue, now, send_at)
    return Waiting(issue.number, len(issue.entries), count, minutes, send_at, stage, who_approved(app, issue.number))


def _stage(app: Newsletter, issue: Issue, now: datetime, send_at: datetime) -> Stage:
    schedule = app.config.schedule
    if now >= send_at:
        return "late"
    if schedule.remind_reviewer is None:
        return "draft"
    after = draft_time(schedule, issue.period) - timedelta(microseconds=1)
    return "remind" if now >= schedule.remind_reviewer.next_after(after, schedule.zone) else "draft"


def send_notices(app: Newsletter) -> tuple[str, ...]:
    """Tell every editor what waits, each once for each stage; the addresses that were written to.

    Only the newest stage is told: who was away is not sent three mails at once. What a mail server does not take
    is tried again ten minutes later, unless it would be refused again.
    """
    waiting = reminders_due(app)
    if waiting is None:
        return ()
    notice = notice_of(app, waiting)
    return tuple(address for address in editors_of(app) if parse_address(address) and _tell(app, notice, address))


def tell_editors(app: Newsletter, notice: Notice) -> tuple[str, ...]:
    """Tell every editor, each once; the addresses that were written to just now."""
    with app.database.reading() as db:
        slots = {address: f"{notice.key}:{address}" for address in editors_of(app) if parse_address(address)}
        told = jobs.done_slots(db, NOTICE, slots.values())
    return tuple(address for address, slot in slots.items() if slot not in told and _tell(app, notice, address))


def notices_to_send(app: Newsletter) -> tuple[str, tuple[str, ...]] | None:
    """The notice that is due and the addresses that were not told yet; None when all were, or none is due."""
    waiting = reminders_due(app)
    if waiting is None:
        return None
    key = f"{waiting.stage}:{waiting.number}"
    addresses = [each for each in editors_of(app) if parse_address(each)]
    with app.database.reading() as db:
        told = jobs.done_slots(db, NOTICE, [f"{key}:{each}" for each in addresses])
    left = tuple(sorted(each for each in addresses if f"{key}:{each}" not in told))
    return (key, left) if left else None


def tell_managers(app: Newsletter, notice: Notice) -> tuple[str, ...]:
    """Tell every manager, each once; the addresses that were written to just now."""
    return tuple(address for address in managers_of(app) if parse_address(address) and _tell(app, notice, address))


def _tell(app: Newsletter, notice: Notice, address: str) -> bool:
    """Whether ``address`` was told just now; false when it was told before, could not be, or nothing goes out here."""
    worker, slot, now = f"{socket.gethostname()}:{os.getpid()}", f"{notice.key}:{address}", app.now()
    if is_put_back(app):
        return False
    with app.database.transaction() as db:
        if not jobs.claim(db, NOTICE, slot, worker=worker, now=now):
            return False
    sender = sender_of(app)
    try:
        mail = notice_mail(notice, sender=sender, to=address, at=now)
        transport_of(app).send(mail, sender=sender[1], to=[address])
    except MailFault as fault:
        log.warning("notice not sent", notice=notice.key, trouble=str(fault))
        with app.database.transaction() as db:
            if fault.is_final:
                jobs.done(db, NOTICE, slot, now=now)
            else:
                jobs.release(db, NOTICE, slot, worker=worker, again_at=now + _TRY_AGAIN)
        return False
    with app.database.transaction() as db:
        jobs.done(db, NOTICE, slot, now=now)
    return True


def notice_of(app: Newsletter, waiting: Waiting) -> Notice:
    """What editors are told about a draft that waits."""
    zone = app.config.schedule.zone
    name, number = app.config.newsletter.name, waiting.number
    hour = f"{waiting.send_at.astimezone(zone):%A %d %B, %H:%M} {zone.key}"
    holds = _holds(waiting)
    first = {
        "draft": f"Draft of issue {number} is ready: {holds}.",
        "remind": f"Issue {number} is not approved yet: {holds}.",
        "late": f"Issue {number} was due on {hour} and was not sent: nobody approved it. It holds {holds}.",
    }[waiting.stage]
    subject = {
        "draft": f"{name}: draft of issue {number} is ready",
        "remind": f"{name}: issue {number} waits for your approval",
        "late": f"{name}: issue {number} was not sent, nobody approved it",
    }[waiting.stage]
    desk = desk_address(app)
    where = desk or f"Open the desk with “newsletter serve”, or approve it with “newsletter approve {number}”."
    told = [first, _what_then(app, waiting, hour), missed_words(app, number), where]
    return Notice(f"{waiting.stage}:{number}", subject, tuple(filter(None, told)))


def _holds(waiting: Waiting) -> str:
    entries = f"{waiting.entries_count} {'entry' if waiting.entries_count == 1 else 'entries'}"
    if not waiting.open_count:
        return f"{entries}, all decided"
    minutes = f"{waiting.minutes} {'minute' if waiting.minutes == 1 else 'minutes'}"
    return f"{entries}, {waiting.open_count} to decide, about {minutes}"


def _what_then(app: Newsletter, waiting: Waiting, hour: str) -> str:
    agreed = f"{' and '.join(waiting.approved_by)} approved it; a second person has to. " if waiting.approved_by else ""
    if waiting.stage == "late":
        return f"{agreed}It is held. Once it is approved you can send it at once or choose another hour."
    short = app.config.schedule.if_not_approved == "send highlights only"
    otherwise = "only its highlights go out" if short else "it is held"
    return f"{agreed}It goes out on {hour} if it is approved by then; otherwise {otherwise}."
