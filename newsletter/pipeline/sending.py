"""send_due and what people say about it: what was approved goes out at its hour, each reader once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from structlog.contextvars import bound_contextvars

from newsletter.config.ways import OutsideWay
from newsletter.deliver.books import Books
from newsletter.deliver.folder import send_to_folder
from newsletter.deliver.pace import Paces
from newsletter.deliver.send import send_all
from newsletter.deliver.send_by_way import WayRun, send_by_way
from newsletter.deliver.setup import Report, Setup
from newsletter.deliver.smtp_lane import Lane, open_lane
from newsletter.deliver.transport import SmtpSettings
from newsletter.deliver.work import Compose, Pace
from newsletter.errors import NewsletterError, WrongState
from newsletter.model.issue import STEPS, IssueState
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bounces import take_refusals
from newsletter.pipeline.campaigns import needs_care, tend
from newsletter.pipeline.ledger import MailLedger
from newsletter.pipeline.letters import composer
from newsletter.pipeline.pinned import repair_issue
from newsletter.pipeline.send_notices import tell_asking, tell_not_handed, tell_paused
from newsletter.pipeline.send_right import NotTheSender, say_alive, sending_alone
from newsletter.store import issues, outbox
from newsletter.store.campaigns import campaigns_of, campaigns_open
from newsletter.store.database import Db
from newsletter.store.delivery_reports import counts
from newsletter.store.lanes import forget_old_lanes, lanes
from newsletter.store.mailings import ISSUE, Mailing, mailings_in, refused_in, step_mailing
from newsletter.store.outbox import PROGRAM, Writer
from newsletter.store.rights import Right
from newsletter.store.runs import begin_run, end_run, runs_of

STALE = timedelta(hours=6)
"""An issue whose hour passed so long ago is not sent before somebody says so."""
_DOMAINS_SLOW = timedelta(hours=24)
_GREETING_SECONDS = 60.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went with one mailing, this time."""

    mailing: Mailing
    report: Report


def send_due(
    app: Newsletter, *, is_over: Callable[[], bool] = lambda: False, rest: Callable[[float], None] = time.sleep
) -> tuple[Sent, ...]:
    """Send what is due, and go on with what began; twice the same is once. ``is_over`` says that the process ends.

    Nothing happens where another installation or process sends: that is logged.
    """
    with app.database.reading() as db:
        waiting = mailings_in(db, "scheduled", "sending", "asking", "paused")
    now = app.now()
    is_any_due = any(each.state != "scheduled" or each.send_at <= now for each in waiting)
    if not is_any_due and not handed_over(app):
        return ()
    try:
        with sending_alone(app) as right:
            return send_with(app, right, is_over=is_over, rest=rest)
    except NotTheSender as fault:
        log.info("not sent here", reason=str(fault))
        return ()


def send_with(
    app: Newsletter, right: Right, *, is_over: Callable[[], bool], rest: Callable[[float], None]
) -> tuple[Sent, ...]:
    """As :func:`send_due`, by the process that has the right to send."""
    say_alive(app)
    for mailing in handed_over(app):
        with bound_contextvars(issue=mailing.issue_number):
            report = tend(app, mailing, rest=rest)
            log.info("handed over", issue=mailing.issue_number, kind=mailing.kind, **_ended(report))
            if report.end == "paused" and mailing.state == "scheduled":
                tell_not_handed(app, mailing, report.reason)
    _begin_due(app)
    with app.database.reading() as db:
        begun = mailings_in(db, "sending")
    found = []
    for mailing in begun:
        with bound_contextvars(issue=mailing.issue_number):
            if not is_over() and (sent := _send(app, right, mailing, is_over, rest)) is not None:
                found.append(sent)
    _tell(app)
    return tuple(found)


def handed_over(app: Newsletter) -> tuple[Mailing, ...]:
    """The mailings that a service has to be told about now, before their hour, or since somebody stopped them."""
    with app.database.reading() as db:
        known = campaigns_open(db)
    now = app.now()
    return tuple(
        each
        for each, rows in known
        if (each.state != "scheduled" or each.send_at > now) and needs_care(app, each, rows)
    )


def begin(app: Newsletter, mailing: Mailing, *, said_by: str) -> bool:
    """Let a mailing go out from now on; false when it cannot, or does already."""
    now = app.now()
    with app.database.transaction() as db:
        values = {"started_at": mailing.started_at or now, "finished_at": None, "reason": "", "said_by": said_by}
        if not step_mailing(db, mailing.id, "sending", **values):
            return False
        _step_issue(db, mailing, "sending", now)
    return True


def _begin_due(app: Newsletter) -> None:
    """Begin what is due; what is too late, or was left alone for too long in its middle, waits for a person."""
    now = app.now()
    with app.database.reading() as db:
        due = [each for each in mailings_in(db, "scheduled") if each.send_at <= now]
        there = {each.id for each in due if _is_there(db, each)}
        left = [each for each in mailings_in(db, "sending") if _was_left_alone(db, each, now)]
    for mailing in left:
        with app.database.transaction() as db:
            step_mailing(db, mailing.id, "asking", reason="the program was away in the middle of it", said_by=PROGRAM)
    for mailing in due:
        if now - mailing.send_at > STALE and mailing.id not in there:
            with app.database.transaction() as db:
                step_mailing(db, mailing.id, "asking", reason="its hour has passed", said_by=PROGRAM)
        else:
            begin(app, mailing, said_by=PROGRAM)


def _is_there(db: Db, mailing: Mailing) -> bool:
    """Whether all of a mailing waits for its hour at a service, which needs nobody here when it comes."""
    rows = campaigns_of(db, mailing.issue_number, mailing.kind)
    return bool(rows) and all(each.state != "waiting" for each in rows)


def _was_left_alone(db: Db, mailing: Mailing, now: datetime) -> bool:
    """Whether readers still wait for a mailing that nobody was at for hours, since the program began it."""
    runs = runs_of(db, mailing.id)
    if mailing.said_by != PROGRAM or not runs or now - runs[-1].seen_at <= STALE:
        return False
    return bool(counts(db, mailing.id).get("queued"))


def _send(
    app: Newsletter, right: Right, mailing: Mailing, is_over: Callable[[], bool], rest: Callable[[float], None]
) -> Sent | None:
    """Send what is due of a mailing; None when nothing is."""
    with app.database.reading() as db:
        rows = campaigns_of(db, mailing.issue_number, mailing.kind)
    if rows:
        return _send_by_service(app, mailing, rest) if needs_care(app, mailing, rows) else None
    writer = Writer(mailing.id, right.turn)
    run_id = _begin_run(app, writer)
    if run_id is None:
        return None
    ledger = MailLedger(app.database, writer, run_id, app.now, is_over)
    try:
        repair_issue(app, mailing.issue_number)
        report = _by_the_way(app, mailing, ledger, rest)
    except NewsletterError as fault:
        report = Report("paused", str(fault))
    finally:
        ledger.close()
    _end(app, mailing, run_id, report)
    found = {name: count for name, count in sorted(report.counts.items()) if count}
    log.info("mails sent", issue=mailing.issue_number, kind=mailing.kind, **_ended(report), **found)
    return Sent(mailing, report)


def _ended(report: Report) -> dict[str, str]:
    """How it ended, and why where there is a reason; for the log."""
    return {"end": report.end} | ({"why": report.reason} if report.reason else {})


def _send_by_service(app: Newsletter, mailing: Mailing, rest: Callable[[float], None]) -> Sent:
    """See to it that the service sends a mailing."""
    report = tend(app, mailing, rest=rest)
    with app.database.transaction() as db:
        _settle(app, db, mailing, report)
    log.info("handed over", issue=mailing.issue_number, kind=mailing.kind, **_ended(report))
    return Sent(mailing, report)


def _begin_run(app: Newsletter, writer: Writer) -> int | None:
    """A new run, after what a dead one left is seen to; None when there is nothing to do now."""
    now, delivery = app.now(), app.config.delivery
    # A file is written again under the same name; of a mail nobody knows whether it was taken.
    is_safe = _can_repeat(app) or delivery.uncertain == "send again"
    with app.database.transaction() as db:
        said = "the program fell while it was handed over"
        left = outbox.orphans_to(
            db, writer.mailing_id, "queued" if is_safe else "unknown", but=writer.holder, now=now, said=said
        )
        ready, open_count, next_at = outbox.open_counts(db, writer.mailing_id, now=now)
        relay = lanes(db).get(_relay(app))
        waits = _is_smtp(app) and relay is not None and relay.not_before is not None and relay.not_before > now
        is_later = next_at is not None and next_at > now and not ready
        if not left and open_count and (waits or is_later):
            return None
        forget_old_lanes(db, before=now - _DOMAINS_SLOW)
        done = outbox.done_count(db, writer.mailing_id)
        unknown = 0 if is_safe else left
        return begin_run(db, writer.mailing_id, writer.holder, now=now, done_count=done, unknown_count=unknown)


def _by_the_way(app: Newsletter, mailing: Mailing, ledger: MailLedger, rest: Callable[[float], None]) -> Report:
    """Through the mail server of feeds.yaml, or into the folder."""
    compose = composer(app, mailing)
    if (service := app.config.delivery.campaigns) is not None:
        with app.database.reading() as db:
            is_for_nobody = not counts(db, mailing.id)
        if is_for_nobody and all(each.choice.rhythm == "monthly" for each in service.segments):
            return Report("done")
        text = f"It was approved to be mailed from here, and feeds.yaml says “by: {app.config.delivery.by}”."
        raise WrongState(f"{text} Write it back, or take the issue back and approve it again.")
    if app.config.delivery.way is not None:
        return _by_way(app, app.config.delivery.way, Books(ledger, now=app.now, rest=rest), compose, rest)
    if not _is_smtp(app):
        return send_to_folder(Books(ledger, now=app.now, rest=rest), compose, app.data / "outbox")
    delivery = app.config.delivery
    settings = SmtpSettings(
        delivery.server or "", delivery.port, delivery.user, delivery.password, seconds=_GREETING_SECONDS
    )
    with app.database.reading() as db:
        rows = lanes(db).values()
    known = [Pace(each.name, each.not_before, each.per_minute, each.free_at, each.reason) for each in rows]
    most = delivery.at_most_per_minute

    def dial() -> Lane:
        return open_lane(settings)

    setup = Setup(
        ledger,
        compose,
        dial,
        Paces(_relay(app), known, per_minute=most),
        # One connection takes at least one mail a second: a slow limit needs no more of them.
        connections=min(delivery.connections, max(1, most // 60)),
        sends_again=delivery.uncertain == "send again",
        now=app.now,
        rest=rest,
    )
    return send_all(setup)


def _by_way(app: Newsletter, way: OutsideWay, books: Books, compose: Compose, rest: Callable[[float], None]) -> Report:
    """Through the package that feeds.yaml names; one that cannot be used pauses the mailing (PluginFault)."""
    delivery = app.config.delivery
    repeats = way.repeats_safely or delivery.uncertain == "send again"
    most = delivery.at_most_per_minute
    run = WayRun(
        books=books,
        compose=compose,
        way=way.made(),
        name=way.name,
        settings=way.settings,
        repeats=repeats,
        per_minute=most,
        now=app.now,
        rest=rest,
    )
    return send_by_way(run)


def _end(app: Newsletter, mailing: Mailing, run_id: int, report: Report) -> None:
    """Write down how a run ended, and what follows for its mailing."""
    now = app.now()
    with app.database.transaction() as db:
        said = "its result could not be written down"
        outbox.orphans_to(db, mailing.id, "unknown", but="", now=now, said=said)
        end_run(db, run_id, report.end, now=now)
        _settle(app, db, mailing, report)
        if report.end in ("done", "waiting") and (refused := refused_in(db, mailing.id)):
            take_refusals(app, db, refused)
            log.info("readers to be asked", count=len(refused), reason="the mail server knows no such address")


def _settle(app: Newsletter, db: Db, mailing: Mailing, report: Report) -> None:
    """What follows for a mailing from how it went."""
    now = app.now()
    if report.end == "paused":
        step_mailing(db, mailing.id, "paused", reason=report.reason, said_by=PROGRAM)
    elif report.end == "done" and step_mailing(db, mailing.id, "done", finished_at=now, reason="", said_by=PROGRAM):
        _step_issue(db, mailing, "sent", now)


def _step_issue(db: Db, mailing: Mailing, to: IssueState, now: datetime) -> None:
    """The issue goes along with its mailing, where its state allows it."""
    if mailing.kind == ISSUE and to in STEPS[issues.issue(db, mailing.issue_number).state]:
        issues.step(db, mailing.issue_number, to, now=now)


def _tell(app: Newsletter) -> None:
    """Managers hear of what waits for them."""
    with app.database.reading() as db:
        waiting = mailings_in(db, "asking", "paused")
    for mailing in waiting:
        if mailing.said_by == PROGRAM:
            (tell_asking if mailing.state == "asking" else tell_paused)(app, mailing)


def _is_smtp(app: Newsletter) -> bool:
    return app.config.delivery.by == "smtp" and bool(app.config.delivery.server)


def _can_repeat(app: Newsletter) -> bool:
    """Whether a mail that is handed over again comes once: it is a file, or a package promises so."""
    way = app.config.delivery.way
    return way.repeats_safely if way is not None else not _is_smtp(app)


def _relay(app: Newsletter) -> str:
    return f"relay {app.config.delivery.server}"
