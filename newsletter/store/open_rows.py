"""Rows as they leave the program in open formats, the oldest first, without all of them in memory."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from newsletter.model.codec import time_text
from newsletter.store.content import StoredItem
from newsletter.store.database import Db, in_parts
from newsletter.store.delivery_figures import counts_of
from newsletter.store.items import stored_items
from newsletter.store.mail_tables import mailings
from newsletter.store.tables import (
    approvals,
    changes,
    corrections,
    issue_statistics,
    issues,
    items,
    stories,
    story_decisions,
    story_items,
    told,
)


def each_item(db: Db) -> Iterator[StoredItem]:
    """Every item as it stands now, the oldest first."""
    for part in in_parts(db.execute(select(items.c.id).order_by(items.c.effective_at, items.c.id)).scalars().all()):
        yield from stored_items(db, part)


def each_story(db: Db) -> Iterator[dict[str, Any]]:
    """Every story: its lead, its items, and the issues that told it."""
    for part in in_parts(db.execute(select(stories.c.id).order_by(stories.c.id)).scalars().all()):
        rows = {row.id: row for row in db.execute(select(stories).where(stories.c.id.in_(part)))}
        made_of: dict[str, list[str]] = {}
        for row in db.execute(select(story_items).where(story_items.c.story_id.in_(part))):
            made_of.setdefault(row.story_id, []).append(row.item_id)
        told_in: dict[str, set[int]] = {}
        for row in db.execute(select(told.c.story_id, told.c.issue_number).where(told.c.story_id.in_(part))):
            told_in.setdefault(row.story_id, set()).add(row.issue_number)
        for name in part:
            yield {
                "id": name,
                "lead": rows[name].lead_item_id,
                "items": sorted(made_of.get(name, ())),
                "told_in": sorted(told_in.get(name, ())),
            }


def each_decision(db: Db) -> Iterator[dict[str, Any]]:
    """What editors said about two items: one story, apart, or open again."""
    for row in db.execute(select(story_decisions).order_by(story_decisions.c.number)):
        yield {
            "decision": row.decision,
            "items": [row.item_a, row.item_b],
            "editor": row.editor,
            "made_at": time_text(row.made_at),
        }


def each_change(db: Db) -> Iterator[dict[str, Any]]:
    """What editors did to issues."""
    for row in db.execute(select(changes).order_by(changes.c.issue_number, changes.c.number)):
        yield {
            "issue": row.issue_number,
            "number": row.number,
            "editor": row.editor,
            "made_at": time_text(row.made_at),
            "action": row.action,
            "target": row.target,
            "value": row.value,
        }


def each_approval(db: Db) -> Iterator[dict[str, Any]]:
    """Who approved which issue: the newest approval of each editor."""
    for row in db.execute(select(approvals).order_by(approvals.c.issue_number, approvals.c.approved_at)):
        yield {
            "issue": row.issue_number,
            "editor": row.editor,
            "approved_at": time_text(row.approved_at),
            "drafted_at": time_text(row.drafted_at),
            "changes_seen": row.seen,
        }


def each_correction(db: Db) -> Iterator[dict[str, Any]]:
    """What was corrected in issues that are out; null is what was right."""
    for row in db.execute(select(corrections).order_by(corrections.c.issue_number, corrections.c.number)):
        yield {
            "issue": row.issue_number,
            "number": row.number,
            "editor": row.editor,
            "made_at": time_text(row.made_at),
            "entry": row.entry,
            "note": row.note,
            "title": row.title,
            "summary": row.summary,
            "url": row.url,
            "event": row.event,
        }


def each_delivery_count(db: Db) -> Iterator[tuple[Any, ...]]:
    """How many mails of each issue and erratum are in which state: number, what, state, count. No reader is named."""
    asked = select(mailings.c.id, mailings.c.issue_number, mailings.c.kind)
    sent = list(db.execute(asked.order_by(mailings.c.issue_number, mailings.c.id)))
    for part in in_parts(sent):
        found = counts_of(db, [row.id for row in part])
        for row in part:
            for state, count in sorted(found[row.id].items()):
                yield row.issue_number, row.kind, state, count


def each_figure(db: Db) -> Iterator[tuple[Any, ...]]:
    """Every figure of every issue: number, day, name, value, proof, note."""
    columns = (issue_statistics.c.name, issue_statistics.c.value, issue_statistics.c.proof, issue_statistics.c.note)
    asked = select(issues.c.number, issues.c.publish_on, *columns)
    asked = asked.join(issues, issues.c.number == issue_statistics.c.issue_number)
    for row in db.execute(asked.order_by(issues.c.number, issue_statistics.c.name)):
        yield tuple(row)
