"""Which feeds.yaml holds: the file as it is, or its last good version while it has mistakes."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsletter.config.load import Config, load_config, read_config
from newsletter.errors import ConfigError, NotFound, Problem

FEEDS = "feeds.yaml"


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
