"""A server that goes away is told once, whoever asks it meanwhile, and once that it is back."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from newsletter.errors import DatabaseAway, StoreFault
from newsletter.store.database import Database
from newsletter.store.link import Link, link_to
from newsletter.store.tables import hosts
from tests.services import free_port
from tests.store.test_connections import end_all


def ask(database: Database) -> None:
    with database.reading() as db:
        db.execute(select(hosts)).all()


def test_what_changes_is_told_once() -> None:
    link = Link()
    with capture_logs() as logs:
        link.is_lost("it was never there")
        link.is_found()
        for _ in range(3):
            link.is_lost("gone")
        link.is_found()
        link.is_found()
        link.is_lost("gone again")
    assert [(each["log_level"], each.get("trouble", each.get("back"))) for each in logs] == [
        ("warning", "gone"),
        ("info", "The database answers again"),
        ("warning", "gone again"),
    ]


def test_many_threads_tell_it_once() -> None:
    link, begin = Link(), threading.Barrier(8)
    link.is_found()

    def lose() -> None:
        begin.wait(20)
        link.is_lost("gone")

    with capture_logs() as logs:
        threads = [threading.Thread(target=lose) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
    assert len(logs) == 1


def test_two_who_open_one_database_tell_it_once() -> None:
    address = f"postgresql+psycopg://newsletter@127.0.0.1:{free_port()}/gone"
    one, two = Database(address), Database(address)
    with capture_logs() as logs, pytest.raises(DatabaseAway):
        ask(one)
    assert logs == [], "it never answered: the command that wanted it says so"
    link_to(one.name).is_found()
    with capture_logs() as logs:
        for each in (one, two, one):
            with pytest.raises(DatabaseAway, match="Check that the server runs"):
                ask(each)
    assert [each["event"] for each in logs] == ["database"]
    assert one.name in logs[0]["trouble"]
    link_to(one.name).is_found()


def cut(database: Database, address: str) -> None:
    with database.reading() as db:
        end_all(address)
        db.execute(select(hosts))


@pytest.fixture
def database(new_postgres: Callable[[], str]) -> Iterator[Database]:
    made = Database(new_postgres())
    made.migrate()
    yield made
    made.close()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_connection_that_ends_under_way_is_told_and_so_is_the_next_that_holds(database: Database) -> None:
    address = database._url.render_as_string(hide_password=False)
    with capture_logs() as logs:
        with pytest.raises(DatabaseAway):
            cut(database, address)
        with pytest.raises(StoreFault) as other, database.transaction() as db:
            db.execute(text("SELECT * FROM nowhere"))
        assert not isinstance(other.value, DatabaseAway), "a mistake is no absence"
    assert [("trouble" in each, "back" in each) for each in logs] == [(True, False), (False, True)]
