"""What a home holds, to compare before and after: the rows of its tables, and its files."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from newsletter.pipeline import folded
from newsletter.store.database import Database
from newsletter.store.every_table import metadata

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
    database = _database(home)
    with closing(database.own_connection()) as connection:
        rows = {name: Counter(_rows(connection, name)) for name in metadata.tables}
    database.close()
    files = (each for each in home.rglob("*") if each.is_file() and not each.name.startswith("newsletter.db"))
    return Stored(rows, frozenset((str(each.relative_to(home)), each.stat().st_size) for each in files))


def _rows(connection: Any, name: str) -> Iterable[tuple[object, ...]]:
    if name in _TOKENS:
        return list(connection.execute(f"select {_TOKENS[name]} from {name}"))
    return list(connection.execute(f"select * from {name}"))


class _Kept(Protocol):
    """The rows of a database as they were."""

    def put_back(self, now: Any) -> None: ...

    def close(self) -> None: ...


class _KeptSqlite:
    def __init__(self, now: Any) -> None:
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        now.backup(self._rows)

    def put_back(self, now: Any) -> None:
        self._rows.backup(now)

    def close(self) -> None:
        self._rows.close()


class _KeptPostgres:
    def __init__(self, now: Any) -> None:
        self._rows: dict[str, bytes] = {}
        for name in metadata.tables:
            with now.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)") as out:
                self._rows[name] = b"".join(out)
        names = [name for (name,) in now.execute("SELECT sequencename FROM pg_sequences").fetchall()]
        self._next = {name: now.execute(f'SELECT last_value, is_called FROM "{name}"').fetchone() for name in names}

    def put_back(self, now: Any) -> None:
        now.execute("SET session_replication_role = replica")
        now.execute("TRUNCATE " + ", ".join(metadata.tables))
        for name, data in self._rows.items():
            with now.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)") as into:
                into.write(data)
        for name, (last, is_called) in self._next.items():
            now.execute("SELECT setval(%s::regclass, %s, %s)", (f'"{name}"', last, is_called))
        now.commit()

    def close(self) -> None:
        self._rows.clear()


class Copy:
    """The database and feeds.yaml of a home as they were, to bring them back while the home is open."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._feeds = (home / "feeds.yaml").read_bytes()
        self._database = _database(home)
        with closing(self._database.own_connection()) as now:
            self._kept: _Kept = _KeptSqlite(now) if self._database.is_sqlite else _KeptPostgres(now)

    def bring_back(self) -> None:
        """All is again as it was; nobody remembers what was between."""
        if (self._home / "feeds.yaml").read_bytes() != self._feeds:
            (self._home / "feeds.yaml").write_bytes(self._feeds)
        with closing(self._database.own_connection()) as now:
            self._kept.put_back(now)
        folded._known.clear()

    def close(self) -> None:
        """It is needed no more."""
        self._kept.close()
        self._database.close()


def _database(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'data' / 'newsletter.db'}")
