"""Newsletter: one home with its configuration, database, templates and clock, built once."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.config.load import Config
from newsletter.errors import NotFound, Problem
from newsletter.fetch.guard import allowed_networks
from newsletter.fetch.web_settings import WebSettings
from newsletter.pipeline.database_at import COPIES, database_at, may_go_without_copy
from newsletter.pipeline.database_at import system_clock as system_clock
from newsletter.pipeline.feeds_file import note_version
from newsletter.pipeline.in_force import DATABASE_VARIABLE as DATABASE_VARIABLE
from newsletter.pipeline.in_force import config_in_force, data_folder
from newsletter.store.copies import Copies
from newsletter.store.database import Database
from newsletter.store.sources import sync_sources
from newsletter.store.tables import SCHEMA

if TYPE_CHECKING:
    from newsletter.render.environment import Templates


@dataclass(frozen=True, slots=True)
class Newsletter:
    """Everything a use case needs.

    ``problems`` are the first mistakes of a feeds.yaml that is not in force, of ``problems_total`` there are.
    """

    home: Path
    config: Config
    database: Database
    template_folder: Path | None
    web: WebSettings
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    problems: tuple[Problem, ...] = ()
    problems_total: int = 0
    in_force_since: datetime | None = None

    @property
    def templates(self) -> "Templates":
        """The newsletter's templates."""
        return _templates_of(self.template_folder)

    @property
    def data(self) -> Path:
        """Where the program keeps what it makes."""
        return self.home / "data"

    @property
    def site(self) -> Path:
        """The static public site."""
        return self.data / "site"

    def issue_folder(self, number: int) -> Path:
        """The folder of one issue."""
        return self.data / "issues" / f"{number:04d}"


@lru_cache(maxsize=4)
def _templates_of(folder: Path | None) -> "Templates":
    """The templates with that folder of overrides; compiled once, and again when a file changes."""
    # Heavy, and not needed by whoever only gathers.
    from newsletter.render.environment import Templates

    return Templates(folder)


@contextmanager
def open_newsletter(
    home: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    now: Callable[[], datetime] = system_clock,
    web: WebSettings | None = None,
) -> Iterator[Newsletter]:
    """The newsletter of ``home``, with its database open and migrated.

    A feeds.yaml with mistakes leaves the last good one in force. Raises ConfigError when there
    is none, NotFound when the folder holds no feeds.yaml, StoreFault.
    """
    config, fault, since = config_in_force(home, environ)
    database = open_database(home, environ)
    try:
        if copy := database.migrate():
            import structlog  # heavy, and a schema is seldom upgraded

            structlog.get_logger().info("schema upgraded", database=database.name, schema=SCHEMA, copy=str(copy))
        if fault is None:
            note_version(database, home, config, now())
        yield Newsletter(
            home=home,
            config=_synced(config, database),
            database=database,
            template_folder=template_folder(home, config),
            web=web or web_settings(environ),
            environ=environ,
            now=now,
            problems=fault.problems if fault else (),
            problems_total=fault.total if fault else 0,
            in_force_since=since,
        )
    finally:
        database.close()


def read_again(app: Newsletter) -> Newsletter:
    """``app`` with feeds.yaml as it is now; its database stays open. Raises as :func:`open_newsletter` does."""
    config, fault, since = config_in_force(app.home, app.environ)
    if fault is None:
        note_version(app.database, app.home, config, app.now())
    return replace(
        app,
        config=_synced(config, app.database),
        template_folder=template_folder(app.home, config),
        problems=fault.problems if fault else (),
        problems_total=fault.total if fault else 0,
        in_force_since=since,
    )


def _synced(config: Config, database: Database) -> Config:
    """``config`` with the ids its sources have in the store."""
    with database.transaction() as db:
        return config.with_sources(sync_sources(db, config.sources))


def open_database(home: Path, environ: Mapping[str, str]) -> Database:
    """The database the environment names, or the one in ``home``; it is copied before its schema changes."""

    def by_ourselves(path: Path) -> object:
        from newsletter.pipeline.backup import write_backup  # heavy, and a schema is seldom upgraded

        return write_backup(home, path, environ=environ)

    folder = data_folder(home) / COPIES
    copies = Copies(folder, by_ourselves, is_needed=not may_go_without_copy(environ))
    return database_at(home, environ, copies)


def template_folder(home: Path, config: Config) -> Path | None:
    """The folder with the user's own templates: as feeds.yaml names it, else ``templates`` of the home."""
    named = config.newsletter.templates
    folder = home / (named or "templates")
    if named and not folder.is_dir():
        raise NotFound(f"The folder {folder} is not there. Make it, or take “templates:” out of feeds.yaml.")
    return folder if folder.is_dir() else None


def web_settings(environ: Mapping[str, str], *, hosts: Mapping[str, tuple[str, int]] | None = None) -> WebSettings:
    """How the web is asked, as the environment says; ``hosts`` are names that are not looked up."""
    return WebSettings(allow_networks=allowed_networks(environ), hosts=dict(hosts or {}))
