"""The switch of the tests itself: what a test opens is where ``--database`` says, in processes it starts, too."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from newsletter.store.database import Database
from newsletter.store.jobs import claim, is_done
from tests.store.samples import AT

_OPENED_THERE = (
    "import sys; from newsletter.store.database import Database; database = Database(sys.argv[1])\n"
    "print(database.is_sqlite); database.migrate(); database.close()"
)


@pytest.mark.slow
def test_a_file_is_a_database_of_the_kind_that_was_asked_for(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'newsletter.db'}"
    wanted = pytestconfig.getoption("database") == "sqlite"
    said = subprocess.run([sys.executable, "-c", _OPENED_THERE, url], check=True, capture_output=True, text=True).stdout
    database = Database(url)
    assert (database.is_sqlite, said) == (wanted, f"{wanted}\n")
    with database.transaction() as db:
        assert claim(db, "draft", "s", worker="w", now=AT), "the other process made the tables of the same database"
    database.close()


def test_a_copied_home_has_a_database_of_its_own(tmp_path: Path) -> None:
    one = Database(f"sqlite:///{tmp_path / 'one' / 'newsletter.db'}")
    one.migrate()
    with one.transaction() as db:
        assert claim(db, "draft", "first", worker="w", now=AT)
    one.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    two = Database(f"sqlite:///{tmp_path / 'two' / 'newsletter.db'}")
    with two.transaction() as db:
        assert not claim(db, "draft", "first", worker="v", now=AT), "it was copied"
        assert claim(db, "draft", "second", worker="v", now=AT)
    two.close()
    with one.transaction() as db:
        assert claim(db, "draft", "second", worker="w", now=AT), "the copy's rows are its own"
        assert not is_done(db, "draft", "second")
    one.close()


def test_who_locks_a_table_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'newsletter.db'}")
    database.migrate()
    if database.is_sqlite:
        database.close()
        return
    with pytest.raises(AssertionError, match=r"locked whole tables.*jobs"), database.transaction() as db:
        db.execute(text("LOCK TABLE jobs IN EXCLUSIVE MODE"))
    database.close()
