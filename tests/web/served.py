"""A desk that runs in a test, at an address that Chromium can open, with an editor signed in."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import BrowserContext

from newsletter.pipeline.logins import begin_login
from newsletter.web.server import LOOPBACK, listen
from tests.web.desk import Desk


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of ``desk``, whose home is open already, while the block runs; without a "/" at its end."""
    address = listen(LOOPBACK, 0)
    config = uvicorn.Config(desk.web, log_config=None, proxy_headers=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]}, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started or not thread.is_alive():
            break
        time.sleep(0.02)
    assert server.started, "the server did not start"
    try:
        yield address.url.rstrip("/")
    finally:
        server.should_exit = True
        thread.join(10)
        address.socket.close()


def sign_in(context: BrowserContext, desk: Desk, base: str, name: str) -> None:
    """Give a browser the session of the editor ``name``."""
    port = base.rpartition(":")[2]
    token = begin_login(desk.app, name, agent="test")
    context.add_cookies([{"name": f"session-{port}", "value": token, "url": base}])
