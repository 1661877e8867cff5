"""CurrentNewsletter: one home, opened once, with feeds.yaml as it is on disk now."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from newsletter.config.include import files_on_disk, patterns_in
from newsletter.errors import NewsletterError
from newsletter.pipeline.app import Newsletter, open_newsletter, read_again
from newsletter.pipeline.in_force import FEEDS

log = structlog.get_logger()

Stamp = tuple[tuple[str, int, int], ...]
"""What differs between two versions of feeds.yaml and the files it includes, as far as the disk tells."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a home is opened with."""

    home: Path
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    options: Mapping[str, Any]


class CurrentNewsletter:
    """The newsletter a process works with. Open it before the first :meth:`get`, close it at the end."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._app: Newsletter | None = None
        self._seen: Stamp = ()
        self._includes: tuple[Stamp, tuple[str, ...]] = ((), ())

    def open(self) -> None:
        """Open the home (ConfigError, NotFound, StoreFault)."""
        around = self._around
        self._seen = self._stamp()
        opened = open_newsletter(around.home, environ=around.environ, now=around.now, **around.options)
        self._app = self._stack.enter_context(opened)

    def close(self) -> None:
        """Give the database back."""
        self._app = None
        self._stack.close()

    def now(self) -> datetime:
        """The time as the newsletter has it, whether it can be opened or not."""
        return self._around.now()

    def get(self) -> Newsletter:
        """The newsletter, read again when feeds.yaml changed; the last good version stays in force."""
        assert self._app is not None, "the home is not open"
        if self._stamp() != self._seen:
            with self._lock:
                self._read_again()
        return self._app

    def _read_again(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen or self._app is None:
            return
        self._seen = stamp
        try:
            self._app = read_again(self._app)
        except NewsletterError as fault:
            log.warning("feeds.yaml cannot be read again", trouble=str(fault))

    def _stamp(self) -> Stamp:
        home = self._around.home
        main = _stamp_of(home / FEEDS)
        known, patterns = self._includes
        if known != main:
            # Read from the file itself: the one in force may include others.
            patterns = _patterns(home / FEEDS)
            self._includes = main, patterns
        return (*main, *(each for path in files_on_disk(home, patterns) for each in _stamp_of(path)))


def _stamp_of(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return ()
    return ((str(path), found.st_mtime_ns, found.st_size),)


def _patterns(path: Path) -> tuple[str, ...]:
    try:
        return patterns_in(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ()
