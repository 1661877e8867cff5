"""Mailing lists whose archive public-inbox shows: a feed of the newest mails, and an mbox of every mail and thread."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urljoin, urlsplit

from newsletter.errors import BadStatus, FetchError, NotReadable, TooLarge, Unreachable
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, kind
from newsletter.fetch.mail import MailSettings, is_ignored, is_made_key, mail_items, with_believed_date
from newsletter.fetch.mail_archive import Part, Progress, read_archive
from newsletter.fetch.mail_threads import Mail
from newsletter.fetch.public_inbox import (
    Entry,
    archive_address,
    feed_url,
    halves,
    looks_like_archive,
    mail_url,
    mails_of_feed,
    needs_thread,
    query_url,
    read_entries,
    spans,
    threads_of,
)
from newsletter.fetch.rest import FORM, MOST_PAGES, PAGE_REPEATED, TOO_MANY_PAGES
from newsletter.fetch.workers import in_worker
from newsletter.model.evidence import ProofAsked
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_WORD = "mailing list"
_ALL = "all.mbox.gz"
_LATE = timedelta(days=1)
"""Mails that took a detour stand that far behind the newest ones in the feed."""
_MOST_SEEN = 500
_MAILS_A_PAGE = 25
_FEW_THREADS = 2
_QUERY_AGAIN = timedelta(days=7)
_NOTHING_FOUND = 404
_EMPTY_AT_MOST = 3
_EVER = datetime.min.replace(tzinfo=UTC)
_FAULTS_IN_A_ROW = 5
"""So often a server may refuse a mail until only the feed is read."""


@kind(_WORD, reader="public-inbox")
@dataclass(frozen=True, slots=True)
class PublicInbox:
    """The mails of a list, from the archive at ``url`` that public-inbox shows (lore.kernel.org and others).

    ``digest threads with`` says how many replies make a thread worth a digest of its own ("20
    replies or more"). Mails that hold one of the words of ``ignore`` are left out::

        - name: workflows list
          kind: mailing list
          url: https://lore.kernel.org/workflows/

    The feed of the archive tells what is new; threads that are new are read whole, single answers alone.
    Where much is new, as in a first reading or after a pause, the mails of each week are asked for in one
    piece, if the server can search. An archive that is read from its beginning is taken in one piece.
    Attachments are not read.
    """

    url: str
    digest_threads_with: str | None = None
    ignore: tuple[str, ...] = ()

    address_shape: ClassVar[str] = (
        r"^https?://(lore\.kernel\.org|(www\.)?public-inbox\.org|inbox\.[^/]+)/[^/]+|/new\.atom$"
    )

    def proof_url(self, asked: ProofAsked) -> str | None:
        """The archive's search for the mails of a period; what ``ignore`` leaves out it has as well."""
        if asked.what != "mails" or self.ignore:
            return None
        first, last = (f"{at:%Y%m%d%H%M%S}" for at in (asked.period.start, asked.period.end - timedelta(seconds=1)))
        words = [f"dt:{first}..{last}"]
        words += (f'NOT f:"{(each.key or each.name).replace(chr(34), "")}"' for each in asked.left_out)
        return f"{archive_address(self.url)}?q={quote(' '.join(words), safe=':')}"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the mails that are new since the last time, thread by thread."""
        base = archive_address(self.url)
        cursor = _Cursor.read(state.cursor)
        name = urlsplit(base).path.rstrip("/").rpartition("/")[2]
        words = tuple(word.lower() for word in self.ignore if word.strip())
        settings = MailSettings(state.source_id, _WORD, name, words, datetime.now(UTC))
        reader = _Reader(http, base, settings, cursor, state.since)
        newest = await http.get(feed_url(base), known=cursor.document if cursor.newest else None)
        moved_to = newest.document.moved_to
        if newest.is_unchanged and cursor.newest:
            cursor.document = newest.document
            yield Batch((), cursor.as_json(), is_unchanged=True, moved_to=moved_to)
            return
        has_news = False
        async for batch in reader.batches(newest):
            has_news = has_news or bool(batch.items)
            yield batch
        yield Batch((), cursor.as_json(), tuple(reader.warnings), is_unchanged=not has_news, moved_to=moved_to)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """The index of an archive that public-inbox made."""
        return looks_like_archive(reply.body)


@dataclass(slots=True)
class _Cursor:
    """What is remembered: the mails read last, when the newest of them came, how far the whole archive was read."""

    document: Document
    newest: datetime | None
    seen: dict[str, None]
    progress: Progress | None
    asked_to: date | None = None
    """Up to which day the mails have been read by query, while that goes on."""
    no_query_at: datetime | None = None
    """When the server did not answer a query."""

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "_Cursor":
        """The stored cursor."""
        newest, progress = value.get("newest"), value.get("progress")
        asked_to, no_query_at = value.get("asked_to"), value.get("no_query_at")
        return cls(
            Document.from_json(value.get("document")),
            datetime.fromisoformat(newest) if newest else None,
            dict.fromkeys(value.get("seen", ())),
            Progress.from_json(progress) if progress else None,
            date.fromisoformat(asked_to) if asked_to else None,
            datetime.fromisoformat(no_query_at) if no_query_at else None,
        )

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "document": self.document.as_json(),
            "newest": self.newest.isoformat() if self.newest else None,
            "seen": list(self.seen),
            "progress": self.progress.as_json() if self.progress else None,
            "asked_to": self.asked_to.isoformat() if self.asked_to else None,
            "no_query_at": self.no_query_at.isoformat() if self.no_query_at else None,
        }


@dataclass(slots=True)
class _Reader:
    """One reading of an archive."""

    http: Http
    base: str
    settings: MailSettings
    cursor: _Cursor
    since: datetime | None
    warnings: list[str] = field(default_factory=list)
    _pages: list[Reply] = field(default_factory=list)
    _shown: dict[str, Mail] = field(default_factory=dict)
    _given: dict[str, datetime | None] = field(default_factory=dict)
    _is_searched: bool = False

    async def batches(self, newest: Reply) -> AsyncIterator[Batch]:
        """What is new; ``newest`` is the feed. The cursor then stands for all of it."""
        cursor = self.cursor
        entries = read_entries(newest.body)
        is_read = False
        if cursor.newest is None and self.since is None:
            async for batch in self._whole():
                is_read = True
                yield batch
        if not is_read:
            if self._is_much(entries):
                async for batch in self._by_query():
                    yield batch
            entries = entries if self._is_searched else await self._entries(newest, entries)
            self._pages = self._pages or [newest]
            async for batch in self._threads(entries):
                yield batch
        found = [entry.message_id for entry in sorted(entries, key=lambda entry: entry.at, reverse=True)]
        dated = ((at, message_id) for message_id, at in self._given.items() if at)
        given = [message_id for _, message_id in sorted(dated, reverse=True)[:_MOST_SEEN]]
        cursor.seen = dict.fromkeys([*dict.fromkeys([*found, *given, *cursor.seen])][:_MOST_SEEN])
        cursor.newest = max((entry.at for entry in entries), default=cursor.newest)
        cursor.document, cursor.progress, cursor.asked_to = newest.document, None, None

    async def _whole(self) -> AsyncIterator[Batch]:
        """The archive from its beginning, in one piece; nothing when it is not given."""
        url = urljoin(self.base, _ALL)
        try:
            reply = await self.http.download(url)
        except (BadStatus, TooLarge) as error:
            self.warnings.append(f"{_ALL} could not be read ({error}); the newest mails are read")
            return
        async for batch in self._mails(reply, url, self.cursor.progress):
            yield batch

    @property
    def _now(self) -> datetime:
        return self.settings.now or datetime.now(UTC)

    @property
    def _until(self) -> datetime | None:
        """What is older was read before, or is not wanted."""
        return self.cursor.newest - _LATE if self.cursor.newest else self.since

    def _is_much(self, entries: tuple[Entry, ...]) -> bool:
        """Whether what is new takes more questions than a query would, and the server may answer one."""
        now, until, newest = self._now, self._until, self.cursor.newest
        refused_at = self.cursor.no_query_at
        if until is None or (refused_at and now - refused_at < _QUERY_AGAIN):
            return False
        if self.cursor.asked_to:
            return True
        new = [entry for entry in entries if entry.message_id not in self.cursor.seen and entry.at > until]
        is_all = len(new) < len(entries) or len(entries) < _MAILS_A_PAGE
        # A day is read again with every query: on a busy list that is read every hour the feed is cheaper.
        is_far = newest is None or now - newest > 2 * _LATE
        return is_far and (not is_all or len(threads_of(new)) > _FEW_THREADS)

    async def _by_query(self) -> AsyncIterator[Batch]:
        """The mails since the last time, a week at a time. When the server refuses, they are left for the feed."""
        until = self._until
        assert until is not None, "an archive that is read from its beginning is not asked so"
        today = self._now.astimezone(UTC).date()
        waiting = spans(max(until.astimezone(UTC).date(), self.cursor.asked_to or date.min), today)
        empty_count = 0
        while waiting:
            begins_on, ends_on = waiting.pop(0)
            try:
                async for batch in self._found(query_url(self.base, begins_on, ends_on)):
                    yield batch
            except (BadStatus, NotReadable, TooLarge, Unreachable) as fault:
                if isinstance(fault, TooLarge) and (parts := halves(begins_on, ends_on, today)):
                    waiting[:0] = parts
                    continue
                is_empty = isinstance(fault, BadStatus) and fault.status == _NOTHING_FOUND
                empty_count += is_empty
                if not is_empty or (not self._given and (empty_count >= _EMPTY_AT_MOST or not waiting)):
                    self._refuse(fault)
                    return
                continue
            self.cursor.asked_to = ends_on
            yield Batch((), self.cursor.as_json())
        self._is_searched = True

    def _refuse(self, fault: FetchError) -> None:
        self.cursor.no_query_at, self.cursor.asked_to = self._now, None
        self.warnings.append(f"the server was not searched ({fault}); mails are read one thread at a time")

    async def _found(self, url: str) -> AsyncIterator[Batch]:
        """The mails that one query gives, without those that were given before."""
        reply = await self.http.post(url, b"", headers={"Content-Type": FORM})
        async for part in read_archive(reply.body, replace(self.settings, address=url)):
            items = [item for item in part.items if not self._is_seen(item.native_keys[0])]
            # The server begins with the newest.
            items.sort(key=lambda item: item.published_at or _EVER)
            self._given.update((item.native_keys[0], item.published_at) for item in items)
            yield self._batch(part, items)

    def _is_seen(self, message_id: str) -> bool:
        return message_id in self.cursor.seen or message_id in self._given

    async def _entries(self, page: Reply, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The mails that came since the last time, from as many pages of the feed as it takes."""
        found = {entry.message_id: entry for entry in entries}
        self._pages = [page]
        until = self._until
        while (
            len(entries) >= _MAILS_A_PAGE and not self._is_known(entries[-1]) and (not until or entries[-1].at > until)
        ):
            if len(self._pages) >= MOST_PAGES:
                self.warnings.append(TOO_MANY_PAGES)
                break
            page = await self.http.get(feed_url(self.base, entries[-1].at))
            entries = read_entries(page.body)
            if not {entry.message_id for entry in entries} - found.keys():
                if len(entries) >= _MAILS_A_PAGE:
                    self.warnings.append(PAGE_REPEATED)
                break
            self._pages.append(page)
            found.update((entry.message_id, entry) for entry in entries)
        return tuple(entry for entry in found.values() if until is None or entry.at > until)

    def _is_known(self, entry: Entry) -> bool:
        """Whether the mail was there when everything had been read."""
        newest = self.cursor.newest
        return newest is not None and entry.at <= newest and entry.message_id in self.cursor.seen

    async def _threads(self, entries: tuple[Entry, ...]) -> AsyncIterator[Batch]:
        seen = self.cursor.seen
        new = [entry for entry in entries if not self._is_seen(entry.message_id)]
        parents = {entry.message_id: entry.parent for entry in new}
        faults = 0
        for group in threads_of(new):
            left = [message_id for message_id in group if message_id not in seen]
            if not left:
                continue
            if faults >= _FAULTS_IN_A_ROW:
                yield await self._as_the_feed_shows(left, "")
                continue
            url = mail_url(self.base, left[0], "t.mbox.gz" if needs_thread(left, parents, seen) else "raw")
            try:
                reply = await self.http.get(url)
                async for batch in self._mails(reply, url, None, left):
                    yield batch
                faults = 0
            except (BadStatus, NotReadable, TooLarge) as error:
                faults += 1
                yield await self._as_the_feed_shows(left, f"{url} could not be read: {error}")

    async def _mails(
        self, reply: Reply, url: str, progress: Progress | None, group: Iterable[str] = ()
    ) -> AsyncIterator[Batch]:
        """The mails of an mbox; with its last batch the mails of ``group`` are seen."""
        is_whole = not group
        settings = replace(self.settings, address=url)
        async for part in read_archive(reply.path or reply.body, settings, progress=progress):
            if is_whole:
                self.cursor.progress = part.progress
            elif part.is_last:
                self.cursor.seen.update(dict.fromkeys(group))
                self.cursor.seen.update(dict.fromkeys(item.native_keys[0] for item in part.items))
            yield self._batch(part, part.items)

    def _batch(self, part: Part, items: Iterable[Item]) -> Batch:
        shown = tuple(replace(item, url=self._page_of(item)) for item in items)
        return Batch(shown, self.cursor.as_json(), part.warnings, aside=part.aside)

    def _page_of(self, mail: Item) -> str:
        key = mail.native_keys[0]
        return self.base if is_made_key(key) else mail_url(self.base, key)

    async def _as_the_feed_shows(self, group: Iterable[str], warning: str) -> Batch:
        """The mails of ``group``, as far as the feed shows them."""
        for page in self._pages:
            shown = await in_worker(mails_of_feed, page.body, self.base, self.settings)
            self._shown.update((mail.key, mail) for mail in shown)
        self._pages = []
        found = [self._shown[key] for key in group if key in self._shown]
        mails = [with_believed_date(mail, self.settings) for mail in found if not is_ignored(mail, self.settings)]
        self.cursor.seen.update(dict.fromkeys(group))
        items = tuple(replace(item, url=self._page_of(item)) for item in mail_items(mails, self.settings))
        return Batch(items, self.cursor.as_json(), (warning,) if warning else ())
