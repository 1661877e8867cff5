"""How connections are made, and what their troubles are called."""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from newsletter.errors import AddressRefused, FetchError, Unreachable
from newsletter.fetch.guard import REFUSAL, Guard, Network
from newsletter.text import one_line, shorten

_RESOLVING_AT_ONCE = 24
_SECONDS_A_NAME_HOLDS = 60
_IDLE_SECONDS = 10
_REFUSED = re.compile(re.escape(REFUSAL) + r".*?environment\.", re.DOTALL)


class SystemResolver(AbstractResolver):
    """Asks the system for names, in threads of its own: a name that takes long holds up nothing else.

    ``known`` are names that are not asked for: where each is, as address and port.
    """

    def __init__(self, known: Mapping[str, tuple[str, int]] | None = None) -> None:
        self._known = dict(known or {})
        self._threads = ThreadPoolExecutor(_RESOLVING_AT_ONCE, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of ``host``. Raises OSError."""
        host, port = self._known.get(host, (host, port))
        ask = partial(
            socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host,
                host=_numeric(where),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, where in found
        ]

    async def close(self) -> None:
        """Let the threads go; one that still waits for a name ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _numeric(where: tuple[object, ...]) -> str:
    """The address of ``where`` with its scope, which link-local IPv6 addresses need."""
    host = str(where[0])
    return f"{host}%{where[3]}" if len(where) > 3 and where[3] and "%" not in host else host


def make_connector(allow_networks: Iterable[Network], resolver: SystemResolver) -> aiohttp.TCPConnector:
    """Connections that the guard lets through. The number at once is the gather's and the client's to limit."""
    return aiohttp.TCPConnector(
        limit=0,
        resolver=resolver,
        socket_factory=Guard(allow_networks),
        ttl_dns_cache=_SECONDS_A_NAME_HOLDS,
        keepalive_timeout=_IDLE_SECONDS,
    )


def trouble(error: Exception, host: str, seconds: float, *, is_begun: bool = True) -> FetchError:
    """What ``error`` of the HTTP library means, in words for an editor; ``is_begun``: an answer had come by then."""
    # With several addresses tried, the library joins the texts of all their errors into one.
    if refused := _REFUSED.search(str(_cause(error))):
        return AddressRefused(refused[0])
    host = host or "the server"
    if isinstance(error, aiohttp.SocketTimeoutError) and not is_begun:
        return Unreachable(f"{host} took the connection and sent no answer")
    return Unreachable(_words(error, host, seconds))


def _words(error: Exception, host: str, seconds: float) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"{host} does not answer to a connection"
    if isinstance(error, aiohttp.ServerTimeoutError):
        return f"{host} has stopped sending"
    if isinstance(error, TimeoutError):
        return f"{host} did not give the whole answer in {seconds:g} s"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        is_passing = error.errno == socket.EAI_AGAIN
        return f"the name {host} cannot be looked up just now" if is_passing else f"the name {host} is not known"
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return f"{host} cannot be trusted ({_short(_cause(error))})"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{host} takes no connection ({_short(_cause(error))})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return f"{host} closed the connection without an answer"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{host} does not answer as a web server does ({_short(error.message)})"
    if isinstance(error, aiohttp.ClientPayloadError | ConnectionError):
        return f"{host} broke off in the middle of the answer"
    return f"{host} cannot be read ({_short(error)})"


def _cause(error: Exception) -> Exception:
    """What the system said, without the library's words around it."""
    for name in ("certificate_error", "os_error"):
        found = getattr(error, name, None)
        if isinstance(found, Exception):
            return found
    return error


def _short(error: object) -> str:
    return shorten(one_line(str(error)), 120)
