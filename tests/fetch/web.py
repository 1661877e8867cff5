"""A web of a test's own: an aiohttp server on loopback whose paths are functions."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

from aiohttp import web

from newsletter.fetch.client import WebSettings

LOOPBACK = (ip_network("127.0.0.0/8"),)
FAST = WebSettings(allow_networks=LOOPBACK, total_seconds=60, connect_seconds=30, read_seconds=30)
"""What is here answers at once; only a busy machine takes longer, and no test is about that."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def serving(
    handler: Handler, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The address, without a slash at its end, at which ``handler`` answers."""
    runner = web.AppRunner(_application(handler), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, ssl_context=tls)
    await site.start()
    try:
        yield f"http{'s' if tls else ''}://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _application(handler: Handler) -> web.Application:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    return app
