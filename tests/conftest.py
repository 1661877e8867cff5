"""Fixtures shared by all tests."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import create_engine, text

from newsletter.store.database import Database
from newsletter.store.every_table import metadata
from tests.services import postgres_server, rabbitmq_server

pytest_plugins = ("tests.on_database",)

ON_POSTGRES = (pytest.mark.postgres, pytest.mark.xdist_group("postgres"))
BOTH = ("sqlite", pytest.param("postgres", marks=ON_POSTGRES))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed bytes lend no test their name: they hold the time of day, and workers would collect different tests."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


GROUP = re.compile(r'xdist_group\("(\w+)"\)')
ON_SERVER = re.compile(r"[\[-]postgres[\]-]")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep groups on one worker: the names that pytest-xdist 3.8 gives tests for it are not seen by pytest 9.2."""
    from xdist.scheduler import LoadGroupScheduling

    class ByGroup(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = config.rootpath / nodeid.partition("::")[0]
            return "postgres" if ON_SERVER.search(nodeid) else _group_in(path) or nodeid

    return ByGroup(config, log) if config.getvalue("dist") == "loadgroup" else None


@cache
def _group_in(path: Path) -> str:
    """The group that a file names for its tests, all of which are kept together then."""
    found = GROUP.search(path.read_text(encoding="utf-8"))
    return found[1] if found else ""


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """A command that a test runs here says where logs go; that place is closed when the next test writes one."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server, without the name of a database."""
    with postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[str]:
    """The address of a RabbitMQ server."""
    with rabbitmq_server() as address:
        yield address


@pytest.fixture(scope="session")
def new_postgres(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases on the server; each call gives the address of one."""
    engine = create_engine(f"{postgres}/postgres", isolation_level="AUTOCOMMIT")
    numbers = iter(range(1000))

    def make() -> str:
        name = f"made_{next(numbers)}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        return f"{postgres}/{name}"

    yield make
    engine.dispose()


@pytest.fixture(scope="session")
def shared_postgres(new_postgres: Callable[[], str]) -> str:
    """The address of a migrated database that tests use one after the other."""
    url = new_postgres()
    database = Database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on either kind of server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("new_postgres")())


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database without rows, on either kind of server."""
    if request.param == "postgres":
        url = str(request.getfixturevalue("shared_postgres"))
        emptied = Database(url)
        with emptied.transaction() as db:
            db.execute(text("TRUNCATE " + ", ".join(metadata.tables)))
        emptied.close()
        return url
    url = f"sqlite:///{tmp_path / 'newsletter.db'}"
    made = Database(url)
    made.migrate()
    made.close()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database without rows; every test runs on SQLite and on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.close()
