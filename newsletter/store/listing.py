"""Items page by page, the newest first, in an order that stays while new ones come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, literal, or_, select, tuple_

from newsletter.store.columns import Moment, json_text
from newsletter.store.database import Db
from newsletter.store.items import StoredItem, stored_items
from newsletter.store.tables import item_revisions, items, told
from newsletter.text import search_words

Place = tuple[datetime, str]
"""Where an item stands in that order: when it counts as said, and its id."""
_PAGE = 500
_SPARE = 20
"""So many more than a page holds are read at once, where all that can be left out are a few sent to editors."""
SPELT_OTHERWISE = (
    r"\\u|[\u00aa-\u0233\u02b0-\u02e3\u0300-\u036f\u1d43-\u1dff\u1e00-\u1ef9\u2070-\u20a8\u2100-\u2189\u2460-\u24ea"
    r"\u2c7c\u3251-\u33ff\ufb00-\ufb06\uff10-\uff5a\U000107a5\U0001d400-\U0001d7ff\U0001f100-\U0001f169\U0001fbf0-\U0001fbf9]"
)
"""Where this stands, a text may hold plain letters that the database does not see: "é", "ß", "ﬁ", escapes."""
_MOST_READ = 4_000
"""So many items are looked at for one page, whatever is looked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items; what is None or empty does not count."""

    source_ids: frozenset[str] | None = None
    kind: str = ""
    section: str = ""
    told_in: frozenset[int] | None = None
    """The issues of which it counts in what section they told an item; None: all."""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that does not belong to it any more."""
    words: str = ""
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Items, and where to go on; ``next`` is None when there is nothing left."""

    found: list[StoredItem] = field(default_factory=list)
    next: Place | None = None


def list_items(db: Db, wanted: Wanted, *, limit: int) -> ItemPage:
    """The newest items that fit, at most ``limit``, without those that were sent to editors.

    A page may hold fewer though more follow: no more than a few thousand are looked at for one.
    """
    words = frozenset(search_words(wanted.words))
    if wanted.words and not words:
        return ItemPage()
    found: list[StoredItem] = []
    last = wanted.before
    size = _PAGE if words or wanted.kind else min(_PAGE, limit + _SPARE)
    for places in _pages(db, wanted, size):
        fitting = set(_holding(db, wanted, [name for _, name in places]))
        read = {each.item.id: each for each in stored_items(db, fitting)}
        for place in places:
            last, each = place, read.get(place[1])
            if each is None or not _fits(each, wanted, words):
                continue
            found.append(each)
            if len(found) == limit:
                has_more = place != places[-1] or len(places) == size
                return ItemPage(found, last if has_more else None)
        if len(places) < size:
            return ItemPage(found)
    return ItemPage(found, last)


def _pages(db: Db, wanted: Wanted, size: int) -> Iterator[list[Place]]:
    """The places of the items that fit as far as indices tell, ``size`` at once; the last part has fewer, or none."""
    at = wanted.before
    for _ in range(_MOST_READ // size):
        conditions = _conditions(wanted)
        if at is not None:
            behind = tuple_(literal(at[0], Moment()), literal(at[1], String()))
            conditions.append(tuple_(items.c.effective_at, items.c.id) < behind)
        asked = select(items.c.effective_at, items.c.id).where(*conditions)
        ordered = asked.order_by(items.c.effective_at.desc(), items.c.id.desc()).limit(size)
        page = [(row.effective_at, row.id) for row in db.execute(ordered)]
        yield page
        if len(page) < size:
            return
        at = page[-1]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.source_ids is not None:
        found.append(items.c.source_id.in_(sorted(wanted.source_ids)))
    if wanted.since is not None:
        found.append(items.c.effective_at >= wanted.since)
    if wanted.until is not None:
        found.append(items.c.effective_at < wanted.until)
    if wanted.section:
        in_section = select(told.c.item_id).where(told.c.section == wanted.section)
        if wanted.told_in is not None:
            in_section = in_section.where(told.c.issue_number.in_(sorted(wanted.told_in)))
        found.append(items.c.id.in_(in_section))
    return found


def _holding(db: Db, wanted: Wanted, ids: list[str]) -> Iterator[str]:
    """Those of ``ids`` whose stored text holds what is looked for, as far as the database can tell."""
    plain = [word for word in wanted.words.casefold().split() if word.isascii() and word.isalnum()]
    needles = [f'"kind":{json_text(wanted.kind)}'] if wanted.kind else []
    if not ids or not (plain or needles):
        yield from ids
        return
    is_current = and_(item_revisions.c.item_id == items.c.id, item_revisions.c.number == items.c.revision)
    asked = select(items.c.id).join(item_revisions, is_current).where(items.c.id.in_(ids))
    content = item_revisions.c.content
    otherwise = content.regexp_match(SPELT_OTHERWISE)
    asked = asked.where(*(or_(content.icontains(word, autoescape=True), otherwise) for word in plain))
    asked = asked.where(*(content.contains(each, autoescape=True) for each in needles))
    yield from db.execute(asked).scalars()


def _fits(each: StoredItem, wanted: Wanted, words: frozenset[str]) -> bool:
    item = each.item
    if item.is_tip or item.is_brought or (wanted.kind and item.kind != wanted.kind):
        return False
    return not words or words <= set(search_words(f"{item.title}\n{item.text}"))


def find_listed(db: Db, item_id: str) -> StoredItem | None:
    """The item of that id, None when there is none, or when it was sent to editors."""
    found = next(iter(stored_items(db, [item_id])), None)
    return None if found is None or found.item.is_tip or found.item.is_brought else found
