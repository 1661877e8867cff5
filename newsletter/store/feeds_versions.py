"""feeds.yaml as it was over time: every good version, who made it, when and why; appended only."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from newsletter.errors import NotFound
from newsletter.store.database import Db
from newsletter.store.feeds_tables import feeds_versions


@dataclass(frozen=True, slots=True)
class FeedsVersion:
    """One version without its content; ``hash`` is what :attr:`Config.file_hash` was under it."""

    number: int
    at: datetime
    by: str
    note: str
    hash: str


_COLUMNS = [feeds_versions.c[name] for name in ("number", "at", "by", "note", "hash")]


def lock_feeds(db: Db) -> None:
    """Be alone with feeds.yaml, among the program's own processes, until the transaction ends."""
    db.lock("feeds.yaml")


def add_version(db: Db, files: Mapping[str, str], *, file_hash: str, at: datetime, by: str, note: str) -> int:
    """Append a version; ``files`` are the texts by name. Gives its number."""
    lock_feeds(db)
    number = int(db.execute(select(func.coalesce(func.max(feeds_versions.c.number), 0))).scalar_one()) + 1
    content = zlib.compress(json.dumps(dict(files), ensure_ascii=False).encode("utf-8", "surrogatepass"), 9)
    row = {"number": number, "at": at, "by": by, "note": note, "hash": file_hash, "content": content}
    db.execute(feeds_versions.insert().values(**row))
    return number


def newest_version(db: Db) -> FeedsVersion | None:
    """The last one, None when none was noted yet."""
    row = db.execute(select(*_COLUMNS).order_by(feeds_versions.c.number.desc()).limit(1)).one_or_none()
    return FeedsVersion(**row._asdict()) if row else None


def list_versions(db: Db, *, at_most: int = 1000) -> tuple[FeedsVersion, ...]:
    """All of them, the newest first."""
    rows = db.execute(select(*_COLUMNS).order_by(feeds_versions.c.number.desc()).limit(at_most))
    return tuple(FeedsVersion(**row._asdict()) for row in rows)


def version_files(db: Db, number: int) -> dict[str, str]:
    """The texts of a version by name (NotFound)."""
    row = db.execute(select(feeds_versions.c.content).where(feeds_versions.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {number} of feeds.yaml.")
    return dict(json.loads(zlib.decompress(bytes(row.content)).decode("utf-8", "surrogatepass")))
