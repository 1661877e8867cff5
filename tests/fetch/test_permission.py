import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from newsletter.errors import BadStatus, Gone, Throttled, Unreachable
from newsletter.fetch.client import WebClient
from newsletter.fetch.find import LookedAt
from newsletter.fetch.http import Document, Reply
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.web_page import WebPage
from newsletter.fetch.permission import Disallowed, Permission
from newsletter.model.source import FetchState
from tests.corpus import needs_corpus
from tests.fakes import Answer, FakeHttp, FixedClock
from tests.replaying import LOOPBACK, replayed

PAGE = "https://example.org/news"
ROBOTS = "https://example.org/robots.txt"


def web(robots: Answer) -> FakeHttp:
    return FakeHttp({ROBOTS: robots, PAGE: "news", "https://example.org/other": "other"})


class Time:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.waited: list[float] = []

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.move(seconds=seconds)

    def asking(self, http: Any, verdicts: Any = None) -> Permission:
        return Permission(http, dict(verdicts or {}), self.clock, self.wait)


async def test_a_disallowed_address_is_not_asked_for() -> None:
    http = web("User-agent: *\nDisallow: /news\n")
    with pytest.raises(Disallowed) as caught:
        await Permission(http).get(PAGE)
    assert str(caught.value) == (
        f'{ROBOTS} does not want programs to read {PAGE} ("Disallow: /news"). '
        "Ask its owner for a feed, or leave the source out."
    )
    assert http.urls == [ROBOTS]


@pytest.mark.parametrize("fault", [BadStatus(404, "404"), BadStatus(403, "403"), BadStatus(401, "401"), Gone("410")])
async def test_without_robots_everything_is_allowed(fault: Exception) -> None:
    http = web(fault)
    assert (await Permission(http).get(PAGE)).body == b"news"


@pytest.mark.parametrize("fault", [BadStatus(500, "500"), BadStatus(503, "503"), Unreachable("no answer")])
async def test_robots_that_cannot_be_reached_allow_nothing(fault: Exception) -> None:
    http = web(fault)
    with pytest.raises(Disallowed, match="cannot be reached"):
        await Permission(http).get(PAGE)
    assert http.urls == [ROBOTS]


async def test_what_was_allowed_before_holds_while_robots_cannot_be_reached() -> None:
    time = Time()
    first = time.asking(web("User-agent: *\nDisallow: /other\n"))
    await first.get(PAGE)
    time.clock.move(days=3)
    assert (await time.asking(web(BadStatus(500, "500")), first.as_json()).get(PAGE)).body == b"news"


async def test_asked_once_a_day() -> None:
    time = Time()
    asking = time.asking(web(""))
    await asking.get(PAGE)
    for hours, asked in ((20, [PAGE]), (5, [ROBOTS, PAGE])):
        time.clock.move(hours=hours)
        http = web("")
        asking = time.asking(http, asking.as_json())
        await asking.get(PAGE)
        assert http.urls == asked


async def test_asked_once_a_run_by_all_sources_of_a_host() -> None:
    http = web("User-agent: *\nDisallow: /other")
    looked_at = LookedAt(http, PAGE, Reply(PAGE, 200, b"looked at"))
    replies = await asyncio.gather(
        Permission(looked_at).get(PAGE), Permission(http).get("https://example.org/other"), return_exceptions=True
    )
    assert isinstance(replies[0], Reply)
    assert replies[0].body == b"looked at"
    assert isinstance(replies[1], Disallowed)
    assert http.urls == [ROBOTS]


async def test_a_fault_is_not_remembered_for_the_others() -> None:
    http = FakeHttp({ROBOTS: [Throttled("wait"), ""], PAGE: "news"})
    with pytest.raises(Throttled):
        await Permission(http).get(PAGE)
    assert (await Permission(http).get(PAGE)).body == b"news"


async def test_a_crawl_delay_keeps_requests_apart() -> None:
    time, http = Time(), web("User-agent: *\nCrawl-delay: 5\n")
    await asyncio.gather(*(time.asking(http).get(url) for url in (PAGE, "https://example.org/other", PAGE)))
    assert time.waited == [5, 5]


async def test_a_long_delay_is_waited_for_in_a_later_run() -> None:
    time = Time()
    asking = time.asking(web("User-agent: *\nCrawl-delay: 3600\n"))
    await asking.get(PAGE)
    began = time.clock.now
    time.clock.move(minutes=10)
    with pytest.raises(Throttled) as caught:
        await time.asking(web(""), asking.as_json()).get(PAGE)
    assert caught.value.until == began + timedelta(hours=1)
    time.clock.move(hours=1)
    assert (await time.asking(web(""), asking.as_json()).get(PAGE)).body == b"news"
    assert time.waited == []


async def test_where_a_redirect_leads_is_checked_too() -> None:
    there = "https://else.example.com/closed/news"
    http = web("")
    http.answers[PAGE] = Reply(there, 200, b"closed", {}, Document(body_hash="1"))
    http.answers["https://else.example.com/robots.txt"] = "User-agent: *\nDisallow: /closed/\n"
    with pytest.raises(Disallowed, match=r"else\.example\.com"):
        await Permission(http).get(PAGE)


async def test_what_is_kept_is_bounded_and_bears_nonsense() -> None:
    asking = Permission(web(""), {f"https://example.org/{number}": {"at": "?"} for number in range(50)})
    await asking.get(PAGE)
    kept = asking.as_json()
    assert len(kept) == 8
    assert datetime.fromisoformat(kept[PAGE]["at"]).tzinfo is not None
    assert (await Permission(web(""), {PAGE: {"at": 7}}).get(PAGE)).body == b"news"


@needs_corpus
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_the_log_of_a_server_says_that_we_are_polite() -> None:
    cursors: dict[str, Any] = {}

    async def read(url: str, http: WebClient) -> list[Batch]:
        found = [batch async for batch in WebPage(url).fetch(http, FetchState(url, cursors.get(url, {})))]
        cursors[url] = found[-1].cursor
        return found

    async with replayed() as played:
        pages = [f"{played.base}/files/html/pages/{name}.html" for name in ("furbo", "inessential")]
        for _ in range(2):
            async with WebClient(LOOPBACK) as http:
                batches = await asyncio.gather(*(read(url, http) for url in pages))
                with pytest.raises(Disallowed, match="Disallow: /hostile/"):
                    await read(f"{played.base}/hostile/good", http)
        assert all(batch.is_unchanged for found in batches for batch in found)
    asked = [row for row in played.rows if row["path"] != "/robots.txt"]
    assert sorted(row["path"] for row in asked) == sorted(2 * [url.removeprefix(played.base) for url in pages])
    assert sorted(row["status"] for row in asked) == [200, 200, 304, 304]
    first, second, third, fourth = sorted(row["t"] for row in asked)
    assert min(second - first, fourth - third) > 0.95
    # Once in each run: the source that may not be read remembers nothing.
    assert len(played.rows) - len(asked) == 2
