"""What a home holds, to compare before and after: the rows of its tables, and its files."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from newsletter.pipeline import folded

_PASSING = frozenset({"alembic_version"})
_TOKENS = {"api_tokens": "name", "editor_links": "editor", "editor_sessions": "editor"}
"""Tables whose keys are secrets made at random: only whose they are can be compared."""


@dataclass(frozen=True)
class Stored:
    """All rows by their table, and the files with their size."""

    rows: Mapping[str, Counter[tuple[object, ...]]]
    files: frozenset[tuple[str, int]]

    def lost(self, after: "Stored") -> dict[str, list[tuple[object, ...]]]:
        """The rows that are not there any more, or no longer so."""
        return {name: list(gone) for name, rows in self.rows.items() if (gone := rows - after.rows[name])}

    def new(self, after: "Stored") -> dict[str, list[tuple[object, ...]]]:
        """The rows that came."""
        return after.lost(self)

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: rows.total() for name, rows in self.rows.items()}


def stored_in(home: Path) -> Stored:
    """What the home holds now."""
    with closing(sqlite3.connect(_database(home))) as connection:
        names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        wanted = [each for each in names if each not in _PASSING and not each.startswith("sqlite_")]
        rows = {name: Counter(_rows(connection, name)) for name in wanted}
    files = (each for each in home.rglob("*") if each.is_file() and not each.name.startswith("newsletter.db"))
    return Stored(rows, frozenset((str(each.relative_to(home)), each.stat().st_size) for each in files))


def _rows(connection: sqlite3.Connection, name: str) -> Iterable[tuple[object, ...]]:
    if name in _TOKENS:
        return list(connection.execute(f"select {_TOKENS[name]} from {name}"))
    return list(connection.execute(f"select * from {name}"))


class Copy:
    """The database and feeds.yaml of a home as they were, to bring them back while the home is open."""

    def __init__(self, home: Path) -> None:
        self._home, self._count = home, 0
        self._feeds = (home / "feeds.yaml").read_bytes()
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(_database(home))) as now:
            now.backup(self._kept)

    def bring_back(self) -> None:
        """All is again as it was; nobody remembers what was between."""
        if (self._home / "feeds.yaml").read_bytes() != self._feeds:
            (self._home / "feeds.yaml").write_bytes(self._feeds)
        with closing(sqlite3.connect(_database(self._home))) as now:
            self._kept.backup(now)
        folded._known.clear()

    def close(self) -> None:
        """It is needed no more."""
        self._kept.close()


def _database(home: Path) -> Path:
    return home / "data" / "newsletter.db"
