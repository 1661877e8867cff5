"""What the log says of a database server that goes away and comes back: a line each, whoever meets it."""

import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any


@dataclass(slots=True)
class Link:
    """Whether the server answered last; what changes is told once, in whatever thread it is seen.

    Of one that never answered the command speaks that wanted it.
    """

    _has_answered: bool = False
    _is_away: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_lost(self, words: str) -> None:
        """It does not answer."""
        with self._lock:
            is_new = self._has_answered and not self._is_away
            self._is_away = self._has_answered
        if is_new:
            _log().warning("database", trouble=words, then="It is asked again; what waits for it goes on then")

    def is_found(self) -> None:
        """It answers."""
        if self._has_answered and not self._is_away:
            return
        with self._lock:
            was_away, self._is_away, self._has_answered = self._is_away, False, True
        if was_away:
            _log().info("database", back="The database answers again")


@cache
def link_to(name: str) -> Link:
    """The link to the database of that name, of all in this process who open it."""
    return Link()


def _log() -> Any:
    # Heavy, and a server seldom goes away.
    import structlog

    return structlog.get_logger()
