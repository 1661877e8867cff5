"""The one real Http: conditional, bounded, guarded, polite."""

import asyncio
import contextlib
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from newsletter.errors import AddressRefused, BadStatus, FetchError, Gone, Throttled, TooLarge, Unreachable
from newsletter.fetch.body import FileSink, MemorySink, Sink
from newsletter.fetch.certificate import certificate_words, seen_certificate, verify_code
from newsletter.fetch.connect import SystemResolver, make_connector, trouble
from newsletter.fetch.decode import ACCEPT_ENCODING, Unpacker
from newsletter.fetch.guard import Guard
from newsletter.fetch.http import Document, Reply
from newsletter.fetch.politeness import FIRST_PAUSE, Throttles, retry_at, used_up_until
from newsletter.fetch.refusal import read_refusal, words_of
from newsletter.fetch.web_settings import WebSettings as WebSettings
from newsletter.text import is_web_url, one_line, shorten

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PERMANENT = frozenset((301, 308))
_READABLE = frozenset((200, 203))
_NOTHING = Document()
_BREATH = 4 << 20
_HEADER_SIZE = 1 << 16
_LIMIT_WORDS = re.compile(rb"rate limit|abuse detection", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Ask:
    """What a kind wants: an address, what it knows, where the body goes, and what it says itself (a POST)."""

    url: str
    known: Document
    sink: Sink
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)
    said: bytes | None = None
    method: str = "GET"
    is_look: bool = False
    """Whether only the answer's head matters: no body is read."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A redirect."""

    url: URL
    is_permanent: bool


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WebClient:
    """An :class:`newsletter.fetch.http.Http` over one aiohttp session, used with ``async with``.

    ``throttles`` holds, by registrable domain, until when nothing is asked there. Answers 429
    and 503 fill it; whoever keeps it from one gather to the next reads it at the end.
    robots.txt is not asked for here: feeds, archives and review servers are there for programs, and who reads
    pages made for people goes through :mod:`newsletter.fetch.permission`.
    """

    def __init__(
        self,
        settings: WebSettings | None = None,
        *,
        now: Callable[[], datetime] = _utc_now,
        throttles: Mapping[str, datetime] | None = None,
    ) -> None:
        self._settings, self._now = settings or WebSettings(), now
        self._throttles = Throttles(throttles)
        self._places: dict[tuple[str | None, int | None], asyncio.Semaphore] = {}
        self._stack = contextlib.AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None
        self._resolver: SystemResolver | None = None
        self._folder: Path | None = None
        self._file_count = 0

    @property
    def throttles(self) -> dict[str, datetime]:
        """Until when each domain is left alone."""
        return self._throttles.until

    async def __aenter__(self) -> Self:
        settings = self._settings
        resolver = self._resolver = SystemResolver(settings.hosts)
        self._stack.push_async_callback(resolver.close)
        session = aiohttp.ClientSession(
            connector=make_connector(settings.allow_networks, resolver),
            headers={"User-Agent": settings.user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_field_size=_HEADER_SIZE,
            # The deadline of the whole is ours: aiohttp's knows nothing of our redirects.
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=settings.connect_seconds, sock_read=settings.read_seconds
            ),
        )
        self._session = await self._stack.enter_async_context(session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = None
        await self._stack.aclose()

    async def get(self, url: str, *, known: Document | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for ``url``; see :meth:`newsletter.fetch.http.Http.get`."""
        sink = MemorySink(self._settings.max_bytes)
        try:
            return await self._ask(_Ask(url, known or _NOTHING, sink, self._settings.total_seconds, headers or {}))
        finally:
            sink.close()

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Say ``body`` to ``url``; see :meth:`newsletter.fetch.http.Http.post`."""
        sink = MemorySink(self._settings.max_bytes)
        headers = {"Content-Type": "application/json", **(headers or {})}
        try:
            return await self._ask(_Ask(url, _NOTHING, sink, self._settings.total_seconds, headers, body, "POST"))
        finally:
            sink.close()

    async def look(self, url: str, *, method: str = "HEAD") -> Reply:
        """Whether something is at ``url``: as :meth:`get`, and no byte of a body is read."""
        ask = _Ask(url, _NOTHING, MemorySink(0), self._settings.total_seconds, method=method, is_look=True)
        return await self._ask(ask)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        """Ask for ``url``, its body in a file that is there until the client is left."""
        if self._folder is None:
            made = tempfile.TemporaryDirectory(prefix="newsletter-", ignore_cleanup_errors=True)
            self._folder = Path(self._stack.enter_context(made))
        self._file_count += 1
        with FileSink(self._folder / str(self._file_count), self._settings.max_download_bytes) as sink:
            return await self._ask(_Ask(url, known or _NOTHING, sink, self._settings.download_seconds))

    async def _ask(self, ask: _Ask) -> Reply:
        """The answer; a remembered move is asked first, and the old address when nothing is there."""
        moved_to = ask.known.moved_to
        if moved_to and moved_to != ask.url:
            with contextlib.suppress(Unreachable, BadStatus, Gone):
                return await self._follow(ask, moved_to, is_moved=True)
            ask = replace(ask, known=_NOTHING)
        return await self._follow(ask, ask.url)

    async def _follow(self, ask: _Ask, start: str, *, is_moved: bool = False) -> Reply:
        """The answer at the end of the redirects that begin at ``start``."""
        url, seconds = _checked(start), ask.seconds
        moved_to, is_permanent = (start if is_moved else None), True
        headers = {**ask.headers, **_conditions(ask.known)}
        loop = asyncio.get_running_loop()
        for _ in range(self._settings.max_redirects + 1):
            async with self._place(url):
                began = loop.time()
                step = await self._request(url, ask, headers, max(seconds, 0))
                seconds -= loop.time() - began
            if isinstance(step, Reply):
                return replace(step, document=replace(step.document, moved_to=moved_to))
            is_permanent = is_permanent and step.is_permanent
            moved_to = str(step.url) if is_permanent else moved_to
            if step.url.origin() != url.origin():
                # What the kind sends along (a token) is for the host it was written for.
                headers = _conditions(ask.known)
            url = step.url
        raise Unreachable(f"{url.host} sends us on and on: more than {self._settings.max_redirects} redirects")

    def _place(self, url: URL) -> asyncio.Semaphore:
        """One of the few places at the host of ``url``."""
        key = (url.raw_host, url.port)
        if key not in self._places:
            self._places[key] = asyncio.Semaphore(self._settings.per_host)
        return self._places[key]

    async def _request(self, url: URL, ask: _Ask, headers: Mapping[str, str], seconds: float) -> Reply | _Move:
        """One request, no redirect followed, in at most ``seconds``."""
        host = url.raw_host or ""
        if until := self._throttles.wait_until(host, url.port, now=self._now()):
            raise Throttled(
                f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC", until=until, is_asked=False
            )
        assert self._session is not None, "a WebClient is used inside async with"
        is_begun = False
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.request(
                    ask.method, url, data=ask.said, headers=headers, allow_redirects=False
                ) as response,
            ):
                is_begun = True
                return await self._take(response, ask)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            if (code := verify_code(error)) is not None:
                raise Unreachable(await self._certificate(url, code)) from error
            raise trouble(error, host, ask.seconds, is_begun=is_begun) from error

    async def _certificate(self, url: URL, code: int) -> str:
        """What is wrong with the certificate at ``url``."""
        host, guard = url.raw_host or "", Guard(self._settings.allow_networks)
        assert self._resolver is not None, "a WebClient is used inside async with"
        return certificate_words(
            code, host, await seen_certificate(host, url.port or 443, resolver=self._resolver, guard=guard)
        )

    async def _take(self, response: aiohttp.ClientResponse, ask: _Ask) -> Reply | _Move:
        """What the answer means."""
        status = response.status
        if ask.is_look and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Reply(str(response.url), status, b"", _plain(response))
        if status in _READABLE:
            self._note_used_up(response)
            return await self._read(response, ask)
        if status == HTTPStatus.NOT_MODIFIED and (ask.known.etag or ask.known.last_modified):
            document = replace(ask.known, **self._validators(response))
            return Reply(str(response.url), status, b"", _plain(response), document, is_unchanged=True)
        if ask.said is None and status in _REDIRECTS and (target := response.headers.get("Location", "").strip()):
            return _Move(_joined(response.url, target), status in _PERMANENT)
        raise await self._refused(response, ask)

    def _note_used_up(self, response: aiohttp.ClientResponse) -> None:
        """An answer that was the last one allowed for now: the next question would only be refused."""
        until = used_up_until(response.headers, self._now())
        if until:
            self._throttles.note(response.url.raw_host or "", response.url.port, until)

    async def _read(self, response: aiohttp.ClientResponse, ask: _Ask) -> Reply:
        """The body, unpacked and counted while it streams."""
        sink, encoding = ask.sink, response.headers.get("Content-Encoding")
        too_large = TooLarge(f"the document is larger than {sink.limit / (1 << 20):g} MiB")
        if (response.content_length or 0) > sink.limit:
            raise too_large
        sink.clear()
        unpacker = Unpacker(encoding, sink.limit) if encoding else None
        came = gave = 0
        while chunk := await response.content.readany():
            came += len(chunk)
            if came > sink.limit:
                raise too_large
            if unpacker is None:
                sink.write(chunk)
                continue
            for piece in unpacker.feed(chunk):
                sink.write(piece)
                gave += len(piece)
                if gave > _BREATH:  # a few packed bytes may give many: let the others and the deadline have their turn
                    gave = 0
                    await asyncio.sleep(0)
        for piece in unpacker.finish() if unpacker else ():
            sink.write(piece)
        body, body_hash, path = sink.finish()
        document = Document(body_hash=body_hash, **self._validators(response))
        is_same = body_hash == ask.known.body_hash
        return Reply(str(response.url), response.status, body, _plain(response), document, is_same, path)

    def _validators(self, response: aiohttp.ClientResponse) -> dict[str, str]:
        """The validators to send next time. A date in the future would never match again (RFC 9110, 13.1.3)."""
        found = {}
        if etag := response.headers.get("ETag"):
            found["etag"] = etag
        if (modified := response.headers.get("Last-Modified")) and not _is_after(modified, self._now()):
            found["last_modified"] = modified
        return found

    async def _refused(self, response: aiohttp.ClientResponse, ask: _Ask) -> FetchError:
        """The error, with the words of the server; some say in them alone that they were asked too often (403)."""
        status = response.status
        is_error = status >= HTTPStatus.BAD_REQUEST
        is_read = status == HTTPStatus.FORBIDDEN or (is_error and not ask.is_look)
        body = await read_refusal(response) if is_read else b""
        error = self._refusal(response, is_limit=status == HTTPStatus.FORBIDDEN and bool(_LIMIT_WORDS.search(body)))
        error.status, error.said = status, words_of(body)
        return error

    def _refusal(self, response: aiohttp.ClientResponse, *, is_limit: bool) -> FetchError:
        """The error that an answer without a document stands for."""
        status, url = response.status, response.url
        host = url.raw_host or ""
        if status == HTTPStatus.GONE:
            return Gone(f"{shorten(str(url), 300)} is gone for good, says its server (410)")
        now = self._now()
        until = retry_at(response.headers, now)
        if is_limit or status == HTTPStatus.TOO_MANY_REQUESTS or (until and status in (403, 503)):
            # An hour that has passed says as little as none: who asked at once would ask again and again.
            until = until if until and until > now else None
            self._throttles.note(host, url.port, until or now + FIRST_PAUSE)
            words = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "and does not say for how long"
            return Throttled(f"{host} asks to be left alone {words} ({status})", until=until)
        return BadStatus(status, _status_words(status, shorten(str(url), 300), response.headers.get("Location", "")))


def _checked(text: str) -> URL:
    """``text`` as an address that can be asked. Raises AddressRefused and Unreachable."""
    if not is_web_url(text) or "\\" in text:
        scheme = one_line(text.partition(":")[0]).lower() if ":" in text else ""
        if scheme in ("", "http", "https"):
            raise Unreachable(f'"{shorten(text, 100)}" is not an address. Write https://host/path.')
        raise AddressRefused(f'Only http and https addresses are read, not "{shorten(text, 100)}".')
    try:
        return URL(text)
    except ValueError as error:
        raise Unreachable(f'"{shorten(text, 100)}" is not an address ({shorten(str(error), 80)}).') from error


def _joined(base: URL, target: str) -> URL:
    """The address a redirect points at. One with a name and a password in it is a trick, nothing else."""
    try:
        found = base.join(URL(target))
    except ValueError:
        return _checked(target)
    if found.raw_user is not None:
        raise AddressRefused(f'{base.host} sends us to "{shorten(target, 100)}", an address with a sign-in name in it.')
    return _checked(str(found))


def _conditions(known: Document) -> dict[str, str]:
    """The headers by which an unchanged document need not be sent (RFC 9110, 13.1)."""
    found = {}
    if known.etag:
        found["If-None-Match"] = known.etag
    if known.last_modified:
        found["If-Modified-Since"] = known.last_modified
    return found


def _plain(response: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers of ``response``, names in lower case, repeated ones joined."""
    found: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _is_after(text: str, now: datetime) -> bool:
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return False
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) > now


def _status_words(status: int, url: str, target: str) -> str:
    if status == HTTPStatus.NOT_MODIFIED:
        return f"{url} says that nothing changed (304), and nothing was read before"
    if status in _REDIRECTS:
        # What is said in a body is not sent on: it may hold a token for this host alone.
        where = f"at {shorten(one_line(target), 100)}" if target.strip() else "and does not say where"
        return f"{url} says that the document is elsewhere ({status}), {where}"
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return f"{url} answers {phrase}"
