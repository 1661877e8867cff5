"""What is being asked of a source beside the pages: a look at an address, a test, a reading; each has its own name."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import structlog

from newsletter.errors import NewsletterError

_PATIENCE_SECONDS = 1.5
"""So long the answer to a form waits; what takes longer is shown as being asked."""
_KEPT = 64
_AT_ONCE = 3
_MISTAKE = "The program made a mistake; its log says which. Nothing was stored. Try it again."

log = structlog.get_logger()


@dataclass(slots=True)
class Task:
    """Something that was begun: what came of it, or why nothing did, once it ``is_done``.

    ``about`` is the address or the source it asks, ``what`` the form's word for it.
    """

    what: str
    about: str
    result: Any = None
    problem: str = ""
    is_done: bool = False


class SourceTasks:
    """The last tasks, by names that nobody guesses."""

    def __init__(self, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sources")
        self._tasks: OrderedDict[str, Task] = OrderedDict()

    def begin(self, what: str, about: str, make: Callable[[], object]) -> str:
        """Begin, and wait a moment for the end; the name of the task."""
        name, task = secrets.token_urlsafe(9), Task(what, about)
        with self._lock:
            self._tasks[name] = task
            while len(self._tasks) > _KEPT:
                self._tasks.popitem(last=False)
        wait([self._workers.submit(_do, task, make)], self._patience)
        return name

    def known(self, name: str, what: str, about: str = "") -> Task | None:
        """The task of that name, if it is one of that sort about that source; None when it is forgotten."""
        with self._lock:
            task = self._tasks.get(name)
        return task if task and task.what == what and about in ("", task.about) else None


def _do(task: Task, make: Callable[[], object]) -> None:
    try:
        task.result = make()
    except NewsletterError as fault:
        task.problem = str(fault)
    except Exception:
        log.exception("a source was not asked", what=task.what)
        task.problem = _MISTAKE
    finally:
        task.is_done = True
