from datetime import UTC, datetime, timedelta

import pytest

from newsletter.fetch.politeness import LONGEST_PAUSE, Throttles, back_off, domain_of, retry_at

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("host", "port", "domain"),
    [
        ("lists.example.org", 443, "example.org"),
        ("WWW.Example.co.uk.", 443, "example.co.uk"),
        ("someone.github.io", 443, "someone.github.io"),
        ("127.0.0.1", 8080, "127.0.0.1:8080"),
        ("::1", 8080, "::1:8080"),
        ("localhost", 8080, "localhost:8080"),
        ("co.uk", 80, "co.uk:80"),
        ("lists.internal", None, "lists.internal"),
    ],
)
def test_domain_of(host: str, port: int | None, domain: str) -> None:
    assert domain_of(host, port) == domain


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"Retry-After": "120"}, NOW + timedelta(minutes=2)),
        ({"Retry-After": " 0 "}, NOW),
        ({"Retry-After": "Sun, 01 Mar 2026 13:00:00 GMT"}, NOW + HOUR),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, NOW),
        ({"Retry-After": "Sun, 01 Mar 2026 14:00:00 +0100"}, NOW + HOUR),
        ({"Retry-After": "999999999999999999999"}, NOW + timedelta(days=7)),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, NOW + timedelta(days=7)),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int((NOW + HOUR).timestamp()))}, NOW + HOUR),
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(int((NOW + HOUR).timestamp()))}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 30}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": str(int((NOW + HOUR).timestamp()))}, NOW + HOUR),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "3600"}, NOW + HOUR),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "-5"}, NOW),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-03-01T13:00:00.000Z"}, NOW + HOUR),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "Today"}, None),
        ({"RateLimit-Remaining": "0"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_retry_at(headers: dict[str, str], at: datetime | None) -> None:
    assert retry_at(headers, NOW) == at


def test_a_domain_is_left_alone_as_a_whole_until_its_time() -> None:
    throttles = Throttles()
    assert throttles.wait_until("a.example.org", 443, now=NOW) is None
    throttles.note("a.example.org", 443, NOW + HOUR)
    throttles.note("a.example.org", 443, NOW + HOUR / 2)
    assert throttles.until == {"example.org": NOW + HOUR}
    assert throttles.wait_until("b.example.org", 80, now=NOW) == NOW + HOUR
    assert throttles.wait_until("b.example.net", 80, now=NOW) is None
    assert throttles.wait_until("b.example.org", 80, now=NOW + HOUR) is None
    assert Throttles(throttles.until).wait_until("example.org", 80, now=NOW) == NOW + HOUR


def test_back_off_doubles_up_to_a_day_and_never_gives_up() -> None:
    waits = [back_off("a", failures, HOUR) for failures in range(1, 400)]
    for doubled, wait in zip([1, 2, 4, 8], waits, strict=False):
        assert 0.9 * doubled <= wait / HOUR <= 1.1 * doubled
    assert set(waits[6:]) == {LONGEST_PAUSE}


def test_back_off_differs_from_source_to_source_and_not_from_run_to_run() -> None:
    assert back_off("a", 2, HOUR) == back_off("a", 2, HOUR)
    assert len({back_off(key, 1, HOUR) for key in "abcdefgh"}) == 8


def test_back_off_of_what_is_checked_more_seldom_than_daily() -> None:
    assert back_off("a", 3, timedelta(days=7)) == timedelta(days=7)
