"""An address that somebody pasted: what lies there, and which feeds the page names if it is one."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.errors import FetchError, NotReadable
from newsletter.fetch.document_title import document_title
from newsletter.fetch.feed import looks_like_page
from newsletter.fetch.feed_page import FeedLink, announced_feeds, linked_feeds
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.moved import is_new_address
from newsletter.fetch.once import Looked, look
from newsletter.fetch.web_settings import WebSettings
from newsletter.fetch.workers import worker_pool
from newsletter.model.source import Source

SECONDS = 90.0
_OF_COMMENTS = re.compile(r"comment|kommentar|commentaire", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found at ``url``: read, with what it calls itself; or ``choices`` when a page names several feeds.

    ``page`` is the page that led to it, "" when the address itself was read; ``old`` the address that moved to ``url``
    for good, "" if none did.
    """

    url: str
    looked: Looked | None = None
    title: str = ""
    page: str = ""
    choices: tuple[FeedLink, ...] = ()
    old: str = ""


async def probe_web(address: str, kind: str, settings: WebSettings, *, since: datetime) -> Probed:
    """What lies at ``address``, read as ``kind`` if one is named; what is older than ``since`` may be left out.

    Raises FetchError.
    """
    # Only who asks the web needs its client.
    from newsletter.fetch.client import WebClient

    try:
        async with asyncio.timeout(SECONDS), worker_pool(1), WebClient(settings) as http:
            return await probe(address, kind, http, since=since)
    except TimeoutError as fault:
        raise NotReadable(f"{address} was not read after {SECONDS:g} s. Try again, or name its kind.") from fault


async def probe(address: str, kind: str, http: Http, *, since: datetime) -> Probed:
    """As :func:`probe_web`, over ``http``."""
    listening = _Listening(http)
    try:
        return await _read(address, kind, listening, since=since)
    except NotReadable:
        page = listening.first
        if kind or page is None or not looks_like_page(page.body):
            raise
    found = announced_feeds(page.body, page.url)
    if not found:
        return await _without_feed(address, page, http, since=since)
    if len(found) > 1:
        ordered = sorted(found, key=lambda feed: bool(_OF_COMMENTS.search(f"{feed.title} {feed.url}")))
        return Probed(address, title=document_title(page), page=page.url, choices=tuple(ordered))
    read = await _read(found[0].url, "", _Listening(http), since=since)
    return replace(read, title=read.title or document_title(page), page=page.url)


async def _without_feed(address: str, page: Reply, http: Http, *, since: datetime) -> Probed:
    """A page that names no feed: a link in it that leads to one, else the page itself, to be watched."""
    for link in linked_feeds(page.body, page.url):
        try:
            read = await _read(link.url, "feed", _Listening(http), since=since)
        except FetchError:
            continue
        return replace(read, title=read.title or document_title(page), page=page.url)
    watched = await _read(address, "web page", _Listening(http), since=since)
    return replace(watched, title=document_title(page))


async def _read(address: str, kind: str, http: "_Listening", *, since: datetime) -> Probed:
    looked = await look(Source("probe", address, kind, {"url": address}), http, since=since)
    title = document_title(http.first) if http.first else ""
    if looked.moved_to and is_new_address(address, looked.moved_to):
        return Probed(looked.moved_to, looked, title, old=address)
    return Probed(address, looked, title)


class _Listening:
    """An Http that keeps the first answer, for what it calls itself."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.first: Reply | None = None

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one."""
        reply = await self._http.get(url, known=known, headers=headers)
        self.first = self.first or reply
        return reply

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one."""
        return await self._http.post(url, body, headers=headers)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As the real one."""
        return await self._http.download(url, known=known)

    @property
    def inner(self) -> Http:
        """The real one."""
        return self._http
