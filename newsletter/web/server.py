"""serve_web: one uvicorn process on one address, until it is stopped."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from newsletter.errors import UsageError

LOOPBACK = "127.0.0.1"
_LAST_ANSWERS = 1.5
"""Seconds for answers that are on their way when a service ends."""


@dataclass(frozen=True, slots=True)
class Address:
    """A socket that listens, and what to type into a browser to reach it."""

    socket: socket.socket
    url: str


def listen(host: str, port: int) -> Address:
    """Listen at ``host`` and ``port`` (0: any free one). Raises UsageError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as fault:
        said = getattr(fault, "strerror", None) or fault
        raise UsageError(
            f"{host}, port {port}, cannot be listened at: {said}. Name another one with --port."
        ) from fault
    name = f"[{host}]" if ":" in host else host
    return Address(opened, f"http://{name}:{opened.getsockname()[1]}/")


def server_for(app: Starlette) -> uvicorn.Server:
    """A server that leaves proxies, logs and its own name to the application."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def serve_web(app: Starlette, address: Address) -> None:
    """Serve until SIGINT (Ctrl+C, the usual end) or SIGTERM."""
    try:
        with suppress(KeyboardInterrupt):
            server_for(app).run(sockets=[address.socket])
    finally:
        address.socket.close()


@contextmanager
def serving_web(app: Starlette, address: Address) -> Iterator[str]:
    """Serve in a thread until the block ends; gives the address. Raises what opening the home raises."""
    server = server_for(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]}, name="web", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        if not server.started:
            raise UsageError("The pages cannot be served: see what was said before.")
        yield address.url
    finally:
        server.should_exit = True
        thread.join(_LAST_ANSWERS)
        address.socket.close()
