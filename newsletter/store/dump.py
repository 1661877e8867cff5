"""The rows of every table as JSON Lines, the same from either kind of database, and back into an empty one."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, Table, func, inspect, select, text
from sqlalchemy.types import Date

from newsletter.errors import StoreFault
from newsletter.store.database import Database, Db
from newsletter.store.schema import create_at, schema_of

PART_BYTES = 2 << 20
"""A part of a table has about so many bytes: as much as is in memory at once."""
_ROWS_AT_ONCE = 500
_BESIDE = frozenset({"alembic_version"})


@dataclass(slots=True)
class TableInfo:
    """A table of a dump: its columns in the order of the rows, how many rows there are, the highest number given."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: int = 0
    last_number: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table, one JSON array a line."""

    table: str
    data: bytes


class Dump:
    """Reads a database in one transaction. ``tables`` are complete once :meth:`parts` came to its end."""

    def __init__(self, db: Db) -> None:
        self._db, self._tables = db, _tables(db)
        self.schema = schema_of(db.connection)
        self.tables = {table.name: TableInfo(table.name, [each.name for each in table.columns]) for table in _in(db)}

    def parts(self) -> Iterator[Part]:
        """All rows; a table comes after those that it refers to."""
        for name, info in self.tables.items():
            table = self._tables[name]
            info.last_number = _last_number(self._db, table)
            yield from self._parts_of(table, info)

    def _parts_of(self, table: Table, info: TableInfo) -> Iterator[Part]:
        lines: list[str] = []
        size = 0
        asked = select(*table.columns).execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
        for row in self._db.execute(asked):
            line = json.dumps([_as_json(value) for value in row], ensure_ascii=False, separators=(",", ":"))
            info.rows += 1
            lines.append(line)
            size += len(line)
            if size >= PART_BYTES:
                yield Part(table.name, _joined(lines))
                lines, size = [], 0
        if lines:
            yield Part(table.name, _joined(lines))


class Load:
    """Puts the rows of a dump into an empty database, whose tables are made as they were when it was written."""

    def __init__(self, db: Db, schema: str) -> None:
        create_at(db.connection, schema)
        self._db, self._tables = db, _tables(db)

    def take(self, info: TableInfo, data: bytes) -> int:
        """Store the rows of a part; how many they are. Raises StoreFault for a table or column nobody knows."""
        table = self._tables.get(info.name)
        unknown = [] if table is None else [name for name in info.columns if name not in table.columns]
        if table is None or unknown:
            what = f"the columns {', '.join(unknown)} of {info.name}" if unknown else f"the table {info.name}"
            raise StoreFault(f"The copy holds {what}, which its schema does not know. It is no copy of this program.")
        columns = [table.columns[name] for name in info.columns]
        rows = [_row(columns, json.loads(line)) for line in data.splitlines()]
        for at in range(0, len(rows), _ROWS_AT_ONCE):
            self._db.execute(table.insert(), rows[at : at + _ROWS_AT_ONCE])
        return len(rows)

    def finish(self, tables: Sequence[TableInfo]) -> None:
        """Let numbers that were given before not be given again, also those of rows that are gone."""
        for info in tables:
            _set_last_number(self._db, self._tables[info.name], info.last_number)


def has_tables(database: Database) -> bool:
    """Whether there is anything in a database."""
    with database.reading() as db:
        return bool(inspect(db.connection).get_table_names())


def _in(db: Db) -> Iterator[Table]:
    """The tables, those that others refer to first."""
    yield from _tables(db).values()


def _tables(db: Db) -> dict[str, Table]:
    """The tables as they are in the database: it may be older than this program."""
    found, made = inspect(db.connection), MetaData()
    order = [name for name, _ in found.get_sorted_table_and_fkc_names() if name and name not in _BESIDE]
    return {name: Table(name, made, *_columns(db, name)) for name in order}


def _columns(db: Db, name: str) -> list[Column[Any]]:
    found = inspect(db.connection)
    keys = found.get_pk_constraint(name)["constrained_columns"]
    return [
        Column(each["name"], each["type"], primary_key=each["name"] in keys, autoincrement=False)
        for each in found.get_columns(name)
    ]


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, date) else value


def _row(columns: Sequence[Column[Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {column.name: _from_json(column, value) for column, value in zip(columns, values, strict=True)}


def _from_json(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def _joined(lines: Sequence[str]) -> bytes:
    # JSON escapes line feeds, and bytes know no other ends of lines.
    return "".join(f"{line}\n" for line in lines).encode()


def _number_column(table: Table) -> Column[Any] | None:
    """The column whose values the database counts up, if there is one."""
    keys = list(table.primary_key)
    return keys[0] if len(keys) == 1 and keys[0].type.python_type is int else None


def _last_number(db: Db, table: Table) -> int | None:
    column = _number_column(table)
    if column is None:
        return None
    highest = db.execute(select(func.max(column))).scalar()
    given = _sequence_at(db, table.name, column.name)
    return max((each for each in (highest, given) if each is not None), default=None)


def _sequence_at(db: Db, table: str, column: str) -> int | None:
    if db.is_postgres:
        sequence = _sequence(db, table, column)
        if sequence is None:
            return None
        row = db.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()
        return int(row.last_value) if row.is_called else None
    if not _is_counted(db, table):
        return None
    found = db.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name").bindparams(name=table)).scalar()
    return None if found is None else int(found)


def _set_last_number(db: Db, table: Table, last: int | None) -> None:
    column = _number_column(table)
    if column is None or last is None:
        return
    if db.is_postgres:
        sequence = _sequence(db, table.name, column.name)
        if sequence is not None:
            db.execute(select(func.setval(text(f"'{sequence}'::regclass"), last)))
    elif _is_counted(db, table.name):
        db.execute(text("DELETE FROM sqlite_sequence WHERE name = :name").bindparams(name=table.name))
        db.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), [{"name": table.name, "last": last}]
        )


def _sequence(db: Db, table: str, column: str) -> str | None:
    found: str | None = db.execute(select(func.pg_get_serial_sequence(table, column))).scalar()
    return found


def _is_counted(db: Db, table: str) -> bool:
    """Whether SQLite remembers the highest number of a table; the table of those is there only if one does."""
    made = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name").bindparams(name=table)
    return "AUTOINCREMENT" in str(db.execute(made).scalar() or "").upper()
