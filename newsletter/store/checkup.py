"""What a database tells about its own health; nothing in it changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, text, update

from newsletter.store.database import Database, Db
from newsletter.store.schema import schema_of
from newsletter.store.tables import SCHEMA, alembic_version


@dataclass(frozen=True, slots=True)
class Condition:
    """How a database is: ``schema`` "" when it is empty, ``now`` by its own clock."""

    schema: str
    size: int
    wal_size: int
    now: datetime

    @property
    def is_current(self) -> bool:
        """Whether its schema is the one this program works with."""
        return self.schema == SCHEMA

    @property
    def is_newer(self) -> bool:
        """Whether a newer program wrote it."""
        return self.schema > SCHEMA


def condition(database: Database) -> Condition:
    """How it is now. Raises StoreFault."""
    with database.reading() as db:
        now = db.execute(select(func.clock_timestamp())).scalar_one() if db.is_postgres else datetime.now(UTC)
        return Condition(schema_of(db.connection), _size(db, database), _wal_size(database), now)


def try_writing(database: Database) -> None:
    """Write what is there already. Raises StoreFault when that cannot be."""
    with database.transaction() as db:
        db.execute(update(alembic_version).values(version_num=alembic_version.c.version_num))


def damage_of(database: Database) -> str:
    """What SQLite finds wrong in its file; empty when nothing. PostgreSQL looks after itself."""
    if not database.is_sqlite:
        return ""
    with database.reading() as db:
        found = str(db.execute(text("PRAGMA quick_check(1)")).scalar())
    return "" if found == "ok" else found


def _size(db: Db, database: Database) -> int:
    if db.is_postgres:
        return int(db.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    path = Path(database.name)
    return path.stat().st_size if path.is_file() else 0


def _wal_size(database: Database) -> int:
    path = Path(f"{database.name}-wal")
    return path.stat().st_size if database.is_sqlite and path.is_file() else 0
