"""What editors answered to proposed rules, and which proposal each of their sessions was shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select

from newsletter.store.columns import stored_key
from newsletter.store.database import Db
from newsletter.store.proposal_tables import proposal_answers, proposal_sessions

Said = Literal["yes", "later", "never"]
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Answer:
    """The last word on a proposal."""

    answer: Said
    editor: str
    answered_at: datetime


def save_answer(db: Db, key: str, answer: Said, *, editor: str, now: datetime) -> None:
    """Remember the answer, in place of an earlier one."""
    row = {"key": key, "answer": answer, "editor": editor, "answered_at": now}
    db.upsert(proposal_answers, [row])


def answers(db: Db) -> dict[str, Answer]:
    """Every answer, by the key as :func:`stored_key` gives it."""
    rows = db.execute(select(proposal_answers))
    return {row.key: Answer(row.answer, row.editor, row.answered_at) for row in rows}


def answer_to(known: dict[str, Answer], key: str) -> Answer | None:
    """The answer to the proposal ``key`` among ``known``."""
    return known.get(stored_key(key))


def is_asked_key(stored: str, key: str) -> bool:
    """Whether ``stored``, as :func:`asked_in` gives it, stands for the proposal ``key``."""
    return stored == stored_key(key)


def asked_in(db: Db, session: str) -> str | None:
    """The stored key of the proposal that the session was shown; None when it was shown none."""
    asked = select(proposal_sessions.c.key).where(proposal_sessions.c.session == session)
    found: str | None = db.execute(asked).scalar()
    return found


def mark_asked(db: Db, session: str, key: str, *, now: datetime) -> None:
    """The session is shown this proposal and no other; sessions of long ago are forgotten."""
    db.execute(delete(proposal_sessions).where(proposal_sessions.c.asked_at < now - _KEPT))
    db.insert_new(proposal_sessions, [{"session": session, "key": key, "asked_at": now}])
