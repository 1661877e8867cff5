"""save_items(): what is new or changed of a batch goes into the store, the rest costs one question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select, update

from newsletter.model.item import Item
from newsletter.store.again import known_again, with_first_date
from newsletter.store.columns import stored_key
from newsletter.store.content import content_of
from newsletter.store.database import Db, in_parts
from newsletter.store.erasures import load_erased
from newsletter.store.tables import item_keys, item_revisions, items
from newsletter.store.threads import settle_threads
from newsletter.store.topics import save_topics

_Current = Mapping[str, tuple[int, str, datetime | None]]
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Which items of a batch were new, which had changed, and how many stood there already."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same_count: int = 0


@dataclass(slots=True)
class _Writes:
    """The rows that a batch leads to."""

    new: dict[str, _Row] = field(default_factory=dict)
    changed: dict[str, _Row] = field(default_factory=dict)
    dated: list[str] = field(default_factory=list)
    """Ids of the changed ones that have another date now."""
    keys: list[_Row] = field(default_factory=list)
    revisions: dict[str, _Row] = field(default_factory=dict)

    def place(self, roots: Mapping[str, str]) -> None:
        """Put the items into the threads with these roots, by item id; the others stand in none."""
        for rows in (self.new, self.changed):
            for item_id, row in rows.items():
                row["thread_root"] = roots.get(item_id)


def save_items(
    db: Db,
    found: Sequence[Item],
    *,
    now: datetime,
    seen_at: datetime | None = None,
    said_at: Mapping[str, datetime] | None = None,
) -> SaveResult:
    """Store ``found``. One of its native keys is enough to know an item again; a changed one gets a new revision.

    A post is known by its title and address, too, and keeps its first date: a site that gives all its posts new names
    or dates tells nothing new. ``seen_at`` is when the document was got, if not just now: what is stored since then
    stays as it is. ``said_at`` says of some ids when they count as said, if they are new. Who was erased is not named.
    """
    new: list[str] = []
    changed: list[str] = []
    erased = load_erased(db)
    found = [erased.item(each) for each in found] if erased else found
    for source_id, group in groupby(sorted(found, key=lambda item: item.source_id), lambda item: item.source_id):
        times = _Times(now, seen_at, said_at or {})
        result = _save_of_source(db, source_id, list(group), times)
        new += result.new
        changed += result.changed
    return SaveResult(tuple(new), tuple(changed), len(found) - len(new) - len(changed))


@dataclass(frozen=True, slots=True)
class _Times:
    """What time it is, when the document was got, and when some new items count as said."""

    now: datetime
    seen_at: datetime | None
    said_at: Mapping[str, datetime]


def _save_of_source(db: Db, source_id: str, found: Sequence[Item], times: _Times) -> SaveResult:
    db.lock(f"items of {source_id}")
    known = _known_keys(db, source_id, (key for item in found for key in _keys(item)))
    again = _known_again(db, found, known)
    settled, named = _settle_ids(found, {**known, **again})
    current = _current(db, {*known.values(), *again.values()})
    if times.seen_at is not None:
        newer = _fetched_after(db, current, times.seen_at)
        settled = {item_id: item for item_id, item in settled.items() if item_id not in newer}
    writes = _decide(settled, current, times)
    writes.keys = [
        {"source_id": source_id, "key": key, "item_id": item_id} for key, item_id in named.items() if key not in known
    ]
    writes.place(settle_threads(db, source_id, [settled[item_id] for item_id in writes.revisions]))
    _write(db, writes)
    save_topics(db, settled.values())
    return SaveResult(tuple(writes.new), tuple(writes.changed))


def _keys(item: Item) -> tuple[str, ...]:
    return tuple(stored_key(key) for key in item.native_keys) or (item.id,)


def _known_again(db: Db, found: Sequence[Item], known: Mapping[str, str]) -> dict[str, str]:
    """By its first key: which stored item each post is that no key names."""
    keys = {item.id: _keys(item) for item in found}
    unknown = [item for item in found if not any(key in known for key in keys[item.id])]
    return {keys[name][0]: item_id for name, item_id in known_again(db, unknown, frozenset(known.values())).items()}


def _known_keys(db: Db, source_id: str, keys: Iterable[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    columns = select(item_keys.c.key, item_keys.c.item_id).where(item_keys.c.source_id == source_id)
    for part in in_parts(dict.fromkeys(keys)):
        known.update((row.key, row.item_id) for row in db.execute(columns.where(item_keys.c.key.in_(part))))
    return known


def _settle_ids(found: Iterable[Item], known: Mapping[str, str]) -> tuple[dict[str, Item], dict[str, str]]:
    """The items by the ids they have or get, and the id each key names; of several with one id the last holds."""
    settled: dict[str, Item] = {}
    named = dict(known)
    for item in found:
        keys = _keys(item)
        item_id = next((named[key] for key in keys if key in named), item.id)
        for key in keys:
            named.setdefault(key, item_id)
        settled.pop(item_id, None)
        settled[item_id] = item if item.id == item_id else replace(item, id=item_id)
    return settled, named


def _current(db: Db, ids: Iterable[str]) -> dict[str, tuple[int, str, datetime | None]]:
    columns = select(items.c.id, items.c.revision, items.c.content_hash, items.c.published_at)
    current: dict[str, tuple[int, str, datetime | None]] = {}
    for part in in_parts(sorted(ids)):
        rows = db.execute(columns.where(items.c.id.in_(part)))
        current.update((row.id, (row.revision, row.content_hash, row.published_at)) for row in rows)
    return current


def _fetched_after(db: Db, ids: Iterable[str], at: datetime) -> frozenset[str]:
    """Those of ``ids`` whose revision of now came after that time."""
    columns = select(item_revisions.c.item_id).where(item_revisions.c.fetched_at > at)
    newer: set[str] = set()
    for part in in_parts(sorted(ids)):
        newer.update(db.execute(columns.where(item_revisions.c.item_id.in_(part))).scalars())
    return frozenset(newer)


def _decide(settled: Mapping[str, Item], current: _Current, times: _Times) -> _Writes:
    """Which rows to write. Pure."""
    writes, now = _Writes(), times.now
    for item_id, item in settled.items():
        number, known_hash, first = current.get(item_id, (0, "", None))
        item = with_first_date(item, first)
        content = content_of(item)
        if known_hash == content.hash:
            continue
        row = {"id": item_id, "source_id": item.source_id, "revision": number + 1, **content.columns(now)}
        if number:
            writes.changed[item_id] = row
            writes.dated += [item_id] if item.published_at not in (None, first) else []
        else:
            said_at = times.said_at.get(item.id, row["effective_at"])
            writes.new[item_id] = {**row, "first_seen_at": now, "effective_at": said_at}
        revision = {"item_id": item_id, "number": number + 1, "fetched_at": now, "content": content.text}
        writes.revisions[item_id] = revision
    return writes


_CHANGED = ("form", "author_key", "published_at", "merged_at", "thread_root", "url_key", "revision", "content_hash")


def _write(db: Db, writes: _Writes) -> None:
    db.insert_new(items, list(writes.new.values()))
    if writes.changed:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _CHANGED}
        statement = update(items).where(items.c.id == bindparam("item_id")).values(values)
        rows = [
            {"item_id": row["id"]} | {f"new_{name}": row[name] for name in _CHANGED} for row in writes.changed.values()
        ]
        db.execute(statement, rows)
        _set_effective(db, writes.dated)
    db.insert_new(item_keys, writes.keys)
    db.insert_new(item_revisions, list(writes.revisions.values()))


def _set_effective(db: Db, dated: Iterable[str]) -> None:
    """A date that became known counts; without one the item was said when it was first seen."""
    for part in in_parts(dated):
        db.execute(update(items).where(items.c.id.in_(part)).values(effective_at=items.c.published_at))
