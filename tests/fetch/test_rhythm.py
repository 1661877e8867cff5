from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.fetch.http import Reply
from newsletter.fetch.rhythm import fresh_seconds, next_check, share_of
from newsletter.model.source import FetchState, Source

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = Source("a", "A", check_every=2 * HOUR, check_at_least_every=12 * HOUR)


def hours(state: FetchState, *, has_news: bool = False, source: Source = SOURCE) -> float:
    """The wait without what is added to spread sources."""
    wait = next_check(source, state, NOW, has_news=has_news) - NOW
    return round(wait / HOUR / (1 + 0.1 * share_of(source.id, f"{NOW:%Y%m%d%H}")), 3)


@pytest.mark.parametrize(("quiet", "wait"), [(1, 2), (16, 2), (24, 3), (48, 6), (96, 12), (9_999, 12)])
def test_the_longer_a_source_was_quiet_the_more_seldom_it_is_read(quiet: float, wait: float) -> None:
    assert hours(FetchState("a", last_new_at=NOW - quiet * HOUR)) == wait


def test_news_bring_it_back_to_its_usual_rhythm() -> None:
    assert hours(FetchState("a", last_new_at=NOW), has_news=True) == 2
    assert hours(FetchState("a")) == 2, "a source that never had anything is not known to be quiet"


def test_the_editors_bounds_hold() -> None:
    quiet = FetchState("a", last_new_at=NOW - 999 * HOUR)
    assert hours(quiet, source=replace(SOURCE, check_every=24 * HOUR)) == 24
    assert hours(FetchState("a", fresh_seconds=5 * 3600), has_news=True) == 5
    assert hours(FetchState("a", fresh_seconds=500 * 3600), has_news=True) == 12


def test_sources_that_began_together_come_apart_always_in_the_same_way() -> None:
    names = [f"source-{number}" for number in range(200)]
    found = [next_check(replace(SOURCE, id=name), FetchState(name), NOW, has_news=True) for name in names]
    assert found == [next_check(replace(SOURCE, id=name), FetchState(name), NOW, has_news=True) for name in names]
    waits = sorted((at - NOW) / HOUR for at in found)
    assert waits[0] >= 2
    assert waits[-1] <= 2.2
    assert waits[150] - waits[50] > 0.05, "they are spread over the whole tenth"


def reply(body: bytes = b"x", *, is_unchanged: bool = False, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply("https://a.example/", 200, body, named, is_unchanged=is_unchanged)


@pytest.mark.parametrize(
    ("control", "age", "seconds"),
    [
        ("max-age=3600", "", 3600),
        ('public, Max-Age="600", s-maxage=9', "100", 500),
        ("max-age=600", "700", None),
        ("no-cache, max-age=600", "", None),
        ("max-age=600, no-store", "", None),
        ("s-maxage=600", "", None),
        ("max-age=999999999", "", 35 * 86_400),
        ("max-age=x", "", None),
        ("", "", None),
    ],
)
def test_what_a_server_says_of_its_freshness(control: str, age: str, seconds: int | None) -> None:
    assert fresh_seconds(reply(Cache_Control=control, Age=age), 77) == seconds


def test_what_a_feed_says_of_its_freshness() -> None:
    feed = b"<rss><channel><title>T</title><ttl> 90 </ttl><item><title>One</title></item></channel></rss>"
    assert fresh_seconds(reply(feed), None) == 5400
    assert fresh_seconds(reply(feed, Cache_Control="max-age=60"), None) == 5400
    assert fresh_seconds(reply(b"<rss><item><ttl>90</ttl></item></rss>"), None) is None
    assert fresh_seconds(reply(b"", is_unchanged=True), 5400) == 5400, "nothing changed: what it said still holds"
    assert fresh_seconds(reply(b"", is_unchanged=True, Cache_Control="max-age=60"), 5400) == 60
