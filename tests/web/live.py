"""A real server on loopback for a browser to look at."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from newsletter.web.server import LOOPBACK, listen, server_for


@contextmanager
def live(web: Starlette) -> Iterator[str]:
    """Serves ``web`` while the block runs; its address without a "/" at the end."""
    address = listen(LOOPBACK, 0)
    server: uvicorn.Server = server_for(web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]}, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started or not thread.is_alive():
            break
        time.sleep(0.05)
    assert server.started, "the server did not start"
    try:
        yield address.url.rstrip("/")
    finally:
        server.should_exit = True
        thread.join(10)
        address.socket.close()
