"""A desk that a real browser can reach: one uvicorn in a thread, and pages of editors who are signed in."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette

from newsletter.errors import UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.logins import begin_login
from newsletter.web.app import make_web
from newsletter.web.server import Address, listen
from tests.fakes import FixedClock


@dataclass
class RealDesk:
    """A desk that listens on loopback."""

    web: Starlette
    clock: FixedClock
    address: Address
    server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        """Where it is, without a "/" at the end."""
        return self.address.url.rstrip("/")

    @property
    def app(self) -> Newsletter:
        """The newsletter behind it."""
        found: Newsletter = self.web.state.current.get()
        return found

    def signed_in(self, browser: Browser, name: str = "Ines", **options: object) -> Page:
        """A page of a new browser context in which ``name`` is signed in."""
        context = browser.new_context(**options)  # type: ignore[arg-type]
        self.sign_in(context, name)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    def sign_in(self, context: BrowserContext, name: str) -> None:
        """Put a session of ``name``, who is added if need be, into a browser context."""
        with suppress(UsageError):
            # Who is there already needs no adding.
            add_editor(self.app, name, role="manager")
        token = begin_login(self.app, name, agent="test")
        port = self.address.url.rstrip("/").rpartition(":")[2]
        context.add_cookies([{"name": f"session-{port}", "value": token, "url": self.url}])


@contextmanager
def real_desk(home: Path, now: FixedClock) -> Iterator[RealDesk]:
    """The desk of ``home`` until the block ends."""
    web, address = make_web(home, environ={}, now=now), listen("127.0.0.1", 0)
    config = uvicorn.Config(web, log_config=None, access_log=False, proxy_headers=False, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    try:
        yield RealDesk(web, now, address, server)
    finally:
        server.should_exit = True
        thread.join(20)
        address.socket.close()
