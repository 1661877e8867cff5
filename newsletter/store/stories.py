"""Stories over time: which items they were made of, what editors decided about them, where they were told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, delete, func, select

from newsletter.model.issue import Issue
from newsletter.model.story import Story
from newsletter.store.content import split_revision_id
from newsletter.store.database import Db, in_parts
from newsletter.store.tables import stories, story_decisions, story_items, told

Pair = tuple[str, str]
Decision = Literal["merge", "apart", "open"]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The pairs of items that editors want in one story, and those they want apart."""

    merge: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()


def known_story_ids(db: Db, item_ids: Iterable[str]) -> dict[str, str]:
    """The story each item was last grouped into; items that never were are left out."""
    known: dict[str, str] = {}
    columns = select(story_items.c.item_id, story_items.c.story_id)
    for part in in_parts(item_ids):
        rows = db.execute(columns.where(story_items.c.item_id.in_(part)))
        known.update((row.item_id, row.story_id) for row in rows)
    return known


def save_stories(db: Db, grouped: Sequence[Story]) -> None:
    """Remember how items were grouped; ids of stories that lost all their items stay, for what was told."""
    db.lock("stories")
    db.upsert(stories, [{"id": story.id, "lead_item_id": story.lead.id} for story in grouped])
    rows = {item.id: {"item_id": item.id, "story_id": story.id} for story in grouped for item in story.items}
    db.upsert(story_items, list(rows.values()))


def add_decision(
    db: Db, decision: Literal["merge", "apart", "open"], pair: Pair, *, editor: str, now: datetime
) -> None:
    """Remember that an editor wants two items in one story or apart; a later decision on the pair replaces it.

    "open" takes an earlier one back. What is the last word already is not stored again.
    """
    db.lock("decisions")
    first, second = sorted(pair)
    about = (story_decisions.c.item_a == first, story_decisions.c.item_b == second)
    last = select(story_decisions.c.decision).where(*about).order_by(story_decisions.c.number.desc()).limit(1)
    if db.execute(last).scalar() == decision:
        return
    number = (db.execute(select(func.max(story_decisions.c.number))).scalar() or 0) + 1
    row = {"number": number, "decision": decision, "item_a": first, "item_b": second, "editor": editor, "made_at": now}
    db.execute(story_decisions.insert(), [row])


def decisions(db: Db) -> Decisions:
    """What editors decided, the last word on each pair, in a fixed order."""
    last: dict[Pair, str] = {}
    for row in db.execute(select(story_decisions).order_by(story_decisions.c.number)):
        last[row.item_a, row.item_b] = row.decision
    merge = sorted(pair for pair, decision in last.items() if decision == "merge")
    apart = sorted(pair for pair, decision in last.items() if decision == "apart")
    return Decisions(tuple(merge), tuple(apart))


def items_of_story(db: Db, story_id: str) -> tuple[str, ...]:
    """The ids of the items that were last grouped into a story, the one that leads it first."""
    found = [row.item_id for row in db.execute(select(story_items).where(story_items.c.story_id == story_id))]
    lead = db.execute(select(stories.c.lead_item_id).where(stories.c.id == story_id)).scalar()
    return tuple(sorted(found, key=lambda each: (each != lead, each)))


def mark_told(db: Db, issue: Issue) -> None:
    """Remember what ``issue`` tells; what it told in an earlier form is forgotten."""
    of_story = _items_of(db, [entry.story_id for entry in issue.entries if not entry.revisions])
    rows: dict[Pair, dict[str, Any]] = {}
    for section in issue.sections:
        for entry in section.entries:
            of_entry = [split_revision_id(name)[0] for name in entry.revisions] or of_story.get(entry.story_id) or [""]
            row = {"issue_number": issue.number, "story_id": entry.story_id, "section": section.id}
            for item_id in of_entry:
                rows.setdefault((entry.story_id, item_id), {**row, "item_id": item_id})
    db.execute(delete(told).where(told.c.issue_number == issue.number))
    db.insert_new(told, list(rows.values()))


def _items_of(db: Db, story_ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in in_parts(dict.fromkeys(story_ids)):
        for row in db.execute(select(story_items).where(story_items.c.story_id.in_(part))):
            found.setdefault(row.story_id, []).append(row.item_id)
    return found


def told_stories(db: Db, story_ids: Iterable[str], *, before: int | None = None) -> dict[str, int]:
    """The newest issue (with a number under ``before``) that told each story; untold ones are left out."""
    return _newest(db, told.c.story_id, story_ids, before)


def told_items(db: Db, item_ids: Iterable[str], *, before: int | None = None) -> dict[str, int]:
    """The newest issue (with a number under ``before``) that told each item, in whatever story."""
    return _newest(db, told.c.item_id, item_ids, before)


def _newest(db: Db, column: Column[str], ids: Iterable[str], before: int | None) -> dict[str, int]:
    newest: dict[str, int] = {}
    question = select(column.label("each"), func.max(told.c.issue_number).label("number")).group_by(column)
    if before is not None:
        question = question.where(told.c.issue_number < before)
    for part in in_parts(ids):
        newest.update({row.each: row.number for row in db.execute(question.where(column.in_(part)))})
    return newest
