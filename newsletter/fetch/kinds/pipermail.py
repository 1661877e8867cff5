"""Mailing lists whose archive Mailman 2 made: pages for people, and a text for each month."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

from newsletter.errors import FetchError, NotReadable
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_volumes import Volume, VolumeCursor, VolumeReader
from newsletter.fetch.pipermail import archive_link, find_volumes, looks_like_archive, make_volume
from newsletter.fetch.pipermail_month import MonthPage
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_OPEN = 2
"""How many of the newest months still grow: mails of the last day of a month come in the next one."""
_SHOWN = 12
"""Of so many of the newest texts the first reading asks for the pages of single mails: issues are made of them."""
_PAGE = re.compile(r"/[^/]*\.html?$")


@kind("mailing list", reader="pipermail")
@dataclass(frozen=True, slots=True)
class Pipermail:
    """The mails of a list, from the archive at ``url`` that its server (Mailman 2) shows.

    ``digest threads with`` says how many replies make a thread worth a digest of its own ("20
    replies or more"). Mails that hold one of the words of ``ignore`` are left out.

    Where the reading begins at a day (``build``, ``run``, ``gather --since``) each mail leads to its own page. Where
    ``gather`` takes the whole archive, mails older than its newest twelve texts lead to the page of their month: to
    know more would ask the server for as many pages again as there are texts.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = r"/pipermail2?/|/mailman\d?/(private|listinfo)/"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new since the last time, month by month, oldest first."""
        cursor = VolumeCursor.read(state)
        base, volumes, moved_to = await self._index(http, cursor)
        words = tuple(word.lower() for word in self.ignore if word.strip())
        name = urlsplit(base).path.rstrip("/").rpartition("/")[2]
        settings = MailSettings(state.source_id, "mailing list", name, words, datetime.now(UTC))
        shelf = _Shelf(
            http,
            base,
            frozenset(volumes[-_OPEN:]),
            shown=frozenset(volumes if cursor.since is not None else volumes[-_SHOWN:]),
        )
        reader = VolumeReader(http, cursor, settings, shelf, first_is_from=True)
        async for batch in reader.batches(volumes):
            yield batch
        yield Batch((), cursor.as_json(), is_unchanged=not reader.found_count, moved_to=moved_to)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """The index page of an archive that Mailman 2 made."""
        return looks_like_archive(reply.body)

    async def _index(self, http: Http, cursor: VolumeCursor) -> tuple[str, tuple[Volume, ...], str | None]:
        """The address under which the texts stand, the texts, and where the index has moved for good."""
        url = self.url
        for _ in range(2):
            reply = await http.get(url, known=cursor.document(url))
            cursor.documents[url] = reply.document
            if reply.is_unchanged and cursor.base:
                return cursor.base, _listed(cursor), reply.document.moved_to
            volumes = find_volumes(reply.body)
            link = None if volumes else archive_link(reply.body, reply.url)
            if link is None or link == url:
                break
            url = link
        if not volumes and not looks_like_archive(reply.body):
            raise NotReadable(
                f"{self.url} is not the index of a list's archive: it names no text of a month. "
                "Give the page that lists the months."
            )
        cursor.base = _folder(reply.url)
        cursor.files = [volume.file for volume in volumes]
        return cursor.base, volumes, reply.document.moved_to


@dataclass(slots=True)
class _Shelf:
    """The texts of the archive at ``base``, and the pages that show their mails."""

    http: Http
    base: str
    open: frozenset[Volume]
    shown: frozenset[Volume]
    _pages: dict[str, MonthPage] = field(default_factory=dict)

    def url_of(self, volume: Volume) -> str:
        """The address of a text."""
        return urljoin(self.base, volume.file)

    def is_open(self, volume: Volume) -> bool:
        """Whether it is one of the newest."""
        return volume in self.open

    async def linked(self, volume: Volume, items: tuple[Item, ...], *, is_end: bool) -> tuple[Item, ...]:
        """``items`` with the addresses that the month's page has for them, or else of that page."""
        page = self._pages.get(volume.name)
        if page is None:
            # Only months of which somebody will read something are worth a question for the pages of their mails.
            url = urljoin(self.base, f"{volume.name}/thread.html")
            page = await self._page(url) if volume in self.shown else MonthPage(url)
            self._pages = {volume.name: page}
        urls = page.urls(items, is_end=is_end)
        return tuple(replace(item, url=urls[item.id]) for item in items)

    async def _page(self, url: str) -> MonthPage:
        """A month's page; without it mails are shown on the page of the whole month."""
        try:
            reply = await self.http.get(url)
        except FetchError:
            return MonthPage(url)
        return MonthPage.read(reply.body, url)


def _listed(cursor: VolumeCursor) -> tuple[Volume, ...]:
    """The texts that the index named when it was read last."""
    found = (make_volume(file.partition(".")[0], file) for file in cursor.files)
    return tuple(volume for volume in found if volume is not None)


def _folder(url: str) -> str:
    """The folder of an index page, whichever way it was named."""
    url = url.partition("?")[0].partition("#")[0]
    url = _PAGE.sub("/", url)
    return url if url.endswith("/") else f"{url}/"
