"""What could not be read: kept packed, each once, as long as there is room and somebody may still look at it."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, true, update

from newsletter.errors import NotFound, UsageError
from newsletter.model.aside import Aside, SetAside
from newsletter.model.erased import Erased
from newsletter.store.columns import stored_key
from newsletter.store.database import Db, in_parts
from newsletter.store.erasures import load_erased
from newsletter.store.tables import aside

LARGEST = 8 << 20
"""A document up to this size is kept whole; of a larger one only the beginning, to look at."""
BEGINNING = 64 << 10
KEPT_FOR = timedelta(days=90)
MOST_OF_A_SOURCE = (100, 16 << 20)
"""So many rows, and packed bytes; the oldest ones go first."""
MOST_IN_ALL = (5_000, 256 << 20)
_LONGEST_REASON = 500
_STOOD_AT = "content-location: "


def keep_aside(db: Db, source_id: str, found: Sequence[Aside], *, now: datetime) -> None:
    """Keep ``found``; belongs into the transaction that stores the cursor behind it.

    What is here already, the same bytes from the same address, is counted instead.
    """
    if not found:
        return
    db.lock("aside")
    erased = load_erased(db)
    found = [_without(each, erased) for each in found] if erased else found
    rows = {row["id"]: row for row in (_row(source_id, each, now) for each in found)}
    known = _known(db, rows)
    again = [{"known_id": each, "new_reason": rows[each]["reason"], "new_seen_at": now} for each in sorted(known)]
    if again:
        values = {"seen_count": aside.c.seen_count + 1, "seen_at": bindparam("new_seen_at")}
        values["reason"] = bindparam("new_reason")
        db.execute(update(aside).where(aside.c.id == bindparam("known_id")).values(values), again)
    db.insert_new(aside, [row for each, row in rows.items() if each not in known])
    _forget(db, source_id, now)


def list_aside(db: Db, source_id: str | None = None) -> list[SetAside]:
    """What was set aside and not dropped, the oldest first; without its bytes."""
    columns = [each for each in aside.c if each.name not in ("data", "kept_size")]
    found = select(*columns).where(aside.c.state != "dropped").order_by(aside.c.set_aside_at, aside.c.id)
    if source_id is not None:
        found = found.where(aside.c.source_id == stored_key(source_id))
    return [_read(row, b"") for row in db.execute(found)]


def find_aside(db: Db, names: Iterable[str]) -> list[str]:
    """The ids that ``names`` begin, in their order (NotFound, UsageError when one begins several)."""
    return list(dict.fromkeys(_find(db, name) for name in names))


def load_aside(db: Db, aside_id: str) -> SetAside | None:
    """One of them with its bytes; None when it is not here any more."""
    row = db.execute(select(aside).where(aside.c.id == aside_id, aside.c.state != "dropped")).first()
    return None if row is None else _read(row, zlib.decompress(row.data))


def replayed(db: Db, aside_id: str) -> None:
    """Forget what could be read; belongs into the transaction that stores what was in it."""
    db.execute(delete(aside).where(aside.c.id == aside_id))


def failed_again(db: Db, aside_id: str, reason: str) -> None:
    """Remember that it could not be read this time either, and why."""
    values = {"tries": aside.c.tries + 1, "reason": reason[:_LONGEST_REASON], "state": "failed"}
    db.execute(update(aside).where(aside.c.id == aside_id).values(values))


def drop_aside(db: Db, ids: Iterable[str]) -> int:
    """Let go of the bytes of ``ids``; unseen rows stay, so that the same bytes do not come back. Gives the count."""
    count = 0
    values = {"state": "dropped", "data": zlib.compress(b""), "kept_size": 0}
    for part in in_parts(ids):
        is_wanted = (aside.c.id.in_(part), aside.c.state != "dropped")
        count += db.execute(update(aside).where(*is_wanted).values(values)).rowcount
    return count


def _without(found: Aside, erased: Erased) -> Aside:
    """What names somebody who was erased is not kept; that it could not be read still is."""
    named = (found.address, found.reason, found.final_url)
    address, reason, final_url = map(erased.text, named)
    data = b"" if erased.is_in(found.data) else found.data
    return replace(found, address=address, reason=reason, final_url=final_url, data=data)


def _row(source_id: str, found: Aside, now: datetime) -> dict[str, Any]:
    size, note, data = len(found.data), "", found.data
    if size > LARGEST:
        data = data[:BEGINNING]
        note = f"only the first {BEGINNING >> 10} KiB of {size / (1 << 20):.1f} MiB are kept"
    packed = zlib.compress(data)
    return {
        "id": _id(source_id, found),
        "source_id": source_id,
        **{name: value for name, value in asdict(found).items() if name != "final_url"},
        "content_type": _headers(found),
        "reason": found.reason[:_LONGEST_REASON],
        "note": note,
        "data": packed,
        "size": size,
        "kept_size": len(packed),
        "set_aside_at": now,
        "seen_at": now,
        "seen_count": 1,
        "tries": 0,
        "state": "waiting",
    }


def _headers(found: Aside) -> str:
    """The content type and, on a line of its own, where a document stood to which its address led."""
    return "\n".join(filter(None, (found.content_type, found.final_url and f"{_STOOD_AT}{found.final_url}")))


def _read_headers(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    at = next((each.removeprefix(_STOOD_AT) for each in lines if each.startswith(_STOOD_AT)), "")
    return ("" if lines[0].startswith(_STOOD_AT) else lines[0]), at


def _id(source_id: str, found: Aside) -> str:
    named = "\0".join((source_id, found.address, "")).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(named + found.data, digest_size=6).hexdigest()


def _known(db: Db, ids: Iterable[str]) -> set[str]:
    known: set[str] = set()
    for part in in_parts(ids):
        known.update(db.execute(select(aside.c.id).where(aside.c.id.in_(part))).scalars())
    return known


def _find(db: Db, name: str) -> str:
    is_wanted = (aside.c.id.startswith(name.strip().lower(), autoescape=True), aside.c.state != "dropped")
    found = list(db.execute(select(aside.c.id).where(*is_wanted).limit(5)).scalars()) if name.strip() else []
    if not found:
        raise NotFound(f"Nothing set aside has the id “{name}”. “newsletter aside” lists all.")
    if len(found) > 1:
        raise UsageError(f"“{name}” begins several ids: {', '.join(sorted(found))}. Give more of it.")
    return str(found[0])


def _forget(db: Db, source_id: str, now: datetime) -> None:
    """Let go of what is old, and of the oldest where there is too much."""
    db.execute(delete(aside).where(aside.c.seen_at < now - KEPT_FOR))
    _make_room(db, aside.c.source_id == stored_key(source_id), *MOST_OF_A_SOURCE)
    _make_room(db, true(), *MOST_IN_ALL)


def _make_room(db: Db, condition: ColumnElement[bool], most_rows: int, most_bytes: int) -> None:
    newest_first = (aside.c.seen_at.desc(), aside.c.id)
    ranked = (
        select(
            aside.c.id,
            func.row_number().over(order_by=newest_first).label("place"),
            func.sum(aside.c.kept_size).over(order_by=newest_first).label("bytes"),
        )
        .where(condition)
        .subquery()
    )
    is_too_much = or_(ranked.c.place > most_rows, ranked.c.bytes > most_bytes)
    db.execute(delete(aside).where(aside.c.id.in_(select(ranked.c.id).where(is_too_much))))


def _read(row: Any, data: bytes) -> SetAside:
    content_type, final_url = _read_headers(row.content_type)
    return SetAside(
        id=row.id,
        source_id=row.source_id,
        aside=Aside(row.address, row.reason, data, content_type, row.reader, row.is_document, final_url),
        size=row.size,
        note=row.note,
        set_aside_at=row.set_aside_at,
        seen_at=row.seen_at,
        seen_count=row.seen_count,
        tries=row.tries,
        state=row.state,
    )
