"""Who reads a source holds it, so that nobody else reads it meanwhile: workers, who reads by hand, the desk."""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.errors import DatabaseAway, NewsletterError
from newsletter.model.source import Source
from newsletter.pipeline.app import Newsletter
from newsletter.store.database import Db
from newsletter.store.holds import held_since, holders, keep_places, leave_all_places, leave_places, take_place

LEASE = timedelta(seconds=30)
"""So long a place stays held after its holder was last heard of."""


def hold_source(db: Db, source: Source, *, holder: str, now: datetime) -> bool:
    """Take the one place at ``source``; false when another reads it, which a process that is gone does not."""
    name = f"source {source.id}"
    for other in holders(db, name, now=now):
        if is_gone(other):
            leave_places(db, other, now=now)
    return take_place(db, name, holder=holder, now=now, until=now + LEASE)


def busy_words(app: Newsletter, db: Db, source: Source) -> str:
    """Who keeps ``source`` from being read, in words."""
    since, zone = held_since(db, f"source {source.id}", now=app.now()), app.config.schedule.zone
    when = f" since {since.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}" if since else ""
    return f"being read by another process{when}"


def new_worker() -> str:
    """The name of a process, or of a part of it, as a holder of jobs and places."""
    return f"{socket.gethostname()}:{os.getpid()}:{_processes()}-{secrets.token_hex(4)}"


def _processes() -> int:
    """What tells the processes of this machine, or of this container, from those of others; 0 when nothing does."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def is_gone(holder: str) -> bool:
    """Whether ``holder`` was a process of this very machine and is no more; false where that cannot be known."""
    host, _, rest = holder.partition(":")
    process, _, rest = rest.partition(":")
    namespace = rest.partition("-")[0]
    if host != socket.gethostname() or not process.isdecimal() or not _processes() or namespace != f"{_processes()}":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


class Holder:
    """Holds sources for who reads them beside the queue."""

    def __init__(self, app: Newsletter) -> None:
        self._app, self.worker = app, new_worker()

    def take(self, db: Db, source: Source) -> bool:
        """Hold ``source``; false when another reads it."""
        return hold_source(db, source, holder=self._name(source.id), now=self._app.now())

    def leave(self, db: Db, source_id: str) -> None:
        """Let go of one source; belongs into the transaction that stores how it is now."""
        leave_places(db, self._name(source_id), now=self._app.now())

    def _name(self, source_id: str) -> str:
        return f"{self.worker}/{source_id}"


@contextmanager
def holding(app: Newsletter) -> Iterator[Holder]:
    """Hold sources until the block ends, however long it takes."""
    holder = Holder(app)

    def say() -> None:
        with app.database.transaction() as db:
            keep_places(db, holder.worker, until=app.now() + LEASE)

    try:
        with kept_alive(say):
            yield holder
    finally:
        with app.database.transaction() as db:
            leave_all_places(db, holder.worker, now=app.now())


@contextmanager
def kept_alive(say: Callable[[], object]) -> Iterator[None]:
    """Until the block ends, ``say`` every now and then that this process lives."""
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(say, is_over), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _keep(say: Callable[[], object], is_over: threading.Event) -> None:
    while not is_over.wait(LEASE.total_seconds() / 4):
        try:
            say()
        except DatabaseAway:
            continue
        except NewsletterError as fault:
            _log().warning("lease", trouble=str(fault))
        except Exception:
            # Who is silent loses what it holds to others: it goes on whatever it is.
            _log().exception("lease")


def _log() -> Any:
    # Heavy: who finds nothing to read does without.
    import structlog

    return structlog.get_logger()
