"""Who may send: one process of one installation. A copy of the database elsewhere may not."""

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from newsletter.errors import WrongState
from newsletter.pipeline.app import Newsletter
from newsletter.store.restored import is_restored
from newsletter.store.rights import Right, right, see_right, take_right
from newsletter.text import one_line

INSTANCE_VARIABLE = "NEWSLETTER_INSTANCE"
"""A name for this installation, where machine and folder change with each start, as those of containers may."""
LOCK = "send.lock"
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Holder:
    """This installation: its mark, and the name of the machine for people."""

    mark: str
    host: str


class NotTheSender(WrongState):
    """Another installation, or another process of this one, sends."""


def this_holder(app: Newsletter) -> Holder:
    """What the installation of ``app`` is known by."""
    return holder_at(app.home, app.environ)


def holder_at(home: Path, environ: Mapping[str, str]) -> Holder:
    """What the installation in ``home`` is known by: its machine and that folder, or the name it was given."""
    host = socket.gethostname()
    named = environ.get(INSTANCE_VARIABLE)
    known = f"named\0{named}" if named else f"{_machine() or host}\0{home.resolve()}"
    return Holder(hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:24], host)


@contextmanager
def sending_alone(app: Newsletter, *, by_force: bool = False) -> Iterator[Right]:
    """Be the one process that sends, until the block ends. Raises NotTheSender, naming who does.

    The lock of the process is the system's: it is free again when its holder dies, however it dies.
    """
    app.data.mkdir(parents=True, exist_ok=True)
    with (app.data / LOCK).open("a+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            file.seek(0)
            pid = file.read(20).strip()
            named = f" (process {pid})" if pid.isdigit() else ""
            raise NotTheSender(f"Another process of this newsletter{named} is sending already.") from fault
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        holder = this_holder(app)
        with app.database.transaction() as db:
            taken = take_right(db, holder.mark, holder.host, now=app.now(), by_force=by_force)
            other = None if taken else right(db)
        if taken is None:
            raise NotTheSender(refusal(other, app.now()))
        yield taken
        file.truncate(0)


def refusal(other: Right | None, now: datetime) -> str:
    """Why this installation does not send."""
    if other is not None and is_restored(other):
        made = f"{other.taken_at:%Y-%m-%d %H:%M} UTC"
        return f"This newsletter was put back from a copy of {made}. It sends nothing before “newsletter send ISSUE”."
    who = f"{other.host}, seen {_ago(now, other.seen_at)} ago" if other else "on another machine"
    return f"Another copy of this newsletter holds the right to send ({who}). This one does not send."


def who_else_sends(app: Newsletter) -> Right | None:
    """The other installation that has the right to send; None when it is this one, or nobody yet."""
    with app.database.reading() as db:
        known = right(db)
    return None if known is None or known.holder == this_holder(app).mark else known


def take_over(app: Newsletter, *, by: str) -> None:
    """Take the right to send from the other installation; where there is none, nothing happens.

    What that one is at, it cannot go on with. Raises NotTheSender while another process of this one sends.
    """
    other = who_else_sends(app)
    if other is None:
        return
    with sending_alone(app, by_force=True) as taken:
        log.warning("right to send taken over", of=other.host, turn=taken.turn, by=one_line(by))


def is_put_back(app: Newsletter) -> bool:
    """Whether this is a copy that was put back, and nobody said yet that it may send mail by itself."""
    with app.database.reading() as db:
        return is_restored(right(db))


def why_put_back(app: Newsletter) -> str:
    """Why nothing goes out of a copy that was put back, and which word lets it; empty where this is none."""
    with app.database.reading() as db:
        known = right(db)
    return refusal(known, app.now()) if is_restored(known) else ""


def take_from_copy(app: Newsletter) -> None:
    """A person said that mail goes out here: where the newsletter was put back from a copy, it may from now on."""
    holder = this_holder(app)
    with app.database.transaction() as db:
        if is_restored(right(db)):
            take_right(db, holder.mark, holder.host, now=app.now(), by_force=True)


def say_alive(app: Newsletter) -> None:
    """Tell other copies that this installation is alive, if the right is its own."""
    with app.database.transaction() as db:
        see_right(db, this_holder(app).mark, now=app.now())


def _machine() -> str:
    for path in _MACHINE_IDS:
        with suppress(OSError):
            if found := path.read_text(encoding="ascii", errors="replace").strip():
                return found
    return ""


def _ago(now: datetime, then: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
