"""When the address of a feed turns out to be a page: what to tell the editor."""

from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from newsletter.fetch.clean import is_safe_url
from newsletter.fetch.wrong_page import told, wrong_page

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_LONGEST = 500_000


def announced_feed(page: bytes, url: str) -> str | None:
    """The first feed that the ``page`` at ``url`` names in its head, as an absolute address."""
    tree = LexborHTMLParser(page[:_LONGEST])
    for link in tree.css("link[href][rel]"):
        attributes = link.attributes
        media_type = (attributes.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (attributes.get("rel") or "").lower().split() and media_type in _FEED_TYPES:
            found = _joined(url, (attributes.get("href") or "").strip())
            if is_safe_url(found):
                return found
    return None


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
