"""Items by what a person remembers of them: the beginning of an id, a story, words of the title."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from newsletter.store.database import Db, in_parts
from newsletter.store.items import StoredItem, stored_items
from newsletter.store.stories import items_of_story
from newsletter.store.tables import item_revisions, items, stories, story_decisions
from newsletter.text import search_words

_PAGE = 400
_MOST_READ = 4_000
"""So many items that hold all the words are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class StoryDecision:
    """What an editor decided about two items: "merge", "apart", or "open" to take it back."""

    decision: str
    pair: tuple[str, str]
    editor: str
    made_at: datetime


def items_by_id(db: Db, name: str) -> list[StoredItem]:
    """The items whose id begins with ``name``, at most six."""
    found = select(items.c.id).where(items.c.id.startswith(name, autoescape=True)).limit(6)
    return stored_items(db, db.execute(found).scalars())


def items_by_story(db: Db, name: str) -> list[tuple[str, ...]]:
    """The ids of the items of each story whose id begins with ``name``, at most six stories."""
    found = select(stories.c.id).where(stories.c.id.startswith(name, autoescape=True)).order_by(stories.c.id).limit(6)
    made_of = (items_of_story(db, story_id) for story_id in db.execute(found).scalars().all())
    return [ids for ids in made_of if ids]


def items_by_title(db: Db, text: str, *, most: int) -> list[StoredItem]:
    """The newest items with all the words of ``text`` in their titles, in any order.

    Where none has the words as they are, the newest items are compared without accents and signs.
    """
    words = search_words(text)
    if not words:
        return []
    return _titled(db, words, tuple(filter(str.isascii, words)), most) or _titled(db, words, (), most)


def _titled(db: Db, words: Sequence[str], held: Sequence[str], most: int) -> list[StoredItem]:
    found: list[StoredItem] = []
    for ids in _holding(db, held):
        fitting = (each for each in reversed(stored_items(db, ids)) if set(words) <= set(search_words(each.item.title)))
        found += list(fitting)
        if len(found) >= most:
            break
    return found[:most]


def _holding(db: Db, words: Sequence[str]) -> Iterator[list[str]]:
    """The ids of the newest items that hold all ``words`` anywhere, page by page."""
    asked = select(items.c.id).join(item_revisions, item_revisions.c.item_id == items.c.id)
    asked = asked.where(item_revisions.c.number == items.c.revision)
    asked = asked.where(*(item_revisions.c.content.icontains(word, autoescape=True) for word in words))
    ordered = asked.order_by(items.c.effective_at.desc(), items.c.id)
    for start in range(0, _MOST_READ, _PAGE):
        page = list(db.execute(ordered.limit(_PAGE).offset(start)).scalars())
        yield page
        if len(page) < _PAGE:
            return


def decisions_about(db: Db, item_ids: Iterable[str]) -> list[StoryDecision]:
    """Everything editors decided about pairs with one of these items, the oldest first."""
    found: dict[int, StoryDecision] = {}
    for part in in_parts(item_ids):
        is_about = or_(story_decisions.c.item_a.in_(part), story_decisions.c.item_b.in_(part))
        for row in db.execute(select(story_decisions).where(is_about)):
            found[row.number] = StoryDecision(row.decision, (row.item_a, row.item_b), row.editor, row.made_at)
    return [found[number] for number in sorted(found)]


def newest_of_source(db: Db, source_id: str, *, most: int) -> list[StoredItem]:
    """The newest items of a source, the newest first."""
    newest = select(items.c.id).where(items.c.source_id == source_id)
    ids = db.execute(newest.order_by(items.c.effective_at.desc(), items.c.id.desc()).limit(most)).scalars().all()
    return sorted(stored_items(db, ids), key=lambda each: (each.effective_at, each.item.id), reverse=True)
