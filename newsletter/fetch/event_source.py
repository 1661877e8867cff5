"""Fetching a document of dates: again only when it changed, or when time brings other dates of it into sight."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.errors import BadStatus, NotReadable, Unreachable
from newsletter.fetch.announced import Announced
from newsletter.fetch.event_window import Broken, CalendarRead, Window
from newsletter.fetch.http import Document, Http, Reply, body_hash
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.on_disk import on_disk, read_file
from newsletter.fetch.workers import in_worker
from newsletter.model.source import FetchState

_IN_A_BATCH = 500
_LARGEST = 30 << 20
_MOST_REMEMBERED = 300


@dataclass(frozen=True, slots=True)
class EventSource:
    """Where the dates stand: a ``file``, or the first of ``addresses`` that answers; feeds.yaml calls it ``name``."""

    name: str
    addresses: tuple[str, ...]
    look_ahead: timedelta
    file: str | None = None

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """The dates in sight, and those given out before that are moved or called off."""
        now = datetime.now(UTC).replace(microsecond=0)
        cursor = _Cursor.read(state.cursor)
        begin = cursor.reach(state.since, now)
        reply = await self._look(http, None if begin < now or cursor.is_due(now) else cursor.document)
        if reply.is_unchanged:
            yield Batch((), {**cursor.as_json(), "documents": _documents(self.name, reply)}, is_unchanged=True)
            return
        window = Window(now, _later(now, self.look_ahead), begin, cursor.announced.keys)
        read = await in_worker(read_document, reply.body, state.source_id, window)
        warnings = list(read.warnings)
        items = cursor.announced.settle(read, window, warnings)
        aside = tuple(Aside(reply.url, each.reason, each.data) for each in cursor.new_broken(read.broken))
        cursor.next_at = read.next_at
        before = dict(state.cursor)
        for at in range(_IN_A_BATCH, len(items), _IN_A_BATCH):
            yield Batch(items[at - _IN_A_BATCH : at], before)
        rest = items[(len(items) - 1) // _IN_A_BATCH * _IN_A_BATCH :] if items else ()
        after = {**cursor.as_json(), "documents": _documents(self.name, reply)}
        yield Batch(rest, after, tuple(warnings), not items and not aside, reply.document.moved_to, aside)

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """The dates in a record that was set aside, which is a small document of its own."""
        now = datetime.now(UTC).replace(microsecond=0)
        begin = min(_Cursor.read(state.cursor).since or now, now)
        window = Window(now, _later(now, self.look_ahead), begin)
        read = read_document(aside.data, state.source_id, window)
        yield Batch(read.items, aside=tuple(Aside(aside.address, each.reason, each.data) for each in read.broken))

    async def _look(self, http: Http, known: Document | None) -> Reply:
        if self.file is not None:
            return await on_disk(_read_file, Path(self.file), known)
        if not self.addresses:
            raise NotReadable('A calendar needs a "url:" or a "file:".')
        for url in self.addresses[:-1]:
            try:
                return await http.get(url, known=known)
            except (Unreachable, BadStatus):
                continue
        return await http.get(self.addresses[-1], known=known)


@dataclass(slots=True)
class _Cursor:
    """What is remembered: the document, the dates given out, when time alone changes what there is to tell."""

    document: Document | None
    announced: Announced
    next_at: datetime | None
    since: datetime | None
    broken: list[str]
    has_read: bool

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "_Cursor":
        documents = value.get("documents") or {}
        found = next(iter(documents.values()), None)
        return cls(
            Document.from_json(found) if found else None,
            Announced.from_json(value.get("announced")),
            datetime.fromisoformat(value["next_at"]) if value.get("next_at") else None,
            datetime.fromisoformat(value["since"]) if value.get("since") else None,
            list(value.get("broken", ())),
            bool(documents),
        )

    def reach(self, since: datetime | None, now: datetime) -> datetime:
        """How far back to read: only on a first reading, or when it is to go further than before."""
        is_further = since is not None and (not self.has_read or (self.since is not None and since < self.since))
        if since is None or not is_further:
            return now
        self.since = since
        return min(since, now)

    def is_due(self, now: datetime) -> bool:
        """Whether the same document gives other dates by now."""
        return self.next_at is not None and self.next_at <= now

    def new_broken(self, broken: Sequence[Broken]) -> list[Broken]:
        """The broken records that were not set aside before."""
        names = {hashlib.blake2b(each.data, digest_size=8).hexdigest(): each for each in broken}
        fresh = [each for name, each in names.items() if name not in self.broken]
        self.broken = list(names)[:_MOST_REMEMBERED]
        return fresh

    def as_json(self) -> dict[str, Any]:
        return {
            "announced": self.announced.as_json(),
            "next_at": self.next_at.isoformat() if self.next_at else None,
            "since": self.since.isoformat() if self.since else None,
            "broken": self.broken,
        }


def read_document(data: bytes, source_id: str, window: Window) -> CalendarRead:
    """The dates in iCalendar or in the JSON of Meetup. Raises NotReadable."""
    if data.lstrip()[:1] in (b"[", b"{"):
        from newsletter.fetch.meetup import read_meetup

        return read_meetup(data, source_id, window)
    # Heavy, and not needed by whoever only looks for kinds.
    from newsletter.fetch.ical import read_calendar

    return read_calendar(data, source_id, window)


def _documents(name: str, reply: Reply) -> dict[str, Any]:
    return {name: reply.document.as_json()}


def _later(now: datetime, length: timedelta) -> datetime:
    try:
        return now + length
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC, microsecond=0) - timedelta(days=2)


def _read_file(path: Path, known: Document | None) -> Reply:
    body = read_file(path, _LARGEST)
    found = body_hash(body)
    is_same = known is not None and known.body_hash == found
    return Reply(path.as_uri() if path.is_absolute() else str(path), 200, body, {}, Document(body_hash=found), is_same)
