"""A home for those who only look: nothing of feeds.yaml comes into force by it, no source is stored."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter.config.load import Config, read_config
from newsletter.errors import NotFound
from newsletter.pipeline.app import DATABASE_VARIABLE, open_database, system_clock
from newsletter.store import issues
from newsletter.store.database import Database
from newsletter.store.issues import StoredIssue

DATA = "data"


@dataclass(frozen=True, slots=True)
class IssueShelf:
    """The issues of a home: its database and the folder that their snapshots lie in."""

    home: Path
    database: Database
    now: Callable[[], datetime]

    def issue_folder(self, number: int) -> Path:
        """The folder of one issue."""
        return self.home / DATA / "issues" / f"{number:04d}"

    def last_issues(self, count: int) -> list[StoredIssue]:
        """The last ``count`` issues, the oldest first."""
        with self.database.reading() as db:
            found = issues.numbers(db)[-count:]
            return [issues.issue(db, number) for number in found]


@contextmanager
def look_into(
    home: Path, *, environ: Mapping[str, str] = os.environ, now: Callable[[], datetime] = system_clock
) -> Iterator[IssueShelf]:
    """The issues of ``home`` (NotFound when nothing was made there yet)."""
    if not (home / DATA).is_dir() and DATABASE_VARIABLE not in environ:
        raise NotFound(f"{home} has no issue yet. Make one with: newsletter build --home {home}")
    database = open_database(home, environ)
    try:
        database.migrate()
        yield IssueShelf(home, database, now)
    finally:
        database.close()


def read_feeds_file(path: Path, home: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in ``path`` as if it were the feeds.yaml of ``home``. Raises ConfigError, NotFound."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise NotFound(f"{path} cannot be read: {fault.strerror or fault}. Name a file that is there.") from fault
    return read_config(data, file=path.name, environ=environ, base=home)
