"""JSON Feed 1.0 and 1.1, and RSS written as JSON, as a RawFeed."""

import json
from collections.abc import Mapping
from typing import Any

from newsletter.errors import NotReadable
from newsletter.fetch.dates import parse_date
from newsletter.fetch.feed_entries import NOBODY, Author, Content, RawEntry, RawFeed

_Json = Mapping[str, Any]


def read_json_feed(data: bytes) -> RawFeed:
    """The feed in ``data``. Raises NotReadable when it is no JSON, or JSON of another sort."""
    try:
        # strict=False: letters below 32 stand in the strings of many a hand-made feed.
        document = _mapping(json.loads(data.decode("utf-8-sig", "replace"), strict=False))
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"the document begins like JSON and is not: {error}") from None
    if "jsonfeed.org/version/" in _text(document, "version"):
        return RawFeed(
            title=_text(document, "title"),
            entries=tuple(_entry(item) for item in _mappings(document, "items")),
            author=_author(document),
            language=_text(document, "language"),
        )
    channel = _mapping(_mapping(document.get("rss")).get("channel"))
    if channel:
        return RawFeed(
            title=_text(channel, "title"),
            entries=tuple(_rss_entry(item) for item in _mappings(channel, "item")),
            language=_text(channel, "language"),
        )
    raise NotReadable(
        "the document is JSON, but not a feed: it has neither the version of a JSON Feed nor an RSS channel"
    )


def _entry(item: _Json) -> RawEntry:
    published, updated = _text(item, "date_published"), _text(item, "date_modified")
    html, text, summary = (_text(item, name) for name in ("content_html", "content_text", "summary"))
    return RawEntry(
        key=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=Content(_text(item, "title")),
        body=Content(html, is_html=True) if html else Content(text or summary),
        author=_author(item),
        published_at=parse_date(published),
        updated_at=parse_date(updated),
        bad_date=_bad_date(published, updated),
        language=_text(item, "language"),
        labels=tuple(tag for tag in item["tags"] if isinstance(tag, str)) if isinstance(item.get("tags"), list) else (),
        enclosures=tuple(url for found in _mappings(item, "attachments") if (url := _text(found, "url"))),
        picture=_text(item, "image") or _text(item, "banner_image"),
    )


def _rss_entry(item: _Json) -> RawEntry:
    published = _text(item, "pubDate")
    guid, enclosure = item.get("guid"), _mapping(item.get("enclosure"))
    return RawEntry(
        key=_text(_mapping(guid), "#value") or _text(item, "guid"),
        link=_text(item, "link"),
        title=Content(_text(item, "title"), is_html=True),
        body=Content(_text(item, "description"), is_html=True),
        author=Author(_text(item, "author")),
        published_at=parse_date(published),
        bad_date=_bad_date(published),
        enclosures=(_text(enclosure, "url"),) if _text(enclosure, "url") else (),
    )


def _bad_date(*dates: str) -> str:
    return next((date for date in dates if date and parse_date(date) is None), "")


def _author(item: _Json) -> Author:
    for person in [*_mappings(item, "authors"), _mapping(item.get("author"))]:
        url = _text(person, "url")
        email = url.removeprefix("mailto:") if url.startswith("mailto:") else ""
        if _text(person, "name") or email:
            return Author(_text(person, "name"), email)
    return NOBODY


def _text(item: _Json, name: str) -> str:
    """The text or number ``item`` has as ``name``; anything else is "" (people put all sorts of things there)."""
    value = item.get(name)
    if isinstance(value, str):
        # Half a letter ("\ud800") can be written in JSON and nowhere else.
        return value.strip().encode("utf-8", "replace").decode("utf-8")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _mapping(value: Any) -> _Json:
    return value if isinstance(value, dict) else {}


def _mappings(item: _Json, name: str) -> list[_Json]:
    value = item.get(name)
    if isinstance(value, dict):
        value = [value]
    return [found for found in value if isinstance(found, dict)] if isinstance(value, list) else []
