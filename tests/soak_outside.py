"""The outside world of a soak, in a process of its own: sources that grow and misbehave, and a faulty mail server.

Every source lies on an address of its own (127.1.x.y). What each of them was asked for, and every entry that was served
whole, is remembered as the witness of what must be in the store.
"""

import json
import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from tests.loopback import atom
from tests.mailed import sink

SHOWN = 20
EVERY = timedelta(hours=17)
"""Each good source says something new so often; it shows the last ones."""
MISHAPS = ("500", "cut", "garbage", "hang", "empty", "503")
HOPELESS = ("410", "404", "garbage", "loop", "html", "hang", "bomb")
GOOD = ("steady", "flaky", "moved", "throttled", "flaky", "steady")
MAIL_FAULTS = (
    "greylist",
    "rcpt-550@^gone",
    "rcpt-450:0.04",
    "dot-451:0.04",
    "reset-in-body:0.02",
    "banner-421:0.03",
    "accept-reset:0.02",
)
BOMB = b"<!DOCTYPE a [" + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)) + b"]>"


@dataclass(frozen=True)
class Place:
    """A source of the soak: its name, how it behaves, and the address it is read from."""

    name: str
    manner: str
    host: str

    @property
    def is_good(self) -> bool:
        """Whether what it says must be found in the store."""
        return self.manner in GOOD


def places_of(good: int, hopeless: int) -> list[Place]:
    """So many sources that work, most of them with trouble now and then, and so many that never do."""
    manners = [GOOD[n % len(GOOD)] for n in range(good)] + [HOPELESS[n % len(HOPELESS)] for n in range(hopeless)]
    return [Place(f"s{n}", manner, f"127.1.{n // 200}.{n % 200 + 1}") for n, manner in enumerate(manners)]


def entries_of(name: str, begin: datetime, now: datetime) -> list[tuple[str, str, str, str]]:
    """What a source shows at ``now``: its newest entries, each with a title of its own."""
    count = int((now - begin) / EVERY) + 1
    found = []
    for number in range(max(0, count - SHOWN), count):
        at = begin + number * EVERY
        title = f"The {name} gauge number {number} is read"
        text = f"Reading {number} of {name} was taken on {at:%d %B %Y} by the harbour, and it is written down here."
        found.append((f"{name}-{number}", title, f"{at:%Y-%m-%dT%H:%M:%SZ}", text))
    return found


class _World(ThreadingHTTPServer):
    """Answers for all sources."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, places: list[Place], begin: datetime, clock: "Synchronized[float]") -> None:
        super().__init__(("0.0.0.0", 0), _Handler)
        self.places = {each.host: each for each in places}
        self.begin, self.clock = begin, clock
        self.served: dict[str, set[str]] = {each.name: set() for each in places}
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever goes away in the middle does so often here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _World

    def do_GET(self) -> None:
        world, host = self.server, self.headers.get("Host", "").partition(":")[0]
        place = world.places.get(host)
        if place is None or self.path == "/robots.txt":
            self._answer(404)
            return
        with world.lock:
            world.asked[place.name] += 1
            count = world.asked[place.name]
        mishap = self._mishap(place, count)
        if mishap:
            self._fail(mishap, place)
        elif place.manner == "moved" and self.path == "/feed.xml":
            self._answer(301, {"Location": "/new.xml"})
        else:
            self._serve(place)

    def _mishap(self, place: Place, count: int) -> str:
        if not place.is_good:
            return place.manner
        if place.manner == "flaky" and count % 3 == 2:
            return MISHAPS[count // 3 % len(MISHAPS)]
        return "429" if place.manner == "throttled" and count % 4 == 3 else ""

    def _serve(self, place: Place) -> None:
        world = self.server
        entries = entries_of(place.name, world.begin, datetime.fromtimestamp(world.clock.value, UTC))
        body, tag = atom(*entries, title=place.name).encode(), f'"{entries[-1][0]}"'
        if self.headers.get("If-None-Match") == tag:
            self._answer(304, {"ETag": tag})
            return
        self._answer(200, {"ETag": tag}, body)
        with world.lock:
            world.served[place.name].update(each[0] for each in entries)

    def _fail(self, mishap: str, place: Place) -> None:
        if mishap.isdigit():
            self._answer(int(mishap), {"Retry-After": "7200"} if mishap in ("429", "503") else {})
        elif mishap == "cut":
            self._answer(200, {}, atom(("x", "y", "2020-01-01T00:00:00Z", "z")).encode() * 2, more=900)
        elif mishap == "hang":
            self.close_connection = True
            threading.Event().wait(1.5)
        elif mishap == "loop":
            self._answer(302, {"Location": f"/feed.xml?{self.path[-40:]}"})
        else:
            texts = {"garbage": b"\0\x81<<>" * 400, "empty": b"", "html": b"<html><p>Hello</html>", "bomb": BOMB}
            self._answer(200, {}, texts[mishap])

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", *, more: int = 0) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/atom+xml", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + more))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or bool(more)

    def log_message(self, format: str, *args: object) -> None:
        return


@dataclass
class Outside:
    """Where the world is, seen from the service's process."""

    places: list[Place]
    web_port: int
    mail_port: int
    clock: "Synchronized[float]"
    pipe: Any

    def witness(self) -> dict[str, Any]:
        """Ends the world: what was ``served`` and ``asked`` of each source, and the ``mails`` of the sink."""
        self.pipe.send("end")
        found: dict[str, Any] = json.loads(self.pipe.recv())
        return found


def _live(places: list[Place], begin: datetime, clock: "Synchronized[float]", pipe: Connection, log: str) -> None:
    world = _World(places, begin, clock)
    threading.Thread(target=world.serve_forever, args=(0.05,), daemon=True).start()
    with sink(*MAIL_FAULTS, seed=7, greylist=0.05, log=log) as server:
        pipe.send((world.server_address[1], server.port))
        pipe.recv()
        mails = [{name: row[name] for name in ("rcpt", "message_id", "acknowledged")} for row in server.mails]
    served = {name: sorted(keys) for name, keys in world.served.items()}
    pipe.send(json.dumps({"served": served, "asked": dict(world.asked), "mails": mails}))


@contextmanager
def outside(folder: Path, places: list[Place], begin: datetime) -> Iterator[Outside]:
    """The world while it is entered; its time is what its ``clock`` says."""
    context = multiprocessing.get_context("spawn")
    clock = context.Value("d", begin.timestamp())
    here, there = context.Pipe()
    log = str(folder / "mails.jsonl")
    process = context.Process(target=_live, args=(places, begin, clock, there, log), daemon=True)
    process.start()
    try:
        web_port, mail_port = here.recv()
        yield Outside(places, web_port, mail_port, clock, here)
    finally:
        process.terminate()
        process.join()
