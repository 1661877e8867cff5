"""What pages begin and do not wait for: done beside them by a few workers; each has its own name."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import structlog

from newsletter.errors import NewsletterError

log = structlog.get_logger()


@dataclass(slots=True)
class Task:
    """Something that was begun: what came of it, or why nothing did, once it ``is_done``.

    ``about`` is what it is done with, as its form names it, ``what`` the form's word for it, ``who`` the editor whose
    it is alone, and ``now`` how far it is.
    """

    what: str
    about: str
    who: str = ""
    now: str = "waits for its turn"
    result: Any = None
    problem: str = ""
    is_done: bool = False

    def tell(self, words: str) -> None:
        """Say what is gone through now."""
        self.now = words


class Tasks:
    """The last ``kept`` tasks, by names that nobody guesses; ``at_once`` of them go on at the same time.

    The answer to a form waits ``patience`` seconds; what takes longer is shown as going on. ``mistake`` is told when
    the program made one.
    """

    def __init__(self, at_once: int, *, kept: int, patience: float, mistake: str) -> None:
        self.patience = patience
        self._kept, self._mistake, self._lock = kept, mistake, threading.Lock()
        self._workers = ThreadPoolExecutor(at_once, thread_name_prefix="tasks")
        self._tasks: OrderedDict[str, Task] = OrderedDict()

    def begin(self, task: Task, make: Callable[[], object]) -> str:
        """Begin, and wait a moment for the end; the name of the task."""
        name = secrets.token_urlsafe(9)
        with self._lock:
            self._tasks[name] = task
            done = [each for each, known in self._tasks.items() if known.is_done]
            for each in done[: max(0, len(self._tasks) - self._kept)]:
                del self._tasks[each]
        wait([self._workers.submit(self._do, task, make)], self.patience)
        return name

    def known(self, name: str, what: str = "", about: str = "") -> Task | None:
        """The task of that name, if it is one of that sort about that; None when it is forgotten."""
        with self._lock:
            task = self._tasks.get(name)
        return task if task and what in ("", task.what) and about in ("", task.about) else None

    def _do(self, task: Task, make: Callable[[], object]) -> None:
        try:
            task.result = make()
        except NewsletterError as fault:
            task.problem = str(fault)
        except Exception:
            log.exception("a task failed", what=task.what)
            task.problem = self._mistake
        finally:
            task.is_done = True
