"""read_source: one source, by one worker at a time, and few at a host over all workers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from newsletter.errors import Busy, NotFound
from newsletter.fetch.room import ReadingRoom
from newsletter.model.source import FetchState, Source, is_due
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.gather import SourceReport, is_new, reading_of, report_of, settled, store_batch
from newsletter.pipeline.holding import LEASE, busy_words, hold_source
from newsletter.pipeline.readings_aside import slot_of, unknown_words
from newsletter.pipeline.times import HISTORY, newest_period
from newsletter.store.database import Db
from newsletter.store.holds import leave_places, take_place
from newsletter.store.metering import count_readings
from newsletter.store.sources import load_state, save_state, save_throttles, throttles
from newsletter.text import host_of

READS_AT_A_HOST = 2
"""So many sources of one host are read at the same time, over all workers; each over one connection."""
_WAIT_SECONDS = 2

Finish = Callable[[Db], None]
"""What to write in the transaction of the effect."""


def open_room(app: Newsletter) -> ReadingRoom:
    """Where sources are read one by one, with one connection a host."""
    return ReadingRoom(replace(app.web, per_host=1), now=app.now)


def read_source(
    app: Newsletter, room: ReadingRoom, args: Mapping[str, str], *, holder: str, finish: Finish
) -> SourceReport | None:
    """Read the source ``id`` if the reading ``slot`` is still to be done, which ``finish`` notes; None when it is not.

    Raises Busy when another reads it, or when enough sources of its host are being read; NotFound when feeds.yaml
    knows no such source here; Stopped when the process ends meanwhile.
    """
    source = next((each for each in app.config.sources if each.id == args["id"]), None)
    if source is None:
        raise NotFound(unknown_words(args["id"]))
    with app.database.transaction() as db:
        state = load_state(db, source.id)
        if slot_of(source, state.checked_at) != args["slot"] or not is_due(source, state, app.now()):
            finish(db)
            return None
        _take_places(app, db, source, holder)
        waiting = throttles(db)
    try:
        return _read(app, room, (source, state), waiting=waiting, finish=finish)
    finally:
        with app.database.transaction() as db:
            leave_places(db, holder, now=app.now())


def _take_places(app: Newsletter, db: Db, source: Source, holder: str) -> None:
    now = app.now()
    if not hold_source(db, source, holder=holder, now=now):
        raise Busy(f"“{source.name}” is {busy_words(app, db, source)}.", seconds=_WAIT_SECONDS)
    host = host_of(source.address) or source.kind or source.id
    if not take_place(db, f"host {host}", holder=holder, now=now, until=now + LEASE, places=READS_AT_A_HOST):
        raise Busy(f"Enough sources of {host} are being read.", seconds=_WAIT_SECONDS)


def _read(
    app: Newsletter,
    room: ReadingRoom,
    job: tuple[Source, FetchState],
    *,
    waiting: Mapping[str, datetime],
    finish: Finish,
) -> SourceReport:
    source, state = job
    since = newest_period(app.config.schedule, app.now()).start - HISTORY
    read = room.read(
        source,
        replace(state, since=since),
        store=lambda source, batch: store_batch(app, source, batch, is_first=is_new(state)),
        throttles=waiting,
    )
    result = replace(read.result, state=settled(app, read.result.state))
    with app.database.transaction() as db:
        save_state(db, result.state)
        if changed := {domain: at for domain, at in read.throttles.items() if waiting.get(domain) != at}:
            save_throttles(db, changed)
        finish(db)
        count_readings(db, reading_of(result))
    return report_of(result)
