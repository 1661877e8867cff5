"""A list on HyperKitty read thread by thread, over its API or from its pages, where its export is refused."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urljoin

from newsletter.errors import BadStatus, NotReadable, TooLarge
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.hyperkitty import is_settled, months_until
from newsletter.fetch.hyperkitty_api import (
    Row,
    api_address,
    following,
    found_records,
    read_mail_record,
    read_named,
    read_rows,
)
from newsletter.fetch.hyperkitty_pages import has_page, in_their_thread, read_shown, read_thread_list
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.mail import MailSettings, is_ignored, mail_items, with_believed_date
from newsletter.fetch.mail_threads import Mail
from newsletter.fetch.permission import Permission
from newsletter.fetch.rest import MOST_PAGES, TOO_MANY_PAGES, Record, ask_json, pages, read_json
from newsletter.fetch.workers import in_worker

SERVER_TIMES = "its pages name no time zone; their times are taken as UTC"
_MOST_KNOWN = 1_000
_FAULTS_IN_A_ROW = 5
_ITEMS_AT_ONCE = 1_000
_SLACK = timedelta(days=1)
_THREADS_A_PAGE = 200
_FEW_MAILS = 7


@dataclass(slots=True)
class ThreadMemory:
    """What is remembered: the threads that were read last with their last activity, and the months that are over."""

    known: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "ThreadMemory":
        """What :meth:`as_json` gave."""
        known = {str(name): (str(each[0]), each[1]) for name, each in value.get("known", {}).items()}
        return cls(known, set(value.get("done", ())))

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {"known": {name: list(each) for name, each in self.known.items()}, "done": sorted(self.done)}

    def is_read(self, row: Row) -> bool:
        """Whether nothing has come since the thread was read."""
        before = self.known.get(row.thread_id)
        return before is not None and before == (row.stamp, row.count)

    def note(self, row: Row) -> None:
        """The thread was read as ``row`` shows it."""
        self.known.pop(row.thread_id, None)
        self.known[row.thread_id] = (row.stamp, row.count)
        while len(self.known) > _MOST_KNOWN:
            del self.known[next(iter(self.known))]


class Way(Protocol):
    """One way to ask an archive about its threads."""

    warnings: list[str]

    def volumes(self, done: set[str], since: datetime | None) -> Sequence[str]:
        """The names of the lists of threads to go through, the oldest first."""

    def is_over(self, volume: str) -> bool:
        """Whether nothing can be added to that list any more."""

    def rows(self, volume: str) -> AsyncIterator[list[Row]]:
        """The threads of a list, page by page, the one with the newest mail first."""

    async def mails(self, row: Row, before: tuple[str, int | None] | None) -> tuple[list[Mail], list[Aside]]:
        """The mails of a thread, at least those that came since it was ``before``."""


@dataclass(slots=True)
class ThreadReading:
    """One reading of an archive by one ``way``; ``found_count`` are the mails that it gave."""

    way: Way
    memory: ThreadMemory
    settings: MailSettings
    since: datetime | None
    found_count: int = 0
    _is_begun: bool = False
    _faults: int = 0

    async def batches(self) -> AsyncIterator[Batch]:
        """What is new, without cursors. Raises what the first question raised, or five in a row that gave nothing."""
        for volume in self.way.volumes(self.memory.done, self.since):
            rows = await self._rows(volume)
            for row in reversed(rows or ()):
                async for batch in self._thread(row):
                    self.found_count += len(batch.items)
                    yield batch
                if self._faults >= _FAULTS_IN_A_ROW:
                    return
            if rows is not None and self.way.is_over(volume):
                self.memory.done.add(volume)
                yield Batch(())
        if self.way.warnings:
            yield Batch((), warnings=tuple(dict.fromkeys(self.way.warnings)))

    async def _rows(self, volume: str) -> list[Row] | None:
        """The threads of a list in which something is new, None when the list cannot be read."""
        found: dict[str, Row] = {}
        try:
            async for page in self.way.rows(volume):
                self._is_begun = True
                new = [row for row in page if not self.memory.is_read(row) and not self._is_too_old(row)]
                found.update((row.thread_id, row) for row in new if row.thread_id not in found)
                if page and not new:
                    break
        except (BadStatus, NotReadable, TooLarge) as fault:
            if not self._is_begun:
                raise
            self.way.warnings.append(f"the threads of {volume or 'the list'} could not be read: {fault}")
            return None
        return list(found.values())

    def _is_too_old(self, row: Row) -> bool:
        return self.since is not None and row.active_at is not None and row.active_at < self.since - _SLACK

    async def _thread(self, row: Row) -> AsyncIterator[Batch]:
        try:
            mails, aside = await self.way.mails(row, self.memory.known.get(row.thread_id))
        except (BadStatus, NotReadable, TooLarge) as fault:
            self._faults += 1
            if self._faults >= _FAULTS_IN_A_ROW and not self.found_count:
                raise
            yield Batch((), warnings=(f"the thread {row.thread_id} could not be read: {fault}",))
            return
        self._faults = 0
        kept = [with_believed_date(mail, self.settings) for mail in mails if not is_ignored(mail, self.settings)]
        items = mail_items(kept, self.settings)
        for at in range(0, len(items), _ITEMS_AT_ONCE):
            if at + _ITEMS_AT_ONCE >= len(items):
                # Counts only with the last of them, or a killed run would lose the rest.
                self.memory.note(row)
            yield Batch(items[at : at + _ITEMS_AT_ONCE], aside=tuple(aside) if not at else ())
        if not items:
            self.memory.note(row)
            yield Batch((), aside=tuple(aside))


@dataclass(slots=True)
class ApiWay:
    """The archive at ``base`` over its REST API: a page for many threads, and one for each mail that is new."""

    http: Http
    base: str
    list_name: str
    warnings: list[str] = field(default_factory=list)

    def volumes(self, done: set[str], since: datetime | None) -> Sequence[str]:
        """One list of all threads."""
        return ("",)

    def is_over(self, volume: str) -> bool:
        """Never."""
        return False

    async def rows(self, volume: str) -> AsyncIterator[list[Row]]:
        """The threads, those with the newest mails first."""
        async for records in self._pages(f"{api_address(self.base)}threads/"):
            yield list(read_rows(records))

    async def mails(self, row: Row, before: tuple[str, int | None] | None) -> tuple[list[Mail], list[Aside]]:
        """The mails that are newer than the thread was; all of them when their number tells that others came, too."""
        url = f"{api_address(self.base)}thread/{row.thread_id}/emails/"
        found = [record async for records in self._pages(url) for record in records]
        named = read_named(found)
        wanted = list(named.values())
        if before is not None and before[1] is not None:
            last = Record({"at": before[0]}).when("at")
            newer = [each for each in wanted if each.at and last and each.at > last]
            wanted = newer if len(newer) == len(named) - before[1] else wanted
        mails: list[Mail] = []
        aside: list[Aside] = []
        for each in wanted:
            address = f"{api_address(self.base)}email/{each.hash}/"
            answer = await ask_json(self.http, address)
            try:
                record = Record(answer.value if isinstance(answer.value, dict) else {})
                mails.append(read_mail_record(record, named, self.base, self.list_name))
            except NotReadable as fault:
                aside.append(Aside(address, str(fault), answer.reply.body))
        return mails, aside

    async def _pages(self, url: str) -> AsyncIterator[tuple[Record, ...]]:
        async for answer in pages(
            self.http, url, next_of=lambda each: following(each.value, each.reply.url), warnings=self.warnings
        ):
            yield found_records(answer.value)


@dataclass(slots=True)
class PagesWay:
    """The archive at ``base`` from the pages that people see, month by month, as its robots.txt allows."""

    http: Permission
    base: str
    list_name: str
    months: Sequence[str]
    today: date
    warnings: list[str] = field(default_factory=lambda: [SERVER_TIMES])

    def volumes(self, done: set[str], since: datetime | None) -> Sequence[str]:
        """The months that are not over."""
        return [month for month in months_until(self.months, self.today, since) if month not in done]

    def is_over(self, volume: str) -> bool:
        """Whether the month ended so long ago that nothing comes late any more."""
        return is_settled(volume, self.today)

    async def rows(self, volume: str) -> AsyncIterator[list[Row]]:
        """The threads with a mail of that month."""
        year, month = volume.split("-")
        url = urljoin(self.base, f"{year}/{int(month)}/?count={_THREADS_A_PAGE}")
        seen: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            reply = await self.http.get(url if number == 1 else f"{url}&page={number}")
            rows = await in_worker(read_thread_list, reply.body)
            yield rows
            new = {row.thread_id for row in rows} - seen
            if not new or not has_page(reply.body, number + 1):
                return
            seen |= new
        self.warnings.append(TOO_MANY_PAGES)

    async def mails(self, row: Row, before: tuple[str, int | None] | None) -> tuple[list[Mail], list[Aside]]:
        """All mails of the thread: the first one on its page, the answers with it or a few at a time behind it."""
        reply = await self.http.get(urljoin(self.base, f"thread/{row.thread_id}/"))
        shown = await in_worker(read_shown, reply.body, self.base, self.list_name)
        if not shown:
            raise NotReadable("its page shows no mails as HyperKitty does")
        is_whole = len(shown) > 1 or row.count == 1
        async for html in self._answers(reply, row, is_whole=is_whole):
            shown += await in_worker(read_shown, html, self.base, self.list_name)
        return in_their_thread(list({each.mail.key: each for each in shown}.values())), []

    async def _answers(self, page: Reply, row: Row, *, is_whole: bool) -> AsyncIterator[str]:
        offset: int | None = None if is_whole else 0
        for _ in range(_FEW_MAILS * MOST_PAGES):
            if offset is None:
                return
            url = urljoin(self.base, f"thread/{row.thread_id}/replies?sort=thread&offset={offset}")
            value = read_json((await self.http.get(url)).body)
            found = Record(value if isinstance(value, dict) else {})
            yield found.text("replies_html")
            following_at = found.whole("next_offset") if found.is_true("more_pending") else None
            offset = following_at if following_at is not None and following_at > offset else None
        self.warnings.append(TOO_MANY_PAGES)
