"""What doctor finds out on this machine: the database, the disk, permissions, feeds.yaml, the time zones."""

import os
import shutil
import stat
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from newsletter.config.load import load_config
from newsletter.errors import ConfigError, NewsletterError, NotFound, StoreFault
from newsletter.model.check import Check, fault, ok, warning
from newsletter.pipeline.app import open_database
from newsletter.pipeline.in_force import FEEDS, IN_FORCE, feeds_file
from newsletter.pipeline.plugins import KnownPlugin
from newsletter.store.checkup import condition, damage_of, try_writing
from newsletter.store.database import Database
from newsletter.store.erasures import is_anyone_left
from newsletter.store.letting_go import last_counts
from newsletter.store.restored import is_restored
from newsletter.store.rights import right

_MIB = 1 << 20
_LEAST_ROOM, _LITTLE_ROOM = 200 * _MIB, 1024 * _MIB
_LARGE_WAL = 512 * _MIB
_SKEW_SECONDS = 30
_PRIVATE = ("issues", IN_FORCE, "outbox", "imports")

Opening = Callable[[], AbstractContextManager[Database]]
"""Gives the database for as long as somebody looks at it."""


def database_check(opening: Opening) -> Check:
    """Whether it opens, is up to date and can be written."""
    with opening() as database:
        found = condition(database)
        if not found.schema:
            return warning("database", f"{database.name} is empty: the first command makes its tables.")
        if found.is_newer:
            return fault("database", f"{database.name} was written by a newer newsletter. Install that one.")
        if not found.is_current:
            text = f"{database.name} has the schema {found.schema}; the next command copies it, then brings it forward."
            return warning("database", text)
        try_writing(database)
        size = f"{found.size / _MIB:,.1f} MiB"
        if found.wal_size > _LARGE_WAL:
            text = f"{database.name}-wal has {found.wal_size / _MIB:,.0f} MiB: a program keeps it open. Restart it."
            return warning("database", text)
        return ok("database", f"{database.name} answers and can be written, schema {found.schema}, {size}.")


def integrity_check(opening: Opening) -> Check:
    """Whether SQLite finds its file whole."""
    with opening() as database:
        if not database.is_sqlite:
            return ok("integrity", "PostgreSQL looks after its files itself.")
        if found := damage_of(database):
            return fault("integrity", f"{database.name} is damaged ({found}). Put the last backup in its place.")
        return ok("integrity", "SQLite finds its file whole.")


def database_clock_check(opening: Opening) -> Check:
    """Whether the database's clock goes as ours does."""
    with opening() as database:
        skew = abs((condition(database).now - datetime.now(UTC)).total_seconds())
        if skew > _SKEW_SECONDS:
            return fault("database clock", f"The database's clock differs by {skew:.0f} s. Set both by NTP.")
        return ok("database clock", "The database's clock goes as this machine's does.")


def right_check(opening: Opening) -> Check:
    """Whether mail may go out at all."""
    with opening() as database:
        if not condition(database).is_current:
            return ok("right to send", "Nobody has sent yet.")
        with database.reading() as db:
            known = right(db)
    if known is not None and is_restored(known):
        text = f"This was put back from a copy of {known.taken_at:%Y-%m-%d %H:%M} UTC and sends nothing by itself."
        return warning("right to send", f"{text} “newsletter send ISSUE” is the word that it may.")
    return ok("right to send", f"{known.host} sends." if known else "Nobody has sent yet.")


def keep_check(opening: Opening) -> Check:
    """Whether an erasure waits to be finished, and what the last clean-up let go of."""
    with opening() as database:
        if not condition(database).is_current:
            return ok("kept", "Not looked at: the database has another schema.")
        with database.reading() as db:
            is_left, last = is_anyone_left(db), last_counts(db)
    if is_left:
        text = "Erasing a person was broken off. The next clean-up of “newsletter run” finishes it, once a day."
        return warning("kept", text)
    if last is None:
        text = "nothing is older than “keep:” of feeds.yaml says, or “newsletter run” did not clean up so far."
        return ok("kept", f"Nothing was let go of yet: {text}")
    said = ", ".join(f"{count:,} {name}" for name, count in sorted(last[1].items()))
    return ok(
        "kept", f"What was older than “keep:” of feeds.yaml says was let go of, last on {last[0]:%Y-%m-%d}: {said}."
    )


def disk_check(home: Path) -> Check:
    """Whether there is room."""
    free = shutil.disk_usage(home).free
    said = f"{free / _MIB:,.0f} MiB are free where {home.resolve()} lies."
    if free < _LEAST_ROOM:
        return fault("disk", f"{said} Make room now: sending stops when a row cannot be written.")
    return warning("disk", f"{said} Make room.") if free < _LITTLE_ROOM else ok("disk", said)


def permission_check(home: Path) -> Check:
    """Whether we may write, and nobody else reads addresses and secrets."""
    data = home / "data"
    if not os.access(data if data.exists() else home, os.W_OK | os.X_OK):
        return fault("permissions", f"{data} cannot be written by this user. Give it: chown -R USER {data}")
    if _mode(home / FEEDS) & stat.S_IWOTH:
        return fault("permissions", f"Everybody may change {home / FEEDS}: chmod o-w {home / FEEDS}")
    if not _mode(home) & stat.S_IXOTH or not _mode(data) & stat.S_IXOTH:
        return ok("permissions", f"{data} can be written, and is closed to others.")
    private = (data / "newsletter.db", *data.glob("*.key"), *(data / name for name in _PRIVATE))
    if open_ones := [path for path in private if _mode(path) & (stat.S_IROTH | stat.S_IXOTH)]:
        names, paths = ", ".join(path.name for path in open_ones), " ".join(map(str, open_ones))
        text = f"Everybody on this machine may read {names}, with addresses or drafts: chmod o-rwx {paths}"
        return warning("permissions", text)
    return ok("permissions", f"{data} can be written, and what is private is closed to others.")


def feeds_check(home: Path, environ: Mapping[str, str]) -> Check:
    """Whether feeds.yaml is well, with everything that it takes from the environment."""
    try:
        config = load_config(feeds_file(home), environ, how="try")
    except ConfigError as wrong:
        more = f" “newsletter check” tells all {wrong.total}." if wrong.total > 1 else ""
        return fault("feeds.yaml", f"{wrong.problems[0]}{more}")
    except NotFound as wrong:
        return fault("feeds.yaml", str(wrong))
    if config.warnings:
        return warning("feeds.yaml", str(config.warnings[0]))
    return ok("feeds.yaml", f"It is well: {len(config.sources)} sources, {len(config.sections)} sections.")


def plugin_check(known: KnownPlugin) -> Check:
    """Whether something of another package can be used."""
    if known.trouble is not None:
        return fault("plug-in", str(known.trouble))
    return ok("plug-in", f"The {known.plugin} can be used (“{known.words}”).")


def zone_check(zone: str) -> Check:
    """Whether the time zones of the world are known here."""
    known = zoneinfo.available_timezones()
    if zone not in known and zone != "UTC":
        return fault("time zones", f"{zone} is not known here. Install tzdata (apt install tzdata, or pip).")
    return ok("time zones", f"{len(known)} are known, {zone} among them.")


@contextmanager
def opened(home: Path, environ: Mapping[str, str]) -> Iterator[Database]:
    """The database of a home, for one look."""
    database = open_database(home, environ)
    try:
        yield database
    finally:
        database.close()


def said_by(name: str, wrong: NewsletterError | OSError) -> Check:
    """What went wrong, as a check."""
    text = str(wrong) if isinstance(wrong, NewsletterError) else f"{wrong.filename or ''} {wrong.strerror}.".strip()
    return fault(name, text) if isinstance(wrong, StoreFault | OSError) else warning(name, text)


def _mode(path: Path) -> int:
    return path.stat().st_mode if path.exists() else 0
