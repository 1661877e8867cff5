"""Database and Db: the only doors to SQL. SQLite in WAL mode and PostgreSQL through one code path."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table, create_engine, event, func, select
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from newsletter.errors import DatabaseAway, StoreFault
from newsletter.store.copies import Copies, copy_file, copy_server
from newsletter.store.faults import explain, is_full
from newsletter.store.link import link_to
from newsletter.store.schema import bring_up_to_date
from newsletter.store.tables import SCHEMA

_PRAGMAS = ("busy_timeout=5000", "synchronous=NORMAL", "foreign_keys=ON")
_SECURE_DELETE = ("OFF", "ON", "FAST")
"""As SQLite counts them; which of them is the usual one depends on who built it."""
_IN_ONE_QUESTION = 500
_Row = Mapping[str, Any]


class Db:
    """A connection inside a transaction; what the functions of this stage take first."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_postgres = connection.dialect.name == "postgresql"

    def execute(self, statement: Executable, rows: Sequence[_Row] | None = None) -> CursorResult[Any]:
        """Run ``statement`` once, or once for each of ``rows``."""
        return self.connection.execute(statement, rows)

    def run(self, sql: str, values: tuple[Any, ...]) -> int:
        """Run SQL that both databases know, with a ? for each of ``values``, as the driver takes it; rows changed."""
        return self.connection.exec_driver_sql(sql.replace("?", "%s") if self.is_postgres else sql, values).rowcount

    def insert_new(self, table: Table, rows: Sequence[_Row]) -> None:
        """Insert ``rows``; those whose key is there already change nothing."""
        if rows:
            self.execute(self._insert(table).on_conflict_do_nothing(), rows)

    def insert_new_one(self, table: Table, row: _Row) -> bool:
        """Insert ``row``; false when its key was there already."""
        statement = self._insert(table).values(**row).on_conflict_do_nothing()
        return self.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1

    def upsert(self, table: Table, rows: Sequence[_Row]) -> None:
        """Insert ``rows``, or set all their values where the primary key is there already."""
        if not rows:
            return
        statement = self._insert(table)
        keys = [column.name for column in table.primary_key]
        values = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        self.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)

    def lock(self, name: str) -> None:
        """Be alone with ``name`` until the transaction ends; SQLite's writers are alone anyway."""
        if self.is_postgres:
            self.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    def _insert(self, table: Table) -> Any:
        if not self.is_postgres:
            return insert_sqlite(table)
        # Only who has such a database needs to know its language.
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)


class Database:
    """One newsletter's database: ``sqlite:///FILE`` or ``postgresql+psycopg://…``.

    Raises StoreFault, here and in every transaction, when it cannot be used as it is.
    """

    def __init__(self, url: str, *, copies: Copies | None = None) -> None:
        self._url, self._copies = _read_url(url), copies or Copies()
        self._engine = _engine(self._url)
        event.listen(self._engine, "begin", _begin)
        if self.is_sqlite:
            event.listen(self._engine, "connect", _set_up_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """The database for messages, without its password."""
        return str(self._url.database) if self.is_sqlite else self._url.render_as_string(hide_password=True)

    @property
    def driver(self) -> Any:
        """The module that speaks to it."""
        return self._engine.dialect.loaded_dbapi

    def own_connection(self) -> Any:
        """A new connection as the driver makes it, for whoever closes it again."""
        fresh = self._engine.raw_connection()
        found = fresh.driver_connection
        fresh.detach()
        return found

    @contextmanager
    def transaction(self) -> Iterator[Db]:
        """A writer: all of it is stored when the block ends, nothing when it raises."""
        with self._opened(is_writer=True) as db:
            yield db

    @contextmanager
    def scrubbing(self) -> Iterator[Db]:
        """As :meth:`transaction`; what is deleted or replaced meanwhile is overwritten in SQLite's file, too."""
        with self.transaction() as db:
            if db.is_postgres:
                yield db
                return
            run = db.connection.exec_driver_sql
            usual = _SECURE_DELETE[run("PRAGMA secure_delete").scalar_one()]
            run("PRAGMA secure_delete=ON")
            try:
                yield db
            finally:
                # Others use the connection after us, and need not write every page that becomes free.
                run(f"PRAGMA secure_delete={usual}")

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """A reader, who sees one state of the database throughout."""
        with self._opened(is_writer=False) as db:
            yield db

    def migrate(self) -> Path | None:
        """Bring the schema up to date, after a copy was made; StoreFault when a newer program wrote it.

        Gives where the copy lies. When a step fails the database is as it was, and the fault says where.
        """
        made: list[Path] = []

        def copy() -> Path | None:
            made.extend(self._copy())
            return made[0] if made else None

        with self.transaction() as db:
            db.lock("migrate")
            # Who asks holds the lock, so what is copied is what will be changed.
            bring_up_to_date(db.connection, self.name, before=copy)
        return made[0] if made else None

    def _copy(self) -> list[Path]:
        if not self._copies.is_needed:
            return []
        if self.is_sqlite:
            return [copy_file(Path(str(self._url.database)), newer=SCHEMA)]
        found = copy_server(self._url, self._copies, newer=SCHEMA)
        return [found] if found else []

    def forget_log(self) -> None:
        """Put what SQLite's log holds into the file, and empty it; as far as nobody reads it just now."""
        if self.is_sqlite:
            # Not in a transaction, as all else here is.
            with suppress(sqlite3.Error), closing(self.own_connection()) as plain:
                plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _opened(self, *, is_writer: bool) -> Iterator[Db]:
        is_connected = False
        try:
            with self._engine.connect() as plain:
                is_connected = True
                self._answers()
                options: dict[str, Any] = {"is_writer": is_writer}
                if not (is_writer or self.is_sqlite):
                    options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection = plain.execution_options(**options)
                with connection.begin():
                    yield Db(connection)
        except IntegrityError:
            raise
        except DBAPIError as fault:
            raise self._fault(fault, is_away=fault.connection_invalidated or not is_connected) from fault
        except PoolTimeout as fault:
            text = f"All connections of this program to {self.name} have been in use for long. Try again in a minute."
            raise StoreFault(text) from fault

    def _answers(self) -> None:
        if not self.is_sqlite:
            link_to(self.name).is_found()

    def _fault(self, fault: DBAPIError, *, is_away: bool) -> StoreFault:
        words = explain(fault, self.name, is_sqlite=self.is_sqlite)
        if self.is_sqlite or not is_away or is_full(words):
            return StoreFault(words)
        link_to(self.name).is_lost(words)
        return DatabaseAway(words)


def in_parts(values: Iterable[Any], size: int = _IN_ONE_QUESTION) -> Iterator[list[Any]]:
    """``values`` in lists of at most ``size``: as many as one question may hold."""
    part: list[Any] = []
    for value in values:
        part.append(value)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _read_url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as fault:
        raise StoreFault(f"“{text}” is no address of a database. Write sqlite:///FILE or {_POSTGRES}.") from fault
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        known = f"Write sqlite:///FILE or {_POSTGRES}."
        raise StoreFault(f"“{url.drivername}” is no database this program works with. {known}")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreFault("The database needs a file: write sqlite:///FILE.")
    return url


_POSTGRES = "postgresql+psycopg://USER@HOST/NAME"


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        folder = Path(str(url.database)).absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise StoreFault(f"The folder {folder} for the database cannot be made: {fault.strerror}.") from fault
        _make_file(Path(str(url.database)))
    # A server may have been started anew since a connection was used: that one is asked first, and left out.
    is_sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"connect_args": {"timeout": 5}} if is_sqlite else {"pool_pre_ping": True}
    try:
        return create_engine(url, **options)
    except ModuleNotFoundError as fault:
        text = f"PostgreSQL needs {fault.name}, which is not installed. Run: pip install 'newsletter[postgres]'"
        raise StoreFault(text) from fault
    except NoSuchModuleError as fault:
        raise StoreFault(f"There is no driver “{url.drivername}”. Write sqlite:///FILE or {_POSTGRES}.") from fault


def _make_file(path: Path) -> None:
    """A new file for SQLite, its owner's alone (and so are those SQLite puts beside it): addresses stand in it.

    It is in WAL mode before it has its name: two who open it at once and both change it over wait for each other,
    until one gives up.
    """
    if path.exists():
        return
    # Where this fails it fails again when the file is opened, with words for it.
    with suppress(OSError, sqlite3.Error):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        try:
            with closing(sqlite3.connect(name)) as fresh:
                fresh.execute("PRAGMA journal_mode=WAL")
            os.link(name, path)
        finally:
            Path(name).unlink()
    # Not every file system knows a second name.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _set_up_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    # Locked means that another program is just changing the same file over; it stays so for good.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")


def _begin(connection: Connection) -> None:
    """SQLite begins by our word; a writer asks for the lock at once, or would fail when it comes to write."""
    if connection.dialect.name == "sqlite":
        is_writer = connection.get_execution_options().get("is_writer")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")
