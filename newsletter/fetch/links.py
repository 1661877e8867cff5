"""Whether addresses answer: each asked once, politely, until a deadline; dead ones with what may stand instead."""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import quote, urlsplit

import aiohttp

from newsletter.errors import AddressRefused, BadStatus, FetchError, Gone, Throttled, Unreachable
from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.http import Reply
from newsletter.fetch.politeness import domain_of
from newsletter.model.link import LinkResult
from newsletter.text import without_tracking

ARCHIVE = "https://archive.org/wayback/available?url="
"""Asked for dead addresses alone: whether a copy of the page is kept."""
_DEAD = frozenset((404, 410))
_HEAD_TELLS_NOTHING = frozenset((400, 401, 403, 404, 405, 406, 410, 500, 501, 502, 503))
_JUNK = ".,;:!?)>]}'\"*"
_PATIENCE = 2
"""After so many addresses of a domain that were not answered in time, its others are not asked."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How links are asked: the seconds for one and for all, how many at once, and which archive."""

    seconds: float = 8
    all_seconds: float = 60
    at_once: int = 24
    per_domain: int = 2
    archive: str = ARCHIVE
    most_archive_questions: int = 20


class Looker(Protocol):
    """The web as links are asked of it (:class:`newsletter.fetch.client.WebClient`)."""

    async def look(self, url: str, *, method: str = "HEAD") -> Reply:
        """The head of the answer. Raises FetchError."""

    async def get(self, url: str) -> Reply:
        """The answer. Raises FetchError."""


def check_all(
    urls: Sequence[str],
    web: WebSettings,
    *,
    now: Callable[[], datetime],
    throttles: Mapping[str, datetime] | None = None,
    settings: LinkSettings | None = None,
) -> tuple[list[LinkResult], dict[str, datetime]]:
    """The result of each of ``urls``, in their order, and until when which domain asked to be left alone.

    Those not answered before the deadline are "unknown".
    """
    settings = settings or LinkSettings()
    quick = replace(
        web,
        total_seconds=settings.seconds,
        connect_seconds=min(settings.seconds, web.connect_seconds),
        read_seconds=min(settings.seconds, web.read_seconds),
    )

    async def run() -> tuple[list[LinkResult], dict[str, datetime]]:
        async with WebClient(quick, now=now, throttles=throttles) as client:
            return await check_links(urls, client, now=now, settings=settings), client.throttles

    return asyncio.run(run())


async def check_links(
    urls: Sequence[str], web: Looker, *, now: Callable[[], datetime], settings: LinkSettings | None = None
) -> list[LinkResult]:
    """The results that :func:`check_all` gives, over ``web``."""
    checker = _Checker(web, now, settings or LinkSettings())
    with suppress(TimeoutError):
        async with asyncio.timeout(checker.settings.all_seconds):
            await asyncio.gather(*(checker.check(url) for url in dict.fromkeys(urls)))
    late = "there was no time left to ask; look again"
    return [checker.found.get(url) or LinkResult(url, "unknown", now(), reason=late) for url in dict.fromkeys(urls)]


@dataclass(slots=True)
class _Checker:
    """One run: who is being asked, who did not answer, and what was found."""

    web: Looker
    now: Callable[[], datetime]
    settings: LinkSettings
    found: dict[str, LinkResult] = field(default_factory=dict)
    _slow: Counter[str] = field(default_factory=Counter)
    _shut: dict[str, FetchError] = field(default_factory=dict)
    """Why no connection is made to a host and port: it is not tried twice."""
    _domains: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    _all: asyncio.Semaphore | None = None
    _archive_questions: int = 0

    async def check(self, url: str) -> None:
        """Ask for ``url``, and for what may stand in its place when nothing is there."""
        result = await self._ask(url)
        self.found[url] = result
        if result.state == "dead":
            self.found[url] = await self._with_remedy(result)

    async def _ask(self, url: str) -> LinkResult:
        async with self._place(url) as domain:
            if self._slow[domain] >= _PATIENCE:
                return LinkResult(url, "unknown", self.now(), reason=f"{domain} did not answer to others")
            if url_origin(url) in self._shut:
                return self._refused(url, self._shut[url_origin(url)])
            try:
                reply = await self._look(url)
            except FetchError as error:
                self._learn(url, domain, error)
                return self._refused(url, error)
        moved = reply.document.moved_to
        is_moved = moved is not None and moved.partition("#")[0] != url.partition("#")[0]
        return LinkResult(url, "moved" if is_moved else "good", self.now(), reply.status, moved if is_moved else None)

    def _learn(self, url: str, domain: str, error: FetchError) -> None:
        """Remember what holds for the other addresses there, too."""
        host = urlsplit(url).hostname or ""
        if _is_slow(error):
            self._slow[domain] += 1
        elif isinstance(error.__cause__, aiohttp.ClientConnectorError) and host in str(error):
            # The words name the host: after a redirect it is another one that takes no connection.
            self._shut.setdefault(url_origin(url), error)

    async def _look(self, url: str) -> Reply:
        """The answer to HEAD; to GET when that tells nothing: many servers know HEAD badly."""
        try:
            return await self.web.look(url)
        except (BadStatus, Gone) as error:
            if getattr(error, "status", 410) not in _HEAD_TELLS_NOTHING:
                raise
        except Unreachable as error:
            if _is_slow(error) or isinstance(error.__cause__, aiohttp.ClientConnectorError):
                raise
        return await self.web.look(url, method="GET")

    def _refused(self, url: str, error: FetchError) -> LinkResult:
        status = getattr(error, "status", None)
        made = LinkResult(url, "unknown", self.now(), status, reason=str(error))
        if isinstance(error, Gone) or status in _DEAD or _is_unknown_name(error):
            return replace(made, state="dead", status=410 if isinstance(error, Gone) else status)
        if isinstance(error, AddressRefused):
            return replace(made, state="refused")
        return replace(made, status=429) if isinstance(error, Throttled) else made

    async def _with_remedy(self, dead: LinkResult) -> LinkResult:
        """``dead`` with another spelling that answers, else with a copy in the archive."""
        for url in other_spellings(dead.url):
            found = await self._ask(url)
            target = found.final_url or url
            if found.state in ("good", "moved") and not leads_to_the_front(dead.url, target):
                return replace(dead, mended=target)
        return replace(dead, archived=await self._archived(dead.url))

    async def _archived(self, url: str) -> str | None:
        if self._archive_questions >= self.settings.most_archive_questions:
            return None
        self._archive_questions += 1
        question = self.settings.archive + quote(url, safe="")
        async with self._place(question):
            try:
                reply = await self.web.get(question)
            except FetchError:
                return None
        return archived_copy(reply.body)

    @asynccontextmanager
    async def _place(self, url: str) -> AsyncIterator[str]:
        """A place in the queue of the domain of ``url``, and one among all."""
        parts = urlsplit(url)
        domain = domain_of(parts.hostname or "", _port(url))
        if self._all is None:
            self._all = asyncio.Semaphore(self.settings.at_once)
        turn = self._domains.setdefault(domain, asyncio.Semaphore(self.settings.per_domain))
        async with turn, self._all:
            yield domain


def url_origin(url: str) -> str:
    """The scheme, host and port of ``url``."""
    return "/".join(url.split("/", 3)[:3]).lower()


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def _is_slow(error: FetchError) -> bool:
    return isinstance(error, Unreachable) and isinstance(error.__cause__, TimeoutError)


def _is_unknown_name(error: FetchError) -> bool:
    """Whether the name is known nowhere; a name server that does not answer says nothing of it."""
    cause = error.__cause__
    if not isinstance(cause, aiohttp.ClientConnectorDNSError):
        return False
    number = getattr(cause.os_error, "errno", None)
    return number != socket.EAI_AGAIN


def other_spellings(url: str) -> tuple[str, ...]:
    """What ``url`` may have been meant to be: without junk at its end or tracking, by https, with or without www."""
    bare = without_tracking(url.rstrip(_JUNK) if not url.endswith(")") or "(" not in url else url)
    scheme, _, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    other = f"{host[4:] if host.lower().startswith('www.') else f'www.{host}'}{slash}{path}"
    has_name = any(letter.isalpha() for letter in host) and not host.startswith("[")
    spellings = [bare, f"https://{rest}" if scheme == "http" else bare]
    if has_name:
        spellings += [f"{scheme}://{other}", f"https://{other}"]
    return tuple(each for each in dict.fromkeys(spellings) if each != url)


def leads_to_the_front(url: str, target: str) -> bool:
    """Whether a page deep in a site turned into the site's front page: that is no page any more."""
    try:
        first, last = urlsplit(url), urlsplit(target)
    except ValueError:
        return False
    return bool(first.path.strip("/") or first.query) and not last.path.strip("/") and not last.query


def archived_copy(body: bytes) -> str | None:
    """The address of the copy that the archive names in its answer."""
    try:
        closest = json.loads(body)["archived_snapshots"]["closest"]
        url, is_there = closest["url"], closest["available"]
    except (ValueError, KeyError, TypeError):
        return None
    if not is_there or not isinstance(url, str) or urlsplit(url).hostname not in ("web.archive.org", "archive.org"):
        return None
    return url.replace("http://", "https://", 1) if url.startswith("http://") else url
