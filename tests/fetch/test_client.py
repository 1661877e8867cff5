import asyncio
import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from newsletter.errors import AddressRefused, BadStatus, FetchError, Gone, Throttled, TooLarge, Unreachable
from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.http import Document, body_hash
from tests.fakes import FixedClock
from tests.fetch.web import FAST, serving

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MODIFIED = "Tue, 02 Jan 2024 03:04:05 GMT"


class Web:
    """A few paths, and what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.together = Counter[str]()
        self.most_together = 0

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        name, _, rest = request.path.strip("/").partition("/")
        answer = getattr(self, name.replace("-", "_"))
        made: web.StreamResponse = await answer(request, rest)
        return made

    async def page(self, request: web.Request, rest: str) -> web.StreamResponse:
        headers = {"ETag": '"one"', "Last-Modified": MODIFIED, "X-Odd": "1"}
        if request.headers.get("If-None-Match") == '"one"':
            return web.Response(status=304, headers={"ETag": '"one"'})
        return web.Response(body=b"<rss/>", headers=headers, content_type="application/rss+xml")

    async def nothing_known(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(body=b"<rss/>", headers={"ETag": f'"{len(self.asked)}"'})

    async def dated(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(text="x", headers={"Last-Modified": "Thu, 01 Jan 2099 00:00:00 GMT"})

    async def status(self, request: web.Request, rest: str) -> web.StreamResponse:
        headers = {"Retry-After": request.query["after"]} if "after" in request.query else {}
        return web.Response(status=int(rest), headers=headers)

    async def refused(self, request: web.Request, rest: str) -> web.StreamResponse:
        body, headers = request.query["says"].encode(), {}
        if rest == "packed":
            body, headers = gzip.compress(body), {"Content-Encoding": "gzip"}
        return web.Response(status=403, body=body, headers=headers)

    async def last(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(text="the last one", headers={"X-RateLimit-Remaining": rest, "X-RateLimit-Reset": "60"})

    async def echo(self, request: web.Request, rest: str) -> web.StreamResponse:
        said = [request.method, request.content_type, (await request.read()).decode()]
        return web.json_response([*said, request.headers.get("Authorization")])

    async def to(self, request: web.Request, rest: str) -> web.StreamResponse:
        status, _, target = rest.partition("/")
        where = request.query.get("at", "") + "/" + target
        return web.Response(status=int(status), headers={"Location": where})

    async def loop(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/loop/" + ("b" if rest == "a" else "a")})

    async def nowhere(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(status=302)

    async def cookie(self, request: web.Request, rest: str) -> web.StreamResponse:
        response = web.Response(text=str(dict(request.cookies)))
        response.set_cookie("seen", "1")
        return response

    async def packed(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(body=gzip.compress(bytes(int(rest))), headers={"Content-Encoding": "gzip"})

    async def large(self, request: web.Request, rest: str) -> web.StreamResponse:
        return web.Response(body=b"ab" * int(rest))

    async def endless(self, request: web.Request, rest: str) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    async def drip(self, request: web.Request, rest: str) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    async def silent(self, request: web.Request, rest: str) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async def stalls(self, request: web.Request, rest: str) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await asyncio.sleep(30)
        return response

    async def slow(self, request: web.Request, rest: str) -> web.StreamResponse:
        self.together["now"] += 1
        self.most_together = max(self.most_together, self.together["now"])
        await asyncio.sleep(0.04)  # sixty of them, two at a time: longer than one may take
        self.together["now"] -= 1
        return web.Response(text=rest)

    async def cut(self, request: web.Request, rest: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport is not None
        request.transport.close()
        return response

    async def declared(self, request: web.Request, rest: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(5 << 30)})
        await response.prepare(request)
        await asyncio.sleep(30)
        return response


async def test_the_first_answer_is_remembered_and_the_second_one_is_unchanged() -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        first = await client.get(f"{base}/page")
        assert (first.url, first.status, first.body, first.is_unchanged) == (f"{base}/page", 200, b"<rss/>", False)
        assert first.media_type == "application/rss+xml"
        assert first.header("X-Odd") == "1"
        assert first.document == Document('"one"', MODIFIED, body_hash(b"<rss/>"))
        second = await client.get(f"{base}/page", known=first.document)
        assert (second.status, second.body, second.is_unchanged) == (304, b"", True)
        assert second.document == first.document


async def test_the_same_body_is_unchanged_whatever_the_validators_say() -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        first = await client.get(f"{base}/nothing-known")
        second = await client.get(f"{base}/nothing-known", known=first.document)
        assert (second.status, second.is_unchanged) == (200, True)
        assert second.document == replace(first.document, etag='"2"')


async def test_what_is_sent() -> None:
    play = Web()
    async with serving(play) as base, WebClient(replace(FAST, user_agent="reader/1")) as client:
        known = Document('"one"', MODIFIED)
        await client.get(f"{base}/page", known=known, headers={"Accept": "text/xml"})
        await client.get(f"{base}/cookie")
        again = await client.get(f"{base}/cookie")
        assert again.body == b"{}"
    sent = play.asked[0].headers
    assert sent["User-Agent"] == "reader/1"
    assert sent["Accept"] == "text/xml"
    assert sent["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == ('"one"', MODIFIED)


async def test_a_date_in_the_future_is_not_sent_back() -> None:
    async with serving(Web()) as base, WebClient(FAST, now=FixedClock(NOW)) as client:
        assert (await client.get(f"{base}/dated")).document.last_modified is None


async def test_a_304_to_a_first_question_is_an_error() -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        with pytest.raises(BadStatus, match="nothing was read before") as caught:
            await client.get(f"{base}/status/304", known=Document(body_hash="x"))
        assert caught.value.status == 304


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (204, BadStatus, "{url} answers 204 No Content"),
        (404, BadStatus, "{url} answers 404 Not Found"),
        (410, Gone, "{url} is gone for good, says its server (410)"),
        (503, BadStatus, "{url} answers 503 Service Unavailable"),
        (599, BadStatus, "{url} answers 599"),
    ],
)
async def test_bad_answers(status: int, error: type[FetchError], text: str) -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        with pytest.raises(error) as caught:
            await client.get(f"{base}/status/{status}")
        assert str(caught.value) == text.format(url=f"{base}/status/{status}")
        assert client.throttles == {}


async def test_throttled_is_remembered_for_the_whole_domain() -> None:
    play, clock = Web(), FixedClock(NOW)
    async with serving(play) as base, WebClient(FAST, now=clock) as client:
        domain = base.removeprefix("http://")
        with pytest.raises(Throttled) as caught:
            await client.get(f"{base}/status/429?after=60")
        until = NOW + timedelta(seconds=60)
        assert caught.value.until == until
        assert client.throttles == {domain: until}
        with pytest.raises(Throttled, match="asked to be left alone until 2026-03-01 12:01 UTC"):
            await client.get(f"{base}/page")
        assert play.paths == ["/status/429"]
        clock.move(seconds=60)
        assert (await client.get(f"{base}/page")).body == b"<rss/>"
    async with serving(play) as base, WebClient(FAST, throttles=client.throttles, now=FixedClock(NOW)) as again:
        await again.get(f"{base}/page")  # another port, so another "domain"
        assert again.throttles == {domain: until}


@pytest.mark.parametrize(("path", "until"), [("429", None), ("503?after=5", 5), ("403?after=7", 7)])
async def test_ways_to_be_throttled(path: str, until: int | None) -> None:
    async with serving(Web()) as base, WebClient(FAST, now=FixedClock(NOW)) as client:
        with pytest.raises(Throttled) as caught:
            await client.get(f"{base}/status/{path}")
        assert caught.value.until == (None if until is None else NOW + timedelta(seconds=until))
        assert list(client.throttles.values()) == [NOW + timedelta(seconds=until or 900)]


async def test_permanent_redirects_are_remembered_and_asked_directly() -> None:
    play = Web()
    async with serving(play) as base, WebClient(FAST) as client:
        first = await client.get(f"{base}/to/301/to/308/page")
        assert (first.url, first.document.moved_to) == (f"{base}/page", f"{base}/page")
        second = await client.get(f"{base}/to/301/to/308/page", known=first.document)
        assert (second.status, second.document.moved_to) == (304, f"{base}/page")
    assert play.paths == ["/to/301/to/308/page", "/to/308/page", "/page", "/page"]


@pytest.mark.parametrize(
    ("path", "moved_to"),
    [("/to/302/page", None), ("/to/301/to/307/page", "/to/307/page"), ("/to/303/to/301/page", None)],
)
async def test_only_a_chain_that_is_permanent_so_far_is_remembered(path: str, moved_to: str | None) -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        reply = await client.get(base + path)
        assert reply.url == f"{base}/page"
        assert reply.document.moved_to == (moved_to and base + moved_to)


async def test_a_move_that_led_nowhere_is_forgotten() -> None:
    play = Web()
    async with serving(play) as base, WebClient(FAST) as client:
        known = Document('"one"', moved_to=f"{base}/status/404")
        reply = await client.get(f"{base}/page", known=known)
        assert (reply.status, reply.body, reply.document.moved_to) == (200, b"<rss/>", None)
    assert play.paths == ["/status/404", "/page"]


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("/loop/a", Unreachable, "more than 8 redirects"),
        ("/nowhere", BadStatus, "does not say where"),
        ("/to/302/x?at=file://", AddressRefused, 'Only http and https addresses are read, not "file:///x"'),
        ("/to/302/x?at=http://10.0.0.1", AddressRefused, "NEWSLETTER_ALLOW_NETWORKS=10.0.0.1/32 in the environment"),
        ("/to/302/x?at=http://me:it@127.0.0.1", AddressRefused, "with a sign-in name in it"),
        ("/to/302/x?at=http://127.0.0.1:99999", Unreachable, "is not an address"),
    ],
)
async def test_redirects_that_are_not_followed(path: str, error: type[FetchError], text: str) -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        with pytest.raises(error, match=text):
            await client.get(base + path)


@pytest.mark.parametrize("path", ["plain", "packed"])
async def test_a_refusal_that_speaks_of_limits_is_a_wait(path: str) -> None:
    async with serving(Web()) as base, WebClient(FAST, now=FixedClock(NOW)) as client:
        with pytest.raises(BadStatus, match="403"):
            await client.get(f"{base}/refused/{path}?says=private")
        assert client.throttles == {}
        with pytest.raises(Throttled, match="does not say for how long"):
            await client.get(f"{base}/refused/{path}?says=You%20have%20exceeded%20a%20secondary%20rate%20limit.")
        assert list(client.throttles.values()) == [NOW + timedelta(minutes=15)]


async def test_after_the_last_answer_granted_nothing_is_asked_until_there_are_more() -> None:
    play, clock = Web(), FixedClock(NOW)
    async with serving(play) as base, WebClient(FAST, now=clock) as client:
        assert (await client.get(f"{base}/last/1")).body == b"the last one"
        assert (await client.get(f"{base}/last/0")).body == b"the last one"
        with pytest.raises(Throttled) as caught:
            await client.get(f"{base}/last/7")
        assert caught.value.until == NOW + timedelta(seconds=60)
        clock.move(seconds=60)
        await client.get(f"{base}/last/7")
    assert play.paths == ["/last/1", "/last/0", "/last/7"]


async def test_a_question_may_have_a_body_and_is_not_sent_on() -> None:
    play = Web()
    async with serving(play) as base, WebClient(FAST, now=FixedClock(NOW)) as client:
        reply = await client.post(f"{base}/echo", b'{"q": 1}', headers={"Authorization": "secret"})
        assert json.loads(reply.body) == ["POST", "application/json", '{"q": 1}', "secret"]
        assert (reply.status, reply.is_unchanged) == (200, False)
        for path in ("to/302/page", "to/307/echo", "status/403", "status/500"):
            with pytest.raises(BadStatus):
                await client.post(f"{base}/{path}", b"{}")
        with pytest.raises(BadStatus, match=r"elsewhere \(301\), at .*/page"):
            await client.post(f"{base}/to/301/page", b"{}")
        with pytest.raises(Throttled):
            await client.post(f"{base}/status/429", b"{}")
        assert len(play.asked) == 7
    async with WebClient(replace(FAST, allow_networks=())) as client:
        with pytest.raises(AddressRefused, match="inside your network"):
            await client.post("http://10.1.2.3/", b"{}")
    async with serving(Web()) as base, WebClient(replace(FAST, max_bytes=1000)) as client:
        with pytest.raises(TooLarge):
            await client.post(f"{base}/large/1000", b"{}")


async def test_a_token_stays_with_its_host() -> None:
    play, other = Web(), Web()
    async with serving(play) as base, serving(other) as elsewhere, WebClient(FAST) as client:
        await client.get(f"{base}/to/302/page", headers={"Authorization": "secret"})
        await client.get(f"{base}/to/302/page?at={elsewhere}", headers={"Authorization": "secret"})
    assert [request.headers.get("Authorization") for request in play.asked] == ["secret"] * 3
    assert [request.headers.get("Authorization") for request in other.asked] == [None]


@pytest.mark.parametrize("url", ["http://10.1.2.3/", "http://[::1]/", "http://localhost:1/", "http://0x7f.1/"])
async def test_without_leave_nothing_inside_is_read(url: str) -> None:
    async with WebClient(replace(FAST, allow_networks=())) as client:
        with pytest.raises(AddressRefused, match="inside your network"):
            await client.get(url)


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "http://", "http:/x", "http://a b/", "http://exa\x00mple.org/", "https:x"]
)
async def test_what_is_no_address(url: str) -> None:
    async with WebClient(FAST) as client:
        with pytest.raises(Unreachable, match="is not an address"):
            await client.get(url)


async def test_nobody_there() -> None:
    async with serving(Web()) as base:
        pass
    async with WebClient(FAST) as client:
        with pytest.raises(Unreachable, match="takes no connection"):
            await client.get(base)


@pytest.mark.parametrize("path", ["/endless", "/declared", "/packed/3000000", "/large/700000"])
async def test_what_is_too_large_is_not_read_to_its_end(path: str) -> None:
    settings = replace(FAST, max_bytes=1_000_000, max_download_bytes=1_000_000)
    async with serving(Web()) as base, WebClient(settings) as client:
        with pytest.raises(TooLarge, match="larger than"):
            await client.get(base + path)
        with pytest.raises(TooLarge, match="larger than"):
            await client.download(base + path)


@pytest.mark.parametrize("size", [0, 10, 1_000_000, 3_000_000])
async def test_bodies_of_every_size(size: int) -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        for path, body in ((f"/large/{size}", b"ab" * size), (f"/packed/{size}", bytes(size))):
            reply = await client.get(base + path)
            assert reply.body == body
            assert reply.document.body_hash == body_hash(body)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/drip", "/silent"])
async def test_the_deadline_holds_for_the_whole(path: str) -> None:
    async with serving(Web()) as base, WebClient(replace(FAST, total_seconds=0.2)) as client:
        with pytest.raises(Unreachable, match=r"did not give the whole answer in 0\.2 s"):
            await client.get(base + path)


@pytest.mark.slow
async def test_silence_ends_before_the_deadline() -> None:
    async with serving(Web()) as base, WebClient(replace(FAST, read_seconds=0.1)) as client:
        with pytest.raises(Unreachable, match="took the connection and sent no answer"):
            await client.get(f"{base}/silent")
        with pytest.raises(Unreachable, match="has stopped sending"):
            await client.get(f"{base}/stalls")


async def test_an_answer_that_breaks_off() -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        with pytest.raises(Unreachable, match="broke off in the middle"):
            await client.get(f"{base}/cut")


@pytest.mark.slow
async def test_two_at_a_time_and_waiting_does_not_count() -> None:
    play = Web()
    async with serving(play) as base, WebClient(replace(FAST, total_seconds=1)) as client:
        replies = await asyncio.gather(*(client.get(f"{base}/slow/{number}") for number in range(60)))
    assert [reply.body.decode() for reply in replies] == [str(number) for number in range(60)]
    assert play.most_together == 2


async def test_a_download_lies_in_a_file_until_the_end() -> None:
    async with serving(Web()) as base, WebClient(FAST) as client:
        first = await client.download(f"{base}/packed/3000000")
        second = await client.download(f"{base}/large/5", known=Document(body_hash=body_hash(b"ababababab")))
        assert (first.body, second.body, second.is_unchanged) == (b"", b"", True)
        assert (first.path, second.path) != (None, None)
        assert isinstance(first.path, Path)
        assert isinstance(second.path, Path)
        assert first.path.read_bytes() == bytes(3_000_000)
        assert first.document.body_hash == body_hash(bytes(3_000_000))
        assert second.path.read_bytes() == b"ababababab"
        with pytest.raises(BadStatus):
            await client.download(f"{base}/status/500")
        assert len(list(first.path.parent.iterdir())) == 2
    assert not first.path.exists()
    assert not first.path.parent.exists()


def test_settings_are_polite_by_default() -> None:
    settings = WebSettings()
    assert (settings.per_host, settings.allow_networks, settings.max_bytes) == (2, (), 20 << 20)
