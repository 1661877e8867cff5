"""find_reminders(): what earlier issues told that has a price, a sign-up or a deadline still ahead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from newsletter.edit.changes import fold
from newsletter.model.issue import Entry, Reminder
from newsletter.model.item import CANCELLED, Item
from newsletter.store import issues, items
from newsletter.store.content import split_revision_id
from newsletter.store.database import Db
from newsletter.store.issues import StoredIssue


def find_reminders(db: Db, told: Sequence[StoredIssue], *, publish_on: date) -> tuple[Reminder, ...]:
    """The newest telling of each such story in the issues ``told``, its event as its source has it now."""
    found: dict[str, tuple[Reminder, str]] = {}
    for stored in told:
        for entry in fold(stored.issue, issues.changes(db, stored.number)).entries:
            if _has_day_ahead(entry, publish_on):
                reminder = Reminder(entry.story_id, entry.title, entry.url, stored.number, entry.event, entry.due_on)
                found[entry.story_id] = (reminder, split_revision_id(entry.revisions[0])[0] if entry.revisions else "")
    now = items.current_items(db, [item_id for _, item_id in found.values() if item_id])
    known = (_as_known(reminder, now.get(item_id)) for reminder, item_id in found.values())
    return tuple(sorted((each for each in known if each), key=lambda each: each.story_id))


def _has_day_ahead(entry: Entry, publish_on: date) -> bool:
    event = entry.event
    days = [entry.due_on, event.late_from if event else None, event.deadline_at if event else None]
    return any(day is not None and _day(day) >= publish_on for day in days)


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def _as_known(reminder: Reminder, item: Item | None) -> Reminder | None:
    """``reminder`` with what the calendar or page says now; None when the event is called off."""
    if item is None:
        return reminder
    if CANCELLED in item.labels:
        return None
    if item.event is None or reminder.event is None:
        return reminder
    return replace(reminder, event=replace(item.event, title=item.event.title or reminder.event.title))
