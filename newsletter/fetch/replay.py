"""What was set aside, read again without the web: by its kind, in a worker with limits."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import BadStatus, FetchError, NotReadable
from newsletter.fetch import mail_again
from newsletter.fetch.discreet import without_secrets
from newsletter.fetch.find import NotInThisVersion, find_reader
from newsletter.fetch.http import Document, Reply, body_hash
from newsletter.fetch.kinds import Aside, Batch, Kind
from newsletter.fetch.mishap import log_mishap
from newsletter.fetch.workers import in_worker, worker_pool
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from newsletter.text import is_web_url


class StoredHttp:
    """An :class:`newsletter.fetch.http.Http` that has one document, and answers 404 to every other question."""

    def __init__(self, aside: Aside, folder: Path, source: Source) -> None:
        self._aside, self._folder, self._source = aside, folder, source
        self.given_count = 0
        self.refused: list[str] = []

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The document, if it is the one at ``url``."""
        url = without_secrets(url, self._source.settings)
        if url != self._aside.address:
            # It was allowed when the document was asked for.
            self.refused += [url] if urlsplit(url).path != "/robots.txt" else []
            raise BadStatus(404, f"{url} is not what was set aside")
        self.given_count += 1
        data = self._aside.data
        headers = {"content-type": self._aside.content_type} if self._aside.content_type else {}
        return Reply(url, 200, data, headers, Document(body_hash=body_hash(data)))

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Never: what was said to the server was not kept."""
        self.refused.append(url)
        raise BadStatus(404, f"{url} is not what was set aside")

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As :meth:`get`, in a file."""
        reply = await self.get(url)
        path = self._folder / str(self.given_count)
        path.write_bytes(reply.body)
        return replace(reply, body=b"", path=path)


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What was in something that had been set aside, and what of it could not be read again."""

    items: tuple[Item, ...] = ()
    aside: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """What to read again: the id it is kept under, its source and its bytes."""

    id: str
    source: Source
    aside: Aside
    cursor: Mapping[str, Any] = field(default_factory=dict)
    """What the source remembers: a record of it may be told together with what is known already."""


OnRead = Callable[[Replay, ReadAgain | FetchError], None]


async def replay_all(replays: Iterable[Replay], on_read: OnRead) -> None:
    """Read all of ``replays`` again, one after the other; each one's outcome goes to ``on_read``."""
    async with worker_pool(1):
        for each in replays:
            outcome: ReadAgain | FetchError
            try:
                outcome = await replay(each.source, each.aside, each.cursor)
            except FetchError as fault:
                outcome = fault
            except Exception as fault:
                log_mishap("reader_failed", source=each.source.name)
                outcome = NotReadable(f"the reader failed: {type(fault).__name__}: {fault}")
            on_read(each, outcome)


async def replay(source: Source, aside: Aside, cursor: Mapping[str, Any] | None = None) -> ReadAgain:
    """Read ``aside`` of ``source`` again, with the reader that serves the source now. Raises FetchError."""
    with tempfile.TemporaryDirectory(prefix="newsletter-") as folder:
        found = await find_reader(source, StoredHttp(aside, Path(folder), source), known=aside.reader)
    if not found.info.can_read:
        raise NotInThisVersion(f'sources of kind "{found.info.word}" are not readable in this version')
    asked = replace(aside, reader=found.info.reader)
    return await in_worker(read_again, found.info.cls, source, asked, cursor)


def read_again(cls: type, source: Source, aside: Aside, cursor: Mapping[str, Any] | None = None) -> ReadAgain:
    """What a kind of the class ``cls`` finds in ``aside``; for a worker, where no event loop runs.

    Raises FetchError, and whatever is the matter with the reader.
    """
    with tempfile.TemporaryDirectory(prefix="newsletter-") as folder:
        return asyncio.run(_read(cls, source, aside, cursor or {}, folder=Path(folder)))


async def _read(cls: type, source: Source, aside: Aside, cursor: Mapping[str, Any], *, folder: Path) -> ReadAgain:
    state = FetchState(source.id, reader=aside.reader)
    kind = _made(cls, source.settings)
    if not aside.is_document:
        word, hook = getattr(cls, "word", ""), getattr(kind, "replay", None)
        if hook is not None:
            return await _taken(hook(aside, replace(state, cursor=cursor)), aside)
        if word in mail_again.WORDS:
            ignore = source.settings.get("ignore", ())
            return await _taken(mail_again.mails_again(source.id, word, aside, ignore=ignore), aside)
    if not is_web_url(aside.address):
        raise NotReadable("its reader cannot read a record again")
    http = StoredHttp(aside, folder, source)
    try:
        return await _fetched(kind, state, aside, http)
    except FetchError:
        if http.given_count or source.settings.get("url") in (None, aside.address):
            raise
    # A document behind the one that the source names: read as if the source named it.
    kind = _made(cls, {**source.settings, "url": aside.address})
    return await _fetched(kind, state, aside, StoredHttp(aside, folder, source))


async def _fetched(kind: Kind, state: FetchState, aside: Aside, http: StoredHttp) -> ReadAgain:
    """What ``fetch`` makes of the document, which it has to ask for, and of no other one."""
    fault: FetchError | None = None
    found = ReadAgain()
    try:
        found = await _taken(kind.fetch(http, state), aside)
    except FetchError as error:
        fault = error
    if http.refused and not found.items:
        raise NotReadable(f"its reader asks for {http.refused[0]}, which was not kept; gather the source to ask again")
    if fault is not None:
        raise fault
    if not http.given_count:
        raise NotReadable("its reader did not ask for it")
    return found


def _made(cls: type, settings: Mapping[str, Any]) -> Kind:
    try:
        made: Kind = cls(**settings)
    except TypeError as error:
        raise NotReadable(f"the settings of its source do not fit its kind: {error}") from error
    return made


async def _taken(batches: AsyncIterator[Batch], aside: Aside) -> ReadAgain:
    """All that ``batches`` hold. Raises NotReadable when that is nothing but what is set aside once more."""
    items: dict[str, Item] = {}
    left: list[Aside] = []
    async for batch in batches:
        items.update((item.id, item) for item in batch.items)
        left += batch.aside
    if left and not items:
        raise NotReadable(left[0].reason)
    return ReadAgain(tuple(items.values()), tuple(replace(each, reader=aside.reader) for each in left))
