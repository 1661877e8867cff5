"""How often an issue was called useful or not. A number, and nothing of whoever said so."""

from typing import Any

from sqlalchemy import select, update

from newsletter.store.database import Db
from newsletter.store.mail_tables import usefulness


def count_answer(db: Db, number: int, answer: str) -> None:
    """Count one more ``answer`` ("yes" or "no") for issue ``number``."""
    db.insert_new(usefulness, [{"issue_number": number, "answer": answer, "count": 0}])
    is_it = (usefulness.c.issue_number == number, usefulness.c.answer == answer)
    db.execute(update(usefulness).where(*is_it).values(count=usefulness.c["count"] + 1))


def answers(db: Db, number: int) -> dict[str, int]:
    """How often each answer was given for issue ``number``."""
    found = select(usefulness.c.answer, usefulness.c["count"]).where(usefulness.c.issue_number == number)
    rows: Any = db.execute(found).all()
    return dict(rows)
