"""How often a program may send, and how often anybody may search."""

import math
import time
from dataclasses import replace

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from newsletter.web.api_gate import Asker
from newsletter.web.api_problem import Mistake, Refused
from newsletter.web.guard import network_of

POSTS, SEARCHES = "60/hour", "60/minute"
"""Of one token, and of one network."""


class ApiLimits:
    """Counts in memory; a restart forgets."""

    def __init__(self, posts: str = POSTS, searches: str = SEARCHES) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._posts, self._searches = parse(posts), parse(searches)

    def post(self, asker: Asker) -> None:
        """Count a post (Refused, 429, when there were too many)."""
        said = Mistake("request", "Much was sent with this token in the last hour.", "")
        self._hit(self._posts, ("api posts", asker.key), said)

    def search(self, request: Request, asker: Asker) -> None:
        """Count a search, by token or by network (Refused, 429, when there were too many)."""
        who = asker.key if asker.token else network_of(str(request.state.client or ""))
        said = Mistake("query q", "Many searches came from here in the last minute.", "")
        self._hit(self._searches, ("api searches", who), said)

    def _hit(self, limit: RateLimitItem, who: tuple[str, str], said: Mistake) -> None:
        if self._limiter.hit(limit, *who):
            return
        wait = max(1, math.ceil(self._limiter.get_window_stats(limit, *who).reset_time - time.time()))
        raise Refused(429, replace(said, how=f"Wait {wait} seconds."), headers={"retry-after": str(wait)})
