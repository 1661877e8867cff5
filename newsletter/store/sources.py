"""Sources and what is remembered of them between two gathers; until when a host asked to be left alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from newsletter.model.source import EVER, FetchState, Source
from newsletter.store.database import Db
from newsletter.store.tables import hosts, sources

_STATE = tuple(each.name for each in fields(FetchState) if each.name != "source_id")


def sync_sources(db: Db, configured: Sequence[Source]) -> tuple[Source, ...]:
    """``configured`` with the ids they have here: a renamed source of the same address keeps its old one."""
    db.lock("sources")
    kept = (sources.c.items_count, sources.c.seen_until, sources.c.fresh_from)
    columns = select(sources.c.id, sources.c.address, sources.c.name, *kept)
    rows = {row.id: row for row in db.execute(columns)}
    settled = tuple(
        replace(source, id=source_id) if source.id != source_id else source
        for source, source_id in zip(configured, _settle_ids(configured, rows), strict=True)
    )
    new = [_new_row(source.id) | _named(source) for source in settled if source.id not in rows]
    db.insert_new(sources, new)
    for source in settled:
        if source.id in rows:
            values = _named(source)
            if source.address != rows[source.id].address:
                # What was remembered belongs to the old address: how far it was read, by whom, that it was gone.
                row = rows[source.id]
                kept_state = {"seen_until": row.seen_until, "fresh_from": row.fresh_from}
                values |= _state_values(FetchState(source.id, items_count=row.items_count, **kept_state))
            db.execute(update(sources).where(sources.c.id == source.id).values(**values))
    return settled


def _settle_ids(configured: Sequence[Source], rows: Mapping[str, Any]) -> list[str]:
    """The id of each source: its row with that name and address, with the address, with the name, or a new one."""
    found: dict[int, str] = {}
    free = dict(rows)
    for matches in (_is_same, _is_renamed, _is_readdressed, _is_of_that_id):
        for at, source in enumerate(configured):
            row = next((each for each in free.values() if at not in found and matches(source, each)), None)
            if row:
                found[at] = row.id
                del free[row.id]
    taken = set(rows) | set(found.values())
    for at, source in enumerate(configured):
        if at not in found:
            found[at] = next(each for each in _spellings(source.id) if each not in taken)
            taken.add(found[at])
    return [found[at] for at in range(len(configured))]


def _is_same(source: Source, row: Any) -> bool:
    return bool(row.id == source.id and row.address == source.address)


def _is_renamed(source: Source, row: Any) -> bool:
    return bool(row.address and row.address == source.address)


def _is_readdressed(source: Source, row: Any) -> bool:
    return bool(row.name == source.name)


def _is_of_that_id(source: Source, row: Any) -> bool:
    return bool(row.id == source.id)


def _spellings(source_id: str) -> Iterator[str]:
    yield source_id
    number = 2
    while True:
        yield f"{source_id}-{number}"
        number += 1


def _named(source: Source) -> dict[str, Any]:
    return {"name": source.name, "address": source.address}


def _new_row(source_id: str) -> dict[str, Any]:
    return {"id": source_id, "name": "", "address": "", **_state_values(FetchState(source_id))}


def _state_values(state: FetchState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in _STATE}


def load_states(db: Db) -> dict[str, FetchState]:
    """The state of every source that was ever configured, by its id."""
    columns = [sources.c[name] for name in ("id", *_STATE)]
    found = (row._asdict() for row in db.execute(select(*columns).order_by(sources.c.id)))
    return {row["id"]: FetchState(source_id=row.pop("id"), **row) for row in map(dict, found)}


def load_state(db: Db, source_id: str) -> FetchState:
    """The state of one source; a new one when nothing is known of it."""
    row = db.execute(select(*(sources.c[name] for name in _STATE)).where(sources.c.id == source_id)).first()
    return FetchState(source_id, **row._asdict()) if row else FetchState(source_id)


def reading_states(db: Db) -> dict[str, FetchState]:
    """Of every source by its id: how it is, when it was read last and when it is to be read next; nothing else."""
    names = ("state", "failing_since", "checked_at", "next_at")
    rows = db.execute(select(sources.c.id, *(sources.c[name] for name in names)))
    return {row.id: FetchState(row.id, **{name: getattr(row, name) for name in names}) for row in rows}


def save_state(db: Db, state: FetchState) -> None:
    """Remember ``state`` whole, its cursor included."""
    _set(db, state.source_id, _state_values(state))


def start_quietly(db: Db, source: Source, *, fresh_from: datetime | None = None) -> None:
    """Let what the first reading of ``source`` finds be its back catalogue, but what is dated from ``fresh_from`` on.

    To be called before the source stands in feeds.yaml, so that no reading comes in between.
    """
    db.lock("sources")
    db.insert_new(sources, [_new_row(source.id) | _named(source)])
    values = {"seen_until": EVER, "fresh_from": fresh_from}
    db.execute(update(sources).where(sources.c.id == source.id).values(**values))


def save_cursor(db: Db, source_id: str, cursor: Mapping[str, Any]) -> None:
    """Remember how far a source was read; belongs into the transaction that stores what was read."""
    _set(db, source_id, {"cursor": cursor})


def _set(db: Db, source_id: str, values: Mapping[str, Any]) -> None:
    if db.execute(update(sources).where(sources.c.id == source_id).values(**values)).rowcount == 0:
        db.upsert(sources, [{**_new_row(source_id), **values}])


def throttles(db: Db) -> dict[str, datetime]:
    """Until when each domain asked not to be asked."""
    return {row.domain: row.not_before for row in db.execute(select(hosts).order_by(hosts.c.domain))}


def save_throttles(db: Db, until: Mapping[str, datetime]) -> None:
    """Remember until when domains are left alone; for one that is known the new time holds."""
    db.upsert(hosts, [{"domain": domain, "not_before": at} for domain, at in sorted(until.items())])
