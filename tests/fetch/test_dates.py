from datetime import UTC, datetime
from time import struct_time

import pytest

from newsletter.fetch.dates import believed, from_parsed, parse_date

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Thu, 05 Mar 2026 18:00:00 GMT", "2026-03-05T18:00:00"),
        ("Thu, 5 Mar 2026 18:00:00 -0800", "2026-03-06T02:00:00"),
        ("5 Mar 26 18:00 EST", "2026-03-05T23:00:00"),
        ("Thu,05 March 2026 18:00:00 +0530 (IST)", "2026-03-05T12:30:00"),
        ("Thursday, 05-Mar-2026 18:00:00 UTC", "2026-03-05T18:00:00"),
        ("March 5, 2026", "2026-03-05T00:00:00"),
        ("Mar 5, 2026 10:11 PM EST", "2026-03-06T03:11:00"),
        ("Thu Mar  5 18:00:00 PST 2026", "2026-03-06T02:00:00"),
        ("Thu Mar 5 18:00:00 2026", "2026-03-05T18:00:00"),
        ("2026-03-05T18:00:00Z", "2026-03-05T18:00:00"),
        ("2026-03-05T18:00:00.250+01:00", "2026-03-05T17:00:00.250000"),
        ("2026-03-05 18:00", "2026-03-05T18:00:00"),
        ("2026-03-05 12:11 am", "2026-03-05T00:11:00"),
        ("2026/3/5 18:00:00", "2026-03-05T18:00:00"),
        ("20260305T180000Z", "2026-03-05T18:00:00"),
        ("2026-03-05", "2026-03-05T00:00:00"),
        ("2026-03", "2026-03-01T00:00:00"),
        ("2026-06-30T23:59:60Z", "2026-06-30T23:59:59"),
    ],
)
def test_dates_people_write(text: str, wanted: str) -> None:
    assert parse_date(f" {text}\n") == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "5th of March",
        "2026",
        "31 Feb 2026",
        "2026-02-30",
        "2026-13-01",
        "9999-12-31T23:00:00-05:00",
        "12/31/2026",
        "Thu, 2026",
        "2026-03-05T25:00:00Z",
        "Mon, 05 Foo 2026 10:00:00 GMT",
        "1" * 5000,
    ],
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert parse_date(text) is None


def test_time_tuples() -> None:
    assert from_parsed(struct_time((2026, 3, 5, 18, 0, 0, 3, 64, 0))) == datetime(2026, 3, 5, 18, tzinfo=UTC)
    assert from_parsed(None) is None
    assert from_parsed((99999, 1, 1, 0, 0, 0, 0, 1, 0)) is None


def test_dates_nobody_can_have_meant() -> None:
    at = datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert believed(at, NOW) == (at, None)
    assert believed(at.replace(minute=1), NOW) == (None, "date in the future: 2026-03-08")
    assert believed(datetime(1, 1, 1, tzinfo=UTC), NOW) == (None, "date cannot be meant: 0001-01-01")
    assert believed(datetime(1970, 1, 1, tzinfo=UTC), NOW) == (None, "date cannot be meant: 1970-01-01")
    assert believed(None, NOW) == (None, None)
