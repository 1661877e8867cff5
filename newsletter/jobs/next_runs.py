"""What the schedule does next, for people."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due import due_period, has_begun
from newsletter.pipeline.due_jobs import CARE_EVERY, CLEAN_UP, clean_up_day, next_care
from newsletter.pipeline.going_public import going_public
from newsletter.pipeline.notices import reminders_due
from newsletter.pipeline.reading_times import not_asked_words, reading_times
from newsletter.pipeline.times import draft_time, is_skipped, newest_period, next_period, publish_time
from newsletter.store import issues, jobs
from newsletter.store.mailings import Mailing, mailings_in


class Run(NamedTuple):
    """Something that is done, or that waits for somebody: its hour in UTC, and what it is."""

    at: datetime
    what: str


def next_runs(app: Newsletter, *, count: int = 10) -> list[Run]:
    """The next ``count`` runs, the soonest first; what waits for somebody stands at its own hour, which may be past.

    Always among them are the issue in progress, the next one, and what is done besides; later issues fill the rest.
    """
    schedule, now = app.config.schedule, app.now()
    found = [*_in_progress(app), *_readings(app), *_besides(app)]
    newest, of_next = newest_period(schedule, now), _of_newest(app)
    found += of_next
    is_told = bool(of_next) and not is_skipped(schedule, newest)
    period = next_period(schedule, newest.end)
    for _ in range(max(count, 60)):
        if is_told and len(found) >= count:
            break
        runs = _of_issue(app, period)
        found += runs[: max(count - len(found), 0)] if is_told else runs
        is_told = is_told or not is_skipped(schedule, period)
        period = next_period(schedule, period.end)
    return sorted(found)


def _in_progress(app: Newsletter) -> Iterator[Run]:
    """What waits for its hour or for a person."""
    with app.database.reading() as db:
        waiting = [each for each in going_public(app, db) if each.at > app.now()]
        mailings = mailings_in(db, "scheduled", "sending", "asking", "paused")
    for each in waiting:
        yield Run(each.at, f"put issue {each.number} before readers")
    for mailing in mailings:
        yield Run(mailing.send_at, _said_of(mailing))
    if draft := reminders_due(app):
        short = app.config.schedule.if_not_approved == "send highlights only"
        otherwise = "; if nobody does, its highlights go out" if short and draft.stage != "late" else ""
        yield Run(draft.send_at, f"send issue {draft.number}: it waits for approval{otherwise}")


def _said_of(mailing: Mailing) -> str:
    kind = "" if mailing.kind == "issue" else f"the {mailing.kind} of "
    what = f"{kind}issue {mailing.issue_number}"
    return {
        "scheduled": f"send {what}",
        "sending": f"{what} is going out",
        "asking": f"{what} is asking whether it still goes out: {mailing.reason}",
        "paused": f"{what} is paused: {mailing.reason}",
    }[mailing.state]


def _readings(app: Newsletter) -> Iterator[Run]:
    """All sources in one line, at the hour of the next."""
    times = sorted((max(each.at, app.now()), each.source.name) for each in reading_times(app))
    if times:
        at, name = times[0]
        others = f", the next of {len(times)} sources" if len(times) > 1 else ""
        left = not_asked_words(app, len(times))
        yield Run(at, f"read {name}{others}{f' ({left})' if left else ''}")


def _besides(app: Newsletter) -> Iterator[Run]:
    """The clean-up of the day, and the mailbox of what came back."""
    now = app.now()
    with app.database.reading() as db:
        is_clean = jobs.is_done(db, CLEAN_UP, clean_up_day(app))
    midnight = now.astimezone(app.config.schedule.zone).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    ) + timedelta(days=1)
    yield Run(midnight.astimezone(now.tzinfo) if is_clean else now, "clean up, once a day")
    bounces = app.config.delivery.bounces
    if bounces.to and (bounces.mailbox or bounces.server):
        minutes = int(CARE_EVERY.total_seconds() // 60)
        yield Run(next_care(now), f"read the mails that came back, every {minutes} minutes")


def _of_newest(app: Newsletter) -> list[Run]:
    """What is still ahead of the newest complete period; the sending of an issue that is there has its own line."""
    period, now = newest_period(app.config.schedule, app.now()), app.now()
    runs = _of_issue(app, period)
    if is_skipped(app.config.schedule, period):
        return [each for each in runs if each.at > now]
    with app.database.reading() as db:
        made, is_begun = issues.issue_about(db, period), has_begun(db)
    if made is not None:
        return [each for each in runs[1:-1] if made.state == "draft" and each.at > now]
    if not runs or (runs[0].at <= now and not (is_begun and due_period(app) == period)):
        return []
    return [Run(max(runs[0].at, now), runs[0].what), *(each for each in runs[1:] if each.at > now)]


def _of_issue(app: Newsletter, period: Period) -> list[Run]:
    """The hours of the issue about ``period``: its draft first, its sending last; of one to skip that there is none."""
    schedule = app.config.schedule
    send_at = publish_time(schedule, period)
    if is_skipped(schedule, period):
        day = send_at.astimezone(schedule.zone).date()
        line = schedule.skip_lines.get(day)
        return [Run(send_at, f"no issue on {day}: skipped by feeds.yaml{f':{line}' if line else ''}")]
    issue = f"the issue for {send_at.astimezone(schedule.zone):%a %d %b}"
    runs = [Run(draft_time(schedule, period), f"make the draft of {issue}")]
    if schedule.remind_reviewer:
        at = schedule.remind_reviewer.next_after(draft_time(schedule, period), schedule.zone)
        runs += [Run(at, f"time to review {issue}")] if at < send_at else []
    return [*runs, Run(send_at, f"send {issue}, if it is approved")]
