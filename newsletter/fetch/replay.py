"""What was set aside, read again without the web: by its kind, in a worker with limits."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from newsletter.errors import FetchError, NotReadable
from newsletter.fetch import mail_again
from newsletter.fetch.find import NotInThisVersion, find_reader
from newsletter.fetch.kinds import Aside, Batch, Kind
from newsletter.fetch.mishap import log_mishap
from newsletter.fetch.stored import StoredHttp
from newsletter.fetch.workers import in_worker, worker_pool
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from newsletter.text import is_web_url

NOTHING = "it can be read, and nothing in it is an item of this source"


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What was in something that had been set aside, what of it could not be read again, and what is to be said."""

    items: tuple[Item, ...] = ()
    aside: tuple[Aside, ...] = ()
    notes: tuple[str, ...] = ()


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
        found = await find_reader(source, StoredHttp(aside, Path(folder), source.settings), known=aside.reader)
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
    word, hook = getattr(cls, "word", ""), getattr(kind, "replay", None)
    if hook is not None and (not aside.is_document or getattr(cls, "replays_documents", False)):
        return await _taken(hook(aside, replace(state, cursor=cursor)), aside)
    if not aside.is_document and word in mail_again.WORDS:
        ignore = source.settings.get("ignore", ())
        return await _taken(mail_again.mails_again(source.id, word, aside, ignore=ignore), aside)
    if not is_web_url(aside.address):
        raise NotReadable("its reader cannot read a record again")
    http = StoredHttp(aside, folder, source.settings)
    try:
        return await _fetched(kind, state, aside, http)
    except FetchError:
        if http.given_count or source.settings.get("url") in (None, aside.address):
            raise
    # A document behind the one that the source names: read as if the source named it.
    kind = _made(cls, {**source.settings, "url": aside.address})
    return await _fetched(kind, state, aside, StoredHttp(aside, folder, source.settings))


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
    notes: list[str] = []
    async for batch in batches:
        items.update((item.id, item) for item in batch.items)
        left += batch.aside
        notes += batch.warnings
    if left and not items:
        raise NotReadable(left[0].reason)
    if not items and not notes:
        notes.append(NOTHING)
    again = tuple(replace(each, reader=aside.reader) for each in left)
    return ReadAgain(tuple(items.values()), again, tuple(dict.fromkeys(notes)))
