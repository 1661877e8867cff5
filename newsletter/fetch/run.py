"""One source, once; and many of them at the same time. A broken source is a value here, never an exception."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, cast

from newsletter.errors import FetchError, Gone, NotReadable, StoreFault, Throttled
from newsletter.fetch.find import LookedAt, NotInThisVersion, find_reader
from newsletter.fetch.http import Http, body_hash
from newsletter.fetch.kinds import Aside, Batch, Kind
from newsletter.fetch.mishap import about_source, log_mishap
from newsletter.fetch.moved import is_new_address
from newsletter.fetch.overheard import Overheard
from newsletter.fetch.politeness import FIRST_PAUSE, back_off
from newsletter.fetch.rhythm import next_check
from newsletter.model.source import FetchState, LastAnswer, Source, SourceState
from newsletter.plugins import without_secrets
from newsletter.text import host_of, one_line, shorten

SECONDS_A_SOURCE = 600.0
SOURCES_AT_ONCE = 50
_REASON = 500
_WARNINGS, _WARNING = 20, 200


@dataclass(frozen=True, slots=True)
class Kept:
    """How many items of a batch were new to the store, and how many were changed."""

    new_count: int = 0
    changed_count: int = 0


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What came of fetching ``source`` once: its new ``state`` and what was stored meanwhile."""

    source: Source
    state: FetchState
    new_count: int = 0
    changed_count: int = 0
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    aside_count: int = 0
    is_asked: bool = True
    """False when it is left alone for now, as it or its host said before."""

    @property
    def is_failed(self) -> bool:
        """Whether the source gave nothing because of some trouble."""
        return self.state.state in ("failing", "gone", "throttled")


Keep = Callable[[Batch], Awaitable[Kept]]
"""Stores the items of a batch, and what it sets aside, together with its cursor (an empty one replaces nothing)."""
KeepOf = Callable[[Source, Batch], Awaitable[Kept]]


async def fetch_source(
    source: Source, state: FetchState, http: Http, *, now: datetime, keep: Keep, seconds: float = SECONDS_A_SOURCE
) -> FetchResult:
    """Read what is new in ``source`` and hand it to ``keep``, batch by batch.

    Never raises for what the source or its reader does; what ``keep`` raises as StoreFault is
    not the source's doing and comes through.
    """
    with about_source(source.name):
        return await _fetch(source, state, http, now=now, keep=keep, seconds=seconds)


async def _fetch(
    source: Source, state: FetchState, http: Http, *, now: datetime, keep: Keep, seconds: float
) -> FetchResult:
    began = time.monotonic()
    if source.paused:
        return FetchResult(source, replace(state, state="paused", state_reason="paused in feeds.yaml"))
    reading = _Reading(source, state)
    try:
        async with asyncio.timeout(seconds) as deadline:
            await reading.read(http, keep)
        after = reading.done(now)
    except FetchError as error:
        after = reading.failed(error, now)
        await reading.set_aside(error, keep)
    except StoreFault:
        raise
    except Exception as error:
        if isinstance(error, TimeoutError) and deadline.expired():
            after = reading.failed(NotReadable(f"not done after {seconds:g} s; it goes on from there next time"), now)
        else:
            log_mishap("reader_failed", source=source.name)
            fault = NotReadable(f"the reader failed: {type(error).__name__}: {error}")
            after = reading.failed(fault, now)
            await reading.set_aside(fault, keep)
    return FetchResult(
        source,
        after,
        reading.new_count,
        reading.changed_count,
        tuple(dict.fromkeys(reading.warnings)),
        time.monotonic() - began,
        reading.aside_count,
        reading.is_asked,
    )


@dataclass(slots=True)
class _Reading:
    """What is known while a source is read."""

    source: Source
    state: FetchState
    new_count: int = 0
    changed_count: int = 0
    is_unchanged: bool = True
    moved_to: str | None = None
    warnings: list[str] = field(default_factory=list)
    aside_count: int = 0
    _heard: Overheard | None = None
    _said: str = ""
    """The words of the trouble that ended the reading."""
    _set_aside: set[str] = field(default_factory=set)
    """The hashes of what was set aside."""

    is_asked: bool = True

    async def read(self, http: Http, keep: Keep) -> None:
        """Find the reader and take all its batches."""
        http = self._heard = Overheard(http, source=self.source.address, fresh_seconds=self.state.fresh_seconds)
        found = await find_reader(self.source, http, known=self.state.reader)
        self.state = replace(self.state, reader=found.info.reader)
        if not found.info.can_read:
            raise NotInThisVersion(f'sources of kind "{found.info.word}" are not readable in this version')
        if found.reply is not None:
            http = LookedAt(http, self.source.address, found.reply)
        kind = self._made(found.info.cls)
        async with _closing(kind.fetch(http, self.state)) as batches:
            async for batch in batches:
                await self._take(batch, keep)

    def _made(self, cls: type) -> Kind:
        try:
            made: Kind = cls(**self.source.settings)
        except TypeError as error:
            raise NotReadable(f"its settings do not fit its kind: {error}") from error
        return made

    async def set_aside(self, error: FetchError, keep: Keep) -> None:
        """Keep the document that ended the reading, if it is one that could not be read."""
        if not isinstance(error, NotReadable) or self._heard is None:
            return
        found = self._heard.aside(_reason_of(error))
        if found is not None and body_hash(found.data) not in self._set_aside:
            await self._take(Batch(aside=(replace(found, is_document=True),), is_unchanged=True), keep)

    async def _take(self, batch: Batch, keep: Keep) -> None:
        if batch.aside:
            batch = replace(batch, aside=tuple(map(self._fit_to_keep, batch.aside)))
            self.aside_count += len(batch.aside)
            self._set_aside.update(body_hash(each.data) for each in batch.aside)
        kept = await keep(batch)
        self.new_count += kept.new_count
        self.changed_count += kept.changed_count
        self.is_unchanged = self.is_unchanged and batch.is_unchanged
        self.moved_to = batch.moved_to or self.moved_to
        self.warnings += batch.warnings
        if batch.cursor:
            self.state = replace(self.state, cursor=batch.cursor)

    def _fit_to_keep(self, found: Aside) -> Aside:
        settings = self.source.settings

        def discreet(text: str) -> str:
            return without_secrets(text, settings)

        return replace(
            found,
            address=discreet(found.address),
            reason=discreet(found.reason),
            final_url=discreet(found.final_url),
            reader=self.state.reader,
        )

    def done(self, now: datetime) -> FetchState:
        """The state after everything was read."""
        moved_to = self.moved_to or _remembered_move(self.source, self.state)
        state = replace(
            self._counted(now),
            state="unchanged" if self.is_unchanged else "ok",
            state_reason="",
            warned=self._warned(now),
            moved_to=moved_to,
            moved_count=self._moved_count(moved_to),
            failures=0,
            failing_since=None,
            fresh_seconds=self._heard.fresh_seconds if self._heard else None,
        )
        state = replace(state, next_at=next_check(self.source, state, now, has_news=self.new_count > 0))
        if moved_to and is_new_address(self.source.address, moved_to):
            reason = f"moved to {moved_to} for good; write url: {moved_to}"
            state = replace(state, state="moved", state_reason=reason)
        return state

    def _moved_count(self, moved_to: str | None) -> int:
        if not moved_to:
            return 0
        return self.state.moved_count + 1 if moved_to == self.state.moved_to else 1

    def _warned(self, now: datetime) -> Mapping[str, str]:
        """What there is to say about the source, since when; what was not looked at again is as it was."""
        is_seen = (self._heard is not None and self._heard.is_fresh) or not self.is_unchanged or bool(self.warnings)
        if not is_seen:
            return self.state.warned
        said = [shorten(one_line(each), _WARNING) for each in dict.fromkeys(self.warnings)][:_WARNINGS]
        return {each: self.state.warned.get(each, now.isoformat()) for each in said}

    def failed(self, error: FetchError, now: datetime) -> FetchState:
        """The state after ``error``; what was kept before stays."""
        self._said = error.said or str(error)
        was_asked = self._heard is not None and self._heard.is_asked
        self.is_asked = was_asked or not isinstance(error, Throttled) or error.is_asked
        state = replace(self._counted(now), state=cast(SourceState, error.state), state_reason=self._told(error))
        if isinstance(error, NotInThisVersion):
            return replace(state, next_at=now + self.source.check_every)
        failures = self.state.failures + 1
        return replace(
            state,
            failures=failures,
            failing_since=self.state.failing_since or now,
            next_at=self._next_after(error, failures, now),
        )

    def _told(self, error: FetchError) -> str:
        """Why it failed and what to do about it, with no secret in it."""
        text = str(error)
        if error.how and not text.rstrip().endswith("."):
            text = f"{text}. {error.how}."
        return shorten(one_line(without_secrets(text, self.source.settings)), _REASON)

    def _next_after(self, error: FetchError, failures: int, now: datetime) -> datetime | None:
        if isinstance(error, Gone):
            return None
        if isinstance(error, Throttled):
            return error.until or now + back_off(self.source.id, failures, FIRST_PAUSE)
        return now + back_off(self.source.id, failures, self.source.check_every)

    def _counted(self, now: datetime) -> FetchState:
        return replace(
            self.state,
            checked_at=now,
            items_count=self.state.items_count + self.new_count,
            last_new_at=now if self.new_count else self.state.last_new_at,
            answer=self._answer(now),
        )

    def _answer(self, now: datetime) -> Mapping[str, Any]:
        """How the server answered last; its own words when they are known, else those of the trouble."""
        heard = self._heard.answer if self._heard else None
        if heard is None and not self._said:
            return self.state.answer
        words = shorten(one_line(without_secrets(self._said, self.source.settings)), _REASON)
        if heard is None:
            return LastAnswer(now, words=words).as_json()
        return LastAnswer(now, heard.status, heard.size, heard.seconds, words).as_json()


def _reason_of(error: FetchError) -> str:
    return shorten(one_line(str(error)), _REASON)


@contextlib.asynccontextmanager
async def _closing(batches: AsyncIterator[Batch]) -> AsyncIterator[AsyncIterator[Batch]]:
    """``batches``, closed at the end if it can be: a reader may hold a file open between two of them."""
    try:
        yield batches
    finally:
        close = getattr(batches, "aclose", None)
        if close is not None:
            await close()


def _remembered_move(source: Source, state: FetchState) -> str | None:
    """Where the address of ``source`` has moved, as its cursor remembers it."""
    documents: Any = state.cursor.get("documents")
    document = documents.get(source.address) if isinstance(documents, dict) else None
    return document.get("moved_to") if isinstance(document, dict) else None


async def gather_sources(
    jobs: Iterable[tuple[Source, FetchState]],
    http: Http,
    *,
    now: datetime,
    keep: KeepOf,
    at_once: int = SOURCES_AT_ONCE,
    seconds: float = SECONDS_A_SOURCE,
) -> AsyncIterator[FetchResult]:
    """Fetch many sources, at most ``at_once`` at the same time; yields each result as it is there.

    Sources of one host are spread over the whole, so that a large one keeps nobody waiting.
    """
    waiting = iter(_spread(jobs))
    results: asyncio.Queue[FetchResult | BaseException | None] = asyncio.Queue()

    async def work() -> None:
        try:
            for source, state in waiting:
                result = await fetch_source(source, state, http, now=now, keep=partial(keep, source), seconds=seconds)
                results.put_nowait(result)
            results.put_nowait(None)
        except Exception as error:
            results.put_nowait(error)

    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    working = len(workers)
    try:
        while working:
            result = await results.get()
            if isinstance(result, BaseException):
                raise result
            if result is None:
                working -= 1
            else:
                yield result
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _spread(jobs: Iterable[tuple[Source, FetchState]]) -> list[tuple[Source, FetchState]]:
    """``jobs`` in turns: the first of each host, then the second of each."""
    by_host: dict[str, int] = defaultdict(int)
    turns = []
    for place, job in enumerate(jobs):
        host = host_of(job[0].address)
        turns.append((by_host[host], place, job))
        by_host[host] += 1
    return [job for _, _, job in sorted(turns, key=lambda turn: turn[:2])]
