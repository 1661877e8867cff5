"""The draft of an issue with what editors did, read and folded once for each state it is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce

from newsletter.edit.changes import UNDO, applied, apply_change
from newsletter.edit.desk import Desk, desk_of
from newsletter.model.issue import Change, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.last_few import LastFew
from newsletter.store import issues
from newsletter.store.database import Db

Stamp = tuple[datetime, str, int]
"""When it was drafted, its state, its last change: with the same stamp an issue is the same."""


@dataclass(frozen=True)
class Folded:
    """A draft, every change to it, and the draft as the changes leave it, without what follows from them."""

    drafted: Issue
    changes: tuple[Change, ...]
    raw: Issue
    drafted_at: datetime

    @property
    def stamp(self) -> Stamp:
        """What tells this state of the issue from others."""
        return self.drafted_at, self.drafted.state, self.changes[-1].number if self.changes else 0

    @cached_property
    def desk(self) -> Desk:
        """The desk of this state, put together when it is first asked for."""
        return desk_of(self.drafted, self.changes, raw=self.raw)

    def and_then(self, more: Sequence[Change]) -> "Folded":
        """The state after ``more`` changes; only an undoing reaches back and needs all of it anew."""
        changes = (*self.changes, *more)
        if any(each.action == UNDO for each in more):
            return Folded(self.drafted, changes, applied(self.drafted, changes), self.drafted_at)
        return Folded(self.drafted, changes, reduce(apply_change, more, self.raw), self.drafted_at)


_known: LastFew[Folded] = LastFew(4)


def folded(app: Newsletter, db: Db, number: int) -> Folded:
    """Issue ``number`` as it is stored (NotFound). Ask before anything is written in the transaction."""
    stamp = issues.stamp(db, number)
    known = _known.get(app, number)
    if known and known.stamp == stamp:
        return known
    if known and known.stamp[:2] == stamp[:2] and known.stamp[2] < stamp[2]:
        found = known.and_then(issues.changes(db, number, after=known.stamp[2]))
    else:
        drafted, changes = issues.issue(db, number).issue, issues.changes(db, number)
        found = Folded(drafted, changes, applied(drafted, changes), stamp[0])
    if found.stamp == stamp:
        remember(app, number, found)
    return found


def stamp_of(app: Newsletter, number: int) -> Stamp:
    """What tells the states of issue ``number`` apart (NotFound)."""
    with app.database.reading() as db:
        return issues.stamp(db, number)


def remember(app: Newsletter, number: int, found: Folded) -> None:
    """Keep a state; what was changed must be committed by now."""
    _known.put(app, number, found)
