"""When the address of a feed turns out to be a page: what to tell the editor."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from newsletter.fetch.clean import is_safe_url
from newsletter.fetch.wrong_page import told, wrong_page
from newsletter.text import one_line, shorten

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_LONGEST = 500_000
_TITLE = 200
_GUESSES = 5
_LOOKS_LIKE_FEED = re.compile(
    r"/(?:feed|rss|atom|index\.(?:rdf|rss|atom))/?$|(?:feed|rss|atom)[\w-]*\.(?:xml|json|rss|atom)$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)


def announced_feed(page: bytes, url: str) -> str | None:
    """The first feed that the ``page`` at ``url`` names in its head, as an absolute address."""
    return next((feed.url for feed in announced_feeds(page, url)), None)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names, and what it calls it."""

    url: str
    title: str = ""


def announced_feeds(page: bytes, url: str) -> tuple[FeedLink, ...]:
    """The feeds that the ``page`` at ``url`` names in its head, each address once, in the order of the page."""
    found: dict[str, FeedLink] = {}
    for link in LexborHTMLParser(page[:_LONGEST]).css("link[href][rel]"):
        attributes = link.attributes
        media_type = (attributes.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (attributes.get("rel") or "").lower().split() and media_type in _FEED_TYPES:
            address = _joined(url, (attributes.get("href") or "").strip())
            if is_safe_url(address):
                found.setdefault(address, FeedLink(address, shorten(one_line(attributes.get("title")), _TITLE)))
    return tuple(found.values())


def linked_feeds(page: bytes, url: str) -> tuple[FeedLink, ...]:
    """The links in the text of a page that look as if they led to a feed; guesses, for a page that names none."""
    found: dict[str, FeedLink] = {}
    for link in LexborHTMLParser(page[:_LONGEST]).css("a[href]"):
        address = _joined(url, (link.attributes.get("href") or "").strip())
        if is_safe_url(address) and _LOOKS_LIKE_FEED.search(address):
            found.setdefault(address, FeedLink(address, shorten(one_line(link.text()), _TITLE)))
    return tuple(found.values())[:_GUESSES]


def page_instead_of_feed(page: bytes, *, address: str, url: str) -> str:
    """What to do about ``address`` (which led to ``url``): the message of feeds.yaml's tenth mistake."""
    feed = announced_feed(page, url)
    if not feed and (wrong := wrong_page(page, url)):
        return told(wrong, address, url)
    if feed:
        advice = f'It names one: {feed}. Put that address here, or write "kind: web page" to watch the page itself.'
    else:
        advice = 'It names no feed. Ask its owner for the feed, or write "kind: web page" and "watch:".'
    return f"{address} is a web page, not a feed. {advice}"


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""
