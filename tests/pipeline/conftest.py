"""A home over a small real web, for tests of whole use cases."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.pipeline.app import DATABASE_VARIABLE, Newsletter, open_newsletter
from newsletter.pipeline.gather import SourceReport, due_sources, gather_sources
from newsletter.pipeline.times import HISTORY, newest_period
from tests.fakes import FixedClock
from tests.loopback import Web, serving

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\n"


@dataclass
class Home:
    """A folder with a feeds.yaml, the web its sources lie on, and a clock."""

    folder: Path
    web: Web
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    environ: Mapping[str, str] = field(default_factory=dict)

    def write(self, text: str) -> None:
        """Write feeds.yaml; {web} stands for the address of the web."""
        (self.folder / "feeds.yaml").write_text(HEAD + text.replace("{web}", self.web.base), encoding="utf-8")

    def opened(self) -> AbstractContextManager[Newsletter]:
        """The newsletter of this home."""
        return open_newsletter(self.folder, environ=self.environ, now=self.clock)

    def gather(self, *names: str) -> dict[str, SourceReport]:
        """Read what is due or named; the reports by source name."""
        with self.opened() as app:
            return {each.source.name: each for each in gather_sources(app, due_sources(app, names))}


def gather_due(app: Newsletter) -> tuple[SourceReport, ...]:
    """Read every source that is due; one that was never read as far back as the service reads it."""
    since = newest_period(app.config.schedule, app.now()).start - HISTORY
    return gather_sources(app, due_sources(app), since=since)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home on SQLite."""
    with serving() as web:
        yield Home(tmp_path, web, environ={"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"})


@pytest.fixture
def any_home(home: Home, database_url: str) -> Home:
    """A home on SQLite and one on PostgreSQL."""
    home.environ = {**home.environ, DATABASE_VARIABLE: database_url}
    return home


Opened = Callable[[], AbstractContextManager[Newsletter]]
