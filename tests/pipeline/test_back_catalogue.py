"""A new source starts without a flood; entries without a day, of tomorrow and dated anew do not come as news."""

from datetime import timedelta

import pytest

from newsletter.model.period import Period
from newsletter.pipeline.back_catalogue import LONG_BEFORE, back_catalogue
from newsletter.store import items
from tests.loopback import atom
from tests.pipeline.conftest import NOW, Home
from tests.store.test_again import post

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
pytestmark = pytest.mark.slow


def rss(*entries: tuple[str, str, str]) -> str:
    """An RSS feed of (id, title, date); an empty date is none."""
    made = "".join(
        f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title><link>https://planet.example/{title}</link>"
        + (f"<pubDate>{at}</pubDate>" if at else "")
        + f"<description>Words about {title}, some more of them.</description></item>"
        for key, title, at in entries
    )
    return f"<rss version='2.0'><channel><title>Planet</title>{made}</channel></rss>"


def said_lately(home: Home) -> list[str]:
    with home.opened() as app, app.database.reading() as db:
        week = Period(home.clock.now - timedelta(days=7), home.clock.now + timedelta(days=3))
        return [each.item.title for each in items.items_between(db, week)]


def undated(*numbers: int) -> list[tuple[str, str, str]]:
    return [(f"id-{at}", f"entry-number-{at}", "") for at in numbers]


def test_of_a_new_source_without_dates_the_newest_are_news_and_later_ones_come_when_seen(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = rss(*undated(*range(50, 0, -1)))
    assert home.gather()["Planet"].new_count == 50
    assert said_lately(home) == [f"entry-number-{at}" for at in (46, 47, 48, 49, 50)] or len(said_lately(home)) == 5
    home.clock.move(days=1)
    home.web["/planet.xml"] = rss(*undated(51, *range(50, 0, -1)))
    assert home.gather()["Planet"].new_count == 1
    assert "entry-number-51" in said_lately(home)
    assert len(said_lately(home)) == 6


def test_a_whole_feed_with_new_ids_brings_nothing(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = rss(*undated(*range(50, 0, -1)))
    home.gather()
    home.clock.move(days=10)
    home.web["/planet.xml"] = rss(*((f"new-{key}", title, at) for key, title, at in undated(*range(50, 0, -1))))
    assert home.gather()["Planet"].new_count == 0
    assert said_lately(home) == []


def test_a_feed_that_dates_everything_anew_brings_nothing(home: Home) -> None:
    home.write(PLANET)
    dates = [f"{day} Sep 2026 10:00:00 GMT" for day in range(1, 29)]
    entries = [(f"id-{at}", f"entry-number-{at}", date) for at, date in enumerate(dates)]
    home.web["/planet.xml"] = rss(*entries)
    home.gather()
    assert said_lately(home) == []
    home.clock.move(days=1)
    today = f"{home.clock.now:%d %b %Y %H:%M:%S} GMT"
    home.web["/planet.xml"] = rss(*((key, title, today) for key, title, _ in entries))
    assert home.gather()["Planet"].new_count == 0
    assert said_lately(home) == []
    home.web["/planet.xml"] = rss(*((f"x{key}", title, today) for key, title, _ in entries))
    assert home.gather("Planet")["Planet"].new_count == 0
    assert said_lately(home) == []


def test_an_empty_feed_is_told_and_what_comes_back_is_known(home: Home) -> None:
    home.write(PLANET)
    one = ("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers.")
    home.web["/planet.xml"] = atom(one)
    home.gather()
    home.web["/planet.xml"] = atom()
    report = home.gather("Planet")["Planet"]
    assert "the feed is empty; it had 1 entry before" in report.warnings
    assert list(report.state.warned) == ["the feed is empty; it had 1 entry before"]
    home.web["/planet.xml"] = atom(one)
    report = home.gather("Planet")["Planet"]
    assert (report.new_count, report.changed_count, report.state.warned) == (0, 0, {})


def test_dates_of_one_moment_are_no_dates() -> None:
    posts = [post(at, published_at=NOW - timedelta(seconds=at)) for at in range(12)]
    assert set(back_catalogue(posts, NOW).values()) == {NOW - LONG_BEFORE}
    assert len(back_catalogue(posts, NOW)) == 7
    assert back_catalogue(posts, NOW + timedelta(days=9)) == {}, "a release of long ago"
    assert back_catalogue(posts[:9], NOW) == {}
    spread = [post(at, published_at=NOW - timedelta(minutes=at)) for at in range(12)]
    assert back_catalogue(spread, NOW) == {}
    assert back_catalogue([post(at, form="mail", published_at=None) for at in range(12)], NOW) == {}
