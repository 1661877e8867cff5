"""A database that was put back from a copy: nothing of it goes out before a person says so."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, delivery_events, mailings, send_runs
from newsletter.store.mail_tables import secrets as secrets_table
from newsletter.store.queue import CARRIED
from newsletter.store.rights import Right, right, save_right
from newsletter.store.tables import cards, editor_links, editor_sessions
from newsletter.store.token_tables import api_posts, api_tokens

RESTORED = "restored "
"""So begins the holder of the right to send in a copy that was put back."""
SAID_BY = "restore"
_WAS_AT_IT = timedelta(minutes=2)
"""A process at a mailing says so every few seconds; this long after, it was not at it any more."""


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for a person: mailings, and deliveries of which nobody knows whether they went out."""

    mailings: int
    uncertain: int


def is_restored(known: Right | None) -> bool:
    """Whether the right to send is held by nobody, since the database was put back from a copy."""
    return known is not None and known.holder.startswith(RESTORED)


def hold_everything(db: Db, *, made_at: datetime, host: str, now: datetime) -> Held:
    """Bind the right to send to nobody, and let every mailing wait; ``host`` is where the copy was made.

    Of a mailing that a process was at when the copy was made, it went on after that: who was to get it is uncertain.
    Sign-ins end, and tokens of the API: some of them may have been ended since.
    """
    for table in (editor_sessions, editor_links, cards, api_posts, api_tokens):
        db.execute(delete(table))
    # Where this was copied from may live on: at a broker of both, each has a queue of its own.
    db.execute(delete(secrets_table).where(secrets_table.c.name == CARRIED))
    _bind_to_nobody(db, host, made_at)
    at_it = db.execute(
        select(send_runs.c.mailing_id).where(
            send_runs.c.ended_at.is_(None), send_runs.c.seen_at >= made_at - _WAS_AT_IT
        )
    )
    numbers = sorted(set(at_it.scalars()))
    uncertain = _hold_deliveries(db, numbers, now)
    text = f"it was put back from a copy of {made_at:%Y-%m-%d %H:%M} UTC; what went out after that is not known here"
    waiting = mailings.c.state.in_(("scheduled", "sending", "asking"))
    values = {"state": "asking", "reason": text, "said_by": SAID_BY}
    return Held(db.execute(update(mailings).where(waiting).values(**values)).rowcount, uncertain)


def _bind_to_nobody(db: Db, host: str, made_at: datetime) -> None:
    known = right(db)
    save_right(
        db,
        Right(
            f"{RESTORED}{secrets.token_hex(8)}",
            known.host if known else host,
            taken_at=made_at,
            seen_at=made_at,
            turn=(known.turn if known else 0) + 1,
        ),
    )


def _hold_deliveries(db: Db, at_it: Sequence[int], now: datetime) -> int:
    """Those being handed over, and all that were open where a process was at it, are uncertain; how many they are."""
    count = _to_unknown(db, [deliveries.c.state == "sending"], "it was being handed over when the copy was made", now)
    for number in at_it:
        waits = [deliveries.c.mailing_id == number, deliveries.c.state.in_(("queued", "deferred"))]
        count += _to_unknown(db, waits, "the copy was made while it went out", now)
    return count


def _to_unknown(db: Db, where: Sequence[ColumnElement[bool]], said: str, now: datetime) -> int:
    row = {"at": now, "state": "unknown", "code": None, "answer": said, "said_by": SAID_BY}
    columns = (deliveries.c.mailing_id, deliveries.c.subscriber_id)
    found = db.execute(select(*columns).where(*where)).all()
    if not found:
        return 0
    events = [{**row, "mailing_id": each.mailing_id, "subscriber_id": each.subscriber_id} for each in found]
    db.execute(delivery_events.insert(), events)
    values = {"state": "unknown", "changed_at": now, "answer": said, "next_at": None, "code": None}
    db.execute(update(deliveries).where(*where).values(**values))
    return len(found)
