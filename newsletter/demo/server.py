"""The loopback server that plays the sample community's web."""

import contextlib
import gzip
import hashlib
import selectors
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

from newsletter.demo.clock import DEMO_NOW
from newsletter.demo.community import FRONT, HOSTS, REVIEW, community_pages
from newsletter.demo.gerrit import answer
from newsletter.demo.gerrit_pages import shown_page
from newsletter.demo.pages import HTML, Page

NETWORK = "127.0.0.0/8"
"""The network a client must be allowed to read."""

_TRIES = 20
_SMALL = 200
_PACKED = ("application/x-gzip", "application/gzip")
_NOT_FOUND = Page(b"Not found\n", "text/plain; charset=utf-8", DEMO_NOW, status=404)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came in, and the status it was answered with."""

    host: str
    path: str
    status: int
    headers: Mapping[str, str]


class DemoWeb:
    """The sample community's web on loopback, there while the ``with`` block runs.

    Every host has an address of its own (127.0.0.2 and on, one port) where the system allows it,
    else a port of its own, so that the wish of one to be left alone does not concern the others.
    With ``by_name`` addresses are written with the hosts' names; whoever asks must be told by
    :attr:`hosts` where each one listens.
    """

    def __init__(self, *, slow_seconds: float = 2.5, by_name: bool = False) -> None:
        self._slow_seconds, self._by_name = slow_seconds, by_name
        self._pages = dict(community_pages())
        self._servers: dict[str, _Server] = {}
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._stack = contextlib.ExitStack()
        self.requests: list[Request] = []

    def __enter__(self) -> Self:
        for host, made in zip(HOSTS, listening(len(HOSTS)), strict=True):
            self._servers[host] = _Server(self, host, made)
            self._stack.callback(self._servers[host].close)
        wake, waker = socket.socketpair()
        self._stack.callback(wake.close)
        self._thread = threading.Thread(target=self._serve, args=(wake,), name="sample community")
        self._thread.start()
        self._stack.callback(self._thread.join)
        self._stack.callback(waker.close)
        self._stack.callback(self._ending.set)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def base(self) -> str:
        """The address of the front page, which lists all others."""
        return self.address(FRONT)

    @property
    def hosts(self) -> dict[str, tuple[str, int]]:
        """Where each host listens: its address and port."""
        return {host: server.where for host, server in self._servers.items()}

    def address(self, host: str) -> str:
        """How ``host`` is written in a feeds.yaml, without a slash at the end."""
        if self._by_name:
            return f"http://{host}"
        address, port = self._servers[host].where
        return f"http://{address}:{port}"

    def page(self, name: str) -> Page | None:
        """The page called "host/path", as it is served now."""
        return self._pages.get(name)

    def replace(self, name: str, body: bytes) -> None:
        """Serve ``body`` as the page called "host/path" from now on."""
        old = self._pages[name]
        self._pages[name] = replace(old, body=body, modified=max(old.modified, DEMO_NOW) + timedelta(minutes=1))

    def find(self, host: str, target: str) -> Page:
        """What is answered at ``target`` of ``host``."""
        parts = urlsplit(target)
        path = unquote(parts.path)
        if host == REVIEW:
            return answer(path, parse_qs(parts.query, keep_blank_values=True)) or shown_page(parts.path) or _NOT_FOUND
        if host == FRONT and path == "/":
            return self._front_page()
        found = self._pages.get(host + path)
        if found is None:
            return _NOT_FOUND
        return replace(found, headers=tuple((name, self._resolved(value)) for name, value in found.headers))

    def wait_if_slow(self, page: Page) -> None:
        """Take the time that a slow page takes, or less when the server ends."""
        if page.is_slow:
            self._ending.wait(self._slow_seconds)

    def _resolved(self, value: str) -> str:
        """A header's value, where "{host}" stands for an address."""
        host = value[1 : value.find("}")] if value.startswith("{") else ""
        return self.address(host) + value[len(host) + 2 :] if host in self._servers else value

    def _front_page(self) -> Page:
        lines = []
        for name in sorted(self._pages):
            host, _, path = name.partition("/")
            lines.append(f'<li><a href="{escape(self.address(host))}/{escape(path)}">{escape(name)}</a></li>')
        lines.append(f'<li><a href="{escape(self.address(REVIEW))}/changes/?q=status:merged">{REVIEW}</a></li>')
        body = (
            f'<!doctype html>\n<html lang="en">\n<title>Drumlin</title>\n<ul>\n{chr(10).join(lines)}\n</ul>\n</html>\n'
        )
        return Page(body.encode(), HTML, DEMO_NOW)

    def _serve(self, wake: socket.socket) -> None:
        """Take connections for all hosts until the other end of ``wake`` is closed."""
        with selectors.DefaultSelector() as selector:
            selector.register(wake, selectors.EVENT_READ)
            for server in self._servers.values():
                selector.register(server, selectors.EVENT_READ, server)
            while True:
                for key, _ in selector.select():
                    if key.data is None:
                        return
                    key.data.handle_request()


class _Server(ThreadingHTTPServer):
    """One host; its connections are ended when it closes, so that no thread outlives it."""

    timeout = 0

    def __init__(self, web: DemoWeb, host: str, made: socket.socket) -> None:
        super().__init__(made.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.web, self.host = made, web, host
        self.where: tuple[str, int] = made.getsockname()[:2]
        self.daemon_threads = False
        self._open: set[socket.socket] = set()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Answer a connection in a thread, and remember it."""
        self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """End a connection."""
        self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is nothing to tell."""

    def close(self) -> None:
        """End every connection and wait for its thread."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers as a decent web server does: validators, 304, gzip, connections kept open."""

    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: the system would hold back the second for the first one's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answer with a page."""
        page = self.server.web.find(self.server.host, self.path)
        self.server.web.wait_if_slow(page)
        headers = dict(page.headers)
        body = page.body
        status = page.status
        if status == 200 and not page.is_living:
            headers |= _validators(page)
            if _is_known(self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since"), headers):
                status, body = 304, b""
        if status != 304:
            headers["Content-Type"] = page.media_type
            body = self._packed(page, body, headers)
            headers["Content-Length"] = str(len(body))
        self.server.web.requests.append(Request(self.server.host, self.path, status, dict(self.headers.items())))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def _packed(self, page: Page, body: bytes, headers: dict[str, str]) -> bytes:
        """The body, in gzip if the client takes it and it pays."""
        headers["Vary"] = "Accept-Encoding"
        accepted = self.headers.get("Accept-Encoding", "")
        if "gzip" not in accepted or len(body) < _SMALL or page.media_type in _PACKED:
            return body
        headers["Content-Encoding"] = "gzip"
        return gzip.compress(body, 6, mtime=0)

    def version_string(self) -> str:
        """The Server header."""
        return "drumlin"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header: the sample community's own time."""
        return format_datetime(DEMO_NOW if timestamp is None else datetime.fromtimestamp(timestamp, UTC), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept by the web, not printed."""


def _validators(page: Page) -> dict[str, str]:
    etag = hashlib.sha256(page.body).hexdigest()[:20]
    return {"ETag": f'"{etag}"', "Last-Modified": format_datetime(page.modified, usegmt=True)}


def _is_known(tags: str | None, since: str | None, validators: Mapping[str, str]) -> bool:
    """Whether the client has this version already; a tag counts before a date (RFC 9110, 13.2.2)."""
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in ("*", validators["ETag"]) for tag in tags.split(","))
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= parsedate_to_datetime(validators["Last-Modified"])
    except (TypeError, ValueError):
        return False


def listening(count: int, *, network: str = "127.0.0") -> list[socket.socket]:
    """That many listening sockets: addresses of their own at one port, or ports of their own at one address."""
    for _ in range(_TRIES):
        found: list[socket.socket] = []
        try:
            for number in range(count):
                port = found[0].getsockname()[1] if found else 0
                found.append(_listen(f"{network}.{number + 2}", port))
        except OSError:
            # Either another program has this port at one of the addresses, or only 127.0.0.1 exists here.
            for each in found:
                each.close()
            if not found:
                break
        else:
            return found
    return [_listen("127.0.0.1", 0) for _ in range(count)]


def _listen(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.bind((address, port))
        made.listen(64)
    except OSError:
        made.close()
        raise
    return made
