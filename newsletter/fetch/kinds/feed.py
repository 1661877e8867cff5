"""RSS, Atom, RDF and JSON feeds: blogs, planets, video channels, releases, press searches."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from newsletter.errors import NotReadable
from newsletter.fetch.feed import ParsedFeed, looks_like_json, looks_like_page, parse_feed, parse_quickly
from newsletter.fetch.feed_items import Naming
from newsletter.fetch.feed_page import page_instead_of_feed
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.video import CHANNEL_SHAPE, feed_of_channel, feed_of_page, is_peertube
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

_INLINE = 64 * 1024
"""A plain feed of this size takes 5 ms; handing one to a worker takes 1 ms, starting a worker 400."""
_IN_A_BATCH = 1_000
_EMPTY = "the feed is empty"
_FEED_START = re.compile(rb"<(?:rss|feed|rdf:RDF|(?:[\w.-]+:)(?:feed|RDF|rss)|channel)[\s>]", re.IGNORECASE)


@kind("feed")
@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of the RSS, Atom, RDF or JSON feed at ``url``.

    The page of a channel or playlist on YouTube, Vimeo or a PeerTube server stands for its feed; its items carry the
    picture of the video, described by its title.
    ``real_author_from`` says where the author of an entry stands when a planet names itself:
    "title" ("Eric Day: Building a service"), "author" (the usual field) or "body" ("by Eric Day").
    """

    url: str
    real_author_from: str | None = None

    address_shape: ClassVar[str] = CHANNEL_SHAPE

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the entries that are new or changed since the last time, oldest first."""
        documents: Mapping[str, Any] = state.cursor.get("documents", {})
        address = state.cursor.get("feed") or feed_of_channel(self.url) or self.url
        reply = await http.get(address, known=Document.from_json(documents.get(self.url)))
        done: dict[str, Any] = {"documents": {self.url: reply.document.as_json()}}
        if address == self.url and (feed := self._feed_of_page(reply)):
            address = feed
            reply = await http.get(feed)
            done = {"documents": {self.url: reply.document.as_json()}}
        if address not in (self.url, feed_of_channel(self.url)):
            done["feed"] = address
        moved_to = reply.document.moved_to
        known = tuple(state.cursor.get("entries", ()))
        if reply.is_unchanged:
            yield Batch(cursor={**done, "entries": list(known)}, is_unchanged=True, moved_to=moved_to)
            return
        naming = Naming(state.source_id, reply.url, datetime.now(UTC), self.real_author_from)
        has_news = False
        while True:
            parsed = await self._parse(reply, naming, frozenset(known))
            has_news = has_news or bool(parsed.items)
            count = len(parsed.items)
            last = max(0, count - 1) // _IN_A_BATCH * _IN_A_BATCH
            # The document counts as read only with its last batch, or a killed run would lose the rest.
            for at in range(0, count if parsed.is_partial else last, _IN_A_BATCH):
                known = (*known, *parsed.entry_hashes[at : at + _IN_A_BATCH])
                part = {"documents": dict(documents), "entries": list(known)}
                yield Batch(parsed.items[at : at + _IN_A_BATCH], part, parsed.warnings)
            if not parsed.is_partial:
                break
        yield Batch(
            parsed.items[last:],
            {**done, "entries": list(parsed.entry_hashes)},
            (*parsed.warnings, *_emptied(parsed, state)),
            is_unchanged=not has_news,
            moved_to=moved_to,
        )

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A document that begins as a feed does."""
        start = reply.body[:4_000]
        if looks_like_page(start):
            return is_peertube(reply.body)
        if looks_like_json(start):
            return b"jsonfeed.org/version" in start or b'"rss"' in start
        return bool(_FEED_START.search(start.replace(b"\x00", b"")))

    def _feed_of_page(self, reply: Reply) -> str | None:
        """The feed of the video channel on whose page the address led."""
        is_page = not reply.is_unchanged and looks_like_page(reply.body)
        return feed_of_page(reply.body, reply.url) if is_page else None

    async def _parse(self, reply: Reply, naming: Naming, known: frozenset[str]) -> ParsedFeed:
        if looks_like_page(reply.body):
            raise NotReadable(page_instead_of_feed(reply.body, address=self.url, url=reply.url))
        if len(reply.body) <= _INLINE:
            parsed = parse_quickly(reply.body, naming, reply.header("content-type"), known)
            if parsed is not None:
                return parsed
        return await in_worker(parse_feed, reply.body, naming, reply.header("content-type"), known)


def _emptied(parsed: ParsedFeed, state: FetchState) -> tuple[str, ...]:
    """A word about a feed that has lost all its entries: its server may have lost them, too."""
    count = len(state.cursor.get("entries", ()))
    if parsed.entry_hashes:
        return ()
    was = next((each for each in state.warned if each.startswith(_EMPTY)), "")
    return (f"{_EMPTY}; it had {count} {'entry' if count == 1 else 'entries'} before",) if count else (was,) * bool(was)
