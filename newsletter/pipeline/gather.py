"""gather: sources that are due are read, and what is new is stored with the cursor it stands for."""

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.errors import NotFound
from newsletter.fetch.discreet import without_secrets
from newsletter.fetch.kinds import Batch
from newsletter.fetch.language import with_languages
from newsletter.fetch.run import FetchResult, Kept, is_due
from newsletter.fetch.run import gather_sources as fetch_sources
from newsletter.fetch.workers import worker_pool
from newsletter.model.item import Item
from newsletter.model.source import EVER, FetchState, Source
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.back_catalogue import back_catalogue
from newsletter.pipeline.in_force import FEEDS
from newsletter.store.aside import keep_aside
from newsletter.store.items import save_items
from newsletter.store.sources import load_states, save_cursor, save_state, save_throttles, throttles

_STATES_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What came of reading one source; ``problem`` is the line of feeds.yaml to look at, if there is one."""

    source: Source
    state: FetchState
    new_count: int
    changed_count: int
    seconds: float
    warnings: tuple[str, ...] = ()
    aside_count: int = 0

    @property
    def is_failed(self) -> bool:
        """Whether the source gave nothing because of some trouble."""
        return self.state.state in ("failing", "gone", "throttled")

    @property
    def problem(self) -> str | None:
        """Where and what to mend, when the source is failing, gone or moved: by its name and its address."""
        if self.state.state not in ("failing", "gone", "moved"):
            return None
        address, reason = without_secrets(self.source.address, self.source.settings), self.state.state_reason
        named = f"“{self.source.name}”" + (f" ({address})" if address and address not in reason else "")
        return f"{FEEDS}:{self.source.address_line or self.source.line}: {named}: {reason}"


OnReport = Callable[[SourceReport], None]
Job = tuple[Source, FetchState]


def due_sources(app: Newsletter, names: Iterable[str] = ()) -> list[Job]:
    """The sources to read now: those that are due, or those named (NotFound for a name that is no source)."""
    with app.database.reading() as db:
        states = load_states(db)
    jobs = [(source, states.get(source.id, FetchState(source.id))) for source in app.config.sources]
    wanted = {name.casefold(): name for name in names}
    if not wanted:
        return [(source, state) for source, state in jobs if is_due(source, state, app.now())]
    found = [job for job in jobs if job[0].name.casefold() in wanted or job[0].id in wanted]
    unknown = wanted.keys() - {name for source, _ in found for name in (source.name.casefold(), source.id)}
    if unknown:
        known = ", ".join(source.name for source in app.config.sources)
        raise NotFound(f"There is no source “{wanted[min(unknown)]}” in {FEEDS}. Sources: {known}.")
    return found


def gather_sources(
    app: Newsletter, jobs: Sequence[Job], *, since: datetime | None = None, on_report: OnReport | None = None
) -> tuple[SourceReport, ...]:
    """Read ``jobs`` and store what is new. ``since`` is how far back a first reading goes."""
    if not jobs:
        return ()
    first = (source.id for source, state in jobs if state.checked_at is None and not state.items_count)
    keeper = _Keeper(app, first)
    return asyncio.run(_gather(app, [_reaching_back(job, since) for job in jobs], on_report, keeper))


def check_online(app: Newsletter, *, on_report: OnReport | None = None) -> tuple[SourceReport, ...]:
    """Read every source once from its beginning; nothing is stored."""
    jobs = [(source, FetchState(source.id)) for source in app.config.sources]
    return asyncio.run(_gather(app, jobs, on_report, _Counter(app)))


def read_alone(app: Newsletter, source: Source) -> tuple[SourceReport, tuple[Item, ...]]:
    """Read one source once from its beginning, paused or not, with what it gave; nothing is stored."""
    keeper = _Collector(app)
    job = (replace(source, paused=False), FetchState(source.id))
    return asyncio.run(_gather(app, [job], None, keeper))[0], tuple(keeper.found.values())


def _reaching_back(job: Job, since: datetime | None) -> Job:
    source, state = job
    return (source, replace(state, since=since)) if since else job


class _Keeper:
    """Stores batches with their cursors, one writer at a time, and the states of sources in small packs."""

    def __init__(self, app: Newsletter, first: Iterable[str] = ()) -> None:
        self.app = app
        self._first = frozenset(first)
        """The sources that were never read before, by their ids."""
        self._lock = asyncio.Lock()
        self._states: list[FetchState] = []

    async def keep(self, source: Source, batch: Batch) -> Kept:
        """Store a batch; one that brings nothing but a cursor waits for the source's state."""
        if not (batch.items or batch.aside):
            return Kept()
        async with self._lock:
            return await asyncio.to_thread(self._store, source, batch)

    def _store(self, source: Source, batch: Batch) -> Kept:
        found = with_languages(batch.items)
        with self.app.database.transaction() as db:
            said_at = back_catalogue(found, self.app.now()) if source.id in self._first else {}
            result = save_items(db, found, now=self.app.now(), said_at=said_at)
            keep_aside(db, source.id, batch.aside, now=self.app.now())
            if batch.cursor:
                save_cursor(db, source.id, batch.cursor)
        return Kept(len(result.new), len(result.changed))

    async def settle(self, state: FetchState) -> None:
        """Remember the state of a source; what its first reading found may be its back catalogue."""
        if state.seen_until == EVER and state.state in ("ok", "unchanged", "moved"):
            state = replace(state, seen_until=self.app.now())
        self._states.append(state)
        if len(self._states) >= _STATES_AT_ONCE:
            await self.finish({})

    async def finish(self, until: dict[str, datetime]) -> None:
        """Write what is still to be written."""
        states, self._states = self._states, []
        async with self._lock:
            await asyncio.to_thread(self._store_states, states, until)

    def _store_states(self, states: Sequence[FetchState], until: dict[str, datetime]) -> None:
        with self.app.database.transaction() as db:
            for state in states:
                save_state(db, state)
            if until:
                save_throttles(db, until)


class _Counter(_Keeper):
    """Counts, and stores nothing."""

    async def keep(self, source: Source, batch: Batch) -> Kept:
        return Kept(len(batch.items))

    async def settle(self, state: FetchState) -> None:
        return

    async def finish(self, until: dict[str, datetime]) -> None:
        return


class _Collector(_Counter):
    """Has what was read at hand, and stores nothing."""

    def __init__(self, app: Newsletter) -> None:
        super().__init__(app)
        self.found: dict[str, Item] = {}

    async def keep(self, source: Source, batch: Batch) -> Kept:
        self.found.update((item.id, item) for item in batch.items)
        return Kept(len(batch.items))


async def _gather(
    app: Newsletter, jobs: Sequence[Job], on_report: OnReport | None, keeper: _Keeper
) -> tuple[SourceReport, ...]:
    # Heavy, and not needed when nothing is due.
    from newsletter.fetch.client import WebClient

    with app.database.reading() as db:
        known = throttles(db)
    reports: list[SourceReport] = []
    processes = max(1, min(4, os.cpu_count() or 1))
    async with worker_pool(processes), WebClient(app.web, now=app.now, throttles=known) as http:
        try:
            async for result in fetch_sources(jobs, http, now=app.now(), keep=keeper.keep):
                await keeper.settle(result.state)
                reports.append(_report(result))
                if on_report:
                    on_report(reports[-1])
        finally:
            await keeper.finish(http.throttles)
    return tuple(reports)


def _report(result: FetchResult) -> SourceReport:
    return SourceReport(
        result.source,
        result.state,
        result.new_count,
        result.changed_count,
        result.seconds,
        result.warnings,
        result.aside_count,
    )
