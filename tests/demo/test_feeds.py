import json

import feedparser
import pytest

from newsletter.demo.community import community_pages, planet_posts
from newsletter.demo.pages import Page

FEEDS = sorted(name for name in community_pages() if name.endswith((".atom", ".rss", "atom.xml")))
READABLE = [name for name in FEEDS if community_pages()[name].status == 200]


def page(name: str) -> Page:
    return community_pages()[name]


@pytest.mark.parametrize("name", READABLE)
def test_every_feed_can_be_read(name: str) -> None:
    found = feedparser.parse(page(name).body)
    assert found.entries
    assert all(entry.title and entry.link and entry.id for entry in found.entries)
    assert len({entry.id for entry in found.entries}) == len(found.entries)


def test_only_the_feed_with_the_entity_is_malformed() -> None:
    malformed = [name for name in READABLE if feedparser.parse(page(name).body).bozo]
    assert malformed == ["cafes.drumlin.example/reports.rss"]


def test_the_reports_of_repair_cafes_carry_no_dates() -> None:
    found = feedparser.parse(page("cafes.drumlin.example/reports.rss").body)
    assert all("published" not in entry and "updated" not in entry for entry in found.entries)


def test_the_json_feed_is_one() -> None:
    found = json.loads(page("tesfaye.example/feed.json").body)
    assert found["version"].startswith("https://jsonfeed.org/version/1")
    assert all(item["id"] and item["date_published"].endswith("Z") for item in found["items"])


def test_the_planet_writes_the_author_before_the_title() -> None:
    found = feedparser.parse(page("planet.drumlin.example/atom.xml").body)
    assert [entry.title for entry in found.entries] == [f"{post.author}: {post.title}" for post in planet_posts()]


def test_an_entry_in_another_language_says_so() -> None:
    found = feedparser.parse(page("search.pressclips.example/drumlin.rss").body)
    assert any(entry.title == "Trente ans, onze vis de moins" for entry in found.entries)
    assert b'xml:lang="fr"' in page("planet.drumlin.example/atom.xml").body
