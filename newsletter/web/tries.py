"""How often somebody may try a password or a code: five times a minute, by name and by network."""

import math
import time
from datetime import timedelta

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from newsletter.errors import Busy
from newsletter.store.editors import editor_key
from newsletter.web.guard import network_of
from newsletter.web.sessions import newsletter_of

_FIVE = RateLimitItemPerMinute(5)


class Tries:
    """Counts tries in memory: there is one process, and a restart forgives."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, request: Request, name: str, *, what: str = "password") -> None:
        """Count a try for ``name`` (if there is one) from where the request comes; Busy when there were too many."""
        keys = [(what, "network", network_of(request.state.client)), (what, "name", editor_key(name)[:100])]
        for key in keys if name else keys[:1]:
            if not self._limiter.hit(_FIVE, *key):
                self._refuse(request, key)

    def forget(self, name: str, *, what: str = "password") -> None:
        """It was the right person: the tries for this name count no more."""
        self._limiter.clear(_FIVE, what, "name", editor_key(name)[:100])

    def _refuse(self, request: Request, key: tuple[str, str, str]) -> None:
        app = newsletter_of(request)
        seconds = max(1, math.ceil(self._limiter.get_window_stats(_FIVE, *key).reset_time - time.time()))
        at = (app.now() + timedelta(seconds=seconds)).astimezone(app.config.schedule.zone)
        whose = "from your network" if key[1] == "network" else "for this name"
        raise Busy(
            f"There were five tries within a minute {whose}. Try again in {seconds} seconds, at {at:%H:%M:%S}.",
            seconds=seconds,
        )


def tries_of(request: Request) -> Tries:
    """The tries of the running program."""
    found: Tries = request.app.state.tries
    return found
