"""Places that many workers share, under a lease: one at a source, a few at a host; and who runs."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from newsletter.store.database import Db
from newsletter.store.queue_tables import holds


def take_place(db: Db, name: str, *, holder: str, now: datetime, until: datetime, places: int = 1) -> bool:
    """Take one of the ``places`` at ``name`` until then; false when all are held."""
    # Rows that are there are not inserted in vain: that would wait for whoever is just taking one.
    known = set(db.execute(select(holds.c.place).where(holds.c.name == name)).scalars())
    empty = {"name": name, "holder": "", "until": now}
    db.insert_new(holds, [{**empty, "place": place} for place in range(places) if place not in known])
    free = select(holds.c.place).where(holds.c.name == name, holds.c.place < places, holds.c.until <= now)
    place = db.execute(free.order_by(holds.c.place).limit(1).with_for_update(skip_locked=True)).scalar()
    if place is None:
        return False
    is_it = (holds.c.name == name, holds.c.place == place)
    db.execute(update(holds).where(*is_it).values(holder=holder, until=until, since=now))
    return True


def stand_at(db: Db, name: str, *, holder: str, now: datetime, until: datetime) -> None:
    """Hold the one place at ``name`` until then, whoever held it."""
    db.upsert(holds, [{"name": name, "place": 0, "holder": holder, "until": until, "since": now}])


def held_under(db: Db, prefix: str, *, now: datetime) -> dict[str, str]:
    """Who holds the first place at each name that begins so."""
    is_it = (holds.c.name.startswith(prefix, autoescape=True), holds.c.place == 0, holds.c.until > now)
    held = select(holds.c.name, holds.c.holder).where(*is_it, holds.c.holder != "")
    return {row.name: row.holder for row in db.execute(held)}


def held_since(db: Db, name: str, *, now: datetime) -> datetime | None:
    """Since when somebody holds a place at ``name``, the longest; None when nobody does, or nobody knows."""
    held = select(func.min(holds.c.since)).where(holds.c.name == name, holds.c.until > now)
    found: datetime | None = db.execute(held).scalar()
    return found


def holders(db: Db, name: str, *, now: datetime) -> list[str]:
    """Who holds the places at ``name``."""
    held = select(holds.c.holder).where(holds.c.name == name, holds.c.until > now, holds.c.holder != "")
    return list(db.execute(held).scalars())


def keep_places(db: Db, worker: str, *, until: datetime) -> None:
    """Keep all places of the holders of ``worker`` (named WORKER/NUMBER) until then."""
    db.execute(update(holds).where(_of(worker)).values(until=until))


def leave_places(db: Db, holder: str, *, now: datetime) -> None:
    """Free all places of one holder."""
    db.execute(update(holds).where(holds.c.holder == holder).values(holder="", until=now))


def leave_all_places(db: Db, worker: str, *, now: datetime) -> None:
    """Free all places of the holders of ``worker``, which is no more."""
    db.execute(update(holds).where(_of(worker)).values(holder="", until=now))


def forget_places(db: Db, *, before: datetime) -> None:
    """Let go of places that nobody took since then."""
    db.execute(delete(holds).where(holds.c.until < before))


def _of(worker: str) -> ColumnElement[bool]:
    ours = holds.c.holder.startswith
    return or_(ours(f"{worker}/", autoescape=True), ours(f"{worker}:", autoescape=True))
