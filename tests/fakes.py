"""Fakes that are part of the design: a web made of a mapping, and a clock that stands still."""

import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.errors import BadStatus
from newsletter.fetch.http import Document, Reply, body_hash

Answer = bytes | str | Path | Reply | Exception | list[Any] | Callable[["Request"], Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a kind asked for."""

    url: str
    known: Document | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_download: bool = False
    said: bytes | None = None


class FakeHttp:
    """An :class:`newsletter.fetch.http.Http` whose web is a mapping from address to answer.

    An answer is bytes, text, a file, a Reply, an exception to raise, a function of the Request,
    or a list of those, given out one after the other (the last one again and again). Addresses
    that are not in the mapping answer 404. Like the real client it says that a body is unchanged
    when ``known`` has its hash, and it gives every body a Document to remember.
    """

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers: dict[str, Answer] = dict(answers or {})
        self.requests: list[Request] = []
        self._folder: Path | None = None

    @property
    def urls(self) -> list[str]:
        """The addresses asked for, in order."""
        return [request.url for request in self.requests]

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer for ``url``."""
        return self._answer(Request(url, known, dict(headers or {})))

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer for ``url``; a function finds the body as ``said``."""
        return self._answer(Request(url, None, dict(headers or {}), said=body))

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """The answer for ``url``, its body in a file."""
        reply = self._answer(Request(url, known, is_download=True))
        if reply.path is not None:
            return reply
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="fake-http-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / f"{len(self.requests)}"
        path.write_bytes(reply.body)
        return replace(reply, body=b"", path=path)

    def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        answer: Any = self.answers.get(request.url, BadStatus(404, "the server answers 404 Not Found"))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Reply):
            return answer
        body = answer.read_bytes() if isinstance(answer, Path) else answer
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = json.dumps(body).encode()
        found = body_hash(body)
        is_same = request.known is not None and request.known.body_hash == found
        return Reply(request.url, 200, body, {}, Document(body_hash=found), is_same)


class FixedClock:
    """Calls give ``now``; :meth:`move` sets it forward."""

    def __init__(self, now: datetime = datetime(2011, 2, 24, 18, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time it is."""
        return self.now

    def move(self, **parts: float) -> datetime:
        """Set the clock forward by ``timedelta(**parts)``; the new time."""
        self.now += timedelta(**parts)
        return self.now
