"""Mailing lists whose archive HyperKitty (Mailman 3) shows: an export of any span of time, an API, and pages."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin

from newsletter.errors import BadStatus, FetchError, NotReadable, TooLarge
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
from newsletter.fetch.hyperkitty_api import archive_of, read_mail_record
from newsletter.fetch.hyperkitty_reading import ApiWay, PagesWay, ThreadMemory, ThreadReading, Way
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.mail import MailSettings, is_made_key, mail_items, with_believed_date
from newsletter.fetch.mail_again import mails_again
from newsletter.fetch.mail_feed import mails_of
from newsletter.fetch.mail_volumes import Volume, VolumeCursor, VolumeReader
from newsletter.fetch.permission import Disallowed, Permission
from newsletter.fetch.rest import Record, read_json
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_WORD = "mailing list"
_EXPORT, _API, _PAGES, _FEED = _WAYS = ("export", "api", "pages", "feed")
_EXPORT_AGAIN = timedelta(days=7)
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
    they are read thread by thread over its API, else from its pages as far as its robots.txt allows,
    else from the feed of the list, which holds the newest mails only; then threads are told by subject.
    What worked is asked first the next time, the export once a week. Votes, tags and attachments are not read.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = r"/list/[^/@]+(@|%40)[^/@]+(/|$)"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new since the last time, month by month or thread by thread, oldest first."""
        cursor = VolumeCursor.read(state)
        memory = _Memory.read(state.cursor)
        moved_to = None
        if not cursor.base:
            moved_to, memory.feed = await self._look(http, cursor)
        settings = self._settings(state, cursor)
        reading = _Reading(http, replace(state, cursor=memory.feed), cursor, memory, settings)
        fault: FetchError | None = None
        for way in memory.ways(_now()):
            if way == _EXPORT:
                memory.refused_at = _now()
            try:
                async for batch in reading.by(way):
                    yield replace(batch, moved_to=moved_to)
            except (BadStatus, NotReadable, TooLarge, Disallowed) as refused:
                if way == _EXPORT and (not isinstance(refused, BadStatus) or refused.status not in _NO_EXPORT):
                    raise
                fault = fault or refused
                continue
            return
        assert fault is not None, "there is always a way to ask"
        raise fault

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mail in a record of the API that was set aside, or the mails of a text."""
        base = archive_of(aside.address)
        if base is None:
            async for batch in mails_again(state.source_id, _WORD, aside, ignore=self.ignore):
                yield batch
            return
        settings = self._settings(state, VolumeCursor.read(FetchState(state.source_id, cursor={"base": base})))
        value = read_json(aside.data)
        record = Record(value if isinstance(value, dict) else {})
        mail = read_mail_record(record, {}, base, settings.list_name)
        yield Batch(mail_items([with_believed_date(mail, settings)], settings), {})

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

    def _settings(self, state: FetchState, cursor: VolumeCursor) -> MailSettings:
        listed = list_address(cursor.base)
        words = tuple(word.lower() for word in self.ignore if word.strip())
        return MailSettings(state.source_id, _WORD, listed[1] if listed else "", words, _now())


@dataclass(slots=True)
class _Memory:
    """What is remembered beside the months: the feed, which way worked last, and the threads read in that way."""

    feed: Mapping[str, Any]
    way: str = _EXPORT
    refused_at: datetime | None = None
    """When the export was asked for last, in vain unless it is the way."""
    threads: ThreadMemory = field(default_factory=ThreadMemory)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "_Memory":
        """The stored cursor."""
        at = value.get("refused_at")
        return cls(
            value.get("feed", {}),
            value.get("way", _EXPORT),
            datetime.fromisoformat(at) if at else None,
            ThreadMemory.read(value.get("threads", {})),
        )

    def ways(self, now: datetime) -> tuple[str, ...]:
        """In which order to ask: what worked last first, the export once more after some days."""
        if self.way == _EXPORT or self.refused_at is None or now - self.refused_at >= _EXPORT_AGAIN:
            return _WAYS
        return (self.way, *(way for way in _WAYS[1:] if way != self.way))

    def threads_of(self, way: str) -> ThreadMemory:
        """What was read in that way; nothing when the last reading was by another one."""
        return self.threads if way == self.way else ThreadMemory()

    def worked(self, way: str, threads: ThreadMemory | None = None) -> None:
        """That way gives mails, ``threads`` is what was read."""
        self.way, self.threads = way, threads or ThreadMemory()

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        is_refused = self.way != _EXPORT and self.refused_at is not None
        return {
            "feed": dict(self.feed),
            "way": self.way,
            "refused_at": self.refused_at.isoformat() if is_refused and self.refused_at else None,
            "threads": self.threads.as_json(),
        }


@dataclass(slots=True)
class _Reading:
    """One reading of a list; ``feed_state`` is what is remembered of its feed."""

    http: Http
    feed_state: FetchState
    cursor: VolumeCursor
    memory: _Memory
    settings: MailSettings

    def by(self, way: str) -> AsyncIterator[Batch]:
        """The mails that are new, asked for in one of the ways. Raises what refuses it."""
        base, name = self.cursor.base, self.settings.list_name
        if way == _EXPORT:
            return self._export()
        if way == _API:
            return self._threads(way, ApiWay(self.http, base, name))
        if way == _PAGES:
            return self._threads(way, PagesWay(Permission(self.http), base, name, self.cursor.files, _now().date()))
        return self._feed()

    async def _export(self) -> AsyncIterator[Batch]:
        cursor = self.cursor
        volumes = _planned(cursor, _now().date())
        shelf = _Shelf(cursor.base, volumes[-1])
        reader = VolumeReader(self.http, cursor, self.settings, shelf, gives_up_on=_NO_EXPORT)
        async for batch in reader.batches(volumes):
            if batch.items:
                self.memory.worked(_EXPORT)
            yield replace(batch, cursor={**batch.cursor, **self.memory.as_json()})
        self.memory.worked(_EXPORT)
        yield Batch((), self._as_json(), is_unchanged=not reader.found_count)

    async def _threads(self, name: str, way: Way) -> AsyncIterator[Batch]:
        threads = self.memory.threads_of(name)
        reading = ThreadReading(way, threads, self.settings, self.cursor.since)
        async for batch in reading.batches():
            self.memory.worked(name, threads)
            yield replace(batch, cursor=self._as_json())
        self.memory.worked(name, threads)
        yield Batch((), self._as_json(), is_unchanged=not reading.found_count)

    async def _feed(self) -> AsyncIterator[Batch]:
        """The newest mails, from the feed of the list."""
        url = str(self.feed_state.cursor.get("url") or urljoin(self.cursor.base, "feed/"))
        async for batch in mails_of(Feed(url).fetch(self.http, self.feed_state), self.settings):
            self.memory.worked(_FEED)
            self.memory.feed = {"url": url, **batch.cursor}
            yield replace(batch, cursor=self._as_json())

    def _as_json(self) -> dict[str, Any]:
        return {**self.cursor.as_json(), **self.memory.as_json()}


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
