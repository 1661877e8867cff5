"""The last document that a reader was given: the one at fault when it gives up; and how its server answered."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from newsletter.errors import FetchError, Throttled
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.rhythm import fresh_seconds
from newsletter.fetch.robots import ROBOTS
from newsletter.model.aside import Aside

_AT_MOST = 20 << 20
"""So many bytes of a downloaded file are taken; more are not worth reading again from here."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The last answer: its status (None for no answer), bytes, seconds, and what the server said with an error."""

    status: int | None = None
    size: int = 0
    seconds: float = 0.0
    said: str = ""


class Overheard:
    """An :class:`newsletter.fetch.http.Http` that holds on to the last document until the next one is asked for."""

    def __init__(self, http: Http, *, source: str = "", fresh_seconds: int | None = None) -> None:
        self._http, self._source = http, source
        self.fresh_seconds = fresh_seconds
        """For how long nothing will change at the address of the source, as it said last."""
        self._last: tuple[str, Reply] | None = None
        self.answer: Heard | None = None
        self.is_asked = False
        """Whether any question went to a server."""
        self.is_fresh = False
        """Whether any document was given that was not known already."""

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one."""
        if urlsplit(url).path == ROBOTS:
            # The rules of a host are asked for between a page and its reading; nobody gives up because of them.
            return await self._http.get(url, known=known, headers=headers)
        reply = await self._timed(lambda: self._http.get(url, known=known, headers=headers))
        self._last = (url, reply)
        if url == self._source:
            self.fresh_seconds = fresh_seconds(reply, self.fresh_seconds)
        return reply

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one; an answer to a question that is not kept could not be read again."""
        return await self._timed(lambda: self._http.post(url, body, headers=headers))

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As the real one."""
        reply = await self._timed(lambda: self._http.download(url, known=known))
        self._last = (url, reply)
        return reply

    async def _timed(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        self._last, began = None, time.monotonic()
        try:
            reply = await ask()
        except FetchError as error:
            self.is_asked = self.is_asked or not isinstance(error, Throttled) or error.is_asked
            self.answer = Heard(error.status, len(error.said.encode()), time.monotonic() - began, error.said)
            raise
        self.is_asked = True
        size = _size(reply.path) if reply.path else len(reply.body)
        self.answer = Heard(reply.status, size, time.monotonic() - began)
        self.is_fresh = self.is_fresh or not reply.is_unchanged
        return reply

    @property
    def inner(self) -> Http:
        """The real one."""
        return self._http

    def aside(self, reason: str) -> Aside | None:
        """The last document, set aside for ``reason``; None when the last question gave none."""
        if self._last is None:
            return None
        url, reply = self._last
        if reply.is_unchanged and not reply.body:
            return None
        data = _beginning(reply.path) if reply.path else reply.body
        final = reply.url if reply.url != url else ""
        return Aside(url, reason, data, reply.header("content-type"), final_url=final)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_AT_MOST)
    except OSError:
        return b""
