"""parse_feed(): the bytes of any feed become Items; pure, so that it can run in a worker process."""

import re
from dataclasses import dataclass, replace

from newsletter.errors import NotReadable
from newsletter.fetch.clean import title_text
from newsletter.fetch.feed_any import read_any_feed
from newsletter.fetch.feed_charset import utf_8_of
from newsletter.fetch.feed_entries import RawFeed
from newsletter.fetch.feed_items import Naming, make_items
from newsletter.fetch.feed_json import read_json_feed
from newsletter.model.item import Item

_FIRST_TAG = re.compile(rb"(?>\s+|<!--.*?-->|<\?.*?>|(<!doctype\b[^>]*>))*+<([\w:.-]+)", re.DOTALL | re.IGNORECASE)
_FEED_TAGS = (b"rss", b"feed", b"rdf:rdf", b"channel")
_ENDS = re.compile(
    rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*(?:>|\Z)|<(?:rss|feed|rdf:rdf|channel)\b[^<>]*/>", re.IGNORECASE
)
_HEAD = 200_000
_BREAKS_OFF = "the feed breaks off"


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """Items that were not known yet, oldest first, and the hashes of the entries that are known now.

    ``is_partial`` says that there were more than could be given at once; then ``entry_hashes`` are those of the
    items, else those of all entries in the document, the ones of the items first.
    """

    items: tuple[Item, ...]
    entry_hashes: tuple[str, ...]
    title: str = ""
    warnings: tuple[str, ...] = ()
    is_partial: bool = False


def parse_feed(data: bytes, naming: Naming, content_type: str = "", known: frozenset[str] = frozenset()) -> ParsedFeed:
    """What is new in the feed ``data``, at most a batch of it. Raises NotReadable when it is no feed."""
    return _parsed(read_feed(data, content_type), naming, known)


def parse_quickly(
    data: bytes, naming: Naming, content_type: str = "", known: frozenset[str] = frozenset()
) -> ParsedFeed | None:
    """As :func:`parse_feed` for plain, well-formed feeds; None for others, which take time and need care."""
    if looks_like_json(data):
        feed: RawFeed | None = read_json_feed(data)
    else:
        text = utf_8_of(data, content_type)
        feed = _read_quick_feed(text) if text else None
    return None if feed is None else _parsed(feed, naming, known)


def _parsed(feed: RawFeed, naming: Naming, known: frozenset[str]) -> ParsedFeed:
    entries = {entry.hash: entry for entry in feed.entries}
    made = make_items(feed, entries, naming, known)
    return ParsedFeed(
        made.items, made.hashes, title_text(feed.title), (*feed.warnings, *made.warnings), made.is_partial
    )


def read_feed(data: bytes, content_type: str = "") -> RawFeed:
    """The feed in ``data``, not cleaned. Raises NotReadable when it is no feed."""
    if not data.strip():
        raise NotReadable("the document is empty")
    if looks_like_json(data):
        return read_json_feed(data)
    if looks_like_page(data):
        raise NotReadable("the document is a web page, not a feed")
    text = utf_8_of(data, content_type)
    if text is not None and (quick := _read_quick_feed(text)):
        return quick
    any_type = content_type if text is None else "application/xml; charset=utf-8"
    feed = read_any_feed(data if text is None else text, any_type)
    if feed is None:
        raise NotReadable("the document is not a feed: it is neither RSS, Atom nor JSON Feed")
    if not _ENDS.search(data[-_HEAD:].replace(b"\x00", b"")):
        if not feed.entries:
            raise NotReadable(
                f"{_BREAKS_OFF} before its first entry: its server stopped in the middle of it, which may pass"
            )
        return replace(feed, warnings=(*feed.warnings, f"{_BREAKS_OFF} in the middle; what comes after is not there"))
    return feed


def _read_quick_feed(text: bytes) -> RawFeed | None:
    from newsletter.fetch.feed_quick import read_quick_feed  # lxml takes longer than all that a check of feeds needs

    return read_quick_feed(text)


def looks_like_json(data: bytes) -> bool:
    """Whether the document begins as JSON does."""
    return data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def looks_like_page(data: bytes) -> bool:
    """Whether the document begins as a web page does."""
    found = _FIRST_TAG.match(data[:_HEAD])
    if found is None or found[2].lower() in _FEED_TAGS:
        return False
    return found[2].lower() == b"html" or b"html" in (found[1] or b"").lower()
