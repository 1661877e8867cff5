"""take_reports: mail that came back is counted, and who cannot be reached or writes "unsubscribe" gets no more."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import structlog

from newsletter.deliver.bounces import Report, read_reports, status_in
from newsletter.deliver.bouncing import ALIVE_AFTER, ASK_AFTER, Bounce, verdict
from newsletter.deliver.farewell import farewell_token
from newsletter.deliver.notice import Notice, notice_mail
from newsletter.deliver.tokens import make_token, read_token
from newsletter.deliver.verp import envelope_sender
from newsletter.errors import MailFault
from newsletter.model.subscriber import Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.mailing import sender_of, transport_of
from newsletter.pipeline.send_right import is_put_back
from newsletter.pipeline.subscribing import find, leave
from newsletter.pipeline.subscription_mails import LINKS
from newsletter.store import bounces, subscribers
from newsletter.store.database import Db
from newsletter.store.mailings import Refused
from newsletter.store.secrets import secret

Taken = Literal[
    "counted", "counted today already", "removed", "asked", "left", "ignored", "of nobody we mailed to", "no report"
]

_TRY_AGAIN = timedelta(hours=1)
_LATEST = timedelta(days=14)
"""A report counts on the day it was written, so that it counts once whenever it is read; no older date is believed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done about one report; ``reader`` is None when it is about nobody we mailed to."""

    taken: Taken
    report: Report | None
    reader: int | None = None


def take_reports(app: Newsletter, data: bytes, *, mailed_to: tuple[str, ...] = ()) -> tuple[Outcome, ...]:
    """Count what the mail ``data`` says about readers; ``mailed_to`` are the recipients of its envelope if known.

    Only a report that comes back to a sender we signed counts: nobody can have others removed. Taking the same report
    again changes nothing.
    """
    reports = read_reports(data, mailed_to=mailed_to)
    if not reports:
        return (_farewell(app, data),)
    with app.database.transaction() as db:
        key = secret(db, LINKS)
        return tuple(_take(app, db, key, each) for each in reports)


def _take(app: Newsletter, db: Db, key: bytes, report: Report) -> Outcome:
    now, returned = app.now(), report.returned
    claim = read_token(key, "bounce", returned.token, now=now) if returned else None
    reader = subscribers.by_id(db, claim.subscriber_id) if claim else None
    if reader is None or returned is None or reader.address is None:
        return Outcome("of nobody we mailed to", report)
    if report.kind == "ignored":
        return Outcome("ignored", report, reader.id)
    if returned.errand == "probe" and report.kind != "complaint":
        return Outcome(_dead(app, db, reader, report), report, reader.id)
    at = report.at if report.at and now - _LATEST <= report.at <= now else now
    is_new = bounces.add_bounce(db, reader.id, kind=report.kind, status=report.status, words=report.words, at=at)
    if not is_new:
        return Outcome("counted today already", report, reader.id)
    return Outcome(_follow(app, db, reader, report), report, reader.id)


def _farewell(app: Newsletter, data: bytes) -> Outcome:
    """End the subscription of who sent the mail that List-Unsubscribe names; twice is once."""
    token = farewell_token(data)
    if token is None:
        return Outcome("no report", None)
    found = find(app, "unsubscribe", token)
    if found.reader is None:
        return Outcome("of nobody we mailed to", None)
    # A link is good as long as the address is the one it was mailed to.
    if found.standing != "good":
        return Outcome("ignored", None, found.reader.id)
    return Outcome("left", None, leave(app, found.reader.id, way="mail").id)


def take_refusals(app: Newsletter, db: Db, refused: Iterable[Refused]) -> None:
    """Count the addresses that a mail server called bad at once, as if the mail had come back."""
    for each in refused:
        reader = subscribers.by_id(db, each.subscriber_id)
        status = status_in(each.answer)
        report = Report("hard", status, each.answer)
        if reader is not None and bounces.add_bounce(
            db, reader.id, kind="hard", status=status, words=each.answer, at=each.at
        ):
            _follow(app, db, reader, report)


def _follow(app: Newsletter, db: Db, reader: Subscriber, report: Report) -> Taken:
    """What follows from one more bounce of ``reader``."""
    now = app.now()
    counted = [Bounce(each.kind, each.at.date()) for each in bounces.bounces_of(db, reader.id)]  # type: ignore[arg-type]
    said = verdict(counted, today=now.date())
    if said == "remove" and reader.state in ("active", "bouncing"):
        _remove(app, db, reader, "complained")
        return "removed"
    if said == "ask" and reader.state == "active":
        subscribers.save(db, replace(reader, state="bouncing"))
        bounces.ask(db, reader.id, reason=f"{report.status} {report.words}".strip(), due_at=now + ASK_AFTER)
        return "asked"
    return "counted"


def _dead(app: Newsletter, db: Db, reader: Subscriber, report: Report) -> Taken:
    """The question came back as well: nobody is there."""
    probe = bounces.open_probe(db, reader.id)
    if probe is None or probe.sent_at is None or reader.state != "bouncing":
        return "ignored"
    bounces.end_probe(db, probe.id, outcome="dead", at=app.now())
    _remove(app, db, reader, "bounced")
    log.info("reader removed", reader=reader.id, status=report.status)
    return "removed"


def _remove(app: Newsletter, db: Db, reader: Subscriber, reason: str) -> None:
    assert reader.address is not None
    subscribers.suppress(db, reader.address, reason=reason, at=app.now())
    subscribers.save(db, replace(reader, state="removed", left_at=app.now()))
    probe = bounces.open_probe(db, reader.id)
    if probe is not None:
        bounces.end_probe(db, probe.id, outcome="dropped", at=app.now())


def send_probes(app: Newsletter) -> int:
    """Ask those whose mail came back whether they are there, each once; how many were asked just now."""
    if is_put_back(app):
        return 0
    with app.database.reading() as db:
        due = bounces.probes_to_send(db, now=app.now())
    return sum(_send_probe(app, each) for each in due)


def _send_probe(app: Newsletter, probe: bounces.Probe) -> bool:
    now, to = app.now(), app.config.delivery.bounces.to
    with app.database.transaction() as db:
        reader = subscribers.by_id(db, probe.subscriber_id)
        if reader is None or reader.address is None or reader.state != "bouncing" or to is None:
            bounces.end_probe(db, probe.id, outcome="dropped", at=now)
            return False
        # The word goes before the deed: a question that is asked twice would be one too many.
        if not bounces.probe_sent(db, probe.id, at=now):
            return False
        token = make_token(secret(db, LINKS), "bounce", subscriber_id=reader.id, epoch=reader.epoch, on=now.date())
    name = app.config.newsletter.name
    notice = Notice(
        key=f"probe:{probe.id}",
        subject=f"Does {name} still reach you?",
        paragraphs=(
            f"The last mail of {name} to this address came back.",
            f"What the mail server said: {probe.reason}",
            "If you read this, the address works: there is nothing to do, and the next issue comes as usual.",
            "If this mail comes back as well, you get no more of them.",
        ),
    )
    try:
        mail = notice_mail(notice, sender=sender_of(app), to=reader.address, at=now)
        transport_of(app).send(mail, sender=envelope_sender(to, token, errand="probe"), to=[reader.address])
    except MailFault as fault:
        return _refused(app, probe, reader, fault)
    return True


def _refused(app: Newsletter, probe: bounces.Probe, reader: Subscriber, fault: MailFault) -> bool:
    """A question that was not taken: refused for good it is an answer, else it is asked again in an hour."""
    with app.database.transaction() as db:
        if fault.is_final:
            bounces.end_probe(db, probe.id, outcome="dead", at=app.now())
            _remove(app, db, reader, "bounced")
        else:
            bounces.put_off(db, probe.id, until=app.now() + _TRY_AGAIN)
    log.warning("question not sent", reader=reader.id, trouble=str(fault))
    return False


def settle_probes(app: Newsletter) -> int:
    """Who was asked a week ago and whose mail did not come back gets the newsletter again; how many they are."""
    now, count = app.now(), 0
    with app.database.transaction() as db:
        for probe in bounces.probes_without_echo(db, before=now - ALIVE_AFTER):
            bounces.end_probe(db, probe.id, outcome="alive", at=now)
            reader = subscribers.by_id(db, probe.subscriber_id)
            if reader is not None and reader.state == "bouncing":
                subscribers.save(db, replace(reader, state="active"))
                count += 1
    return count
