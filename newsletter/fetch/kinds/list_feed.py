"""Mailing lists and their mirrors that show their mails in a feed alone: groups.io, mail-archive.com, forums."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from newsletter.errors import NotReadable
from newsletter.fetch.feed_page import announced_feed
from newsletter.fetch.find import LookedAt
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_feed import mails_of
from newsletter.model.source import FetchState

_WORD = "mailing list"
_FORUM = re.compile(rb"<meta\s+name=[\"']generator[\"']\s+content=[\"']Discourse", re.IGNORECASE)
_HEAD = 200_000
_FEEDS = (
    (re.compile(r"^(https?://(?:[\w-]+\.)?groups\.io/g/[^/?#]+)(?:[/?#].*)?$", re.IGNORECASE), r"\1/rss"),
    (re.compile(r"^(https?://(?:www\.)?mail-archive\.com/[^/?#]+@[^/?#]+).*$", re.IGNORECASE), r"\1/maillist.xml"),
)
"""Where the feed of a list stands, by the address of the list."""


@kind(_WORD, reader="list feed")
@dataclass(frozen=True, slots=True)
class ListFeed:
    """The newest mails of a list whose archive offers a feed and nothing better.

    ``url`` is the page of the list on groups.io or mail-archive.com, a group or a category of a forum
    that mirrors a list and names a feed, or the feed itself. ``digest threads with`` says how many
    replies make a thread worth a digest of its own ("20 replies or more"). Mails that hold one of the
    words of ``ignore`` are left out::

        - name: Builders group
          kind: mailing list
          url: https://groups.io/g/builders

    A feed says nothing of what a mail answers: mails of one topic or one subject are taken for a
    thread. What fell out of the feed between two readings is not read. A group without a feed is not either.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = (
        r"^https?://([\w-]+\.)?groups\.io/g/[^/]+|^https?://(www\.)?mail-archive\.com/[^/]+@"
        r"|^https?://groups\.google\.com/(a/[^/]+/)?(g|group|forum)/"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new in the feed since the last time, oldest first."""
        url = str(state.cursor.get("feed_url", ""))
        if not url:
            url, http = await self._find(http)
        words = tuple(word.lower() for word in self.ignore if word.strip())
        settings = MailSettings(state.source_id, _WORD, "", words, datetime.now(UTC))
        async for batch in mails_of(Feed(url).fetch(http, state), settings):
            moved_to = batch.moved_to if url == self.url else None
            yield replace(batch, cursor={**batch.cursor, "feed_url": url}, moved_to=moved_to)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A feed, or a page of a forum that names one."""
        is_forum = _FORUM.search(reply.body[:_HEAD]) is not None
        return Feed.recognises(reply) or (is_forum and announced_feed(reply.body, reply.url) is not None)

    async def _find(self, http: Http) -> tuple[str, Http]:
        """The address of the feed, and what to ask for it. Raises NotReadable when the page names none."""
        for shape, feed in _FEEDS:
            if shape.match(self.url) and not self.url.endswith(("/rss", ".xml")):
                return shape.sub(feed, self.url), http
        if self.url.endswith(("/rss", ".rss", ".xml", ".atom")):
            return self.url, http
        reply = await http.get(self.url)
        if Feed.recognises(reply):
            return self.url, LookedAt(http, self.url, reply)
        found = announced_feed(reply.body, reply.url)
        if found is None:
            raise NotReadable(
                f"{self.url} names no feed, and its mails can be had in no other way. Ask its owner for one."
            )
        return found, http
