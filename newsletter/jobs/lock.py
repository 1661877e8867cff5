"""One service a home: a lock that the system lets go of when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsletter.errors import WrongState
from newsletter.pipeline.in_force import data_folder, feeds_file

NAME = "run.lock"


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Be the only service of ``home`` until the block ends. Raises WrongState naming the one that runs."""
    feeds_file(home)
    path = data_folder(home) / NAME
    # What stands in the file is for people; the lock itself is the system's. The file stays: to take it away
    # would let two others in.
    with path.open("a+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            file.seek(0)
            raise WrongState(_refusal(home, file.read(20).strip())) from fault
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
        file.truncate(0)


def _refusal(home: Path, pid: str) -> str:
    named, how = (f" as process {pid}", f"Stop that one first (kill {pid})") if pid.isdigit() else ("", "Stop it first")
    return f"The newsletter of {home.resolve()} runs already{named}. {how}, or name another home with --home."
