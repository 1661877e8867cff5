"""Which span of time an issue covers, and when it goes out."""

import re
from datetime import UTC, date, datetime, time, timedelta

from newsletter.errors import UsageError
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.model.settings import Schedule

HISTORY = timedelta(weeks=4)
"""How far before the period a first reading goes: threads and figures have a past."""

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_MOMENT = timedelta(microseconds=1)


def newest_period(schedule: Schedule, now: datetime) -> Period:
    """The newest period that is complete at ``now``."""
    return _ending(schedule, schedule.collect_until.last_before(now, schedule.zone))


def next_period(schedule: Schedule, now: datetime) -> Period:
    """The period that is being collected at ``now``."""
    return _ending(schedule, schedule.collect_until.next_after(now, schedule.zone))


def week_period(schedule: Schedule, week: str) -> Period:
    """The period that ends in an ISO week such as "2011-W08" (ISO 8601)."""
    found = _WEEK.fullmatch(week.strip())
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None:
        raise UsageError(f"“{week}” is not a week. Write the year and the week, for example 2011-W08.")
    return _ending(schedule, schedule.collect_until.on(monday, schedule.zone))


def check_begun(schedule: Schedule, period: Period, now: datetime) -> None:
    """Raise UsageError for a period of which nothing can be known yet."""
    if period.start > now:
        begins = f"{period.start.astimezone(schedule.zone):%Y-%m-%d %H:%M} {schedule.zone.key}"
        raise UsageError(f"This period begins on {begins}: nothing can be in its issue yet. Name one that has begun.")


def days_period(schedule: Schedule, first: str, last: str) -> Period:
    """The period from the start of day ``first`` to the end of day ``last``, in the newsletter's zone."""
    start, end = (parse_day(text) for text in (first, last))
    if end < start:
        raise UsageError(f"The period would end ({last}) before it starts ({first}). Swap --from and --to.")

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=schedule.zone).astimezone(UTC)

    return Period(midnight(start), midnight(end + timedelta(days=1)))


def parse_day(text: str) -> date:
    """The date written as 2011-02-18 (UsageError otherwise)."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"“{text}” is not a date. Write it as 2011-02-18.") from None


def publish_time(schedule: Schedule, period: Period) -> datetime:
    """The first send hour at or after the period's end, in UTC; days to skip count as they are."""
    return schedule.send.next_after(period.end - _MOMENT, schedule.zone)


def send_time(schedule: Schedule, issue: Issue) -> datetime:
    """When ``issue`` goes out, in UTC: at the hour an editor chose for it, else at the weekly one."""
    chosen: datetime | None = getattr(issue, "send_at", None)
    return chosen or publish_time(schedule, issue.period)


def draft_time(schedule: Schedule, period: Period) -> datetime:
    """When the draft of ``period`` is made, in UTC."""
    return schedule.draft_ready.next_after(period.end - _MOMENT, schedule.zone)


def is_skipped(schedule: Schedule, period: Period) -> bool:
    """Whether no issue goes out for ``period``: its send day is one of the days to skip."""
    return publish_time(schedule, period).astimezone(schedule.zone).date() in schedule.skip


def _ending(schedule: Schedule, end: datetime) -> Period:
    """The period that ends at ``end``; weeks that were skipped before it belong to it."""
    start = _week_before(schedule, end)
    while is_skipped(schedule, Period(start - _MOMENT, start)) and end - start < timedelta(weeks=9):
        start = _week_before(schedule, start)
    return Period(start, end)


def _week_before(schedule: Schedule, end: datetime) -> datetime:
    return schedule.collect_until.last_before(end - _MOMENT, schedule.zone)
