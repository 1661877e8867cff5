"""The last document that a reader was given: the one at fault when it gives up."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.rhythm import fresh_seconds
from newsletter.fetch.robots import ROBOTS
from newsletter.model.aside import Aside

_AT_MOST = 20 << 20
"""So many bytes of a downloaded file are taken; more are not worth reading again from here."""


class Overheard:
    """An :class:`newsletter.fetch.http.Http` that holds on to the last document until the next one is asked for."""

    def __init__(self, http: Http, *, source: str = "", fresh_seconds: int | None = None) -> None:
        self._http, self._source = http, source
        self.fresh_seconds = fresh_seconds
        """For how long nothing will change at the address of the source, as it said last."""
        self._last: tuple[str, Reply] | None = None

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one."""
        if urlsplit(url).path == ROBOTS:
            # The rules of a host are asked for between a page and its reading; nobody gives up because of them.
            return await self._http.get(url, known=known, headers=headers)
        self._last = None
        reply = await self._http.get(url, known=known, headers=headers)
        self._last = (url, reply)
        if url == self._source:
            self.fresh_seconds = fresh_seconds(reply, self.fresh_seconds)
        return reply

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """As the real one; an answer to a question that is not kept could not be read again."""
        self._last = None
        return await self._http.post(url, body, headers=headers)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """As the real one."""
        self._last = None
        reply = await self._http.download(url, known=known)
        self._last = (url, reply)
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


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_AT_MOST)
    except OSError:
        return b""
