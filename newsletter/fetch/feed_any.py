"""Every feed there is, well-formed or not, as a RawFeed: read with feedparser."""

import re
from datetime import datetime
from io import BytesIO
from typing import Any

from newsletter.errors import NotReadable
from newsletter.fetch.dates import from_parsed, parse_date
from newsletter.fetch.feed_entries import (
    NOBODY,
    Author,
    Content,
    RawEntry,
    RawFeed,
    chosen_link,
    chosen_picture,
    fullest,
)
from newsletter.fetch.feed_words import split_author

_VOID_CLOSED = re.compile(r"></(?:br|hr|img|input|wbr|col|area|source)>")
_PREFIXED_ENTRY = re.compile(rb"<([\w.-]{1,40}):(?:item|entry)[\s>]")
_REFERENCE = re.compile(rb"&#([0-9]{1,20}|[xX][0-9a-fA-F]{1,20});")
_PAIR = re.compile(rb"&#([0-9]{5}|[xX][0-9a-fA-F]{4});&#([0-9]{5}|[xX][0-9a-fA-F]{4});")
_HTML = frozenset(("", "html", "text/html", "xhtml", "application/xhtml+xml"))
_Dict = dict[str, Any]


def read_any_feed(data: bytes, content_type: str) -> RawFeed | None:
    """The feed in ``data``, however broken; None when there is no trace of a feed. Raises NotReadable."""
    found = _parsed(data, content_type)
    version = _text(found, "version")
    if not found.entries and (prefixed := _PREFIXED_ENTRY.search(data)):
        # Some write <rss:item> and never say what "rss:" is.
        return read_any_feed(re.sub(rb"(</?)" + re.escape(prefixed[1]) + rb":", rb"\1", data), content_type)
    if not found.entries and not version:
        return None
    feed: _Dict = found.feed
    return RawFeed(
        title=_text(feed, "title"),
        entries=tuple(_entry(entry) for entry in found.entries),
        author=(_author(feed) if version.startswith("atom") else None) or NOBODY,
        # In Atom every entry knows its language; one that is "" is meant to be unknown.
        language="" if version.startswith("atom") else _text(feed, "language"),
        is_atom=version.startswith("atom"),
    )


def _parsed(data: bytes, content_type: str) -> Any:
    import feedparser  # slow to import, and seldom needed

    for attempt in (data, _with_possible_letters(data)):
        try:
            return feedparser.parse(
                BytesIO(attempt),  # a stream: bytes alone are first taken for the name of a file
                response_headers={"content-type": content_type} if content_type else {},
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except MemoryError:
            raise
        except Exception as error:
            fault = error
    raise NotReadable(f"the document is too broken to be read: {type(fault).__name__}") from fault


def _with_possible_letters(data: bytes) -> bytes:
    """``data`` without references to letters that there are none of; feedparser gives up on them."""
    return _REFERENCE.sub(_possible, _PAIR.sub(_joined_pair, data))


def _joined_pair(found: re.Match[bytes]) -> bytes:
    """Two halves of a letter, written as two, as the one that was meant."""
    high, low = _code(found[1]), _code(found[2])
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return found[0]


def _possible(found: re.Match[bytes]) -> bytes:
    code = _code(found[1])
    return found[0] if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else b"&#xFFFD;"


def _code(digits: bytes) -> int:
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)


def _entry(entry: _Dict) -> RawEntry:
    title = _content(entry, "title")
    bodies = [_made(found) for found in entry.get("content", ())]
    if not bodies or dict.get(entry, "summary_detail"):  # else it is a copy of the content, without its type
        bodies.append(_content(entry, "summary"))
    body = fullest(bodies)
    published_at, bad_published = _date(entry, "published" if _text(entry, "published") else "created")
    updated_at, bad_updated = _date(entry, "updated")
    links = [link for link in entry.get("links", ()) if _text(link, "href")]
    alternates = (_text(link, "href") for link in links if link.get("rel") == "alternate")
    labels = (_text(tag, name) for tag in entry.get("tags", ()) for name in ("label", "term"))
    return RawEntry(
        key=_text(entry, "id"),
        link=chosen_link(_text(entry, "link"), _text(entry, "id"), alternates),
        title=title,
        body=body,
        author=_author(entry) or _author(dict.get(entry, "source") or {}) or NOBODY,
        published_at=published_at,
        updated_at=updated_at,
        bad_date=bad_published or bad_updated,
        language=body.language or title.language,
        labels=tuple(dict.fromkeys(label for label in labels if label)),
        enclosures=tuple(_text(link, "href") for link in links if link.get("rel") == "enclosure"),
        picture=_picture(entry),
    )


def _picture(entry: _Dict) -> str:
    media = dict.get(entry, "media_content") or ()
    images = (
        _text(each, "url")
        for each in media
        if _text(each, "medium") == "image" or _text(each, "type").startswith("image/")
    )
    return chosen_picture([_text(each, "url") for each in dict.get(entry, "media_thumbnail") or ()], images)


def _text(found: _Dict, name: str) -> str:
    """What stands under exactly that name; feedparser's own ``get`` answers with neighbours."""
    value = dict.get(found, name)
    return value.strip() if isinstance(value, str) else ""


def _content(entry: _Dict, name: str) -> Content:
    return _made({**(dict.get(entry, f"{name}_detail") or {}), "value": _text(entry, name)})


def _made(detail: _Dict) -> Content:
    value, media_type = _text(detail, "value"), _text(detail, "type").lower()
    is_html = media_type in _HTML or not media_type.startswith("text/")
    if media_type.endswith("xml"):
        value = _VOID_CLOSED.sub(">", value)
    return Content(value, is_html, _text(detail, "base"), _text(detail, "language"))


def _date(entry: _Dict, name: str) -> tuple[datetime | None, str]:
    text = _text(entry, name)
    at = parse_date(text)
    if at is None and text and not text.isascii():
        # Greek, Hungarian and Korean dates; what else feedparser takes for a date it often takes wrongly.
        at = from_parsed(dict.get(entry, f"{name}_parsed"))
    return at, text if text and at is None else ""


def _author(found: _Dict) -> Author | None:
    for person in [*(dict.get(found, "authors") or ()), dict.get(found, "author_detail") or {}]:
        if _text(person, "name") or _text(person, "email"):
            return Author(_text(person, "name"), _text(person, "email"))
    return split_author(_text(found, "author")) if _text(found, "author") else None
