"""How often a program may send, and how often anybody may search."""

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from newsletter.web.api_gate import Asker
from newsletter.web.guard import network_of

POSTS, SEARCHES = "60/hour", "60/minute"
"""Of one token, and of one network."""


class ApiLimits:
    """Counts in memory; a restart forgets."""

    def __init__(self, posts: str = POSTS, searches: str = SEARCHES) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._posts, self._searches = parse(posts), parse(searches)

    def post(self, asker: Asker) -> int:
        """Count a post; in how many seconds there is room again, 0 when there is now."""
        return self._hit(self._posts, "api posts", asker.key)

    def search(self, request: Request, asker: Asker) -> int:
        """Count a search, by token or by network; in how many seconds there is room again, 0 when there is now."""
        who = asker.key if asker.token else network_of(str(request.state.client or ""))
        return self._hit(self._searches, "api searches", who)

    def _hit(self, limit: RateLimitItem, what: str, who: str) -> int:
        if self._limiter.hit(limit, what, who):
            return 0
        return max(1, math.ceil(self._limiter.get_window_stats(limit, what, who).reset_time - time.time()))
