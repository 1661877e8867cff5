"""aside: what could not be read, listed, read again after a fix, or dropped."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from newsletter.errors import FetchError
from newsletter.fetch.language import with_languages
from newsletter.fetch.replay import ReadAgain, Replay, replay_all
from newsletter.model.aside import SetAside
from newsletter.model.source import Source
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.in_force import FEEDS
from newsletter.store.aside import drop_aside, failed_again, find_aside, keep_aside, list_aside, load_aside, replayed
from newsletter.store.items import save_items
from newsletter.store.sources import load_states, save_state

_CUT = "it is not kept whole ({}); gather the source to ask for it again"


@dataclass(frozen=True, slots=True)
class AsideReport:
    """What came of reading something again: ``reason`` says why it is still set aside, "" that it was read."""

    id: str
    source_name: str
    new_count: int = 0
    changed_count: int = 0
    left_count: int = 0
    """So many records of it could not be read and are set aside on their own."""
    reason: str = ""
    notes: tuple[str, ...] = ()
    """What there is to say about what was read."""


OnReplayed = Callable[[AsideReport], None]


def everything_aside(app: Newsletter) -> list[tuple[SetAside, str]]:
    """What is set aside, the oldest first, each with the name of its source (its id when feeds.yaml has it no more)."""
    names = {source.id: source.name for source in app.config.sources}
    with app.database.reading() as db:
        return [(each, names.get(each.source_id, each.source_id)) for each in list_aside(db)]


def replay_aside(
    app: Newsletter, names: Iterable[str], *, is_all: bool = False, on_replayed: OnReplayed | None = None
) -> tuple[AsideReport, ...]:
    """Read again what ``names`` begin the ids of, or everything. Raises NotFound, UsageError, StoreFault."""
    replayer = _Replayer(app, on_replayed)
    ids = _ids(app, names, is_all=is_all)
    asyncio.run(replay_all(filter(None, map(replayer.prepare, ids)), replayer.settle))
    return tuple(replayer.reports)


def drop_from_aside(app: Newsletter, names: Iterable[str], *, is_all: bool = False) -> int:
    """Drop what ``names`` begin the ids of, or everything; how many that were. Raises NotFound, UsageError."""
    ids = _ids(app, names, is_all=is_all)
    with app.database.transaction() as db:
        return drop_aside(db, ids)


def _ids(app: Newsletter, names: Iterable[str], *, is_all: bool) -> Sequence[str]:
    with app.database.reading() as db:
        return [each.id for each in list_aside(db)] if is_all else find_aside(db, names)


class _Replayer:
    """Prepares what is to be read again, one at a time, and stores what came of it."""

    def __init__(self, app: Newsletter, on_replayed: OnReplayed | None) -> None:
        self.app = app
        self.reports: list[AsideReport] = []
        self._on_replayed = on_replayed
        self._sources = {source.id: source for source in app.config.sources}

    def prepare(self, aside_id: str) -> Replay | None:
        """What to read again; None, and a report, when it cannot be tried."""
        with self.app.database.reading() as db:
            found = load_aside(db, aside_id)
            state = load_states(db).get(found.source_id) if found else None
        if found is None:
            return None
        source = self._sources.get(found.source_id)
        if source is None:
            self._fail(aside_id, found.source_id, f"its source is not in {FEEDS} any more; put it back, or drop this")
        elif not found.size:
            self._fail(aside_id, source.name, "none of its bytes are kept; gather the source to ask for it again")
        elif found.note:
            self._fail(aside_id, source.name, _CUT.format(found.note))
        else:
            return Replay(aside_id, source, found.aside, state.cursor if state else {})
        return None

    def settle(self, asked: Replay, outcome: ReadAgain | FetchError) -> None:
        """Store what was read and forget that it was set aside, or remember why it still is."""
        if isinstance(outcome, FetchError):
            self._fail(asked.id, asked.source.name, str(outcome))
        else:
            self._report(self._store(asked.id, asked.source, outcome))

    def _store(self, aside_id: str, source: Source, read: ReadAgain) -> AsideReport:
        now = self.app.now()
        with self.app.database.transaction() as db:
            known = load_aside(db, aside_id)
            result = save_items(db, with_languages(read.items), now=now, seen_at=known.seen_at if known else now)
            replayed(db, aside_id)
            keep_aside(db, source.id, read.aside, now=now)
            state = load_states(db).get(source.id)
            if state is not None and result.new:
                counted = state.items_count + len(result.new)
                save_state(db, replace(state, items_count=counted, last_new_at=now))
        return AsideReport(
            aside_id, source.name, len(result.new), len(result.changed), len(read.aside), notes=read.notes
        )

    def _fail(self, aside_id: str, name: str, reason: str) -> None:
        with self.app.database.transaction() as db:
            failed_again(db, aside_id, reason)
        self._report(AsideReport(aside_id, name, reason=reason))

    def _report(self, report: AsideReport) -> None:
        self.reports.append(report)
        if self._on_replayed:
            self._on_replayed(report)
