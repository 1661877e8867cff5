"""Connections to a server: one that ended meanwhile is left out, and too few of them are told as such."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, select, text

from newsletter.errors import StoreFault
from newsletter.store.database import Database
from newsletter.store.pen import Pen
from newsletter.store.tables import hosts

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


@pytest.fixture
def url(new_postgres: Callable[[], str]) -> str:
    made = new_postgres()
    database = Database(made)
    database.migrate()
    database.close()
    return made


def end_all(url: str) -> None:
    """The server ends every connection to the database, as when it is started anew."""
    address, _, name = url.rpartition("/")
    engine = create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"), {"n": name})
    engine.dispose()


def test_after_a_restart_of_the_server_nothing_fails(url: str) -> None:
    database = Database(url)
    with database.reading() as one, database.reading() as two:
        assert [each.execute(select(hosts)).all() for each in (one, two)] == [[], []]
    end_all(url)
    with database.transaction() as db:
        assert db.execute(select(hosts)).all() == []
    end_all(url)
    pen = Pen(database)
    with pen.transaction():
        assert pen.run("UPDATE hosts SET not_before = ?", (1,)) == 0
    pen.close()
    database.close()


def test_a_program_that_needs_too_many_says_so(url: str) -> None:
    database = Database(url)
    database._engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(15):
            held.enter_context(database.reading())
        with pytest.raises(StoreFault, match=r"All connections of this program .* in use"):
            held.enter_context(database.reading())
    with database.reading() as db:
        assert db.execute(select(hosts)).all() == []
    database.close()
