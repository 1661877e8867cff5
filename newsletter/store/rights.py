"""The right to send: one installation has it, and a copy of its database does not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from newsletter.store.database import Db
from newsletter.store.mail_tables import send_rights

_NAME = "send"


@dataclass(frozen=True, slots=True)
class Right:
    """Who may send: the installation ``holder`` on ``host``; ``turn`` grows with each process that takes it."""

    holder: str
    host: str
    taken_at: datetime
    seen_at: datetime
    turn: int


def right(db: Db) -> Right | None:
    """Who has the right to send; None when nobody ever sent."""
    row = db.execute(select(send_rights).where(send_rights.c.name == _NAME)).one_or_none()
    return None if row is None else Right(row.holder, row.host, row.taken_at, row.seen_at, row.turn)


def take_right(db: Db, holder: str, host: str, *, now: datetime, by_force: bool = False) -> Right | None:
    """The right to send for a process of the installation ``holder``, under a new turn; None when another has it.

    ``by_force`` takes it away from the other one: what that one is at, it cannot go on with.
    """
    db.lock("right to send")
    known = right(db)
    if known is not None and known.holder != holder and not by_force:
        return None
    is_new = known is None or known.holder != holder
    taken = Right(
        holder,
        host,
        taken_at=now if known is None or is_new else known.taken_at,
        seen_at=now,
        turn=(known.turn if known else 0) + 1,
    )
    save_right(db, taken)
    return taken


def save_right(db: Db, known: Right) -> None:
    """Write down who has the right, whoever had it before."""
    db.upsert(send_rights, [{"name": _NAME, **{name: getattr(known, name) for name in Right.__slots__}}])


def renew_right(db: Db, turn: int, *, now: datetime) -> bool:
    """Say that who took the right under ``turn`` is alive; false when it is somebody else's by now."""
    mine = (send_rights.c.name == _NAME, send_rights.c.turn == turn)
    return db.execute(update(send_rights).where(*mine).values(seen_at=now)).rowcount == 1


def see_right(db: Db, holder: str, *, now: datetime) -> None:
    """Say that the installation ``holder`` is alive, if the right is its own; nobody's turn ends by that."""
    mine = (send_rights.c.name == _NAME, send_rights.c.holder == holder)
    db.execute(update(send_rights).where(*mine).values(seen_at=now))
