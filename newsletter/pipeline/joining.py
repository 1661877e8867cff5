"""A quiet week is joined with the next one: its draft waits, and the next draft covers both under its number."""

from newsletter.edit.changes import effective
from newsletter.model.issue import Change
from newsletter.model.period import Period
from newsletter.pipeline.app import Newsletter
from newsletter.store import issues
from newsletter.store.database import Db
from newsletter.store.issues import StoredIssue

JOIN = "join next"


def join_next(app: Newsletter, number: int, *, editor: str) -> None:
    """Let draft ``number`` wait for the next week; undo takes it back. Raises NotFound, WrongState."""
    with app.database.transaction() as db:
        issues.hold(db, number)
        stored = issues.issue(db, number)
        if not is_joined(db, stored):
            value = stored.period.end.isoformat()
            issues.add_change(db, number, Change(0, editor, app.now(), JOIN, "issue", value))


def is_joined(db: Db, stored: StoredIssue) -> bool:
    """Whether the draft waits for the week after it."""
    end = stored.period.end.isoformat()
    return any(each.action == JOIN and each.value == end for each in effective(issues.changes(db, stored.number)))


def with_joined(app: Newsletter, period: Period) -> Period:
    """``period`` with the weeks before it whose draft waits for it; that draft is about both from now on."""
    with app.database.transaction() as db:
        before = issues.issue_until(db, period.start)
        if before is None or before.state != "draft" or not is_joined(db, before):
            return period
        if issues.issue_about(db, period) is not None:
            return period  # the next week has a draft of its own already
        both = Period(before.period.start, period.end)
        issues.widen(db, before.number, both)
        return both
