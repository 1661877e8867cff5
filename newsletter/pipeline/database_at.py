"""The database of a home, and what is done with it before its schema changes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsletter.pipeline.in_force import DATABASE_VARIABLE, data_folder
from newsletter.store.copies import GO_ON_VARIABLE, Copies
from newsletter.store.database import Database

COPIES = "backups"
"""The folder in ``data/`` for copies of a database that is no file."""


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def database_at(home: Path, environ: Mapping[str, str], copies: Copies | None = None) -> Database:
    """The database the environment names, or the one in ``home``; ``copies`` say where they go."""
    url = environ.get(DATABASE_VARIABLE) or f"sqlite:///{(data_folder(home) / 'newsletter.db').resolve()}"
    return Database(url, copies=copies)


def may_go_without_copy(environ: Mapping[str, str]) -> bool:
    """Whether the person at the keyboard made a copy of the database, or needs none."""
    return environ.get(GO_ON_VARIABLE, "").strip().lower() in ("yes", "1", "true")
