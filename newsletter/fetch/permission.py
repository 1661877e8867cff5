"""Asking a host's robots.txt before a page is read, and keeping the distance between requests that it wants.

For pages made for people (web pages, pads). Feeds, archives and review servers are there for programs.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from newsletter.errors import BadStatus, FetchError, Gone, NotReadable, Throttled, TooLarge, Unreachable
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.robots import EVERYTHING, Robots, Rule, parse_robots, robots_url
from newsletter.text import host_of

if TYPE_CHECKING:
    import asyncio

FRESH = timedelta(days=1)
"""How long what a robots.txt said is believed without asking again (RFC 9309, 2.4)."""
LONGEST_WAIT = timedelta(seconds=20)
"""A host that wants a longer pause is asked again in a later run."""
UNREACHABLE = "cannot be reached"
_MOST_KEPT = 8


class Disallowed(FetchError):
    """The host's robots.txt does not want programs to read the address."""


def _lock() -> "asyncio.Lock":
    import asyncio  # who only looks at what a kind is does not wait for it

    return asyncio.Lock()


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


@dataclass(slots=True)
class Manners:
    """What the requests of one client to one host share: its rules, asked for once, and when it was asked last."""

    robots: Robots | None = None
    is_asked: bool = False
    asking: "asyncio.Lock" = field(default_factory=_lock)
    turn: "asyncio.Lock" = field(default_factory=_lock)
    free_at: datetime | None = None


_known: "WeakKeyDictionary[Http, dict[str, Manners]]" = WeakKeyDictionary()


def utc_now() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Permission:
    """An Http that reads what robots.txt allows. ``verdicts`` are remembered with the source, by address.

    ``now`` and ``wait`` are the clock and how to let time pass.
    """

    http: Http
    verdicts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    wait: Callable[[float], Awaitable[None]] = _sleep

    async def get(self, url: str, *, known: Document | None = None) -> Reply:
        """The document at ``url``. Raises Disallowed, Throttled, and what the real one raises."""
        await self._check(url)
        reply = await self._in_turn(url, known)
        if reply.url != url:
            await self._check(reply.url)
        return reply

    def as_json(self) -> dict[str, Mapping[str, Any]]:
        """What to keep with the source."""
        return dict(list(self.verdicts.items())[-_MOST_KEPT:])

    async def _check(self, url: str) -> None:
        verdict = self.verdicts.pop(url, None)
        if verdict is not None:
            # The addresses asked for last are those that are kept.
            self.verdicts[url] = verdict
        if verdict is None or not self._is_fresh(verdict):
            verdict = self.verdicts[url] = await self._ask(url, verdict)
        rule = verdict.get("rule")
        if rule == UNREACHABLE:
            raise Disallowed(f"{robots_url(url)} cannot be reached; until it can, {host_of(url)} is not read")
        if rule:
            raise Disallowed(
                f'{robots_url(url)} does not want programs to read {url} ("{rule}"). '
                "Ask its owner for a feed, or leave the source out."
            )

    def _is_fresh(self, verdict: Mapping[str, Any]) -> bool:
        try:
            age = self.now() - datetime.fromisoformat(verdict["at"])
        except (KeyError, TypeError, ValueError):
            return False
        return timedelta(0) <= age < (FRESH if verdict.get("rule") != UNREACHABLE else FRESH / 24)

    async def _ask(self, url: str, before: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """What robots.txt says about ``url`` now; an unreachable one says what it said before (2.4)."""
        found = await self._robots(url)
        if found is None:
            if before is not None and before.get("rule") != UNREACHABLE:
                return before
            return {"at": self.now().isoformat(), "rule": UNREACHABLE}
        rule: Rule | None = found.rule_for(url)
        verdict: dict[str, Any] = {"at": self.now().isoformat()}
        if rule is not None and not rule.is_allowed:
            verdict["rule"] = str(rule)
        if found.delay:
            verdict["delay"] = found.delay
        return verdict

    async def _robots(self, url: str) -> Robots | None:
        """The rules of the host, None when they cannot be reached; asked for once in the life of a client."""
        manners = self._manners(url)
        async with manners.asking:
            if not manners.is_asked:
                manners.robots = await _read_robots(self.http, robots_url(url))
                manners.is_asked = True
        return manners.robots

    async def _in_turn(self, url: str, known: Document | None) -> Reply:
        """The answer, not sooner after the last one of this host than it wants."""
        delay = self.verdicts[url].get("delay")
        if not delay:
            return await self.http.get(url, known=known)
        manners, pause = self._manners(url), timedelta(seconds=float(delay))
        async with manners.turn:
            asked_at = self.verdicts[url].get("asked_at")
            stored = datetime.fromisoformat(asked_at) + pause if asked_at else None
            free_at = max((each for each in (stored, manners.free_at) if each), default=None)
            left = free_at - self.now() if free_at else timedelta(0)
            if left > LONGEST_WAIT:
                raise Throttled(f"{host_of(url)} wants {delay:g} s between two requests", until=free_at, is_asked=False)
            if left > timedelta(0):
                await self.wait(left.total_seconds())
            manners.free_at = self.now() + pause
            self.verdicts[url] = {**self.verdicts[url], "asked_at": self.now().isoformat()}
            return await self.http.get(url, known=known)

    def _manners(self, url: str) -> Manners:
        http: Any = self.http
        while (inner := getattr(http, "inner", None)) is not None:
            http = inner
        return _known.setdefault(http, {}).setdefault(urlsplit(url).netloc.lower(), Manners())


async def _read_robots(http: Http, url: str) -> Robots | None:
    try:
        reply = await http.get(url)
    except Gone:
        return EVERYTHING
    except BadStatus as error:
        return EVERYTHING if 400 <= error.status < 500 else None
    except (Unreachable, TooLarge, NotReadable):
        return None
    return parse_robots(reply.body)
