"""Items: saved by batches, read by period, by id and by thread."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from newsletter.errors import NotFound, UsageError
from newsletter.model.item import Form, Item, Thread
from newsletter.model.period import Period
from newsletter.store.columns import stored_key
from newsletter.store.content import StoredItem, project_in, read_content, revision_id, split_revision_id, url_key
from newsletter.store.database import Db, in_parts
from newsletter.store.saving import SaveResult, save_items
from newsletter.store.tables import item_keys, item_revisions, items
from newsletter.store.threads import count_threads
from newsletter.store.topics import grown_topics, load_topics

__all__ = [
    "SaveResult",
    "StoredItem",
    "count_by_source",
    "earlier_contributors",
    "grown_items",
    "has_merged",
    "item",
    "items_at",
    "items_between",
    "items_of_sources",
    "openings",
    "projects_between",
    "revisions",
    "save_items",
    "stored_items",
    "thread_items",
    "threads",
    "unmerged_reviews",
]


def items_between(db: Db, period: Period, *, form: Form | None = None) -> list[StoredItem]:
    """What counts as said inside ``period``, oldest first, with its threads as they stood when it ended."""
    conditions = [items.c.effective_at >= period.start, items.c.effective_at < period.end]
    if form:
        conditions.append(items.c.form == form)
    return _read(db, and_(*conditions), until=period.end)


def unmerged_reviews(db: Db, period: Period) -> list[StoredItem]:
    """The changes said inside ``period`` that were not merged, oldest first; most were, and are not read."""
    is_inside = and_(items.c.effective_at >= period.start, items.c.effective_at < period.end)
    return _read(db, and_(is_inside, items.c.form == "review", items.c.merged_at.is_(None)))


def openings(db: Db, threads: Iterable[tuple[str, str]], *, before: datetime) -> list[StoredItem]:
    """The mails that opened ``threads`` (source id and root), as far as they are stored; counted up to ``before``."""
    wanted: dict[str, list[str]] = {}
    for source_id, root in threads:
        # A Message-ID is a key as the mail has it, in angle brackets; a root stands without them.
        wanted.setdefault(source_id, []).extend((root, f"<{root}>"))
    found: list[StoredItem] = []
    for source_id, roots in sorted(wanted.items()):
        for part in in_parts(roots):
            keys = select(item_keys.c.item_id).where(item_keys.c.source_id == source_id, item_keys.c.key.in_(part))
            found += _read(db, and_(items.c.id.in_(keys), items.c.effective_at < before), until=before)
    return found


def grown_items(db: Db, period: Period) -> list[StoredItem]:
    """The discussions begun before ``period`` that went on in it and are one item each, oldest first."""
    found: list[StoredItem] = []
    for part in in_parts(grown_topics(db, period)):
        found += _read(db, items.c.id.in_(part))
    return sorted(found, key=lambda each: (each.effective_at, each.item.id))


def item(db: Db, name: str) -> StoredItem:
    """The item with the id ``name``, or the one whose id begins so (NotFound, UsageError when several do)."""
    found = _read(db, items.c.id.startswith(name, autoescape=True), limit=6) if name else []
    if not found:
        raise NotFound(f"There is no item “{name}” in the store.")
    if len(found) > 1 and found[0].item.id != name:
        ids = ", ".join(each.item.id for each in found[:5])
        raise UsageError(f"“{name}” begins the ids of several items: {ids}. Give more of it.")
    return found[0]


def current_items(db: Db, ids: Iterable[str]) -> dict[str, Item]:
    """The items with these ids as they stand now; unknown ids are left out."""
    found: dict[str, Item] = {}
    for part in in_parts(dict.fromkeys(ids)):
        found.update((each.item.id, each.item) for each in _read(db, items.c.id.in_(part)))
    return found


def stored_items(db: Db, ids: Iterable[str]) -> list[StoredItem]:
    """The items with these ids as they are stored now, oldest first; unknown ids are left out."""
    found: list[StoredItem] = []
    for part in in_parts(dict.fromkeys(ids)):
        found += _read(db, items.c.id.in_(part))
    return sorted(found, key=lambda each: (each.effective_at, each.item.id))


def items_of_sources(db: Db, source_ids: Iterable[str], *, since: datetime) -> list[StoredItem]:
    """What these sources told since then, oldest first."""
    return _read(db, and_(items.c.source_id.in_(list(source_ids)), items.c.effective_at >= since))


def thread_items(db: Db, source_id: str, root_id: str) -> list[StoredItem]:
    """All stored mails of a thread, oldest first."""
    return _read(db, and_(items.c.source_id == source_id, items.c.thread_root == root_id))


def threads(db: Db, roots: Iterable[str]) -> dict[str, Thread]:
    """The threads under ``roots``, counted in each source alone; a cross-posted one where it is longest."""
    found: dict[str, Thread] = {}
    for (_, root), thread in count_threads(db, roots).items():
        if root not in found or thread.reply_count > found[root].reply_count:
            found[root] = thread
    return found


def items_at(db: Db, urls: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The ids of the items that show the same page as one of ``urls``, oldest first."""
    wanted: dict[str, list[str]] = {}
    for url in urls:
        wanted.setdefault(url_key(url), []).append(url)
    found: dict[str, tuple[str, ...]] = {}
    columns = select(items.c.id, items.c.url_key).order_by(items.c.effective_at, items.c.id)
    for part in in_parts(wanted):
        for row in db.execute(columns.where(items.c.url_key.in_(part))):
            found.update({url: (*found.get(url, ()), row.id) for url in wanted[row.url_key]})
    return found


def projects_between(db: Db, period: Period, source_ids: Iterable[str]) -> frozenset[str]:
    """The projects that something of these sources inside ``period`` belongs to."""
    is_inside = and_(items.c.effective_at >= period.start, items.c.effective_at < period.end)
    found: set[str] = set()
    for part in in_parts(sorted(source_ids)):
        for row in db.execute(_stored().where(is_inside, items.c.source_id.in_(part))):
            project = project_in(row.content)
            found.update([project] if project else [])
    return frozenset(found)


def revisions(db: Db, names: Iterable[str]) -> dict[str, Item]:
    """The items as they stood in the revisions of these names; unknown names are left out."""
    wanted = {name: split_revision_id(name) for name in names}
    columns = select(item_revisions.c.item_id, item_revisions.c.number, item_revisions.c.content, items.c.thread_root)
    stored: dict[tuple[str, int], Item] = {}
    for part in in_parts(dict.fromkeys(item_id for item_id, _ in wanted.values())):
        for row in db.execute(columns.join(items).where(item_revisions.c.item_id.in_(part))):
            read = read_content(row.content, item_id=row.item_id, thread_root=row.thread_root)
            stored[row.item_id, row.number] = read
    return {name: stored[key] for name, key in wanted.items() if key in stored}


def count_by_source(db: Db) -> dict[str, int]:
    """How many items are stored of each source that has any."""
    rows = db.execute(
        select(items.c.source_id, func.count().label("found_count"))
        .group_by(items.c.source_id)
        .order_by(items.c.source_id)
    )
    return {row.source_id: row.found_count for row in rows}


def earlier_contributors(db: Db, people: Iterable[str], before: datetime) -> frozenset[str]:
    """Those of ``people`` (Person.identity) who had a change merged before that time, in any stored project."""
    wanted = {stored_key(person): person for person in people}
    found: set[str] = set()
    for part in in_parts(sorted(wanted)):
        merged = select(items.c.author_key).where(items.c.author_key.in_(part), items.c.merged_at < before)
        found.update(wanted[key] for key in db.execute(merged.distinct()).scalars())
    return frozenset(found)


def has_merged(db: Db, *, before: datetime) -> bool:
    """Whether any change is stored that was merged before that time."""
    return db.execute(select(items.c.id).where(items.c.merged_at < before).limit(1)).first() is not None


def _read(
    db: Db, condition: ColumnElement[bool], *, limit: int | None = None, until: datetime | None = None
) -> list[StoredItem]:
    rows = list(db.execute(_stored().where(condition).limit(limit)))
    mails = (row.thread_root for row in rows if row.thread_root is not None and row.form == "mail")
    roots = count_threads(db, mails, until=until)
    topics = load_topics(db, (row.id for row in rows if row.thread_root is not None and row.form != "mail"))
    return [_stored_item(row, topics.get(row.id) or roots.get((row.source_id, row.thread_root))) for row in rows]


def _stored() -> Select[Any]:
    is_current = and_(item_revisions.c.item_id == items.c.id, item_revisions.c.number == items.c.revision)
    columns = (
        items.c.id,
        items.c.source_id,
        items.c.form,
        items.c.thread_root,
        items.c.revision,
        items.c.first_seen_at,
    )
    found = select(*columns, items.c.effective_at, item_revisions.c.content).join(item_revisions, is_current)
    return found.order_by(items.c.effective_at, items.c.id)


def _stored_item(row: Any, thread: Thread | None) -> StoredItem:
    read = read_content(row.content, item_id=row.id, thread_root=row.thread_root)
    if read.thread and thread:
        read = replace(read, thread=replace(thread, root_id=read.thread.root_id))
    return StoredItem(read, revision_id(row.id, row.revision), row.first_seen_at, row.effective_at)
