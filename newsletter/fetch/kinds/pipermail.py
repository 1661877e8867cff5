"""Mailing lists whose archive Mailman 2 made: pages for people, and a text for each month."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from newsletter.errors import BadStatus, FetchError, NotReadable, TooLarge
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import Part, Progress, read_archive
from newsletter.fetch.overheard import Overheard
from newsletter.fetch.pipermail import Volume, archive_link, find_volumes, looks_like_archive, make_volume
from newsletter.fetch.pipermail_month import MonthPage
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_OPEN = 2
"""How many of the newest months still grow: mails of the last day of a month come in the next one."""
_PAGE = re.compile(r"/[^/]*\.html?$")


@kind("mailing list", reader="pipermail")
@dataclass(frozen=True, slots=True)
class Pipermail:
    """The mails of a list, from the archive at ``url`` that its server (Mailman 2) shows.

    ``digest threads with`` says how many replies make a thread worth a digest of its own ("20
    replies or more"). Mails that hold one of the words of ``ignore`` are left out.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = r"/pipermail2?/|/mailman\d?/(private|listinfo)/"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new since the last time, month by month, oldest first."""
        cursor = _Cursor.read(state)
        base, volumes, moved_to = await self._index(http, cursor)
        words = tuple(word.lower() for word in self.ignore if word.strip())
        name = urlsplit(base).path.rstrip("/").rpartition("/")[2]
        settings = MailSettings(state.source_id, "mailing list", name, words, datetime.now(UTC))
        heard = Overheard(http)
        has_news, fault, read = False, None, 0
        missing: list[Volume] = []
        for volume in cursor.due(volumes):
            is_open = volume in volumes[-_OPEN:]
            month = _Month(heard, cursor, replace(settings, address=urljoin(base, volume.file)), base, volume)
            try:
                async for batch in month.batches(has_page=is_open or cursor.since is not None):
                    has_news = has_news or bool(batch.items)
                    yield batch
            except (BadStatus, NotReadable) as error:
                fault = error
                if isinstance(error, BadStatus) and not is_open:
                    missing.append(volume)
                warning = f"{volume.file} could not be read: {error}"
                unread = heard.aside(str(error)) if isinstance(error, NotReadable) else None
                yield Batch((), cursor.as_json(), (warning,), aside=(unread,) if unread else ())
                continue
            read += 1
            if not is_open:
                cursor.finish(volume)
        if fault is not None and not read:
            raise fault
        for volume in missing:
            cursor.finish(volume)
        yield Batch((), cursor.as_json(), is_unchanged=not has_news, moved_to=moved_to)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """The index page of an archive that Mailman 2 made."""
        return looks_like_archive(reply.body)

    async def _index(self, http: Http, cursor: "_Cursor") -> tuple[str, tuple[Volume, ...], str | None]:
        """The address under which the texts stand, the texts, and where the index has moved for good."""
        url = self.url
        for _ in range(2):
            reply = await http.get(url, known=cursor.document(url))
            cursor.documents[url] = reply.document
            if reply.is_unchanged and cursor.base:
                return cursor.base, cursor.listed(), reply.document.moved_to
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
class _Cursor:
    """What is remembered: validators, the texts that were listed, how far each that still grows was read."""

    documents: dict[str, Document]
    base: str
    files: list[str]
    progress: dict[str, Progress]
    done: set[str]
    since: datetime | None

    @classmethod
    def read(cls, state: FetchState) -> "_Cursor":
        """The stored cursor. The first reading settles how far back the source goes; a later one may go further."""
        value: Mapping[str, Any] = state.cursor
        since = state.since
        if "base" in value:
            before = datetime.fromisoformat(value["since"]) if value.get("since") else None
            since = min(before, since or before) if before else None
        return cls(
            {url: Document.from_json(each) for url, each in value.get("documents", {}).items()},
            value.get("base", ""),
            list(value.get("files", ())),
            {name: Progress.from_json(each) for name, each in value.get("months", {}).items()},
            set(value.get("done", ())),
            since,
        )

    def document(self, url: str) -> Document | None:
        """What is known of the document at ``url``."""
        return self.documents.get(url)

    def listed(self) -> tuple[Volume, ...]:
        """The texts that the index named when it was read last."""
        found = (make_volume(file.partition(".")[0], file) for file in self.files)
        return tuple(volume for volume in found if volume is not None)

    def due(self, volumes: Sequence[Volume]) -> list[Volume]:
        """The texts to ask for."""
        left = (volume for volume in volumes if volume.name not in self.done)
        return [volume for volume in left if self.since is None or not volume.ends_before(self.since)]

    def finish(self, volume: Volume) -> None:
        """``volume`` was read to its end and will not grow any more."""
        self.done.add(volume.name)
        self.progress.pop(volume.name, None)
        for url in [url for url in self.documents if url.rpartition("/")[2].partition(".")[0] == volume.name]:
            del self.documents[url]

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "documents": {url: document.as_json() for url, document in self.documents.items()},
            "base": self.base,
            "files": list(self.files),
            "months": {name: progress.as_json() for name, progress in self.progress.items()},
            "done": sorted(self.done),
            "since": self.since.isoformat() if self.since else None,
        }


@dataclass(frozen=True, slots=True)
class _Month:
    """Reads one text of the archive."""

    http: Http
    cursor: _Cursor
    settings: MailSettings
    base: str
    volume: Volume

    @property
    def url(self) -> str:
        """The address of the text."""
        return urljoin(self.base, self.volume.file)

    @property
    def page_url(self) -> str:
        """The address of the page that lists the month's mails."""
        return urljoin(self.base, f"{self.volume.name}/thread.html")

    async def batches(self, *, has_page: bool) -> AsyncIterator[Batch]:
        """What is new in the text. ``has_page``: the page of the month is asked for the pages of its mails."""
        reply = await self._text()
        known = self.cursor.progress.get(self.volume.name)
        if reply.is_unchanged and known is not None:
            self.cursor.documents[self.url] = reply.document
            return
        page: MonthPage | None = None
        source = reply.path or reply.body
        async for part in read_archive(source, self.settings, progress=known, is_pipermail=True):
            if page is None and part.items:
                page = await self._page() if has_page else MonthPage(self.page_url)
            self.cursor.progress[self.volume.name] = part.progress
            if part.is_last:
                # Counts only now, or a killed run would lose the rest of the month.
                self.cursor.documents[self.url] = reply.document
            items = _linked(part, page, is_end=known is not None)
            yield Batch(items, self.cursor.as_json(), part.warnings, aside=part.aside)

    async def _text(self) -> Reply:
        known = self.cursor.document(self.url)
        try:
            return await self.http.get(self.url, known=known)
        except TooLarge:
            return await self.http.download(self.url, known=known)

    async def _page(self) -> MonthPage:
        """The month's page; without it mails are shown on the page of the whole month."""
        try:
            reply = await self.http.get(self.page_url)
        except FetchError:
            return MonthPage(self.page_url)
        return MonthPage.read(reply.body, self.page_url)


def _linked(part: Part, page: MonthPage | None, *, is_end: bool) -> tuple[Item, ...]:
    if page is None:
        return part.items
    urls = page.urls(part.items, is_end=is_end)
    return tuple(replace(item, url=urls[item.id]) for item in part.items)


def _folder(url: str) -> str:
    """The folder of an index page, whichever way it was named."""
    url = url.partition("?")[0].partition("#")[0]
    url = _PAGE.sub("/", url)
    return url if url.endswith("/") else f"{url}/"
