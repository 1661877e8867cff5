"""The other end of :mod:`newsletter.fetch.workers`: a process that reads documents and nothing else."""

import contextlib
import gc
import importlib
import logging
import os
import pickle
import signal
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_OBJECTS = 100_000
"""So many new objects are worth a look for circles among them; a document makes many, and nearly all are its result."""
_SAID, _LONGEST = 20, 500
"""So many lines of a call's log, of so many letters, are handed on."""
Said = list[tuple[str, int, str]]
"""What libraries logged: by whom, how bad it is, and the words."""
READY = b"ready"
"""Sent once, when calls can be answered."""


def serve(descriptor: int, memory_mib: int) -> None:
    """Answer calls that arrive at ``descriptor`` until the gathering process closes it."""
    from multiprocessing.connection import Connection  # whoever only knows of this module does without

    # Ctrl-C reaches the whole group of processes; the gathering process decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    _limit_memory(memory_mib)
    said: Said = []
    logging.basicConfig(level=logging.WARNING, handlers=[_Listener(said)], force=True)
    with Connection(descriptor) as calls:
        calls.send_bytes(READY)
        while True:
            try:
                bodies = {number: calls.recv_bytes() for number in calls.recv()}
            except EOFError:
                return
            except MemoryError as error:
                _answer(calls, False, error, said)
                return
            try:
                function, args = calls.recv()
                args = [bodies.pop(number, arg) for number, arg in enumerate(args)]
                _answer(calls, True, function(*args), said)
            except Exception as error:
                _answer(calls, False, error, said)
            function = args = None
            said.clear()


def _limit_memory(memory_mib: int) -> None:
    if memory_mib and os.name == "posix":
        resource = importlib.import_module("resource")  # not there on Windows
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, hard))


class _Listener(logging.Handler):
    """Remembers what is logged, for the process that knows which source it is about and where logs go."""

    def __init__(self, said: Said) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):
            if len(self._said) < _SAID:
                self._said.append((record.name, record.levelno, record.getMessage()[:_LONGEST]))


def _answer(calls: "Connection", is_done: bool, value: object, said: Said) -> None:
    carried = _carried(value) if isinstance(value, Exception) else value
    try:
        packed = pickle.dumps((is_done, carried, said), protocol=5)
        calls.send_bytes(packed)
    except OSError:
        sys.exit(0)


def _carried(error: Exception) -> Exception:
    """``error`` as it can cross: itself when it survives pickling, else its text."""
    where = traceback.extract_tb(error.__traceback__)[-1:]
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        copy = RuntimeError(f"{type(error).__name__}: {error}")
    copy.add_note("".join(f"in {frame.filename}:{frame.lineno} {frame.name}" for frame in where))
    return copy  # type: ignore[no-any-return]
