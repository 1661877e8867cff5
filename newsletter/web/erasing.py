"""Looks for a person and erasures, one after the other beside the pages: in a home of years they take a while."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import structlog

from newsletter.errors import NewsletterError
from newsletter.pipeline.erase import Erasure

PATIENCE_SECONDS = 2.0
"""So long the answer to a form waits; what takes longer says how far it is."""
_KEPT = 8
_MISTAKE = "The program made a mistake; its log says which. An erasure that was begun goes on with the next clean-up."

log = structlog.get_logger()


@dataclass(slots=True)
class Work:
    """A look or an erasure: what came of it, or why nothing did, once it ``is_ended``; ``now`` is how far it is."""

    who: str
    """What was typed; nothing once it erases."""
    editor: str
    is_erasing: bool
    now: str = "waits for its turn"
    found: Erasure | None = None
    problem: str = ""
    is_ended: bool = False

    def tell(self, words: str) -> None:
        """Say what is gone through now."""
        self.now = words


class Eraser:
    """The last of them, by names that nobody guesses."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self.patience = patience
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(1, thread_name_prefix="erasing")
        self._works: OrderedDict[str, Work] = OrderedDict()

    def begin(self, work: Work, make: Callable[[], Erasure]) -> str:
        """Begin, and wait a moment for the end; the name of the work."""
        name = secrets.token_urlsafe(9)
        with self._lock:
            self._works[name] = work
            while len(self._works) > _KEPT:
                self._works.popitem(last=False)
        wait([self._workers.submit(_do, work, make)], self.patience)
        return name

    def known(self, name: str, editor: str) -> Work | None:
        """The work of that name, if that editor began it; None when it is forgotten."""
        with self._lock:
            work = self._works.get(name)
        return work if work and work.editor == editor else None


def _do(work: Work, make: Callable[[], Erasure]) -> None:
    try:
        work.found = make()
    except NewsletterError as fault:
        work.problem = str(fault)
    except Exception:
        log.exception("a person was not erased")
        work.problem = _MISTAKE
    finally:
        work.is_ended = True
