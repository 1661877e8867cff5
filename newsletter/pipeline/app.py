"""Newsletter: one home with its configuration, database, templates and clock, built once."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from newsletter.config.load import Config, load_config, read_config
from newsletter.errors import ConfigError, NotFound, Problem
from newsletter.fetch.client import WebSettings
from newsletter.fetch.guard import allowed_networks
from newsletter.render.environment import Templates
from newsletter.store.database import Database
from newsletter.store.sources import sync_sources

FEEDS = "feeds.yaml"
DATABASE_VARIABLE = "NEWSLETTER_DATABASE_URL"


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Newsletter:
    """Everything a use case needs. ``problems`` are the mistakes of a feeds.yaml that is not in force."""

    home: Path
    config: Config
    database: Database
    templates: Templates
    web: WebSettings
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    problems: tuple[Problem, ...] = ()
    in_force_since: datetime | None = None

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
    config, problems, since = config_in_force(home, environ)
    database = open_database(home, environ)
    try:
        database.migrate()
        yield Newsletter(
            home=home,
            config=_synced(config, database),
            database=database,
            templates=Templates(template_folder(home, config)),
            web=web or web_settings(environ),
            environ=environ,
            now=now,
            problems=problems,
            in_force_since=since,
        )
    finally:
        database.close()


def read_again(app: Newsletter) -> Newsletter:
    """``app`` with feeds.yaml as it is now; its database stays open. Raises as :func:`open_newsletter` does."""
    config, problems, since = config_in_force(app.home, app.environ)
    templates = Templates(template_folder(app.home, config))
    synced = _synced(config, app.database)
    return replace(app, config=synced, templates=templates, problems=problems, in_force_since=since)


def _synced(config: Config, database: Database) -> Config:
    """``config`` with the ids its sources have in the store."""
    with database.transaction() as db:
        return config.with_sources(sync_sources(db, config.sources))


def open_database(home: Path, environ: Mapping[str, str]) -> Database:
    """The database the environment names, or the one in ``home``."""
    (home / "data").mkdir(parents=True, exist_ok=True)
    url = environ.get(DATABASE_VARIABLE) or f"sqlite:///{(home / 'data' / 'newsletter.db').resolve()}"
    return Database(url)


def feeds_file(home: Path) -> Path:
    """The editor's file of ``home`` (NotFound when there is none)."""
    path = home / FEEDS
    if not path.is_file():
        raise NotFound(f"{path} is not there. Make a home with “newsletter init DIR”, or name one with --home DIR.")
    return path


def config_in_force(home: Path, environ: Mapping[str, str]) -> tuple[Config, tuple[Problem, ...], datetime | None]:
    """The configuration that holds, the mistakes of the file as it is, and since when the older one holds."""
    path = feeds_file(home)
    good = home / "data" / "feeds-in-force.yaml"
    try:
        config = load_config(path, environ)
    except ConfigError as fault:
        if not good.is_file():
            raise
        since = datetime.fromtimestamp(good.stat().st_mtime, UTC)
        old = read_config(good.read_bytes(), file=FEEDS, environ=environ, base=home)
        return old, fault.problems, since
    good.parent.mkdir(parents=True, exist_ok=True)
    if not good.is_file() or good.read_bytes() != path.read_bytes():
        copy = good.with_suffix(".new")
        shutil.copyfile(path, copy)
        copy.replace(good)
    return config, (), None


def last_good_at(home: Path) -> datetime | None:
    """When the version in force was put in force, None when there is none."""
    good = home / "data" / "feeds-in-force.yaml"
    return datetime.fromtimestamp(good.stat().st_mtime, UTC) if good.is_file() else None


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
