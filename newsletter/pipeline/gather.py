"""gather: sources that are due are read, and what is new is stored with the cursor it stands for."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsletter.errors import NotFound
from newsletter.fetch.kinds import Batch
from newsletter.fetch.language import with_languages
from newsletter.fetch.rhythm import share_of
from newsletter.fetch.run import FetchResult, Kept
from newsletter.fetch.run import gather_sources as fetch_sources
from newsletter.fetch.workers import processes_here, worker_pool
from newsletter.model.item import Item
from newsletter.model.source import EVER, FetchState, Source, is_due
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.back_catalogue import back_catalogue
from newsletter.pipeline.holding import Holder, busy_words, holding
from newsletter.pipeline.in_force import FEEDS
from newsletter.pipeline.rhythm import per_week
from newsletter.pipeline.times import draft_time, next_period
from newsletter.plugins import without_secrets
from newsletter.store.aside import keep_aside
from newsletter.store.items import save_items
from newsletter.store.metering import Reading, count_readings
from newsletter.store.sources import load_states, save_cursor, save_state, save_throttles, throttles

_STATES_AT_ONCE = 5
_LOOKED_BACK = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a source that was only looked at: its newest item, and how many come a week."""

    newest_title: str = ""
    newest_at: datetime | None = None
    per_week: float | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What came of reading one source; ``problem`` is the line of feeds.yaml to look at, if there is one.

    ``sight`` is there when it was only looked at.
    """

    source: Source
    state: FetchState
    new_count: int
    changed_count: int
    seconds: float
    warnings: tuple[str, ...] = ()
    aside_count: int = 0
    sight: Sight | None = None
    busy: str = ""
    """Who keeps it from being read, when somebody does."""

    @property
    def is_failed(self) -> bool:
        """Whether the source gave nothing because of some trouble."""
        return bool(self.busy) or self.state.state in ("failing", "gone", "throttled")

    @property
    def problem(self) -> str | None:
        """Where and what to mend, when the source is failing, gone or moved: by its name and its address."""
        if self.busy or self.state.state not in ("failing", "gone", "moved"):
            return None
        address, reason = without_secrets(self.source.address, self.source.settings), self.state.state_reason
        where = self.source.place
        if address and reason.startswith(f"{address} is a web page"):
            return f"{where}: {reason}"
        named = f"“{self.source.name}”" + (f" ({address})" if address and address not in reason else "")
        return f"{where}: {named}: {reason}"


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
    """Read ``jobs`` and store what is new. ``since`` is how far back a first reading goes.

    What another process reads is left to it: its report says so.
    """
    if not jobs:
        return ()
    with holding(app) as holder:
        free, busy = _held(app, holder, jobs)
        if on_report:
            for report in busy:
                on_report(report)
        first = (source.id for source, state in free if is_new(state))
        keeper = _Keeper(app, first, holder)
        wanted = [_reaching_back(job, since) for job in free]
        return (*busy, *(asyncio.run(_gather(app, wanted, on_report, keeper)) if wanted else ()))


def _held(app: Newsletter, holder: Holder, jobs: Sequence[Job]) -> tuple[list[Job], list[SourceReport]]:
    """The ``jobs`` that are ours now, each source as it is by now; and what is said of the others."""
    free, busy = [], []
    with app.database.transaction() as db:
        for source, state in jobs:
            if holder.take(db, source):
                free.append((source, state))
            else:
                busy.append(SourceReport(source, state, 0, 0, 0.0, busy=busy_words(app, db, source)))
        states = load_states(db)
    return [(source, states.get(source.id, state)) for source, state in free], busy


def check_online(app: Newsletter, *, on_report: OnReport | None = None) -> tuple[SourceReport, ...]:
    """Read every source once, what is paused as well, at most the last eight weeks of it; nothing is stored."""
    since = app.now() - _LOOKED_BACK
    jobs = [(replace(source, paused=False), FetchState(source.id, since=since)) for source in app.config.sources]
    return asyncio.run(_gather(app, jobs, on_report, _Counter(app)))


def read_alone(app: Newsletter, source: Source) -> tuple[SourceReport, tuple[Item, ...]]:
    """Read one source once from its beginning, paused or not, with what it gave; nothing is stored."""
    keeper = _Collector(app)
    job = (replace(source, paused=False), FetchState(source.id))
    return asyncio.run(_gather(app, [job], None, keeper))[0], tuple(keeper.found.values())


def _reaching_back(job: Job, since: datetime | None) -> Job:
    source, state = job
    return (source, replace(state, since=since)) if since else job


def store_batch(app: Newsletter, source: Source, batch: Batch, *, is_first: bool = False) -> Kept:
    """Store the items of a batch, what it sets aside and its cursor, in one transaction.

    ``is_first`` when the source was never read before: what names no day then is no news of today.
    """
    found = with_languages(batch.items)
    with app.database.transaction() as db:
        said_at = back_catalogue(found, app.now()) if is_first else {}
        result = save_items(db, found, now=app.now(), said_at=said_at)
        keep_aside(db, source.id, batch.aside, now=app.now())
        if batch.cursor:
            save_cursor(db, source.id, batch.cursor)
    return Kept(len(result.new), len(result.changed))


def is_new(state: FetchState) -> bool:
    """Whether a source was never read before."""
    return state.checked_at is None and not state.items_count


def settled(app: Newsletter, state: FetchState) -> FetchState:
    """The state of a source as it is remembered; what its first reading found may be its back catalogue."""
    if state.seen_until == EVER and state.state in ("ok", "unchanged", "moved"):
        state = replace(state, seen_until=app.now())
    return for_the_issue(app, state)


def for_the_issue(app: Newsletter, state: FetchState) -> FetchState:
    """``state`` of a source that is well, read once more between the end of the period and the draft's hour.

    However quiet it was: what it tells on the last day belongs into the issue. Each at its own moment in between.
    """
    if state.state not in ("ok", "unchanged", "moved") or state.next_at is None:
        return state
    schedule, now = app.config.schedule, app.now()
    period = next_period(schedule, now)
    at = period.end + (draft_time(schedule, period) - period.end) / 2 * share_of(state.source_id)
    return replace(state, next_at=at) if state.next_at > at > now else state


class _Keeper:
    """Stores batches with their cursors, one writer at a time, and the states of sources in small packs."""

    def __init__(self, app: Newsletter, first: Iterable[str] = (), holder: Holder | None = None) -> None:
        self.app, self._holder = app, holder
        self._first = frozenset(first)
        """The sources that were never read before, by their ids."""
        self._lock = asyncio.Lock()
        self._states: list[FetchState] = []
        self._readings: list[Reading] = []

    async def keep(self, source: Source, batch: Batch) -> Kept:
        """Store a batch; one that brings nothing but a cursor waits for the source's state."""
        if not (batch.items or batch.aside):
            return Kept()
        async with self._lock:
            return await asyncio.to_thread(store_batch, self.app, source, batch, is_first=source.id in self._first)

    async def settle(self, result: FetchResult) -> None:
        """Remember the state of a source, and how long it took to read it."""
        self._readings += reading_of(result)
        self._states.append(settled(self.app, result.state))
        if len(self._states) >= _STATES_AT_ONCE:
            await self.finish({})

    def sight(self, source: Source) -> Sight | None:
        """What was seen of ``source``, when it was only looked at."""
        return None

    async def finish(self, until: dict[str, datetime]) -> None:
        """Write what is still to be written."""
        states, self._states = self._states, []
        found, self._readings = self._readings, []
        async with self._lock:
            await asyncio.to_thread(self._store_states, states, found, until)

    def _store_states(self, states: Sequence[FetchState], found: Sequence[Reading], until: dict[str, datetime]) -> None:
        with self.app.database.transaction() as db:
            for state in states:
                save_state(db, state)
                if self._holder is not None:
                    self._holder.leave(db, state.source_id)
            if until:
                save_throttles(db, until)
            count_readings(db, found)


class _Counter(_Keeper):
    """Counts, and stores nothing."""

    def __init__(self, app: Newsletter) -> None:
        super().__init__(app)
        self._dates: dict[str, list[datetime]] = defaultdict(list)
        self._newest: dict[str, tuple[datetime, str]] = {}

    async def keep(self, source: Source, batch: Batch) -> Kept:
        now = self.app.now()
        for item in batch.items:
            at = item.published_at
            if at and at <= now:
                self._dates[source.id].append(at)
                self._newest[source.id] = max(self._newest.get(source.id, (at, "")), (at, item.title or item.url or ""))
        return Kept(len(batch.items))

    def sight(self, source: Source) -> Sight:
        at, title = self._newest.get(source.id, (None, ""))
        return Sight(title, at, per_week(self._dates[source.id], self.app.now()))

    async def settle(self, result: FetchResult) -> None:
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
    async with worker_pool(processes_here()), WebClient(app.web, now=app.now, throttles=known) as http:
        try:
            async for result in fetch_sources(jobs, http, now=app.now(), keep=keeper.keep):
                await keeper.settle(result)
                reports.append(replace(report_of(result), sight=keeper.sight(result.source)))
                if on_report:
                    on_report(reports[-1])
        finally:
            await keeper.finish(http.throttles)
    return tuple(reports)


def reading_of(result: FetchResult) -> list[Reading]:
    """What is counted of a reading: nothing when nobody was asked."""
    state = result.state
    if state.state == "paused" or not result.is_asked:
        return []
    return [Reading(result.source.kind or state.reader or "any", state.state, result.seconds)]


def report_of(result: FetchResult) -> SourceReport:
    """What is told of a reading."""
    return SourceReport(
        result.source,
        result.state,
        result.new_count,
        result.changed_count,
        result.seconds,
        result.warnings,
        result.aside_count,
    )
