"""Links asked over real HTTP on loopback: what answers, moved, is dead, slow, throttled, private or endless."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from aiohttp import web

from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.links import (
    LinkSettings,
    archived_copy,
    check_links,
    leads_to_the_front,
    other_spellings,
)
from newsletter.model.link import LinkResult

NOW = datetime(2026, 10, 15, 18, tzinfo=UTC)
QUICK = LinkSettings(seconds=1, all_seconds=5, archive="http://archive.test/available?url=")


@dataclass
class Site:
    """A web of names ending in .test on one loopback port; ``asked`` is (method, host, path)."""

    port: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    at_once: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        host, path = request.host.partition(":")[0], request.path_qs
        self.asked.append((request.method, host, path))
        self.at_once[host] += 1
        self.most[host] = max(self.most[host], self.at_once[host])
        try:
            return await self._answer(request, host, path)
        finally:
            self.at_once[host] -= 1

    async def _answer(self, request: web.Request, host: str, path: str) -> web.StreamResponse:
        if host.startswith("slow"):
            await asyncio.sleep(30)
        if host == "archive.test":
            kept = "old" in path
            copy = {"closest": {"available": True, "url": "http://web.archive.org/web/2013/http://a.test/old"}}
            return web.json_response({"archived_snapshots": copy if kept else {}})
        if path == "/no-head":
            return web.Response(status=405 if request.method == "HEAD" else 200)
        if path == "/big":
            return await self._big(request)
        moves = {
            "/moved": (301, "/good"),
            "/temporary": (302, "/good"),
            "/to-private": (301, "http://10.1.2.3/"),
            "/to-front": (301, "/"),
            "/to-canary": (302, f"http://127.0.0.2:{self.port}/good"),
        }
        if path in moves:
            status, target = moves[path]
            return web.Response(status=status, headers={"Location": target})
        statuses = {"/gone": 410, "/broken": 500, "/closed": 403, "/busy": 429}
        if path in statuses:
            return web.Response(status=statuses[path], headers={"Retry-After": "120"} if path == "/busy" else {})
        return web.Response(status=200 if path in ("/", "/good") or path.startswith("/page") else 404)

    async def _big(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(10 << 20)})
        await response.prepare(request)
        if request.method == "GET":
            await asyncio.sleep(30)
        return response


@asynccontextmanager
async def site(hosts: Sequence[str], seconds: float = 0.3) -> AsyncIterator[tuple[Site, WebClient]]:
    made = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    made.port = runner.addresses[0][1]
    settings = WebSettings(
        allow_networks=(ip_network("127.0.0.1/32"),),
        total_seconds=seconds,
        hosts=dict.fromkeys((*hosts, "archive.test"), ("127.0.0.1", made.port)),
    )
    try:
        async with WebClient(settings, now=lambda: NOW) as client:
            yield made, client
    finally:
        await runner.cleanup()


def checked(urls: Sequence[str], settings: LinkSettings = QUICK) -> tuple[dict[str, LinkResult], Site]:
    async def run() -> tuple[dict[str, LinkResult], Site]:
        hosts = sorted({url.partition("://")[2].partition("/")[0] for url in urls} | {"a.test", "www.a.test"})
        async with site(hosts, settings.seconds) as (made, client):
            found = await check_links(urls, client, now=lambda: NOW, settings=settings)
            return {each.url: each for each in found}, made

    return asyncio.run(run())


def test_what_answers_and_what_moved_for_good() -> None:
    found, made = checked([f"http://a.test/{name}" for name in ("good", "moved", "temporary", "no-head")])
    states = {url.rpartition("/")[2]: (each.state, each.final_url) for url, each in found.items()}
    assert states == {
        "good": ("good", None),
        "moved": ("moved", "http://a.test/good"),
        "temporary": ("good", None),
        "no-head": ("good", None),
    }
    assert ("GET", "a.test", "/good") not in made.asked, "HEAD is enough where it tells"


@pytest.mark.parametrize(
    ("path", "state", "status"),
    [("gone", "dead", 410), ("missing", "dead", 404), ("broken", "unknown", 500), ("closed", "unknown", 403)],
)
def test_what_is_dead_and_what_cannot_be_told(path: str, state: str, status: int) -> None:
    found, _ = checked([f"http://a.test/{path}"])
    result = found[f"http://a.test/{path}"]
    assert (result.state, result.status) == (state, status)
    assert result.reason


def test_a_redirect_into_a_private_network_is_refused() -> None:
    found, made = checked(["http://a.test/to-private", "http://a.test/to-canary"])
    assert {each.state for each in found.values()} == {"refused"}
    assert not [host for _, host, _ in made.asked if host == "127.0.0.2"]


def test_a_body_of_ten_megabytes_is_not_read() -> None:
    found, _ = checked(["http://a.test/big"])
    assert found["http://a.test/big"].state == "good"


def test_a_domain_that_asks_for_patience_is_left_alone() -> None:
    settings = LinkSettings(seconds=0.3, per_domain=1)
    found, made = checked([f"http://a.test/{name}" for name in ("busy", "page1", "page2")], settings)
    assert [each.state for each in found.values()] == ["unknown"] * 3
    assert [path for _, _, path in made.asked] == ["/busy"]


def test_a_dead_address_is_mended_when_another_spelling_answers() -> None:
    found, _ = checked(["http://a.test/good)."])
    assert found["http://a.test/good)."].mended == "http://a.test/good"


def test_a_page_that_turned_into_the_front_page_is_no_remedy() -> None:
    found, _ = checked(["http://a.test/to-front)."])
    assert found["http://a.test/to-front)."].mended is None


def test_only_for_a_dead_address_the_archive_is_asked() -> None:
    found, made = checked(["http://a.test/old", "http://a.test/good", "http://a.test/lost"])
    assert found["http://a.test/old"].archived == "https://web.archive.org/web/2013/http://a.test/old"
    assert found["http://a.test/lost"].archived is None
    assert sum(host == "archive.test" for _, host, _ in made.asked) == 2


@pytest.mark.slow
def test_three_hundred_links_with_slow_servers_are_done_in_time_and_politely() -> None:
    hosts = [f"host{number}.test" for number in range(50)] + [f"slow{number}.test" for number in range(10)]
    urls = [f"http://{host}/page{number}" for host in hosts for number in range(5)]
    # A busy machine is slow, too: what answers has two seconds. The slow servers alone would need a minute and more.
    found, made = checked(urls, LinkSettings(seconds=2, all_seconds=60))
    assert Counter(each.state for each in found.values()) == {"good": 250, "unknown": 50}
    assert max(made.most.values()) <= 2
    assert Counter(host for _, host, _ in made.asked)["slow1.test"] == 2, "its others are not asked"


def test_the_deadline_of_the_whole_leaves_the_rest_unknown() -> None:
    settings = LinkSettings(seconds=5, all_seconds=1)
    found, _ = checked(["http://a.test/good", "http://slow1.test/page"], settings)
    assert [each.state for each in found.values()] == ["good", "unknown"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/x", ["https://a.example/x", "http://www.a.example/x", "https://www.a.example/x"]),
        ("https://www.a.example/x", ["https://a.example/x"]),
        ("https://a.example/x?utm_source=n", ["https://a.example/x", "https://www.a.example/x"]),
        ("https://a.example/w_(b)", ["https://www.a.example/w_(b)"]),
        ("http://127.0.0.1:8/x", ["https://127.0.0.1:8/x"]),
    ],
)
def test_other_spellings(url: str, expected: list[str]) -> None:
    assert list(other_spellings(url)) == expected


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"archived_snapshots": {}}', b"\xff", b'{"archived_snapshots": 3}']
)
def test_an_answer_of_the_archive_that_names_no_copy(body: bytes) -> None:
    assert archived_copy(body) is None


def test_a_copy_that_lies_elsewhere_is_not_offered() -> None:
    said = b'{"archived_snapshots": {"closest": {"available": true, "url": "https://evil.example/x"}}}'
    assert archived_copy(said) is None


def test_a_front_page_is_told_from_a_page() -> None:
    assert leads_to_the_front("https://a.example/deep/page", "https://a.example/")
    assert not leads_to_the_front("https://a.example/", "https://b.example/")
    assert not leads_to_the_front("https://a.example/x", "https://a.example/y")


def test_a_host_that_takes_no_connection_is_asked_once() -> None:
    found, made = checked([f"http://a.test/lost{number}" for number in range(6)])
    assert {each.state for each in found.values()} == {"dead"}
    asked = Counter(host for _, host, _ in made.asked)
    assert asked["a.test"] == 12, "HEAD and GET each; https was tried once and is shut"
