"""find_items: the items that somebody means: by id, by story, by address, by words of the title."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.store.aside import list_aside
from newsletter.store.content import split_revision_id
from newsletter.store.database import Database, Db
from newsletter.store.finding import items_by_id, items_by_story, items_by_title
from newsletter.store.items import StoredItem, items_at, stored_items
from newsletter.store.stories import known_story_ids

_ID = re.compile(r"[0-9a-f]{6,40}")
_ADDRESS = re.compile(r"\S+://\S+|[\w.-]+\.\w{2,}/\S*")
MOST = 10


@dataclass(frozen=True, slots=True)
class ItemHit:
    """An item that may be meant; of a story that was grouped, the item that speaks for it."""

    item_id: str
    title: str
    url: str | None
    source_id: str
    at: datetime
    """When it counts as said."""
    day: date | None
    """The day that its source names."""
    items_count: int = 1


def find_items(database: Database, asked: str) -> tuple[ItemHit, ...]:
    """What ``asked`` may mean, the newest first, one hit for a story; at most MOST."""
    wanted = asked.strip()
    with database.reading() as db:
        return _hits(db, _found(db, wanted))


def _found(db: Db, wanted: str) -> Sequence[StoredItem]:
    name = split_revision_id(wanted.removesuffix("-date"))[0]
    if _ID.fullmatch(name):
        if found := items_by_id(db, name):
            return found
        if told := items_by_story(db, name):
            return stored_items(db, [ids[0] for ids in told])
    if _ADDRESS.fullmatch(wanted):
        address = wanted if "://" in wanted else f"https://{wanted}"
        return stored_items(db, items_at(db, [address]).get(address, ()))
    return items_by_title(db, wanted, most=5 * MOST)


def _hits(db: Db, found: Iterable[StoredItem]) -> tuple[ItemHit, ...]:
    """One hit a story, by its oldest item that was found."""
    read = list(found)
    known = known_story_ids(db, [each.item.id for each in read])
    by_story: dict[str, list[StoredItem]] = {}
    for each in read:
        by_story.setdefault(known.get(each.item.id, each.item.id), []).append(each)
    hits = [_hit(each) for each in by_story.values()]
    return tuple(sorted(hits, key=lambda hit: hit.at, reverse=True)[:MOST])


def _hit(story: Sequence[StoredItem]) -> ItemHit:
    first = min(story, key=lambda each: (each.effective_at, each.item.id))
    item = first.item
    day = first.effective_at.date() if item.published_at else None
    return ItemHit(item.id, item.title, item.url, item.source_id, first.effective_at, day, len(story))


def set_aside_at(database: Database, address: str) -> str:
    """Why something read from ``address`` was set aside; empty when nothing was."""
    with database.reading() as db:
        found = [each for each in list_aside(db) if each.aside.address == address]
    return found[-1].aside.reason.rstrip(".") if found else ""
