from datetime import UTC, date, datetime, time

import pytest

from newsletter.prose.clock import at_hours, find_hours, find_zone


@pytest.mark.parametrize(
    ("text", "start", "end", "zone"),
    [
        ("at 19:00", time(19), None, None),
        ("19h30", time(19, 30), None, None),
        ("7 p.m. Eastern", time(19), None, "America/New_York"),
        ("11am-2pm", time(11), time(14), None),
        ("7-10 pm", time(19), time(22), None),
        ("12am", time(0), None, None),
        ("12:30 pm", time(12, 30), None, None),
        ("18:00 - 20:00 (UTC+02:00)", time(18), time(20), "Etc/GMT-2"),
        ("18:00 UTC+5:30", time(18), None, "UTC"),
        ("18:00 Europe/Ljubljana", time(18), None, "Europe/Ljubljana"),
        ("18:00 Europe/Nowhere", time(18), None, None),
        ("18:00 UTC+15", time(18), None, None),
        ("18:00 CEST", time(18), None, "Europe/Paris"),
        ("13pm or rather 5pm", time(17), None, None),
    ],
)
def test_hours(text: str, start: time, end: time | None, zone: str | None) -> None:
    found = find_hours(text)
    assert found
    assert (found.start, found.end, found.zone_name) == (start, end, zone)


@pytest.mark.parametrize("text", ["20 people", "12 - 14 seats", "$7", "3.30", "1:75", "5%", ""])
def test_a_bare_number_is_no_hour(text: str) -> None:
    assert find_hours(text) is None


def test_an_end_before_the_start_is_the_next_day() -> None:
    hours = find_hours("22:00-01:00 UTC")
    assert hours
    start, end = datetime(2026, 11, 3, 22, tzinfo=UTC), datetime(2026, 11, 4, 1, tzinfo=UTC)
    assert at_hours(date(2026, 11, 3), hours) == (start, end)


def test_no_zone_is_none() -> None:
    assert find_zone(None) == (None, None)
