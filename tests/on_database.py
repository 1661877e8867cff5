"""On which database the tests run: the options ``--database``, ``--note`` and ``--only``, as a plugin of pytest.

With ``--database postgresql`` a PostgreSQL server is started for all workers, and tests.stand_in gives each home a
database of its own there. ``--note FILE`` writes down which tests opened a database, and what the run came to;
``--only FILE`` runs those tests alone, without those in a browser: what it shows and sends are the pages and forms
that other tests read and send here, too.
"""

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from newsletter.store import database as product
from tests.services import postgres_server
from tests.stand_in import stand_in

_FOLDER = Path(stand_in.__file__).parent
_TWINS = ("database_url", "empty_url")
_LIVING = pytest.StashKey[ExitStack]()
_WITH_A_DATABASE = "with a database"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which database, and which tests."""
    group = parser.getgroup("database")
    group.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="what homes keep their rows in"
    )
    group.addoption("--note", metavar="FILE", help="write there which tests opened a database")
    group.addoption("--only", metavar="FILE", help="run the tests that opened a database in the run noted there")


def pytest_configure(config: pytest.Config) -> None:
    """Start what all workers share; each of them then opens databases in its own name."""
    living = config.stash[_LIVING] = ExitStack()
    if not hasattr(config, "workerinput"):
        if config.getoption("database") == "postgresql" and not config.option.collectonly:
            # A server outlives whoever started it and is told to end; it is stopped as after Ctrl+C.
            signal.signal(signal.SIGTERM, _interrupt)
            os.environ[stand_in.SERVER] = living.enter_context(postgres_server(for_many=True))
            _prepare()
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = f"{_FOLDER}{os.pathsep}{before}" if before else str(_FOLDER)
    if config.getoption("database") == "postgresql":
        # What a desk makes beside its pages may be at the database when the desk of a test is closed. SQLite's driver
        # does not tell that a connection went with it; this one does.
        config.addinivalue_line("filterwarnings", r"ignore:.*psycopg\.Connection object.*still open:ResourceWarning")
    os.environ[stand_in.TOUCHED] = _file_for(living)
    stand_in.put_into(product)
    config.pluginmanager.register(_Notes(config), "database notes")


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _file_for(living: ExitStack) -> str:
    """The name of a new empty file that goes with ``living``."""
    number, name = tempfile.mkstemp(prefix="newsletter-touched-")
    os.close(number)
    living.callback(Path(name).unlink)
    return name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it again."""
    if _LIVING in config.stash:
        config.stash[_LIVING].close()


def _prepare() -> None:
    with stand_in.maintenance() as connection:
        connection.execute("CREATE TABLE made (name text, path text)")
        connection.execute(f"CREATE DATABASE {stand_in.TEMPLATE} TEMPLATE template0")
    made = product.Database(f"{os.environ[stand_in.SERVER]}/{stand_in.TEMPLATE}")
    made.migrate()
    made.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing about PostgreSQL, and with ``--only`` what opened no database."""
    if config.getoption("database") != "postgresql":
        return
    only = config.getoption("only")
    wanted = frozenset(json.loads(Path(only).read_text())["touched"]) if only else None
    left = [item for item in items if not _is_wanted(item, wanted)]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = [item for item in items if item not in gone]


def _is_wanted(item: pytest.Item, wanted: frozenset[str] | None) -> bool:
    if wanted is not None and (item.nodeid not in wanted or item.get_closest_marker("browser")):
        return False
    return not (item.get_closest_marker("sqlite_only") or _has_a_twin(item))


def _has_a_twin(item: pytest.Item) -> bool:
    """Whether the same test stands beside it with PostgreSQL in the place of SQLite."""
    given = getattr(item, "callspec", None)
    return given is not None and any(given.params.get(name) == "sqlite" for name in _TWINS)


class _Notes:
    """Which tests opened a database; what became of all of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._began = config, time.monotonic()
        self._counted = Path(os.environ[stand_in.TOUCHED])
        self._touched: set[str] = set()
        self._to_drop: list[Path] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        before = self._counted.stat().st_size
        item.user_properties.append((_WITH_A_DATABASE, lambda: self._counted.stat().st_size > before))
        try:
            return (yield)
        finally:
            self._drop(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
        report = yield
        report.user_properties = [
            (name, bool(value()) if callable(value) else value) for name, value in item.user_properties
        ]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if (_WITH_A_DATABASE, True) in report.user_properties and "postgres" not in report.keywords:
            self._touched.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if note := self._config.getoption("note"):
            parts, _ = terminalreporter.build_summary_stats_line()
            said = ", ".join(text for text, _ in parts) + f" in {time.monotonic() - self._began:.0f} s"
            Path(note).write_text(json.dumps({"said": said, "touched": sorted(self._touched)}))

    def _drop(self, item: pytest.Item) -> None:
        """Drop what the test before this one made: its connections have ended by now."""
        if stand_in.SERVER not in os.environ:
            return
        for folder in self._to_drop:
            stand_in.drop_under(folder)
        self._to_drop = [given["tmp_path"]] if "tmp_path" in (given := getattr(item, "funcargs", None) or {}) else []
