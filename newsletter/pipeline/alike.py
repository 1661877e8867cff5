"""Entries of a draft that look alike and stand apart: found once a draft, until an editor says what they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.classify.alike import alike_items
from newsletter.edit.desk import Desk
from newsletter.edit.entry_changes import item_of
from newsletter.edit.placed_entries import pools
from newsletter.model.item import Item
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.last_few import LastFew
from newsletter.store import items, stories
from newsletter.store.database import Db


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two items, by id, that may be one story."""

    first: str
    second: str
    percent: int
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlikeEntry:
    """What an entry looks like: another one, and the items in front of both."""

    entry_id: str
    item: Item
    other_item: Item
    percent: int
    because: tuple[str, ...] = ()


_found: LastFew[tuple[frozenset[str], tuple[AlikePair, ...]]] = LastFew(4)


def alike_entries(app: Newsletter, desk: Desk, entry_id: str) -> tuple[AlikeEntry, ...]:
    """The entries that look like ``entry_id`` and that nobody has kept apart from it, the most alike first."""
    now = {
        entry.id: item_of(entry.revisions[0]) for _, pool, _ in pools(desk.issue) for entry in pool if entry.revisions
    }
    mine = now.get(entry_id)
    if mine is None:
        return ()
    with app.database.reading() as db:
        pairs = [each for each in _pairs(app, db, desk) if mine in (each.first, each.second)]
        if not pairs:
            return ()
        apart = set(stories.decisions(db).apart)
        entries = {item_id: name for name, item_id in now.items() if name != entry_id}
        read = items.current_items(db, {name for each in pairs for name in (each.first, each.second)})
    found = []
    for each in pairs:
        other = each.second if each.first == mine else each.first
        is_known = other in entries and other in read and mine in read
        if is_known and (min(mine, other), max(mine, other)) not in apart:
            found.append(AlikeEntry(entries[other], read[mine], read[other], each.percent, each.because))
    return tuple(found)


def _pairs(app: Newsletter, db: Db, desk: Desk) -> Sequence[AlikePair]:
    """The pairs of everything that this draft has had, found anew only when something came to it."""
    leads = {
        item_of(entry.revisions[0]): entry.revisions[0]
        for issue in (desk.drafted, desk.issue)
        for _, pool, _ in pools(issue)
        for entry in pool
        if entry.revisions
    }
    names = frozenset(leads.values())
    known = _found.get(app, desk.issue.number)
    if known and known[0] == names:
        return known[1]
    read = [item for _, item in sorted(items.revisions(db, sorted(names)).items()) if not item.is_tip]
    pairs = tuple(
        AlikePair(read[each.first].id, read[each.second].id, each.percent, each.because) for each in alike_items(read)
    )
    _found.put(app, desk.issue.number, (names, pairs))
    return pairs
