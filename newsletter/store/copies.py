"""A copy of the database, made before its schema changes: the way back from a newer program."""

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from newsletter.errors import NewsletterError, StoreFault

GO_ON_VARIABLE = "NEWSLETTER_UPGRADE_WITHOUT_COPY"
BEFORE = ".before-"
"""What stands between the name of the database and the schema that its copy came before."""
KEPT = 3
_SPARE = 16 << 20
_DUMP_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Copies:
    """Where copies go, and how they are made where no tool of the database does.

    ``folder`` is for databases that are no file; without it, none is made of those. ``is_needed`` is false when the
    person at the keyboard said that it goes without.
    """

    folder: Path | None = None
    by_ourselves: Callable[[Path], object] | None = None
    is_needed: bool = True


def copy_file(path: Path, *, newer: str, now: datetime | None = None) -> Path:
    """Copy the SQLite database at ``path``, as it is committed, beside it; where that lies. Raises StoreFault."""
    copy = _free_name(path.with_name(f"{path.name}{BEFORE}{newer}-{_stamp(now)}"))
    try:
        with (
            _whole(copy) as new,
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        ):
            needed = sum(each.stat().st_size for each in (path, path.with_name(f"{path.name}-wal")) if each.exists())
            _need_room(path.parent, needed)
            source.execute("VACUUM INTO ?", (str(new),))
    except (OSError, sqlite3.Error) as fault:
        raise _no_copy(newer, _reason(fault)) from fault
    _keep_newest(path.parent, f"{path.name}{BEFORE}")
    return copy


def copy_server(url: URL, copies: Copies, *, newer: str, now: datetime | None = None) -> Path | None:
    """Copy the PostgreSQL database at ``url`` into the folder of ``copies``; None when it names none.

    By pg_dump, or, where that is not there or too old for the server, as a backup of this program.
    """
    folder = copies.folder
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise _no_copy(newer, f"The folder {folder} cannot be made: {_reason(fault)}") from fault
    stem = f"database{BEFORE}{newer}-{_stamp(now)}"
    said = "There is no pg_dump on this machine"
    if tool := shutil.which("pg_dump"):
        copy = _free_name(folder / f"{stem}.dump")
        try:
            with _whole(copy) as new:
                _run_dump(tool, url, new)
        except (OSError, subprocess.SubprocessError) as fault:
            said = f"The program pg_dump failed: {_reason(fault)}"
        else:
            _keep_newest(folder, f"database{BEFORE}")
            return copy
    if copies.by_ourselves is None:
        raise _no_copy(newer, said)
    copy = _free_name(folder / f"{stem}.tar.gz")
    try:
        copies.by_ourselves(copy)
    except (NewsletterError, OSError) as fault:
        raise _no_copy(newer, said, f"A backup by this program failed, too: {_reason(fault)}") from fault
    _keep_newest(folder, f"database{BEFORE}")
    return copy


def copies_in(folder: Path) -> list[Path]:
    """The copies that lie in ``folder``, the oldest first."""
    found = (each for each in folder.glob(f"*{BEFORE}*") if each.is_file() and not each.name.startswith("."))
    return sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name))


def _run_dump(tool: str, url: URL, new: Path) -> None:
    environ = {**os.environ, **_connection(url)}
    command = [tool, "--format=custom", "--no-password", f"--file={new}"]
    subprocess.run(
        command, env=environ, capture_output=True, text=True, errors="replace", timeout=_DUMP_SECONDS, check=True
    )


def _connection(url: URL) -> Mapping[str, str]:
    """What libpq takes from the environment: nothing of it is seen in the list of processes."""
    named = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port or url.query.get("port")}
    named |= {"PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    named["PGSSLMODE"] = url.query.get("sslmode")
    return {name: str(value) for name, value in named.items() if value}


@contextmanager
def _whole(copy: Path) -> Iterator[Path]:
    """An empty file that only its owner may read; under its name once it is whole, else gone."""
    new = copy.with_name(f".{copy.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        yield new
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(copy)
    finally:
        new.unlink(missing_ok=True)


def _need_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise OSError(errno.ENOSPC, f"it needs {_mib(needed + _SPARE)} in {folder}, and {_mib(free)} are free")


def _reason(fault: Exception) -> str:
    """What went wrong, in the middle of a sentence."""
    if isinstance(fault, subprocess.CalledProcessError):
        lines = [line for line in fault.stderr.splitlines() if line.strip()]
        return (
            lines[0].removeprefix("pg_dump: ").removeprefix("error: ") if lines else f"it ended with {fault.returncode}"
        )
    if isinstance(fault, subprocess.TimeoutExpired):
        return f"it was not done within {fault.timeout / 60:.0f} minutes"
    return str(getattr(fault, "strerror", None) or fault)


def _no_copy(newer: str, *reasons: str) -> StoreFault:
    """Each of ``reasons`` becomes a sentence of its own; what a fault said may be one already."""
    why = " ".join(f"{each[:1].upper()}{each[1:].removesuffix('.')}." for each in reasons)
    return StoreFault(
        f"No copy of the database can be made before it is brought up to schema {newer}. {why} Nothing was changed. "
        f"Mend that, or make a copy yourself and go on with {GO_ON_VARIABLE}=yes in the environment."
    )


def _keep_newest(folder: Path, beginning: str) -> None:
    found = [each for each in copies_in(folder) if each.name.startswith(beginning)]
    for path in found[:-KEPT]:
        path.unlink(missing_ok=True)


def _free_name(path: Path) -> Path:
    number = 2
    found = path
    while found.exists():
        found = path.with_name(f"{path.name}.{number}")
        number += 1
    return found


def _stamp(now: datetime | None) -> str:
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"
