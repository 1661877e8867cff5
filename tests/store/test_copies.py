"""From every schema there ever was to today's, with a copy before; what fails leaves everything as it was."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, Float, LargeBinary, MetaData, Table, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.types import Date, Integer

from newsletter.errors import StoreFault
from newsletter.store import copies, schema
from newsletter.store.copies import Copies, copies_in, copy_file, copy_server
from newsletter.store.database import Database
from newsletter.store.schema import known_schemas, schema_of, upgrade
from newsletter.store.tables import SCHEMA
from tests.store.test_migrations import differences, shape

RELEASED = (
    *("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0014"),
    *("0016", "0018", "0019", "0020", "0022", "0023", "0024"),
)
"""Every schema that ever left this house: none is taken away."""
NOW = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)


def tables_in(connection: Connection) -> dict[str, Table]:
    found = MetaData()
    found.reflect(connection)
    return {table.name: table for table in found.sorted_tables if table.name != "alembic_version"}


def value_for(kind: Any, number: int) -> Any:
    """A value that every column of its type takes; references between tables hold by themselves."""
    if isinstance(kind, LargeBinary):
        return b"\0\xff"
    if isinstance(kind, Date):
        return date(2026, 1, number)
    if isinstance(kind, Boolean):
        return True
    return number if isinstance(kind, Integer | Float) else ("{}", '{"a":1}')[number - 1]


def fill(connection: Connection) -> dict[str, int]:
    """Two rows in every table; how many each has."""
    for table in tables_in(connection).values():
        rows = [{column.name: value_for(column.type, number) for column in table.columns} for number in (1, 2)]
        connection.execute(table.insert(), rows)
    return counts(connection)


def counts(connection: Connection) -> dict[str, int]:
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables_in(connection).items()
    }


def made_at(url: str, revision: str) -> dict[str, int]:
    old = Database(url)
    with old.transaction() as db:
        upgrade(db.connection, revision)
        found = fill(db.connection)
    old.close()
    return found


def test_no_schema_that_was_released_is_unknown(empty_url: str) -> None:
    made = Database(empty_url)
    with made.transaction() as db:
        known = known_schemas(db.connection)
    made.close()
    assert set(RELEASED) <= set(known)
    assert known == sorted(known)
    assert known[-1] == SCHEMA


@pytest.mark.slow
@pytest.mark.parametrize("revision", RELEASED)
def test_forward_from_every_released_schema_with_rows_in_every_table(empty_url: str, revision: str) -> None:
    before = made_at(empty_url, revision)
    opened = Database(empty_url)
    copy = opened.migrate()
    is_file = opened.is_sqlite and revision != SCHEMA
    assert (copy is not None) == is_file
    with opened.reading() as db:
        assert schema_of(db.connection) == SCHEMA
        assert differences(db.connection) == []
        after = counts(db.connection)
        found = shape(db.connection)
    opened.close()
    assert {name: after[name] for name in before} == before
    if copy is not None:
        with sqlite3.connect(copy) as old:
            assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
            assert {name: old.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in before} == before
        assert copy.stat().st_mode & 0o777 == 0o600
    assert found == fresh_shape(empty_url)


def fresh_shape(url: str) -> dict[str, object]:
    """What the tables of an empty database look like, on the same server."""
    fresh = Database(url)
    with fresh.transaction() as db:
        held = tables_in(db.connection)
        if db.is_postgres:
            names = ", ".join([*held, "alembic_version"])
            db.connection.exec_driver_sql(f"DROP TABLE {names} CASCADE")
    if fresh.is_sqlite:
        fresh.close()
        Path(url.removeprefix("sqlite:///")).unlink()
        fresh = Database(url)
    fresh.migrate()
    with fresh.reading() as db:
        found = shape(db.connection)
    fresh.close()
    return found


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of an older version, with rows."""
    made_at(f"sqlite:///{tmp_path / 'a.db'}", "0016")
    return tmp_path / "a.db"


def upgraded(path: Path, **settings: Any) -> Path | None:
    opened = Database(f"sqlite:///{path}", copies=Copies(**settings))
    try:
        return opened.migrate()
    finally:
        opened.close()


def version_of(path: Path) -> str:
    with sqlite3.connect(path) as found:
        return str(found.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_nothing_is_copied_when_there_is_nothing_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert upgraded(path) is None
    assert upgraded(path) is None
    assert copies_in(tmp_path) == []


@pytest.mark.sqlite_only("copies of its file")
def test_the_newest_copies_stay(old: Path) -> None:
    made = [copy_file(old, newer="0017", now=NOW.replace(day=day)) for day in range(1, 6)]
    twice = copy_file(old, newer="0017", now=NOW.replace(day=5))
    assert twice.name.endswith(".2")
    assert copies_in(old.parent) == [made[3], made[4], twice]


@pytest.mark.sqlite_only("copies of its file")
def test_who_made_a_copy_goes_without(old: Path) -> None:
    assert upgraded(old, is_needed=False) is None
    assert version_of(old) == SCHEMA


@pytest.mark.sqlite_only("copies of its file")
def test_without_room_for_a_copy_nothing_is_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage(old)._replace(free=1 << 20)
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda path: free)
    with pytest.raises(
        StoreFault, match=r"schema \d+\. It needs \d+ MiB in .* 1 MiB are free.*UPGRADE_WITHOUT_COPY=yes"
    ):
        upgraded(old)
    assert version_of(old) == "0016"
    assert sorted(each.name for each in old.parent.iterdir() if "before" in each.name) == []


@pytest.mark.sqlite_only("copies of its file")
def test_a_step_that_fails_leaves_the_old_database_and_says_where_the_copy_is(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: Connection, revision: str) -> None:
        connection.exec_driver_sql("DROP TABLE holds")
        connection.exec_driver_sql("DROP TABLE nowhere")

    monkeypatch.setattr(schema, "upgrade", half)
    with pytest.raises(StoreFault, match=r"from schema 0016 to .*no such table: nowhere.*It is as it was") as raised:
        upgraded(old)
    copy = copies_in(old.parent)[0]
    assert str(copy) in str(raised.value)
    assert version_of(old) == version_of(copy) == "0016"
    with sqlite3.connect(old) as found:
        assert found.execute("SELECT count(*) FROM holds").fetchone() == (2,)
    monkeypatch.undo()
    assert upgraded(old) is not None
    assert version_of(old) == SCHEMA


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_of_postgresql_a_dump_is_made_that_gives_the_old_rows_back(
    new_postgres: Callable[[], str], tmp_path: Path
) -> None:
    url, folder = new_postgres(), tmp_path / "backups"
    before = made_at(url, "0016")
    opened = Database(url, copies=Copies(folder))
    copy = opened.migrate()
    opened.close()
    assert copy is not None
    assert copy.stat().st_mode & 0o777 == 0o600
    other = new_postgres()
    address = other.replace("postgresql+psycopg", "postgresql")
    subprocess.run(["pg_restore", "--no-owner", f"--dbname={address}", copy], check=True)
    back = Database(other)
    with back.reading() as db:
        assert schema_of(db.connection) == "0016"
        assert counts(db.connection) == before
    back.close()


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_where_pg_dump_is_missing_we_copy_ourselves_or_say_what_to_do(
    new_postgres: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies.shutil, "which", lambda name: None)
    url = new_postgres()
    made_at(url, "0016")
    refused = Database(url, copies=Copies(tmp_path))
    with pytest.raises(StoreFault, match=r"There is no pg_dump on this machine\. Nothing was changed"):
        refused.migrate()
    refused.close()
    ours = Database(url, copies=Copies(tmp_path, lambda path: path.write_bytes(b"rows")))
    copy = ours.migrate()
    ours.close()
    assert copy is not None
    assert copy.read_bytes() == b"rows"


def test_why_a_server_was_not_copied_is_told_in_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text("#!/bin/sh\necho 'pg_dump: error: no such host' >&2\nexit 1\n")
    tool.chmod(0o700)
    monkeypatch.setattr(copies.shutil, "which", lambda name: str(tool))

    def fail(path: Path) -> None:
        raise StoreFault("The database nl is not there. Make it.")

    with pytest.raises(StoreFault) as raised:
        copy_server(make_url("postgresql+psycopg://host.example/nl"), Copies(tmp_path, fail), newer="0017")
    assert str(raised.value) == (
        "No copy of the database can be made before it is brought up to schema 0017. The program pg_dump failed: "
        "no such host. A backup by this program failed, too: The database nl is not there. Make it. Nothing was "
        "changed. Mend that, or make a copy yourself and go on with NEWSLETTER_UPGRADE_WITHOUT_COPY=yes in the "
        "environment."
    )
    assert copies_in(tmp_path) == []


def test_a_dump_that_takes_for_ever_or_says_nothing_is_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [subprocess.TimeoutExpired("pg_dump", 3600), subprocess.CalledProcessError(1, "pg_dump", stderr="\n")]

    def run(*args: object, **options: object) -> None:
        raise faults.pop(0)

    monkeypatch.setattr(copies.shutil, "which", lambda name: name)
    monkeypatch.setattr(copies.subprocess, "run", run)
    for said in ("it was not done within 60 minutes", "it ended with 1"):
        with pytest.raises(StoreFault, match=rf"pg_dump failed: {said}\. Nothing was changed"):
            copy_server(make_url("postgresql+psycopg://host.example/nl"), Copies(tmp_path), newer="0017")


@pytest.mark.sqlite_only("copies of its file")
def test_two_who_upgrade_at_once_copy_once(old: Path) -> None:
    assert upgraded(old) is not None
    assert upgraded(old) is None
    assert len(copies_in(old.parent)) == 1
