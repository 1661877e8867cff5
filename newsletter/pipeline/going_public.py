"""When approved issues become public: at their hour, and from then on whatever else changes."""

from dataclasses import dataclass
from datetime import datetime

from newsletter.edit.changes import fold
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.times import send_time
from newsletter.store import issues, jobs
from newsletter.store.database import Db
from newsletter.store.editors import first_editor_at

PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Going:
    """An approved issue that was not public yet when somebody looked last: its hour, and the name of its approval."""

    number: int
    at: datetime
    slot: str
    drafted_at: datetime


def going_public(app: Newsletter, db: Db) -> tuple[Going, ...]:
    """The approved issues that are not known to be public, by number.

    What is known does not change with the schedule: a public issue is not hidden because another hour is the usual
    one now. Approved anew it has a new name, so an issue that was taken back waits for its hour again.
    """
    slots = {number: f"{number} {at.isoformat()}" for number, at in issues.approved_at(db).items()}
    known = jobs.done_slots(db, PUBLIC, slots.values())
    return tuple(_going(app, db, number, slot) for number, slot in slots.items() if slot not in known)


def _going(app: Newsletter, db: Db, number: int, slot: str) -> Going:
    stored = issues.issue(db, number)
    at = send_time(app.config.schedule, fold(stored.issue, issues.changes(db, number)))
    return Going(number, at, slot, stored.drafted_at)


def due_ones(app: Newsletter, db: Db) -> tuple[Going, ...]:
    """Those whose hour has come."""
    return tuple(each for each in going_public(app, db) if each.at <= app.now())


def hidden_numbers(app: Newsletter, db: Db) -> frozenset[int]:
    """The approved issues that readers must not see yet; where nobody reviews they saw the draft, so there are none."""
    since = first_editor_at(db)
    if since is None:
        return frozenset()
    waiting = (each for each in going_public(app, db) if each.at > app.now())
    return frozenset(each.number for each in waiting if each.drafted_at >= since)


def readers_numbers(app: Newsletter, db: Db) -> frozenset[int]:
    """The issues that readers may see; a draft that tells nothing is not shown to them all the same."""
    since, hidden = first_editor_at(db), hidden_numbers(app, db)
    return frozenset(
        each.number for each in issues.outlines(db) if each.number not in hidden and is_public(each, since)
    )


def is_public(outline: issues.Outline, since: datetime | None) -> bool:
    """Whether readers may see an issue that is not hidden; ``since`` is when somebody could review, None: never."""
    return outline.state != "draft" or since is None or outline.drafted_at < since


def is_shown_as_draft(app: Newsletter, number: int) -> bool:
    """Whether readers see the issue before its hour: nobody reviews, or it was drafted before anybody could."""
    with app.database.reading() as db:
        since = first_editor_at(db)
        return since is None or issues.stamp(db, number)[0] < since


def mark_public(app: Newsletter, db: Db) -> tuple[int, ...]:
    """Remember that those whose hour has come are public from now on; their numbers."""
    found = due_ones(app, db)
    for each in found:
        jobs.done(db, PUBLIC, each.slot, now=app.now())
    return tuple(each.number for each in found)
