from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.deadlines import Soon, day_of, find_deadlines, price_day
from newsletter.model.issue import Entry, Section
from newsletter.model.item import Event
from newsletter.model.period import Period

OSLO = ZoneInfo("Europe/Oslo")
SOON = Soon(date(2026, 10, 16), date(2026, 10, 23), OSLO)
PERIOD = Period(datetime(2026, 10, 8, tzinfo=UTC), datetime(2026, 10, 15, tzinfo=UTC))


def section(*entries: Entry) -> Section:
    return Section("general", "General", PERIOD, entries)


def due(name: str, on: date) -> Entry:
    return Entry(name, f"story-{name}", name, None, due_on=on)


def test_three_weeks_ahead_are_named_and_at_most_three_things() -> None:
    days = (date(2026, 11, 6), date(2026, 11, 7), date(2026, 10, 16), date(2026, 10, 15), date(2026, 10, 20))
    entries = [due(f"e{at}", on) for at, on in enumerate(days)]
    assert [each.title for each in find_deadlines([section(*entries)], (), SOON)] == ["e2", "e4", "e0"]
    many = [due(f"m{at}", date(2026, 10, 20)) for at in range(5)]
    assert len(find_deadlines([section(*many)], (), SOON)) == 3


def test_a_story_told_twice_is_due_once() -> None:
    entry = due("e", date(2026, 10, 20))
    assert len(find_deadlines([section(entry), section(entry)], (), SOON)) == 1


def test_days_are_those_of_the_newsletters_zone() -> None:
    assert day_of(datetime(2026, 10, 19, 23, tzinfo=UTC), OSLO) == date(2026, 10, 20)
    assert day_of(datetime.fromisoformat("2026-10-19T23:00"), OSLO) == date(2026, 10, 19)
    assert day_of(date(2026, 10, 19), OSLO) == date(2026, 10, 19)


def test_the_last_day_of_the_lower_price_is_the_one_before_the_change() -> None:
    assert price_day(Event(date(2026, 12, 1), late_from=date(2026, 11, 1))) == date(2026, 10, 31)
    assert price_day(None) is None
