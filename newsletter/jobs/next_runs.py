"""What the schedule does next, for people."""

from datetime import datetime

from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.going_public import going_public
from newsletter.pipeline.reading_times import reading_times
from newsletter.pipeline.times import draft_time, is_skipped, newest_period, next_period, publish_time


def next_runs(app: Newsletter, *, count: int = 10) -> list[tuple[datetime, str]]:
    """The next ``count`` runs after now, the soonest first, in UTC.

    What belongs to the next issue is always among them, however many sources are read before.
    """
    now = app.now()
    others = [(max(each.at, now), f"read {each.source.name}") for each in reading_times(app)]
    with app.database.reading() as db:
        waiting = [each for each in going_public(app, db) if each.at > now]
    period = next_period(app.config.schedule, now)
    newest = newest_period(app.config.schedule, now)
    of_next = [run for run in _of_issue(app, newest) if run[0] > now]
    for _ in range(count):
        if not is_skipped(app.config.schedule, period):
            runs = _of_issue(app, period)
            of_next, others = (of_next, others + runs) if of_next else (runs, others)
        period = next_period(app.config.schedule, period.end)
    of_next += [(each.at, f"put issue {each.number} before readers") for each in waiting]
    return sorted(of_next + sorted(others)[: max(0, count - len(of_next))])


def _of_issue(app: Newsletter, period: Period) -> list[tuple[datetime, str]]:
    """The hours of the issue about ``period``."""
    schedule = app.config.schedule
    if is_skipped(schedule, period):
        return []
    send_at = publish_time(schedule, period)
    issue = f"the issue for {send_at.astimezone(schedule.zone):%a %d %b}"
    runs = [(draft_time(schedule, period), f"make the draft of {issue}")]
    if schedule.remind_reviewer:
        at = schedule.remind_reviewer.next_after(draft_time(schedule, period), schedule.zone)
        runs += [(at, f"time to review {issue}")] if at < send_at else []
    return runs
