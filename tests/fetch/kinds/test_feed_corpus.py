"""Every recorded feed gives the facts that its origin states, as far as an Item can hold them."""

import json
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.clean import title_text
from newsletter.fetch.feed import ParsedFeed, looks_like_json, parse_feed
from newsletter.fetch.feed_any import read_any_feed
from newsletter.fetch.feed_charset import utf_8_of
from newsletter.fetch.feed_entries import RawFeed
from newsletter.fetch.feed_items import Naming, make_items
from newsletter.fetch.feed_quick import read_quick_feed
from newsletter.model.item import Item
from newsletter.text import one_line
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fetch.kinds.feed_wants import held, wants

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SKIPPED: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("skipped_feeds.toml").read_text(encoding="utf-8")
)

pytestmark = [needs_corpus, pytest.mark.slow]


def read(folder: str, path: str) -> bytes:
    return (CORPUS / folder / path).read_bytes()


def naming(url: str) -> Naming:
    return Naming("source", url, NOW)


def whole(data: bytes, url: str, content_type: str = "") -> ParsedFeed:
    """All of a feed, however many batches it takes."""
    parsed = parse_feed(data, naming(url), content_type)
    items, known = list(parsed.items), parsed.entry_hashes
    while parsed.is_partial:
        parsed = parse_feed(data, naming(url), content_type, frozenset(known))
        items.extend(parsed.items)
        known = (*known, *parsed.entry_hashes)
    return ParsedFeed(tuple(items), parsed.entry_hashes, parsed.title)


def documents(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, document in expected(folder).items():
        yield path, document["expect"]


def feedparser_documents() -> Iterator[tuple[str, dict[str, Any], bytes, str, str]]:
    """Each document with its bytes, its address and its Content-Type."""
    for path, expect in documents("feeds/feedparser"):
        headers = {name.lower(): value for name, value in expect.get("http_headers", {}).items()}
        url = headers.get("content-location") or f"http://127.0.0.1:8097/{path}"
        yield path, expect, read("feeds/feedparser", path), url, headers.get("content-type", "")


def test_what_feedparser_asserts_is_held() -> None:
    wrong, counts = [], Counter[bool | None]()
    skipped = SKIPPED["feedparser"]
    for path, expect, data, url, content_type in feedparser_documents():
        wanted = [] if path in skipped else list(wants(expect.get("expect", "1")))
        if not wanted:
            continue
        items = whole(data, url, content_type).items[::-1]
        for want in wanted:
            found = len(items) == want.value if want.index < 0 else held(want, items[want.index], url)
            counts[found] += 1
            if found is False:
                wrong.append((path, want, items[want.index]))
    assert wrong == []
    assert counts[True] > 440


def test_no_document_is_refused_that_feedparser_can_read_and_no_entry_is_lost() -> None:
    lost, count = [], 0
    for path, _, data, url, content_type in feedparser_documents():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = feedparser.parse(
                BytesIO(data), response_headers={"content-type": content_type or "application/xml"}
            )
        if path in SKIPPED["lost"] or looks_like_json(data):
            continue
        if not found.entries and not found.version:
            continue
        count += 1
        try:
            items = whole(data, url, content_type).items
        except NotReadable as error:
            lost.append((path, str(error)))
            continue
        different = {json.dumps(entry, default=repr, sort_keys=True) for entry in found.entries}
        if len(items) != len(different):
            lost.append((path, f"{len(items)} of {len(different)}"))
    assert lost == []
    assert count > 1000


def recorded() -> list[Any]:
    return [
        pytest.param(path, expect, id=path)
        for path, expect in documents("feeds/recorded")
        if "items" in expect or "peer" in expect or expect.get("item_tags_seen")
    ]


def by_key(items: tuple[Item, ...]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.native_keys[0].rpartition("#")[0] if "#" in item.native_keys[0] else "", []).append(item)
        found.setdefault(item.native_keys[0], []).append(item)
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def missing_facts(wanted: dict[str, Any], candidates: list[Item], url: str) -> list[str]:
    """What none of the items that may be meant holds."""
    every = [facts_missing_in(wanted, item, url) for item in candidates]
    return min(every, key=len, default=["the item"])


def facts_missing_in(wanted: dict[str, Any], item: Item, url: str) -> list[str]:
    missing = []
    title = str(wanted.get("title") or "")
    if title and item.title not in (one_line(title), title_text(title)):
        missing.append(f"title {title!r}: {item.title!r}")
    if "\n" in item.title or "\r" in item.title:
        missing.append("a title of one line")
    dates = [date["utc"] for date in wanted.get("dates", {}).values()]
    dates += [
        wanted[name]
        for name in ("published", "published_utc", "updated", "updated_utc", "modified")
        if wanted.get(name)
    ]
    for date in dates:
        if isinstance(date, dict):
            date = date["utc"]
        if date and moment(date) not in (item.published_at, item.updated_at):
            missing.append(f"date {date}: {item.published_at} {item.updated_at}")
    people = [person.get("name") if isinstance(person, dict) else person for person in wanted.get("authors", [])]
    people = [one_line(person) for person in [*people, wanted.get("author")] if person]
    if people and (item.author is None or not any(item.author.name in person for person in people)):
        missing.append(f"author {people}: {item.author}")
    link = str(wanted.get("link") or "").replace("{base}", url.rpartition("/")[0])
    if link and link.startswith("http") and item.url != link.replace(" ", "%20"):
        missing.append(f"link {link}: {item.url}")
    return missing


@pytest.mark.parametrize(("path", "expect"), recorded())
def test_recorded_feeds(path: str, expect: dict[str, Any]) -> None:
    if reason := SKIPPED["recorded"].get(path):
        pytest.skip(reason)
    url = f"http://feeds.example.org/{path}"
    parsed = whole(read("feeds/recorded", path), url)
    peer = expect.get("peer", {})
    count = (
        expect.get("peer_item_count")
        or expect.get("item_count")
        or peer.get("item_count")
        or expect.get("item_tags_seen")
    )
    if count is not None:
        assert len(parsed.items) == count
    assert len({item.id for item in parsed.items}) == len(parsed.items)
    keyed = by_key(parsed.items)
    # Where the two differ, what the origin's own tests say counts.
    facts = peer.get("items") or peer.get("entries") or expect.get("items") or []
    missing = {}
    for wanted in facts:
        # An id is kept as it stands in the feed, relative or not.
        key = str(wanted.get("id") or wanted.get("link") or "").replace("{base}/", "")
        found = missing_facts(wanted, keyed.get(key) or list(parsed.items if not key else ()), url)
        if found:
            missing[key] = found
    assert missing == {}
    if peer.get("feed_title"):
        assert parsed.title == title_text(peer["feed_title"])


def test_pages_and_other_documents_are_refused() -> None:
    found = documents("feeds/recorded")
    refused = [path for path, expect in found if expect.get("html") or expect.get("root") == "note"]
    assert len(refused) > 4
    for path in refused:
        with pytest.raises(NotReadable):
            parse_feed(read("feeds/recorded", path), naming("http://example.org/"))


def made(feed: RawFeed, url: str) -> tuple[Item, ...]:
    return make_items(feed, {entry.hash: entry for entry in feed.entries}, naming(url), ()).items


@pytest.mark.parametrize(
    ("folder", "at_least"),
    [("feeds/feedparser", 600), ("feeds/recorded", 50), ("hostile/feed/sanitize", 200), ("hostile/feed/made", 10)],
)
def test_both_readers_make_equal_items(folder: str, at_least: int) -> None:
    url, different, count = "http://feeds.example.org/folder/feed", [], 0
    for path in sorted((CORPUS / folder).rglob("*.*")):
        name = str(path.relative_to(CORPUS / folder))
        data = utf_8_of(path.read_bytes(), "")
        quick = read_quick_feed(data) if data and name not in SKIPPED["equal"] else None
        if quick is None:
            continue
        count += 1
        slow = read_any_feed(data or b"", "")
        if slow is None or made(quick, url) != made(slow, url):
            different.append(name)
    assert different == []
    assert count >= at_least
