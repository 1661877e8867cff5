"""Api: JSON over HTTP with a service that sends in our place; every trouble becomes a ServiceFault in plain words.

What can be asked twice without harm is asked again when the service is busy or away. A POST is said once: whoever
says it looks first whether it was done.
"""

import contextlib
import email.utils
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from newsletter.errors import ServiceFault
from newsletter.text import one_line, shorten

TRIES = 3
LONGEST_WAIT = 30.0
"""A service that asks to wait longer is asked again at the next look."""
SECONDS = 30.0
"""So long one question may take from its first byte to the last one of its answer."""
_LARGEST = 16 << 20
_PIECE = 1 << 16
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_DONE = frozenset({408, 425, 429, 503})
"""With these a service says that it did not begin."""
_LONGEST_WORDS = 300

Query = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Api:
    """Where a service is asked; ``words`` finds what it says in a refusal, ``mend`` is told with 401 and 403."""

    name: str
    address: str
    headers: Mapping[str, str] = field(repr=False)
    words: Callable[[Any], str]
    mend: str
    rest: Callable[[float], None] = time.sleep
    seconds: float = SECONDS

    def get(self, path: str, query: Query | None = None) -> Any:
        """What is there. Raises ServiceFault."""
        return self._patiently("GET", f"{path}?{urlencode(query)}" if query else path)

    def put(self, path: str, said: Any) -> Any:
        """Replace what is there. Raises ServiceFault."""
        return self._patiently("PUT", path, said)

    def patch(self, path: str, said: Any) -> Any:
        """Change what is there. Raises ServiceFault."""
        return self._patiently("PATCH", path, said)

    def patch_once(self, path: str, said: Any, headers: Mapping[str, str]) -> Any:
        """Change what is there, where saying it twice could do it twice. Raises ServiceFault."""
        return self._once("PATCH", path, said, headers)

    def delete(self, path: str) -> None:
        """Take away what is there; that it is gone already is fine. Raises ServiceFault."""
        try:
            self._patiently("DELETE", path)
        except ServiceFault as fault:
            if fault.status not in (404, 410):
                raise

    def post(self, path: str, said: Any = None) -> Any:
        """Do something, once. Raises ServiceFault; where ``may_be_done``, look whether it was."""
        return self._once("POST", path, said)

    def _patiently(self, method: str, path: str, said: Any = None) -> Any:
        for attempt in range(TRIES):
            try:
                return self._once(method, path, said)
            except ServiceFault as fault:
                wait = 2.0**attempt if fault.wait is None else fault.wait
                if fault.is_final or wait > LONGEST_WAIT or attempt + 1 == TRIES:
                    raise
                self.rest(wait)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, said: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        where = urlsplit(self.address)
        body = None if said is None else json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
        sent = {**self.headers, "Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection = _connection(where.scheme, where.netloc, self.seconds)
        is_said = False
        over = threading.Timer(self.seconds, _cut, [connection])
        over.daemon = True
        try:
            over.start()
            connection.connect()
            is_said = True
            connection.request(method, where.path.rstrip("/") + path, body, sent)
            status, wait, data = _answer(connection)
        except (OSError, http.client.HTTPException, ValueError) as fault:
            raise self._away(where.netloc, fault, may_be_done=is_said and method == "POST") from fault
        finally:
            over.cancel()
            connection.close()
        return self._meaning(method, status, wait, data)

    def _meaning(self, method: str, status: int, wait: float | None, data: bytes) -> Any:
        """The JSON of an answer that says yes."""
        try:
            found = json.loads(data) if data.strip() else None
        except ValueError:
            found = None if status >= 300 else _NOT_JSON
        if found is _NOT_JSON:
            raise ServiceFault(
                f"{self.name} answered with something else than its API does. Look at the address: {self.address}",
                is_final=True,
                status=status,
            )
        if 200 <= status < 300:
            return found
        said = shorten(one_line(self.words(found) if found is not None else ""), _LONGEST_WORDS)
        answer = f"{status}: {said}" if said else f"{status} {http.client.responses.get(status, '')}".strip()
        raise self._refusal(method, status, wait, answer)

    def _refusal(self, method: str, status: int, wait: float | None, answer: str) -> ServiceFault:
        if status in _BUSY:
            text = f"{self.name} is busy or in trouble ({answer})."
            return ServiceFault(
                text, status=status, wait=wait, may_be_done=method == "POST" and status not in _NOT_DONE
            )
        if status in (401, 403):
            text = f"{self.name} refuses the login or what it may do ({answer}). {self.mend}"
        elif 300 <= status < 400:
            text = f"{self.name} is somewhere else than at {self.address} ({answer}). Write its own address."
        else:
            text = f"{self.name} does not take it ({answer})."
        return ServiceFault(text, is_final=True, status=status)

    def _away(self, host: str, fault: Exception, *, may_be_done: bool) -> ServiceFault:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return ServiceFault(f"{self.name} at {host} cannot be trusted ({fault.verify_message}).", is_final=True)
        said = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
        return ServiceFault(f"{self.name} at {host} cannot be reached ({said}).", may_be_done=may_be_done)


_NOT_JSON = object()


def segment(text: str) -> str:
    """``text`` as one step of a path."""
    return quote(text, safe="")


def moment(text: Any) -> datetime | None:
    """The time that ``text`` is (ISO 8601), in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if found is None else found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _connection(scheme: str, netloc: str, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(netloc, timeout=seconds)


def _cut(connection: http.client.HTTPConnection) -> None:
    """End what takes too long, however it drips."""
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _answer(connection: http.client.HTTPConnection) -> tuple[int, float | None, bytes]:
    """Status, what Retry-After says in seconds, and the whole body."""
    response = connection.getresponse()
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST:
            raise ValueError("its answer is too large")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return response.status, _wait_of(response), b"".join(pieces)


def _wait_of(response: http.client.HTTPResponse) -> float | None:
    """How long we are asked to wait (RFC 9110, 10.2.3): seconds, or a date."""
    said = (response.headers.get("Retry-After") or "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    until, now = email.utils.parsedate_tz(said), email.utils.parsedate_tz(response.headers.get("Date") or "")
    if until is None:
        return None
    at = email.utils.mktime_tz(now) if now else time.time()
    return max(0.0, email.utils.mktime_tz(until) - at)
