"""A PostgreSQL database in the place of each SQLite file that a test, or a process it starts, would open.

The program is not told: it is given another address when it reads one. In the place of the file lies a small one
that names the database, so that a home can be looked for, copied, moved and thrown away as it is on SQLite. A file
with anything else in it is left to SQLite.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

SERVER = "NEWSLETTER_TEST_POSTGRES"
"""The address of the server, without the name of a database."""
TOUCHED = "NEWSLETTER_TEST_TOUCHED"
"""A file that grows with each database that is opened."""
EMPTY = "template0"
TEMPLATE = "as_it_should_be"
"""The name of the migrated database without rows."""
_IS_FILLED = re.compile(r"/\.restoring-\w+/data/")
"""Where the program makes a database that it asks to be empty."""
_LOCKS = """SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind = 'r'
 AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
 ORDER BY c.relname, l.mode"""
_MARK = "_stands_in"
_HEAD = "A test's database on PostgreSQL"


def put_into(module: ModuleType) -> None:
    """Have ``newsletter.store.database`` open stand-ins, and have it noted when it opens anything."""
    if hasattr(module, _MARK):
        return
    setattr(module, _MARK, True)
    read, opened = module._read_url, module.Database._opened

    @contextmanager
    def noted(self: Any, *, is_writer: bool) -> Iterator[Any]:
        _note()
        with opened(self, is_writer=is_writer) as db:
            yield db
            if is_writer and SERVER in os.environ and db.is_postgres:
                _check_locks(db.connection)

    def read_url(text: str) -> Any:
        _note()
        url = read(text)
        name = database_of(Path(str(url.database))) if SERVER in os.environ and _is_sqlite(url) else None
        return read(f"{os.environ[SERVER]}/{name}") if name else url

    module._read_url = read_url
    module.Database._opened = noted


def database_of(path: Path) -> str | None:
    """The name of the database that stands for the file ``path``; None when that is to be a file."""
    path = path.resolve()
    with maintenance() as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (str(path),))
        try:
            said = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return None
        if not said:
            return _made(connection, path, EMPTY if _IS_FILLED.search(str(path)) else TEMPLATE)
        head, _, rest = said.partition("\n")
        if head != _HEAD:
            return None
        name, _, of = rest.partition("\n")
        return name if of == str(path) else _made(connection, path, name)


def frozen(path: Path) -> None:
    """The database of ``path`` as it is now is what a copy of that file stands for, whatever becomes of it."""
    if SERVER in os.environ:
        with maintenance() as connection:
            copy = path.with_name("frozen.db").resolve()
            name = _made(connection, copy, path.read_text().split("\n")[1])
            copy.unlink()
            path.write_text(f"{_HEAD}\n{name}\n-")


def drop_under(folder: Path) -> None:
    """Throw away the databases of the homes in ``folder``."""
    with maintenance() as connection:
        for (name,) in connection.execute(
            "DELETE FROM made WHERE starts_with(path, %s) RETURNING name", (f"{folder.resolve()}/",)
        ).fetchall():
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def maintenance() -> Iterator[Any]:
    """A connection from which databases are made and dropped."""
    import psycopg

    address = os.environ[SERVER].replace("+psycopg", "")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        yield connection


def _made(connection: Any, path: Path, template: str) -> str:
    name = f"made_{uuid4().hex}"
    if template != TEMPLATE:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND state = 'idle'", (template,)
        )
    connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    connection.execute("INSERT INTO made VALUES (%s, %s)", (name, str(path)))
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{_HEAD}\n{name}\n{path}")
    return name


def table_locks(connection: Any) -> list[tuple[str, str]]:
    """The tables that a transaction keeps to itself until it ends, each with the mode of its lock."""
    return [tuple(row) for row in connection.exec_driver_sql(_LOCKS)]


def _check_locks(connection: Any) -> None:
    """No table is locked in normal work; what makes or changes tables also writes down which they are."""
    found = table_locks(connection)
    if found and "alembic_version" not in {name for name, _ in found}:
        raise AssertionError(f"a transaction locked whole tables: {found}")


def _is_sqlite(url: Any) -> bool:
    return bool(url.get_backend_name() == "sqlite")


def _note() -> None:
    """Another database was opened."""
    if named := os.environ.get(TOUCHED):
        with open(named, "ab") as file:  # noqa: PTH123
            file.write(b".")
