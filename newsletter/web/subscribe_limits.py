"""How often a form may ask for a mail: by address, by network, and all together; kept in memory."""

import hashlib

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from newsletter.errors import Busy
from newsletter.model.address import address_key
from newsletter.web.guard import network_of

_ADDRESS, _NETWORK, _ALL = parse("3/day"), parse("10/hour"), parse("600/hour")
_USEFUL = parse("3/day")


class SubscribeLimits:
    """Counts what was asked; a restart forgives."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, request: Request) -> None:
        """Count a form from where the request comes; Busy when there were too many, whatever address it names."""
        network = network_of(str(request.state.client or ""))
        if not self._limiter.test(_ALL, "all") or not self._limiter.hit(_NETWORK, "network", network):
            raise Busy(
                "Many forms came from your network in the last hour. Send this one a little later.", seconds=3600
            )
        self._limiter.hit(_ALL, "all")

    def may_mail(self, address: str) -> bool:
        """Whether one more mail may go to ``address`` today; whoever asks gets the same answer in any case."""
        mark = hashlib.sha256(address_key(address).encode("utf-8", "replace")).hexdigest()
        return bool(self._limiter.hit(_ADDRESS, "address", mark))

    def may_answer(self, request: Request, number: int) -> bool:
        """Whether one more answer about issue ``number`` counts from where the request comes."""
        return bool(self._limiter.hit(_USEFUL, "useful", str(number), network_of(str(request.state.client or ""))))


def limits_of(request: Request) -> SubscribeLimits:
    """The limits of the running program."""
    found: SubscribeLimits = request.app.state.subscribing
    return found
