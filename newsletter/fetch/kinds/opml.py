"""A list of feeds as one source: OPML, as feed readers and planets keep it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from newsletter.errors import FetchError, Gone, NotReadable, Throttled
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.on_disk import on_disk, read_file
from newsletter.fetch.opml import FeedList, Listed, read_list
from newsletter.fetch.opml_feeds import FeedMemory, Read, read_feed
from newsletter.fetch.politeness import back_off
from newsletter.fetch.stored import StoredHttp
from newsletter.fetch.workers import in_worker
from newsletter.model.item import Item, item_id
from newsletter.model.source import FetchState
from newsletter.text import shorten

MOST_FEEDS = 500
MOST_LISTS = 20
_AT_ONCE = 8
_TOLD = 10
_LARGEST_FILE = 20 << 20
_FIRST_PAUSE = timedelta(hours=2)


@kind("opml")
@dataclass(frozen=True, slots=True)
class Opml:
    """The feeds of a subscription list, read as one source: a ``file`` beside feeds.yaml, or the list at ``url``.

    ``folders`` names the folders of the list to read; all feeds if left out. Lists that the list names are
    read, too.

        - name: The team's blogs
          kind: opml
          url: https://planet.example.org/opml.xml
          folders: [Developers]

    Each item has the title of its feed and the folders as labels, and the feed's title as its author when the
    feed names none. A feed that cannot be read is told in a warning and tried again later, less and less often; the
    others go on. At most 500 feeds are read. FOAF, as some planets keep it, is read in the same way.
    """

    url: str | None = None
    file: str | None = None
    folders: tuple[str, ...] = ()

    replays_documents: ClassVar[bool] = True
    one_of: ClassVar[tuple[str, ...]] = ("file", "url")
    address_shape: ClassVar[str] = r"\.opml(?:\.xml)?$"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield what is new in each feed of the list, one after the other, oldest first."""
        cursor = _Cursor.read(state.cursor)
        warnings: list[str] = []
        moved_to = await self._read_lists(http, cursor, warnings)
        feeds = self._wanted(cursor, warnings)
        cursor.forget({each.url for each in feeds})
        now = datetime.now(UTC)
        due = [each for each in feeds if cursor.memory(each.url).is_due(now)]
        troubles: list[FetchError] = []
        told: list[str] = []
        has_news = False
        for at in range(0, len(due), _AT_ONCE):
            part = due[at : at + _AT_ONCE]
            found = await asyncio.gather(
                *(read_feed(http, each, cursor.memory(each.url), state.source_id) for each in part)
            )
            for listed, read in zip(part, found, strict=True):
                if read.trouble:
                    troubles.append(read.trouble)
                told += [f"{listed.title or listed.url}: {warning}" for warning in _warnings(read)]
                if read.aside:
                    yield Batch((), cursor.as_json(), is_unchanged=True, aside=read.aside)
                for batch in read.batches:
                    cursor.feeds[listed.url] = replace(cursor.memory(listed.url), cursor=batch.cursor)
                    if batch.items:
                        has_news = True
                        yield Batch(batch.items, cursor.as_json())
                cursor.note(listed.url, read, now)
        if len(told) > _TOLD:
            told = [*told[:_TOLD], f"{len(told) - _TOLD} more warnings about feeds of the list"]
        yield Batch((), cursor.as_json(), (*warnings, *told), is_unchanged=not has_news, moved_to=moved_to)
        if due and len(troubles) == len(due) == len(feeds):
            raise NotReadable(f"{_none_of(len(due))} of the list can be read; the first: {troubles[0]}")

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """A feed of the list as what it was, or the list itself: of that nothing can be told but that it is one."""
        cursor = _Cursor.read(state.cursor)
        listed = next((each for each in cursor.all_feeds() if each.url == aside.address), None)
        if listed is None and aside.address != self.url and aside.address not in cursor.lists:
            raise NotReadable("the list does not name it any more; drop it, or gather the source to ask again")
        if listed is None:
            found = await in_worker(read_list, aside.data, aside.final_url or aside.address)
            count = f"{len(found.feeds)} feed{'s' if len(found.feeds) != 1 else ''}"
            yield Batch(warnings=(f"the list can be read and names {count}; gather the source to ask for them",))
            return
        with tempfile.TemporaryDirectory(prefix="newsletter-") as folder:
            read = await read_feed(StoredHttp(aside, Path(folder), {}), listed, FeedMemory(), state.source_id)
        if read.trouble is not None:
            raise read.trouble
        for batch in read.batches:
            yield Batch(batch.items, warnings=batch.warnings)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A document that begins as OPML does."""
        return b"<opml" in reply.body[:4_000].lower()

    @classmethod
    async def sources_in(cls, reply: Reply, source_id: str) -> tuple[Item, ...]:
        """The feeds and lists that a list names, for somebody who looks at it; none of them is asked."""
        found = await in_worker(read_list, reply.body, reply.url)
        named = [*((each, each.folders) for each in found.feeds), *((each, ("opml",)) for each in found.lists)]
        return tuple(
            Item(item_id(source_id, each.url), source_id, "opml", "page", (each.url,), each.title, each.url, labels=of)
            for each, of in named
        )

    async def _read_lists(self, http: Http, cursor: "_Cursor", warnings: list[str]) -> str | None:
        """Bring what is known of the lists up to date; where the list has moved for good."""
        if self.file:
            found = await in_worker(read_list, await on_disk(read_file, Path(self.file), _LARGEST_FILE))
            cursor.keep_list(self.file, found, Document())
            await self._read_others(http, cursor, found.lists, warnings)
            return None
        if not self.url:
            raise NotReadable('An opml needs a "file:" or a "url:".')
        moved_to = await self._read_list(http, cursor, self.url, warnings)
        await self._read_others(http, cursor, cursor.lists_in(self.url), warnings)
        return moved_to

    async def _read_list(self, http: Http, cursor: "_Cursor", url: str, warnings: list[str]) -> str | None:
        try:
            reply = await http.get(url, known=cursor.document(url))
            if not reply.is_unchanged:
                cursor.keep_list(url, await in_worker(read_list, reply.body, reply.url), reply.document)
        except FetchError as fault:
            if url == self.url and url not in cursor.lists:
                raise
            warnings.append(f"the list {url} cannot be read now: {fault}")
            return None
        return reply.document.moved_to

    async def _read_others(self, http: Http, cursor: "_Cursor", named: Sequence[Listed], warnings: list[str]) -> None:
        """The lists that lists name, each once."""
        main = self.file or self.url or ""
        waiting, seen = [each.url for each in named], {main}
        while waiting and len(seen) <= MOST_LISTS:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            await self._read_list(http, cursor, url, warnings)
            waiting += [each.url for each in cursor.lists_in(url)]
        if set(waiting) - seen:
            warnings.append(f"more than {MOST_LISTS} lists are named; the others are not read")
        cursor.lists = {url: found for url, found in cursor.lists.items() if url in seen}

    def _wanted(self, cursor: "_Cursor", warnings: list[str]) -> list[Listed]:
        folders = {name.casefold().strip() for name in self.folders}
        found: dict[str, Listed] = {}
        for each in cursor.all_feeds():
            if not folders or folders & {name.casefold() for name in each.folders}:
                found.setdefault(each.url, each)
        if not found:
            warnings.append("the list names no feed" + (" in these folders" if folders else ""))
        if len(found) > MOST_FEEDS:
            warnings.append(f"the list names {len(found)} feeds; the first {MOST_FEEDS} are read")
        return list(found.values())[:MOST_FEEDS]


def _none_of(count: int) -> str:
    return f"none of the {count} feeds" if count > 1 else "not the one feed"


def _warnings(read: Read) -> list[str]:
    told = [warning for batch in read.batches for warning in batch.warnings]
    moved = next((batch.moved_to for batch in read.batches if batch.moved_to), None)
    return [
        *told,
        *([f"moved for good to {moved}"] if moved else ()),
        *([shorten(str(read.trouble), 200)] if read.trouble else ()),
    ]


@dataclass(slots=True)
class _Cursor:
    """What is known of each list and of each feed."""

    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    feeds: dict[str, FeedMemory] = field(default_factory=dict)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "_Cursor":
        """The stored cursor."""
        feeds = {url: FeedMemory.from_json(each) for url, each in value.get("feeds", {}).items()}
        return cls(dict(value.get("lists", {})), feeds)

    def document(self, url: str) -> Document:
        """What is remembered of a list's document."""
        return Document.from_json(self.lists.get(url, {}).get("document"))

    def keep_list(self, url: str, found: FeedList, document: Document) -> None:
        """Remember what a list names; of very many feeds no more than are read."""
        feeds = [[each.url, each.title, each.folders] for each in found.feeds[: MOST_FEEDS + 1]]
        lists = [[each.url, each.title, each.folders] for each in found.lists[: MOST_LISTS + 1]]
        self.lists[url] = {
            "document": document.as_json(),
            "feeds": feeds,
            "lists": lists,
            "count": len(found.feeds),
        }

    def lists_in(self, url: str) -> tuple[Listed, ...]:
        """The lists that a list names."""
        return _listed(self.lists.get(url, {}).get("lists", ()))

    def all_feeds(self) -> tuple[Listed, ...]:
        """The feeds of all lists, in their order."""
        return tuple(each for known in self.lists.values() for each in _listed(known["feeds"]))

    def memory(self, url: str) -> FeedMemory:
        """What is remembered of a feed."""
        return self.feeds.get(url, FeedMemory())

    def forget(self, but: set[str]) -> None:
        """Keep nothing about feeds that are not read any more."""
        self.feeds = {url: each for url, each in self.feeds.items() if url in but}

    def note(self, url: str, read: Read, now: datetime) -> None:
        """When a feed is to be read again: a broken one less and less often, one that is gone never."""
        memory = self.memory(url)
        if read.trouble is None:
            self.feeds[url] = FeedMemory(memory.cursor)
            return
        failures = memory.failures + 1
        until = read.trouble.until if isinstance(read.trouble, Throttled) else None
        if isinstance(read.trouble, Gone):
            until = datetime.max.replace(tzinfo=UTC)
        self.feeds[url] = FeedMemory(memory.cursor, failures, until or now + back_off(url, failures, _FIRST_PAUSE))

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {"lists": self.lists, "feeds": {url: each.as_json() for url, each in self.feeds.items()}}


def _listed(rows: Sequence[Sequence[Any]]) -> tuple[Listed, ...]:
    return tuple(Listed(url, title, tuple((name,) for name in folders)) for url, title, folders in rows)
