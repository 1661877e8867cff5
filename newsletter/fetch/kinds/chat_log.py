"""Meetings and classes held in a chat."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.chat import ChatDocument, looks_like_chat, read_chat
from newsletter.fetch.chat_cursor import ChatCursor
from newsletter.fetch.chat_item import ACTIONS, DECISIONS, QUESTIONS
from newsletter.fetch.chat_places import LogPlace, day_in, is_pattern, list_logs, name_of, pattern_days
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.on_disk import on_disk, read_file
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState
from newsletter.text import is_web_url

MOST_DAYS = 100
MOST_LOGS = 200
TOO_MANY_LOGS = f"more than {MOST_LOGS} new logs at once; the older ones were left out"

_FIRST_DAYS = 31
_REACH = timedelta(days=366)
_MOST_FOLDERS = 24
_LARGEST = 20 << 20
_ENDINGS = (".txt", ".log", ".html", ".htm")


@kind("chat log")
@dataclass(frozen=True, slots=True)
class ChatLog:
    """Meetings and classes held in a chat, from its logs.

    ``url`` is a log, a page that lists logs, or an address with a date in it (%Y, %m, %d: asked
    for each day); ``folder`` holds log files. Read are the logs and minutes of MeetBot, the
    classroom logs of ClassBot, and the logs that usual clients write, Matrix exports too. An item
    is a meeting or a class: who led it, topics, and what ``take`` names ("decisions", "action
    items", "questions with answers"); of a log without a meeting, the day. Times without a zone
    are taken as UTC::

        - name: Meeting logs
          kind: chat log
          url: https://meetings.example.org/team/%Y/team.%Y-%m-%d.log.txt
          take: [decisions, action items]

    Not read: joins, topics and what robots say, but for the questions they repeat.
    """

    url: str | None = None
    folder: str | None = None
    take: tuple[str, ...] = (DECISIONS, ACTIONS, QUESTIONS)

    one_of: ClassVar[tuple[str, ...]] = ("url", "folder")
    take_words: ClassVar[tuple[str, ...]] = (DECISIONS, ACTIONS, QUESTIONS)
    costly_words: ClassVar[tuple[str, ...]] = ()
    address_shape: ClassVar[str] = (
        r"\.log(\.(txt|html?))?$|^https?://(irclogs?|chatlogs?|meetings|eavesdrop)\.|/irclogs?/|%Y"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the meetings that are new or went on since the last time, log by log, oldest first."""
        reading = _Reading(http, state, self.take, ChatCursor.read(state.cursor), datetime.now(UTC))
        if self.folder:
            batches = reading.folder(Path(self.folder))
        elif self.url and is_pattern(self.url):
            batches = reading.pattern(self.url)
        elif self.url:
            batches = reading.page(self.url)
        else:
            raise NotReadable('A chat log needs a "url:" or a "folder:".')
        has_news = False
        async for batch in batches:
            has_news = has_news or bool(batch.items or batch.aside)
            yield batch
        yield Batch((), reading.cursor.as_json(), is_unchanged=not has_news)

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One log, under the name it has in the source."""
        address = aside.address
        if self.folder:
            path = Path(address)
            key = (path.relative_to(self.folder) if path.is_relative_to(self.folder) else path).as_posix()
            document = ChatDocument(state.source_id, name_of(key), key, self.take, None, day_in(key))
        else:
            name = unquote(urlsplit(address).path)
            day = _day_of(self.url or "", address) or day_in(name)
            key = name_of(address if is_web_url(address) else address.rpartition("/")[2])
            document = ChatDocument(
                state.source_id, key, name, self.take, address if is_web_url(address) else None, day
            )
        yield Batch(read_chat(aside.data, document))

    @classmethod
    def recognises_folder(cls, folder: Path) -> bool:
        """A folder with files that may be logs in it."""
        return any(path.suffix.casefold() in _ENDINGS and path.is_file() for path in folder.rglob("*"))

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A log, minutes, or a page that lists several logs with their days."""
        if looks_like_chat(reply.body[:6_000]):
            return True
        logs, _ = list_logs(reply.body[:60_000], reply.url) if reply.body.lstrip()[:1] == b"<" else ([], [])
        return len([each for each in logs if each.day and ".log" in each.url]) >= 3


@dataclass(slots=True)
class _Reading:
    """Reads the logs of one source."""

    http: Http
    state: FetchState
    take: tuple[str, ...]
    cursor: ChatCursor
    now: datetime

    async def pattern(self, pattern: str) -> AsyncIterator[Batch]:
        """One log for each day since the last that is over."""
        today = self.now.date()
        since = self.state.since.date() if self.state.since else today - timedelta(days=_FIRST_DAYS)
        start = min(self.cursor.done_until or since, today)
        end = min(today, start + timedelta(days=MOST_DAYS))
        fault, read = None, 0
        for url, _, last in pattern_days(pattern, start, end):
            try:
                batch = await self._log(LogPlace(url, name_of(url), last))
                read += 1
            except BadStatus as error:
                # No log of a day on which nobody spoke; a server in trouble is another matter.
                if error.status not in (403, 404):
                    raise
                fault, batch = error, None
            if self.cursor.is_over(last, self.now):
                self.cursor.finish_day(last, url)
            if batch is not None:
                yield Batch(batch.items, self.cursor.as_json(), batch.warnings, aside=batch.aside)
        if fault is not None and not read and not self.cursor.has_read:
            raise NotReadable(f"none of the logs from {start} to {end} is there: {fault}")

    async def page(self, url: str) -> AsyncIterator[Batch]:
        """A log, or the logs that a page lists."""
        reply = await self.http.get(url, known=self.cursor.document(url))
        if not reply.is_unchanged and looks_like_chat(reply.body):
            key = url if is_web_url(url) else url.rpartition("/")[2]
            batch = await self._read(LogPlace(url, name_of(key), None), reply)
            self.cursor.documents[url] = reply.document
            yield Batch(
                batch.items, self.cursor.as_json(), batch.warnings, moved_to=reply.document.moved_to, aside=batch.aside
            )
            return
        places = await self._listed(url, reply)
        warnings = (TOO_MANY_LOGS,) if len(places) > MOST_LOGS else ()
        for place in places[:-MOST_LOGS]:
            self.cursor.finish(place)
        for place in places[-MOST_LOGS:]:
            batch = await self._listed_log(place)
            yield Batch(batch.items, self.cursor.as_json(), (*warnings, *batch.warnings), aside=batch.aside)
            warnings = ()

    async def _listed(self, url: str, reply: Reply) -> list[LogPlace]:
        """The logs to ask for: those that are new, and those whose day is not over."""
        pages = [(url, reply)]
        found: dict[str, LogPlace] = {}
        folders = 0
        while pages:
            at, answer = pages.pop()
            if not answer.is_unchanged:
                logs, below = await in_worker(list_logs, answer.body, answer.url)
                self.cursor.remember_page(at, logs, below)
                self.cursor.documents[at] = answer.document
            logs, below = self.cursor.page(at)
            found.update((place.key, place) for place in logs)
            for folder in self.cursor.open_folders(below, self.state.since):
                if folders < _MOST_FOLDERS and folder != at:
                    folders += 1
                    pages.append((folder, await self.http.get(folder, known=self.cursor.document(folder))))
        if not found and not self.cursor.has_read:
            raise NotReadable(f"{url} is no log of a chat, and lists none. Give the page that lists the logs.")
        return self.cursor.due(found.values(), self.state.since)

    async def _listed_log(self, place: LogPlace) -> Batch:
        try:
            batch = await self._log(place)
        except (BadStatus, NotReadable) as error:
            batch = Batch(warnings=(f"{place.url} could not be read: {error}",))
        if self.cursor.is_over(place.day, self.now):
            self.cursor.finish(place)
        return batch

    async def _log(self, place: LogPlace) -> Batch:
        """What is new in one log."""
        reply = await self.http.get(place.url, known=self.cursor.document(place.url))
        self.cursor.has_read = True
        if reply.is_unchanged:
            return Batch()
        batch = await self._read(place, reply)
        self.cursor.documents[place.url] = reply.document
        return batch

    async def _read(self, place: LogPlace, reply: Reply) -> Batch:
        name = unquote(urlsplit(place.url).path)
        url = place.url if is_web_url(place.url) else None
        document = ChatDocument(self.state.source_id, place.key, name, self.take, url, place.day)
        self.cursor.has_read = True
        return await _items(reply.body, document, place.url)

    async def folder(self, folder: Path) -> AsyncIterator[Batch]:
        """The files of a folder, and of the folders in it, that are new or grew."""
        for path, seen in await on_disk(_files, folder):
            key = path.relative_to(folder).as_posix()
            if self.cursor.files.get(key) == seen:
                continue
            document = ChatDocument(self.state.source_id, name_of(key), key, self.take, None, day_in(key))
            batch = await _items(await on_disk(read_file, path, _LARGEST), document, str(path))
            self.cursor.files[key] = seen
            yield Batch(batch.items, self.cursor.as_json(), batch.warnings, aside=batch.aside)


def _day_of(pattern: str, url: str) -> date | None:
    """The day that a pattern has ``url`` for, as far back as a year."""
    if not is_pattern(pattern):
        return None
    today = datetime.now(UTC).date()
    days = pattern_days(pattern, today - _REACH, today)
    return next((last for found, _, last in days if found == url), None)


async def _items(body: bytes, document: ChatDocument, address: str) -> Batch:
    """The items of a document; one that holds no chat is set aside."""
    try:
        return Batch(await in_worker(read_chat, body, document))
    except Exception as fault:
        # One log that nobody thought of keeps no other one waiting.
        reason = str(fault) if isinstance(fault, NotReadable) else f"{type(fault).__name__}: {fault}"
        return Batch(aside=(Aside(address, reason, body),))


def _files(folder: Path) -> list[tuple[Path, list[int]]]:
    """The log files under ``folder``, each with its size and time; by their day, then by their name."""
    if not folder.is_dir():
        raise NotReadable(f"{folder} is not a folder")
    try:
        found = [path for path in folder.rglob("*") if path.suffix.casefold() in _ENDINGS and path.is_file()]
        seen = {path: path.stat() for path in found}
    except OSError as fault:
        raise NotReadable(f"{folder} cannot be read: {fault.strerror or fault}") from fault
    found = [path for path in found if seen[path].st_size <= _LARGEST]
    found.sort(key=lambda path: (str(day_in(path.as_posix()) or ""), path.as_posix()))
    return [(path, [seen[path].st_size, seen[path].st_mtime_ns]) for path in found]
