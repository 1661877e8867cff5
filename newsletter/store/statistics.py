"""The figures of each issue, kept to stand beside those of the next ones."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from newsletter.model.issue import Statistic
from newsletter.store.database import Db
from newsletter.store.tables import issue_statistics


def save_statistics(db: Db, issue_number: int, statistics: Iterable[Statistic]) -> None:
    """Remember the figures of an issue in place of those it had."""
    rows = {
        each.name: {
            "issue_number": issue_number,
            "name": each.name,
            "value": each.value,
            "proof": each.proof,
            "note": each.note,
        }
        for each in statistics
    }
    db.execute(delete(issue_statistics).where(issue_statistics.c.issue_number == issue_number))
    db.insert_new(issue_statistics, list(rows.values()))


def past_statistics(db: Db, before: int, *, count: int = 8) -> dict[str, tuple[int, ...]]:
    """The values of each figure in the last ``count`` issues with a number under ``before``, the oldest first."""
    numbers = select(issue_statistics.c.issue_number).where(issue_statistics.c.issue_number < before).distinct()
    last = db.execute(numbers.order_by(issue_statistics.c.issue_number.desc()).limit(count)).scalars().all()
    past: dict[str, tuple[int, ...]] = {}
    rows = select(issue_statistics).where(issue_statistics.c.issue_number.in_(last))
    for row in db.execute(rows.order_by(issue_statistics.c.issue_number, issue_statistics.c.name)):
        past[row.name] = (*past.get(row.name, ()), row.value)
    return past
