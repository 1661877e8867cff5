"""A real server on loopback for a browser to look at, and editors who are signed in there."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import BrowserContext
from starlette.applications import Starlette

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.logins import begin_login
from newsletter.web.server import LOOPBACK, listen, server_for

_PATIENCE_SECONDS = 20


@contextmanager
def live(web: Starlette, *, is_open: bool = False) -> Iterator[str]:
    """Serves ``web`` while the block runs; its address without a "/" at the end.

    ``is_open``: its home is open already, and stays so.
    """
    address = listen(LOOPBACK, 0)
    server = server_for(web)
    if is_open:
        server.config.lifespan = "off"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]}, daemon=True)
    thread.start()
    _wait_for(server, thread)
    try:
        yield address.url.rstrip("/")
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)
        address.socket.close()


def sign_in(context: BrowserContext, app: Newsletter, base: str, name: str) -> None:
    """Give a browser the session of the editor ``name``."""
    token = begin_login(app, name, agent="test")
    context.add_cookies([{"name": f"session-{base.rpartition(':')[2]}", "value": token, "url": base}])


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the server did not start"
