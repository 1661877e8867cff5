import gzip
import http.client
import threading
import time
from collections.abc import Iterator, Mapping

import pytest

from newsletter.demo.community import HOSTS, REVIEW, WAIT_SECONDS
from newsletter.demo.server import DemoWeb, listening

BLOG = "blog.drumlin.example/feed.rss"


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(slow_seconds=0.05) as running:
        yield running


def get(
    web: DemoWeb, name: str, headers: Mapping[str, str] = {}, *, method: str = "GET"
) -> tuple[http.client.HTTPResponse, bytes]:
    host, _, path = name.partition("/")
    connection = http.client.HTTPConnection(*web.hosts[host], timeout=5)
    try:
        connection.request(method, f"/{path}", headers=dict(headers))
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_hosts_do_not_share_an_address(web: DemoWeb) -> None:
    assert len({web.address(host) for host in HOSTS}) == len(HOSTS)
    assert all(address.startswith("127.") for address, _ in web.hosts.values())


def test_where_loopback_has_one_address_hosts_differ_by_port() -> None:
    # 203.0.113.0/24 is kept for documentation (RFC 5737): no machine has it.
    made = listening(3, network="203.0.113")
    try:
        where = [each.getsockname() for each in made]
    finally:
        for each in made:
            each.close()
    assert {address for address, _ in where} == {"127.0.0.1"}
    assert len({port for _, port in where}) == 3


def test_a_page_comes_with_validators(web: DemoWeb) -> None:
    response, body = get(web, BLOG)
    assert response.status == 200
    assert response.headers["ETag"]
    assert response.headers["Last-Modified"] == "Wed, 14 Oct 2026 08:00:00 GMT"
    assert int(response.headers["Content-Length"]) == len(body)


@pytest.mark.parametrize("validator", [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")])
def test_what_is_known_is_not_sent_again(web: DemoWeb, validator: tuple[str, str]) -> None:
    first, _ = get(web, BLOG)
    answer, ask = validator
    second, body = get(web, BLOG, {ask: first.headers[answer]})
    assert (second.status, body) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]


def test_an_old_validator_gets_the_page(web: DemoWeb) -> None:
    for header, value in (
        ("If-None-Match", '"old"'),
        ("If-Modified-Since", "Wed, 07 Oct 2026 08:00:00 GMT"),
        ("If-Modified-Since", "the day before yesterday"),
    ):
        assert get(web, BLOG, {header: value})[0].status == 200


def test_a_page_is_packed_for_those_who_take_gzip(web: DemoWeb) -> None:
    _, plain = get(web, BLOG)
    response, packed = get(web, BLOG, {"Accept-Encoding": "gzip, br"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(plain)
    assert gzip.decompress(packed) == plain


def test_a_month_of_an_archive_is_gzip_without_an_encoding(web: DemoWeb) -> None:
    name = "lists.drumlin.example/pipermail/drumlin-dev/2026-October.txt.gz"
    response, body = get(web, name, {"Accept-Encoding": "gzip"})
    assert response.headers["Content-Type"] == "application/x-gzip"
    assert response.headers["Content-Encoding"] is None
    assert gzip.decompress(body).startswith(b"From ")


def test_a_connection_is_used_again(web: DemoWeb) -> None:
    connection = http.client.HTTPConnection(*web.hosts["nives.example"], timeout=5)
    try:
        for _ in range(3):
            connection.request("GET", "/atom.xml")
            socket = connection.sock
            assert connection.getresponse().read()
            assert connection.sock is socket
    finally:
        connection.close()


def test_sources_that_are_not_well_say_how(web: DemoWeb) -> None:
    busy, _ = get(web, "social.chirp.example/tags/drumlin.rss")
    assert (busy.status, busy.headers["Retry-After"]) == (429, str(WAIT_SECONDS))
    assert get(web, "wiki.drumlin.example/recent.atom")[0].status == 500
    assert get(web, "ideas.drumlin.example/feed.atom")[0].status == 410
    page, body = get(web, "kooperativa.example/news")
    assert page.headers["Content-Type"].startswith("text/html")
    assert b'rel="alternate"' in body
    assert get(web, "kooperativa.example/news.rss")[0].status == 200


def test_what_moved_says_where_it_is(web: DemoWeb) -> None:
    moved, _ = get(web, "old.vandeputte.example/feed.atom")
    assert moved.status == 301
    assert moved.headers["Location"] == web.address("vandeputte.example") + "/feed.atom"
    assert get(web, "vandeputte.example/feed.atom")[0].status == 200


def test_a_slow_host_answers_in_the_end(web: DemoWeb) -> None:
    began = time.monotonic()
    response, _ = get(web, "solar.obermoser.example/feed.rss")
    assert response.status == 200
    assert time.monotonic() - began >= 0.05


def test_a_slow_answer_does_not_hold_up_the_end() -> None:
    began, others = time.monotonic(), set(threading.enumerate())
    with DemoWeb(slow_seconds=60) as web:
        connection = http.client.HTTPConnection(*web.hosts["solar.obermoser.example"], timeout=5)
        connection.request("GET", "/feed.rss")
    connection.close()
    assert time.monotonic() - began < 5
    assert set(threading.enumerate()) <= others


def test_the_review_server_answers_searches_without_validators(web: DemoWeb) -> None:
    response, body = get(web, f"{REVIEW}/changes/?q=status:open&n=1")
    assert body.startswith(b")]}'")
    assert response.headers["ETag"] is None
    assert get(web, f"{REVIEW}/changes/?q=sorted:well")[0].status == 400
    assert get(web, f"{REVIEW}/nothing")[0].status == 404


def test_a_page_can_be_replaced() -> None:
    with DemoWeb() as web:
        first, _ = get(web, BLOG)
        page = web.page(BLOG)
        assert page
        web.replace(BLOG, page.body.replace(b"Maribor", b"Kranj"))
        second, body = get(web, BLOG, {"If-None-Match": first.headers["ETag"]})
        assert second.status == 200
        assert b"Kranj" in body
        third, _ = get(web, BLOG, {"If-Modified-Since": first.headers["Last-Modified"]})
        assert third.status == 200
    with DemoWeb() as another, pytest.raises(KeyError):
        another.replace("blog.drumlin.example/nothing", b"")


def test_requests_are_kept() -> None:
    with DemoWeb() as web:
        get(web, "nives.example/atom.xml", {"User-Agent": "a test"})
        get(web, "nives.example/nothing")
    assert [(each.host, each.path, each.status) for each in web.requests] == [
        ("nives.example", "/atom.xml", 200),
        ("nives.example", "/nothing", 404),
    ]
    assert web.requests[0].headers["User-Agent"] == "a test"


def test_only_the_head_of_a_page_can_be_asked_for(web: DemoWeb) -> None:
    response, body = get(web, BLOG, method="HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.headers["Content-Length"]) > 1000


def test_the_front_page_lists_every_address(web: DemoWeb) -> None:
    _, body = get(web, "www.drumlin.example/")
    assert web.base == web.address("www.drumlin.example")
    assert f'href="{web.address("blog.drumlin.example")}/feed.rss"'.encode() in body


def test_addresses_can_be_written_with_names() -> None:
    with DemoWeb(by_name=True) as web:
        assert web.address("nives.example") == "http://nives.example"
        moved, _ = get(web, "old.vandeputte.example/feed.atom")
        assert moved.headers["Location"] == "http://vandeputte.example/feed.atom"
