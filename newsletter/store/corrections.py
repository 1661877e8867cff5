"""What was corrected in issues that are out."""

from dataclasses import replace

from sqlalchemy import delete, func, select

from newsletter.errors import NotFound, WrongState
from newsletter.model.correction import Correction
from newsletter.store.database import Db
from newsletter.store.tables import corrections, issues


def add_correction(db: Db, number: int, correction: Correction) -> Correction:
    """Append ``correction`` to issue ``number`` under the next number, which the returned one carries.

    Raises NotFound, and WrongState while the issue is a draft: that is simply changed.
    """
    state = db.execute(select(issues.c.state).where(issues.c.number == number).with_for_update()).scalar_one_or_none()
    if state is None:
        raise NotFound(f"There is no issue {number}.")
    if state == "draft":
        raise WrongState(f"Issue {number} is a draft: change it. Corrections are for issues that are approved or out.")
    last = db.execute(select(func.max(corrections.c.number)).where(corrections.c.issue_number == number)).scalar()
    numbered = replace(correction, number=(last or 0) + 1)
    row = {name: getattr(numbered, name) for name in Correction.__slots__}
    db.execute(corrections.insert(), [{"issue_number": number, **row}])
    return numbered


def corrections_of(db: Db, number: int) -> tuple[Correction, ...]:
    """What was corrected in an issue, in order."""
    rows = db.execute(select(corrections).where(corrections.c.issue_number == number).order_by(corrections.c.number))
    return tuple(Correction(**{name: getattr(row, name) for name in Correction.__slots__}) for row in rows)


def forget_corrections(db: Db, number: int) -> None:
    """Nothing was corrected: the issue is a draft again, and is simply changed."""
    db.execute(delete(corrections).where(corrections.c.issue_number == number))
