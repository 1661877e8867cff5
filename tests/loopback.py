"""A small real web on loopback for tests of whole use cases: paths to bodies, with ETags and chosen statuses."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What is served, as XML if ``types`` does not say otherwise; ``asked`` lists (path, status) in order."""

    base: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)

    def __setitem__(self, path: str, body: str | bytes) -> None:
        self.bodies[path] = body.encode() if isinstance(body, str) else body

    def answer(self, path: str, conditions: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for ``path``."""
        if path in self.statuses:
            status, headers = self.statuses[path]
            return status, headers, b""
        if path not in self.bodies:
            return 404, {}, b""
        etag = f'"{hashlib.sha256(self.bodies[path]).hexdigest()[:16]}"'
        if conditions == etag:
            return 304, {"ETag": etag}, b""
        return 200, {"ETag": etag, "Content-Type": self.types.get(path, "application/xml")}, self.bodies[path]


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Web]:
    """A Web that answers on a free port until the block ends."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = web.answer(self.path, self.headers.get("If-None-Match"))
            web.asked.append((self.path, status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    web.base = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def atom(*entries: tuple[str, str, str, str], title: str = "Planet") -> str:
    """An Atom feed of (id, title, date, text)."""
    made = "".join(
        f"<entry><id>{key}</id><title>{name}</title><link href='https://planet.example/{key}'/>"
        f"<updated>{at}</updated><published>{at}</published><author><name>Ada Obi</name></author>"
        f"<content type='html'>{text}</content></entry>"
        for key, name, at, text in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{title}</title><id>urn:{title}</id>{made}</feed>"
