"""Mailing lists whose archive HyperKitty (Mailman 3) shows: pages for people, and an export of any span of time."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

from newsletter.errors import BadStatus, FetchError, NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.hyperkitty import (
    archive_link,
    feed_address,
    find_months,
    list_address,
    looks_like_archive,
    message_url,
    month_url,
    plan,
    still_open,
)
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.mail import MailSettings, is_made_key
from newsletter.fetch.mail_feed import mails_of
from newsletter.fetch.mail_volumes import Volume, VolumeCursor, VolumeReader
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_WORD = "mailing list"
_NO_EXPORT = (401, 403, 404, 405, 501)
"""What a server answers that does not give its mails away in this way."""


@kind(_WORD, reader="hyperkitty")
@dataclass(frozen=True, slots=True)
class Hyperkitty:
    """The mails of a list, from the archive at ``url`` that its server (Mailman 3, HyperKitty) shows.

    ``url`` is the page of the list, or any page of its archive. ``digest threads with`` says how many
    replies make a thread worth a digest of its own ("20 replies or more"). Mails that hold one of the
    words of ``ignore`` are left out::

        - name: announce list
          kind: mailing list
          url: https://lists.example.org/archives/list/announce@example.org/
          ignore: ["out of office"]

    Mails are read from the export of the archive, month by month. Where a server does not offer it,
    the feed of the list is read, which holds the newest mails only; then threads are told by subject.
    Votes, tags and attachments are not read.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = r"/list/[^/@]+(@|%40)[^/@]+(/|$)"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new since the last time, month by month, oldest first."""
        cursor = VolumeCursor.read(state)
        feed: Mapping[str, Any] = state.cursor.get("feed", {})
        moved_to = None
        if not cursor.base:
            moved_to, feed = await self._look(http, cursor)
        settings = self._settings(state, cursor)
        volumes = _planned(cursor, _now().date())
        reader = VolumeReader(http, cursor, settings, _Shelf(cursor.base, volumes[-1]), gives_up_on=_NO_EXPORT)
        try:
            async for batch in reader.batches(volumes):
                yield replace(batch, cursor={**batch.cursor, "feed": dict(feed)}, moved_to=moved_to)
        except BadStatus as fault:
            if fault.status not in _NO_EXPORT:
                raise
            async for batch in self._feed(http, replace(state, cursor=feed), cursor, fault):
                yield batch
            return
        ended = {**cursor.as_json(), "feed": dict(feed)}
        yield Batch((), ended, is_unchanged=not reader.found_count, moved_to=moved_to)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page of a list's archive that HyperKitty made."""
        return looks_like_archive(reply.body)

    async def _look(self, http: Http, cursor: VolumeCursor) -> tuple[str | None, Mapping[str, Any]]:
        """Note where the archive stands and which months it has; where it has moved for good, and its feed."""
        here = list_address(self.url)
        url = here[0] if here else self.url
        try:
            reply = await http.get(url)
        except BadStatus:
            if here is None:
                raise
            # The export may be there all the same.
            cursor.base = url
            return None, {}
        link = None if here else archive_link(reply.body, reply.url)
        if link is not None:
            reply = await http.get(link)
        found = list_address(reply.url) or here
        if found is None:
            raise NotReadable(
                f"{self.url} is not the page of a list's archive. Give the one that ends in /list/NAME@HOST/."
            )
        cursor.base = found[0]
        cursor.files = list(find_months(reply.body))
        return reply.document.moved_to, {"url": feed_address(reply.body, cursor.base)}

    async def _feed(
        self, http: Http, state: FetchState, cursor: VolumeCursor, fault: BadStatus
    ) -> AsyncIterator[Batch]:
        """The newest mails, from the feed of the list. Raises ``fault`` when it has none."""
        url = str(state.cursor.get("url") or urljoin(cursor.base, "feed/"))
        try:
            async for batch in mails_of(Feed(url).fetch(http, state), self._settings(state, cursor)):
                ended = {**cursor.as_json(), "feed": {"url": url, **batch.cursor}}
                yield replace(batch, cursor=ended, moved_to=None)
        except FetchError as second:
            if isinstance(second, BadStatus | NotReadable):
                raise fault from second
            raise

    def _settings(self, state: FetchState, cursor: VolumeCursor) -> MailSettings:
        listed = list_address(cursor.base)
        words = tuple(word.lower() for word in self.ignore if word.strip())
        return MailSettings(state.source_id, _WORD, listed[1] if listed else "", words, _now())


def _planned(cursor: VolumeCursor, today: date) -> tuple[Volume, ...]:
    """The spans to read; what is known of others is forgotten."""
    cursor.done = {name for name in cursor.done if still_open(name, today)}
    volumes = plan(cursor.files, cursor.done, today=today, since=cursor.since)
    for name in cursor.progress.keys() - {volume.name for volume in volumes}:
        cursor.forget(name)
    return volumes


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The archive at ``base``, of which one window of time is still open."""

    base: str
    window: Volume

    def url_of(self, volume: Volume) -> str:
        """The address of an export."""
        return urljoin(self.base, f"export/{volume.file}")

    def is_open(self, volume: Volume) -> bool:
        """Whether it is the window."""
        return volume == self.window

    async def linked(self, volume: Volume, items: tuple[Item, ...], *, is_end: bool) -> tuple[Item, ...]:
        """``items`` with the addresses of their pages."""
        return tuple(replace(item, url=_page_of(item, self.base)) for item in items)


def _page_of(mail: Item, base: str) -> str:
    key = mail.native_keys[0]
    return month_url(base, mail.published_at) if is_made_key(key) else message_url(base, key)


def _now() -> datetime:
    return datetime.now(UTC)
