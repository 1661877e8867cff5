import errno
import socket
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from newsletter.errors import AddressRefused, FetchError, Unreachable
from newsletter.fetch.connect import SystemResolver, trouble
from newsletter.fetch.guard import refusal_of

KEY: Any = SimpleNamespace(host="a.example.org", port=443, ssl=True, is_ssl=True)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "a.example.org did not give the whole answer in 60 s"),
        (aiohttp.ConnectionTimeoutError(), "a.example.org does not answer to a connection"),
        (aiohttp.SocketTimeoutError(), "a.example.org has stopped sending"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "no")), "the name a.example.org is not known"),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "refused")),
            "a.example.org takes no connection ([Errno 111] refused)",
        ),
        (
            aiohttp.ClientConnectorSSLError(KEY, OSError(1, "bad certificate")),
            "a.example.org cannot be trusted ([Errno 1] bad certificate)",
        ),
        (ssl.SSLError(1, "oh"), "a.example.org cannot be trusted (oh)"),
        (aiohttp.ServerDisconnectedError(), "a.example.org closed the connection without an answer"),
        (aiohttp.ClientPayloadError("cut"), "a.example.org broke off in the middle of the answer"),
        (ConnectionResetError(), "a.example.org broke off in the middle of the answer"),
        (ValueError("odd\nname"), "a.example.org cannot be read (odd name)"),
    ],
)
def test_troubles_in_words(error: Exception, text: str) -> None:
    made = trouble(error, "a.example.org", 60)
    assert type(made) is Unreachable
    assert str(made) == text


def test_a_refusal_among_other_troubles_is_the_refusal() -> None:
    refused = OSError(errno.EACCES, refusal_of("10.0.0.1"))
    several = OSError(f"Multiple exceptions: {refused}, [Errno 101] Network is unreachable")
    for error in (refused, several):
        made: FetchError = trouble(aiohttp.ClientConnectorError(KEY, error), "a.example.org", 60)
        assert type(made) is AddressRefused
        assert str(made) == refusal_of("10.0.0.1")


async def test_names_are_asked_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 3)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    resolver = SystemResolver()
    try:
        answers = await resolver.resolve("a.example.org", 80)
    finally:
        await resolver.close()
    assert [(answer["hostname"], answer["host"], answer["port"]) for answer in answers] == [
        ("a.example.org", "192.0.2.1", 80),
        ("a.example.org", "fe80::1%3", 80),
    ]
