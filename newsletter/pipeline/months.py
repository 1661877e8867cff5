"""Which issues a monthly mail tells, and with which issue it goes out."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from newsletter.edit.changes import fold
from newsletter.edit.corrections import correct
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.model.settings import Schedule
from newsletter.pipeline.times import is_skipped, newest_period, next_period, publish_time, send_time
from newsletter.store import corrections, issues
from newsletter.store.database import Db

_MOMENT = timedelta(microseconds=1)
_MOST_SKIPPED = 9
MOST_ISSUES = 12
"""The most issues in one mail, when months went by without one."""


def is_month_end(schedule: Schedule, issue: Issue) -> bool:
    """Whether ``issue`` is the last of its month: the next one goes out in another."""
    return _is_last(schedule, issue.period, send_time(schedule, issue))


def coming_mails(schedule: Schedule, now: datetime) -> Iterator[tuple[date, bool]]:
    """The days on which issues go out from ``now`` on, each with whether its issue is the last of its month."""
    period = newest_period(schedule, now)
    while True:
        at = publish_time(schedule, period)
        if at > now and not is_skipped(schedule, period):
            yield at.astimezone(schedule.zone).date(), _is_last(schedule, period, at)
        period = next_period(schedule, period.end + _MOMENT)


def _is_last(schedule: Schedule, period: Period, at: datetime) -> bool:
    """Whether the issue after that of ``period``, which goes out at ``at``, goes out in another month."""
    following = next_period(schedule, period.end + _MOMENT)
    for _ in range(_MOST_SKIPPED):
        if not is_skipped(schedule, following):
            break
        following = next_period(schedule, following.end + _MOMENT)
    sent, next_sent = (each.astimezone(schedule.zone) for each in (at, publish_time(schedule, following)))
    return (sent.year, sent.month) != (next_sent.year, next_sent.month)


def issues_of_month(db: Db, issue: Issue, schedule: Schedule) -> tuple[Issue, ...]:
    """``issue`` and those before it that no monthly mail told, the newest first, as they are right by now."""
    found = [issue]
    for stored in reversed(issues.issues_before(db, issue.number, count=MOST_ISSUES * 2)):
        if stored.state == "draft":
            continue
        older = fold(stored.issue, issues.changes(db, stored.number))
        if is_month_end(schedule, older) or len(found) == MOST_ISSUES:
            break
        found.append(correct(older, corrections.corrections_of(db, stored.number)))
    return tuple(found)
