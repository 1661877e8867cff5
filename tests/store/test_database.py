import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from newsletter.errors import StoreFault
from newsletter.store.database import Database, in_parts
from newsletter.store.sources import save_throttles, throttles
from newsletter.store.tables import SCHEMA, alembic_version, hosts

AT = datetime(2026, 3, 6, 18, 0, 0, 123456, tzinfo=UTC)


def test_what_is_stored_is_read_by_another_connection(database: Database, database_url: str) -> None:
    with database.transaction() as db:
        save_throttles(db, {"example.org": AT})
    other = Database(database_url)
    with other.reading() as db:
        assert throttles(db) == {"example.org": AT}
    other.close()


def test_nothing_is_stored_when_the_block_raises(database: Database) -> None:
    def fail_after_writing() -> None:
        with database.transaction() as db:
            save_throttles(db, {"example.org": AT})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with database.reading() as db:
        assert throttles(db) == {}


def test_a_reader_sees_one_state_throughout(database: Database, database_url: str) -> None:
    other = Database(database_url)
    with database.reading() as db:
        assert throttles(db) == {}
        with other.transaction() as writer:
            save_throttles(writer, {"example.org": AT})
        assert throttles(db) == {}
    with database.reading() as db:
        assert throttles(db) == {"example.org": AT}
    other.close()


def test_times_come_back_in_utc_to_the_microsecond(database: Database) -> None:
    east = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    early = datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC)
    with database.transaction() as db:
        save_throttles(db, {"east": east, "early": early})
        found = throttles(db)
    assert found == {"east": AT, "early": early}
    assert found["east"].tzinfo is UTC


def test_two_writers_wait_for_each_other(database: Database, database_url: str) -> None:
    """With plain BEGIN the second one fails as soon as it comes to write."""

    def count_up(times: int) -> None:
        own = Database(database_url)
        for _ in range(times):
            with own.transaction() as db:
                db.lock("count")
                found = throttles(db).get("count", AT)
                save_throttles(db, {"count": found + timedelta(seconds=1)})
        own.close()

    writers = [threading.Thread(target=count_up, args=(15,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.reading() as db:
        assert throttles(db)["count"] == AT + timedelta(seconds=45)


def test_migrate_makes_the_tables_and_does_nothing_the_second_time(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    database.migrate()
    with database.reading() as db:
        assert db.execute(select(alembic_version)).scalars().all() == [SCHEMA]
        assert "items" in inspect(db.connection).get_table_names()
    database.close()


def test_two_programs_may_migrate_at_the_same_time(empty_url: str) -> None:
    faults: list[BaseException] = []

    def migrate() -> None:
        own = Database(empty_url)
        try:
            own.migrate()
        except BaseException as fault:
            faults.append(fault)
        own.close()

    programs = [threading.Thread(target=migrate) for _ in range(3)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert faults == []


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("9999", r"was written by a newer newsletter \(schema 9999; this one knows"),
        ("0000", r"has a schema nobody knows \(0000\)"),
    ],
)
def test_a_schema_of_another_program_is_refused(database: Database, version: str, said: str) -> None:
    with database.transaction() as db:
        db.execute(alembic_version.update().values(version_num=version))
    try:
        with pytest.raises(StoreFault, match=said):
            database.migrate()
    finally:
        with database.transaction() as db:
            db.execute(alembic_version.update().values(version_num=SCHEMA))


def test_tables_of_another_program_are_left_alone(empty_url: str) -> None:
    database = Database(empty_url)
    with database.transaction() as db:
        db.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(StoreFault, match=r"holds tables of another program \(customers\)"):
        database.migrate()
    database.close()


@pytest.mark.sqlite_only("the time it takes to make its tables in a file")
def test_an_empty_sqlite_database_is_ready_quickly(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'folder' / 'new.db'}")
    before = time.process_time()
    database.migrate()
    assert time.process_time() - before < 0.15
    database.close()


@pytest.mark.slow
def test_migrating_does_not_import_alembic(tmp_path: Path) -> None:
    """It takes longer to import than the whole start of a command may take."""
    script = (
        "import sys; from newsletter.store.database import Database\n"
        f"database = Database('sqlite:///{tmp_path / 'a.db'}'); database.migrate(); database.migrate()\n"
        "database.close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.sqlite_only("its pragmas")
def test_sqlite_writes_ahead_and_keeps_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.transaction() as db:
        found = {name: db.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")}
    assert found == {"journal_mode": "wal", "foreign_keys": 1}
    database.close()


@pytest.mark.sqlite_only("its file")
def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Dear diary, " * 500, encoding="utf-8")
    database = Database(f"sqlite:///{path}")
    with pytest.raises(StoreFault, match=r"notes\.db is not a database\. Move it away"):
        database.migrate()
    database.close()


@pytest.mark.sqlite_only("its file")
def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.transaction() as db:
        save_throttles(db, {f"{number}.example.org": AT for number in range(2000)})
    database.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    damaged = Database(f"sqlite:///{path}")
    with pytest.raises(StoreFault, match=r"a\.db is damaged\. Put a copy of it in its place"), damaged.reading() as db:
        throttles(db)
    damaged.close()


@pytest.mark.sqlite_only("the mode of its file")
def test_a_new_file_is_never_changed_over_while_others_use_it(tmp_path: Path) -> None:
    # Two connections that both change a file to WAL wait for each other, and one of them gives up after 5 s.
    path = tmp_path / "a.db"
    database = Database(f"sqlite:///{path}")
    assert path.read_bytes()[18:20] == b"\x02\x02", "the header says WAL (https://sqlite.org/fileformat2.html, 1.3.3)"
    database.migrate()
    database.close()
    assert [each.name for each in tmp_path.iterdir()] == ["a.db"]


@pytest.mark.sqlite_only("what its file holds")
@pytest.mark.parametrize(("name", "usual"), [("OFF", 0), ("ON", 1), ("FAST", 2)])
def test_what_is_scrubbed_is_gone_from_the_file_and_the_connection_is_as_it_was(
    tmp_path: Path, name: str, usual: int
) -> None:
    path = tmp_path / "a.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.transaction() as db:
        db.execute(text(f"PRAGMA secure_delete={name}"))
        save_throttles(db, {"kept.example": AT, "gone.example": AT})
    with database.scrubbing() as db:
        db.execute(hosts.delete().where(hosts.c.domain == "gone.example"))
    with database.reading() as db:
        assert db.execute(text("PRAGMA secure_delete")).scalar_one() == usual
    with pytest.raises(IntegrityError), database.scrubbing() as db:
        db.execute(hosts.insert(), [{"domain": "kept.example", "not_before": AT}])
    with database.reading() as db:
        assert db.execute(text("PRAGMA secure_delete")).scalar_one() == usual
    database.forget_log()
    assert b"kept.example" in path.read_bytes()
    assert b"gone.example" not in path.read_bytes()
    database.close()


@pytest.mark.sqlite_only("the lock on its file")
def test_a_file_somebody_else_holds_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with database.reading() as db:
        assert throttles(db) == {}
        db.execute(text("PRAGMA busy_timeout=1"))
    with pytest.raises(StoreFault, match=r"a\.db is in use by another program"), database.transaction() as db:
        pass
    holder.close()
    database.close()


@pytest.mark.sqlite_only("the folder of its file")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFault, match=r"The folder .*file/data for the database cannot be made"):
        Database(f"sqlite:///{tmp_path / 'file' / 'data' / 'a.db'}")


@pytest.mark.sqlite_only("its words")
def test_a_fault_nobody_foresaw_is_told_in_the_words_of_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with (
        pytest.raises(StoreFault, match=r'a\.db cannot be used: near "SELEKT": syntax error\.'),
        database.reading() as db,
    ):
        db.execute(text("SELEKT 1"))
    database.close()


def test_rows_that_contradict_the_schema_are_our_own_mistake(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as db:
        db.execute(hosts.insert(), [{"domain": "a", "not_before": AT}, {"domain": "a", "not_before": AT}])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "“nonsense” is no address of a database"),
        ("mysql://example.org/db", "“mysql” is no database this program works with"),
        ("sqlite://", "The database needs a file"),
        ("sqlite:///:memory:", "The database needs a file"),
        ("postgresql+nosuchdriver://example.org/db", "There is no driver"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str, said: str) -> None:
    with pytest.raises(StoreFault, match=said):
        Database(url)


def test_a_missing_driver_says_how_to_get_it() -> None:
    with pytest.raises(StoreFault, match=r"pip install 'newsletter\[postgres\]'"):
        Database("postgresql+pg8000://127.0.0.1/db")


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    database = Database("postgresql://ada:geheim@127.0.0.1:1/db")
    with pytest.raises(StoreFault, match="Check that the server runs") as caught:
        database.migrate()
    assert "geheim" not in str(caught.value)


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_database_that_is_not_there_is_named(new_postgres: Callable[[], str]) -> None:
    database = Database(new_postgres() + "_not")
    with pytest.raises(StoreFault, match=r"does not exist.* Make it with createdb"):
        database.migrate()
    database.close()


@pytest.mark.slow
def test_killed_in_the_middle_nothing_of_it_is_stored(database: Database, database_url: str) -> None:
    script = (
        "import os, sys; from datetime import UTC, datetime\n"
        "from newsletter.store.database import Database; from newsletter.store.sources import save_throttles\n"
        "with Database(sys.argv[1]).transaction() as db:\n"
        "    save_throttles(db, {'example.org': datetime.now(UTC)})\n"
        "    print('written', flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, database_url], check=False, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("written\n", -9)
    with database.transaction() as db:
        assert db.execute(select(hosts)).all() == []
        save_throttles(db, {"example.org": AT})


def test_in_parts_keeps_order_and_gives_nothing_for_nothing() -> None:
    assert list(in_parts(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_parts([])) == []


@pytest.mark.sqlite_only("the rights of its file")
def test_a_new_sqlite_database_is_its_owners_alone_and_an_old_one_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "data" / "newsletter.db"
    for mode in (0o600, 0o640):
        made = Database(f"sqlite:///{path}")
        made.migrate()
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
        made.close()
        assert set(modes.values()) == {mode}, modes
        path.chmod(0o640)
