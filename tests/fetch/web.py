"""A web of a test's own: an aiohttp server on loopback whose paths are functions."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network

from aiohttp import web

from newsletter.fetch.client import WebSettings

LOOPBACK = (ip_network("127.0.0.0/8"),)
FAST = WebSettings(allow_networks=LOOPBACK, total_seconds=2, connect_seconds=1, read_seconds=1)

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
