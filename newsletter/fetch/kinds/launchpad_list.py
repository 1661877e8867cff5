"""Mailing lists whose archive MHonArc made, as those of Launchpad: a page for each mail, in one row of numbers."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote, urljoin, urlsplit

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.mail import MailSettings, is_ignored, mail_items, with_believed_date
from newsletter.fetch.mail_threads import Mail
from newsletter.fetch.mhonarc import (
    index_name,
    index_place,
    last_index,
    looks_like_archive,
    mail_numbers,
    page_name,
    read_page,
)
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

_WORD = "mailing list"
_MAILS_A_BATCH = 25
_MOST_INDEXES = 200
_FAULTS_IN_A_ROW = 5
_MOST_MISSING = 20
_INLINE = 64 << 10
_LATE = timedelta(days=1)
_NOT_THERE = 404
_FILE = re.compile(r"[^/]*\.html?$", re.IGNORECASE)


@kind(_WORD, reader="launchpad list")
@dataclass(frozen=True, slots=True)
class LaunchpadList:
    """The mails of a list, from the archive at ``url`` that MHonArc made: lists.launchpad.net and others of its sort.

    ``digest threads with`` says how many replies make a thread worth a digest of its own ("20
    replies or more"). Mails that hold one of the words of ``ignore`` are left out::

        - name: Kites list
          kind: mailing list
          url: https://lists.launchpad.net/kites/

    Each mail is a page there, so a first reading of a long archive takes several runs; each goes on
    where the one before ended. Attachments are not read. Archives with a folder for each month are not either.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = r"^https?://lists\.launchpad\.net/[^/]+|/(msg\d{5,}|maillist|threads)\.html$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new since the last time, in the order of their numbers."""
        base = _folder(self.url)
        cursor = _Cursor.read(state.cursor)
        moved_to = await _Indexes(http, cursor, base).look()
        pages = _Pages(http, base, self._settings(state))
        if cursor.last is None:
            first = await pages.first_since(state.since, cursor.newest) if state.since else 0
            cursor.last = first - 1
        has_news = False
        while cursor.last < cursor.newest:
            until = min(cursor.last + _MAILS_A_BATCH, cursor.newest)
            batch = await pages.batch(range(cursor.last + 1, until + 1))
            has_news = has_news or bool(batch.items)
            cursor.last = until
            yield replace(batch, cursor=cursor.as_json())
        yield Batch((), cursor.as_json(), is_unchanged=not has_news, moved_to=moved_to)

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """The mail on one page."""
        settings = self._settings(state)
        mail = with_believed_date(read_page(aside.data, aside.address, settings.list_name), settings)
        yield Batch(mail_items([] if is_ignored(mail, settings) else [mail], settings))

    def _settings(self, state: FetchState) -> MailSettings:
        name = unquote(urlsplit(_folder(self.url)).path).rstrip("/").rpartition("/")[2]
        words = tuple(word.lower() for word in self.ignore if word.strip())
        return MailSettings(state.source_id, _WORD, name, words, datetime.now(UTC))

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """An index that MHonArc made."""
        return looks_like_archive(reply.body)


@dataclass(slots=True)
class _Cursor:
    """What is remembered: the newest number there is, the last one read, and the index that names the newest."""

    newest: int
    last: int | None
    index: str
    is_newest_first: bool
    document: Document

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "_Cursor":
        """The stored cursor."""
        return cls(
            value.get("newest", -1),
            value.get("last"),
            value.get("index", ""),
            value.get("is_newest_first", False),
            Document.from_json(value.get("document")),
        )

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "newest": self.newest,
            "last": self.last,
            "index": self.index,
            "is_newest_first": self.is_newest_first,
            "document": self.document.as_json(),
        }


@dataclass(frozen=True, slots=True)
class _Indexes:
    """The pages that list the mails: one, or several of which the first or the last one names the newest."""

    http: Http
    cursor: _Cursor
    base: str

    async def look(self) -> str | None:
        """Note the newest number; where the index has moved for good. Raises NotReadable when there is none."""
        cursor = self.cursor
        url = cursor.index or self.base
        reply = await self.http.get(url, known=cursor.document if cursor.index else None)
        if reply.is_unchanged and cursor.index:
            cursor.document = reply.document
            return reply.document.moved_to
        newest = self._newest(reply, url)
        cursor.index, cursor.document, cursor.newest = url, reply.document, max(newest, cursor.newest)
        if not cursor.is_newest_first:
            await self._look_further(reply, index_place(url))
        return reply.document.moved_to

    async def _look_further(self, reply: Reply, place: int) -> None:
        """Go on to later pages of the index by date, until none is left that may name newer mails."""
        cursor = self.cursor
        for _ in range(_MOST_INDEXES):
            following = last_index(reply.body)
            if following <= place:
                return
            url = urljoin(self.base, index_name(following))
            try:
                reply = await self.http.get(url)
            except BadStatus:
                return
            newest = max(mail_numbers(reply.body), default=-1)
            # Of two that name the newest the index by date is the one to trust.
            cursor.is_newest_first = newest < cursor.newest + (place > 0)
            if not cursor.is_newest_first:
                cursor.newest, cursor.index, cursor.document = newest, url, reply.document
            place = following

    def _newest(self, reply: Reply, url: str) -> int:
        newest = max(mail_numbers(reply.body), default=-1)
        if newest < 0 and not looks_like_archive(reply.body) and not _is_empty(reply.body):
            raise NotReadable(
                f"{url} is not the index of a list's archive: it names no page of a mail (msg00000.html). "
                "Give the page that lists the mails."
            )
        return newest


@dataclass(slots=True)
class _Pages:
    """The pages of mails."""

    http: Http
    base: str
    settings: MailSettings
    _faults: int = 0
    _looked_at: dict[int, Mail | Aside | None] = field(default_factory=dict)

    async def batch(self, numbers: range) -> Batch:
        """The mails of these numbers, as far as there are pages for them."""
        mails: list[Mail] = []
        aside: list[Aside] = []
        for number in numbers:
            found = await self._page(number)
            if isinstance(found, Aside):
                aside.append(found)
            elif found is not None and not is_ignored(found, self.settings):
                mails.append(with_believed_date(found, self.settings))
        warnings = tuple(f"a mail was set aside: {each.reason} ({each.address})" for each in aside)
        return Batch(mail_items(mails, self.settings), {}, warnings, aside=tuple(aside))

    async def first_since(self, since: datetime, newest: int) -> int:
        """The number of the first mail that came after ``since``; mails stand in the order in which they came."""
        low, high = 0, newest + 1
        while low < high:
            middle = (low + high) // 2
            number, found = middle, None
            until = min(high, middle + _MOST_MISSING)
            while number < until and (found := await self._dated(number)) is None:
                number += 1
            if found is None or found >= since - _LATE:
                high = middle
            else:
                low = number + 1
        return low

    async def _dated(self, number: int) -> datetime | None:
        found = self._looked_at[number] = await self._page(number)
        return found.published_at if isinstance(found, Mail) else None

    async def _page(self, number: int) -> Mail | Aside | None:
        """The mail of that number; None when there is none any more."""
        if number in self._looked_at:
            return self._looked_at[number]
        url = urljoin(self.base, page_name(number))
        try:
            reply = await self.http.get(url)
        except BadStatus as error:
            if error.status == _NOT_THERE:
                return None
            self._faults += 1
            if self._faults >= _FAULTS_IN_A_ROW:
                raise
            return Aside(url, str(error))
        self._faults = 0
        try:
            if len(reply.body) <= _INLINE:
                return read_page(reply.body, url, self.settings.list_name)
            return await in_worker(read_page, reply.body, url, self.settings.list_name)
        except (NotReadable, ValueError, LookupError, RecursionError) as error:
            return Aside(url, f"{error or type(error).__name__}", reply.body)


def _is_empty(page: bytes) -> bool:
    return b"mhonarc" in page.lower()


def _folder(url: str) -> str:
    """The folder of the archive, whichever of its pages was named."""
    url = url.partition("?")[0].partition("#")[0]
    url = _FILE.sub("", url)
    return url if url.endswith("/") else f"{url}/"
