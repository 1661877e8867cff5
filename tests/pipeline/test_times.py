from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from newsletter.errors import UsageError
from newsletter.model.period import Period, WeekTime
from newsletter.model.settings import Schedule
from newsletter.pipeline.times import (
    days_period,
    draft_time,
    is_skipped,
    newest_period,
    next_period,
    publish_time,
    week_period,
)

CHICAGO = Schedule(zone=ZoneInfo("America/Chicago"))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_week_ends_when_collecting_ends() -> None:
    assert week_period(CHICAGO, "2011-W08") == Period(utc(2011, 2, 18, 0), utc(2011, 2, 25, 0))


def test_a_week_with_the_change_to_summer_time_is_an_hour_shorter() -> None:
    assert week_period(CHICAGO, "2011-w11") == Period(utc(2011, 3, 11, 0), utc(2011, 3, 17, 23))


@pytest.mark.parametrize("text", ["2011-08", "2011-W54", "W08", "", "2011-W00"])
def test_what_is_not_a_week_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is not a week"):
        week_period(CHICAGO, text)


def test_newest_and_next_period_meet_at_the_hour() -> None:
    schedule = Schedule()
    at = utc(2026, 10, 15, 18)
    assert newest_period(schedule, at).end == at
    assert next_period(schedule, at).start == at
    assert newest_period(schedule, utc(2026, 10, 15, 17, 59)).end == utc(2026, 10, 8, 18)


def test_an_issue_goes_out_at_the_next_send_hour() -> None:
    period = week_period(CHICAGO, "2011-W08")
    assert publish_time(CHICAGO, period) == utc(2011, 2, 25, 16)
    assert draft_time(CHICAGO, period) == utc(2011, 2, 25, 0, 30)


def test_a_send_day_before_the_collecting_day_is_in_the_next_week() -> None:
    schedule = Schedule(send=WeekTime(0, time(9)))
    assert publish_time(schedule, week_period(schedule, "2026-W42")) == utc(2026, 10, 19, 9)


def test_a_skipped_week_belongs_to_the_next_issue() -> None:
    schedule = Schedule(skip=frozenset({date(2026, 10, 16)}))
    skipped = week_period(schedule, "2026-W42")
    assert is_skipped(schedule, skipped)
    after = week_period(schedule, "2026-W43")
    assert after == Period(utc(2026, 10, 8, 18), utc(2026, 10, 22, 18))


def test_days_are_whole_days_of_the_newsletters_zone() -> None:
    period = days_period(CHICAGO, "2011-02-18", "2011-02-24")
    assert period == Period(utc(2011, 2, 18, 6), utc(2011, 2, 25, 6))
    with pytest.raises(UsageError, match="Swap"):
        days_period(CHICAGO, "2011-02-25", "2011-02-24")
    with pytest.raises(UsageError, match="is not a date"):
        days_period(CHICAGO, "18.2.2011", "2011-02-24")
