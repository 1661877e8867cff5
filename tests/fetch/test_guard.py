import json
import socket
import ssl
import subprocess
from asyncio.selector_events import BaseSelectorEventLoop
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from newsletter.errors import AddressRefused, FetchError, UsageError
from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.guard import ALLOW_VARIABLE, Guard, allowed_networks, is_public, networks_from
from tests.corpus import CORPUS, needs_corpus
from tests.fetch.web import serving

FEED = "http://public.test/feed"
QUICK = WebSettings(total_seconds=60, connect_seconds=30, read_seconds=30)


def rows(name: str) -> list[dict[str, Any]]:
    path = CORPUS / "hostile" / "url" / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert Guard().allows(address)


PRIVATE = """
0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1
64:ff9b::a00:1 64:ff9b:1::a9fe:a9fe 100::1 2001:0:4136:e378:8000:63bf:3f57:fdf2 2001:db8::1 2002:7f00:1::1
2606:4700::5efe:127.0.0.1 2606:4700::200:5efe:10.0.0.1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%1 fec0::1
ff02::1 not-an-address
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_other_addresses_are_not(address: str) -> None:
    assert not Guard().allows(address)


def test_allowed_networks_are_let_through() -> None:
    guard = Guard(networks_from("127.0.0.0/8, fd00::/8"))
    assert guard.allows("127.0.0.1")
    assert guard.allows("::ffff:127.0.0.1")
    assert guard.allows("fd00::5")
    assert not guard.allows("10.0.0.1")
    assert not guard.allows("::1")


def test_the_environment_says_which_networks() -> None:
    assert allowed_networks({}) == ()
    assert allowed_networks({ALLOW_VARIABLE: "127.0.0.0/8 ::1"}) == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    with pytest.raises(UsageError) as caught:
        allowed_networks({ALLOW_VARIABLE: "127.0.0.0/8, home"})
    assert str(caught.value) == f'{ALLOW_VARIABLE}: "home" is not a network. Write for example 127.0.0.0/8.'


def test_the_refusal_says_how_to_allow_it() -> None:
    with pytest.raises(OSError, match="inside your network") as caught:
        Guard()((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80)))
    assert caught.value.errno
    assert caught.value.strerror == (
        "This address is inside your network; the program does not read such addresses. Allow it in settings: "
        "NEWSLETTER_ALLOW_NETWORKS=10.0.0.1/32 in the environment."
    )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the public names of dns_map.json, with its key."""
    path = tmp_path_factory.mktemp("tls") / "public.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=public.test", "-addext"]
    names = "subjectAltName=DNS:public.test,DNS:feeds.public.test"
    subprocess.run(
        ["openssl", *words, names, "-keyout", path, "-out", path.with_suffix(".crt")], check=True, capture_output=True
    )
    return path


@pytest.fixture
def tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server needs to speak TLS; the client trusts its certificate."""
    trusting = ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.with_suffix(".crt"), certificate)
    return context


class StandIn:
    """The system as a test wants it: names answer from dns_map.json, public addresses lead to a server here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, base: str, secure: str = "") -> None:
        self.connected: list[str] = []
        self._asked: dict[str, int] = {}
        path = CORPUS / "hostile" / "url" / "dns_map.json"
        self._names: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._port = int(base.rpartition(":")[2])
        self._tls_port = int(secure.rpartition(":")[2] or self._port)
        self._getaddrinfo = socket.getaddrinfo
        self._sock_connect = BaseSelectorEventLoop.sock_connect
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)
        stand_in = self

        async def sock_connect(loop: BaseSelectorEventLoop, sock: socket.socket, address: tuple[Any, ...]) -> None:
            stand_in.connected.append(address[0])
            if not is_public(ip_address(address[0])):
                raise ConnectionRefusedError(111, "nobody there")
            here = "127.0.0.1" if sock.family == socket.AF_INET else "::ffff:127.0.0.1"
            await stand_in._sock_connect(
                loop, sock, (here, stand_in._tls_port if address[1] == 443 else stand_in._port)
            )

        monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", sock_connect)

    def getaddrinfo(self, host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        host = host.lower()
        if host in self._names:
            answers = self._names[host]
            if isinstance(answers[0], list):
                nth = self._asked[host] = self._asked.get(host, -1) + 1
                answers = answers[min(nth, len(answers) - 1)]
            return [found for address in answers for found in self._getaddrinfo(address, port, type=socket.SOCK_STREAM)]
        if host in ("localhost", "localhost."):
            return self._getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
        try:  # numbers in any spelling the system takes; no question leaves this machine
            return self._getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from None


async def public(request: web.Request) -> web.Response:
    return web.Response(text="public")


@needs_corpus
@pytest.mark.slow
async def test_hostile_addresses(monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext) -> None:
    async with serving(public) as base, serving(public, tls=tls) as secure:
        stand_in = StandIn(monkeypatch, base, secure)
        for row in rows("ssrf.jsonl"):
            stand_in.connected.clear()
            outcomes = []
            for _ in range(4 if row["id"].startswith("r-") else 1):
                async with WebClient(QUICK) as client:
                    outcomes.append(await outcome(client, row["url"]))
            assert_as_expected(row, outcomes, stand_in.connected)


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("row", rows("redirects.jsonl"), ids=lambda row: row["id"])
async def test_hostile_redirects(monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]) -> None:
    hops = iter(row["hops"])

    async def answer(request: web.Request) -> web.Response:
        hop = next(hops, None)
        if hop is None:
            return web.Response(text="public")
        status, _, target = hop.partition(" ")
        return web.Response(status=int(status), headers={"Location": target})

    async with serving(answer) as base, WebClient(QUICK) as client:
        stand_in = StandIn(monkeypatch, base)
        assert_as_expected(row, [await outcome(client, "http://public.test/feed")], stand_in.connected)


async def outcome(client: WebClient, url: str) -> str | type[Exception]:
    try:
        return (await client.get(url)).body.decode()
    except FetchError as error:
        return type(error)


def assert_as_expected(row: dict[str, Any], outcomes: list[Any], connected: list[str]) -> None:
    assert all(is_public(ip_address(address)) for address in connected), (row, connected)
    if row["expect"] == "fetch":
        assert connected, row
        assert outcomes == ["public"], row
    elif row["expect"] in ("refuse", "error"):
        assert "public" not in outcomes, row
        assert row["expect"] == "error" or "hops" in row or not connected, row
    if row["id"].startswith("r-"):
        assert outcomes[-1] is AddressRefused, row


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("name", ["open_redirect.jsonl", "path_traversal.jsonl"])
async def test_tricks_meant_for_others_lead_nowhere_inside_either(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As the address of a source, behind a host as its path, and as the place a redirect names."""
    place = {"target": ""}

    async def answer(request: web.Request) -> web.Response:
        target = place["target"] if request.path == "/feed" else ""
        headers = {"Location": _header(target)} if target else {}
        return web.Response(status=302 if headers else 200, headers=headers, text="public")

    found = rows(name)
    assert len(found) > 100
    outcomes: set[object] = set()
    async with serving(answer) as base, WebClient(QUICK) as client:
        stand_in = StandIn(monkeypatch, base)
        for row in found:
            for url, target in ((row["value"], ""), ("http://public.test/" + row["value"], ""), (FEED, row["value"])):
                stand_in.connected.clear()
                place["target"] = target
                got = await outcome(client, url)
                outcomes.add(got)
                assert all(is_public(ip_address(address)) for address in stand_in.connected), (row, stand_in.connected)
    assert "public" in outcomes
    assert len(outcomes) > 2


def _header(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
