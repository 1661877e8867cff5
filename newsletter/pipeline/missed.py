"""Weeks that no issue tells of, because nothing ran at the hours of their drafts: found, and said to editors."""

from collections.abc import Iterable
from datetime import timedelta

from newsletter.model.period import Period
from newsletter.model.settings import Schedule
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.times import is_skipped
from newsletter.render.words import day_month
from newsletter.store import issues

_MOMENT = timedelta(microseconds=1)
_AT_LEAST = timedelta(days=6)
"""Less is no week: hours that were changed, or a period that an editor named."""
_AT_MOST = timedelta(weeks=13)
"""A longer time was a pause that somebody wanted."""


def missed_before(schedule: Schedule, told: Iterable[Period], period: Period) -> Period | None:
    """The time between ``period`` and the issues ``told`` before it, None when no week of it was missed.

    What lies before the first issue was not missed, nor weeks whose send day is one to skip.
    """
    ends = [each.end for each in told if each.start < period.start]
    if not ends or period.start - max(ends) < _AT_LEAST or period.start - max(ends) > _AT_MOST:
        return None
    gap = Period(max(ends), period.start)
    end = schedule.collect_until.next_after(gap.start, schedule.zone)
    while end <= gap.end:
        if not is_skipped(schedule, Period(end - _MOMENT, end)):
            return gap
        end = schedule.collect_until.next_after(end, schedule.zone)
    return None


def missed_words(app: Newsletter, number: int) -> str:
    """What editors are told of the weeks missed before issue ``number``, with the command that tells of them, or ""."""
    with app.database.reading() as db:
        told = issues.periods(db)
    gap = missed_before(app.config.schedule, told.values(), told[number]) if number in told else None
    if gap is None:
        return ""
    zone = app.config.schedule.zone
    first, last = (at.astimezone(zone).date() for at in (gap.start, gap.end - _MOMENT))
    days = f"{day_month(first, year_of=last)} to {day_month(last)}"
    command = f"newsletter draft --from {first.isoformat()} --to {last.isoformat()}"
    return f"Nothing tells of {days}. To make an issue of it: {command}"
