import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.stackexchange import MOST_PAGES, StackExchange
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, needs_corpus

URL = "https://stackoverflow.com"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def row(number: int, hours: float = 0, **values: Any) -> dict[str, Any]:
    moved_at = int((MONDAY + timedelta(hours=hours)).timestamp())
    return {
        "question_id": number,
        "title": f"Question {number}",
        "link": f"https://stackoverflow.com/questions/{number}/x",
        "body": f"<p>Body {number}</p>",
        "tags": ["wick"],
        "answer_count": 1,
        "creation_date": moved_at - 3600,
        "last_activity_date": moved_at,
        **values,
    }


class Api:
    """The API over some questions, in pages of at most ``limit``; ``beside`` is said with each answer."""

    def __init__(self, *rows: dict[str, Any], limit: int = 100, **beside: Any) -> None:
        self.rows, self.limit, self.beside = list(rows), limit, beside
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        parts = urlsplit(url)
        asked = {key: values[0] for key, values in parse_qs(parts.query, strict_parsing=True).items()}
        self.asked.append(asked)
        self.paths.append(parts.path)
        found = [each for each in self.rows if each["last_activity_date"] >= int(asked.get("min", 0))]
        found.sort(key=lambda each: each["last_activity_date"], reverse=asked["order"] == "desc")
        size = min(self.limit, int(asked["pagesize"]))
        start = (int(asked["page"]) - 1) * size
        answer = {"items": found[start : start + size], "has_more": start + size < len(found), "quota_remaining": 99}
        return Reply(url, 200, json.dumps({**answer, **self.beside}).encode())

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")


async def batches(kind: StackExchange, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("so"))]


async def collect(kind: StackExchange, http: Http, state: FetchState, into: list[Batch]) -> None:
    async for batch in kind.fetch(http, state):
        into.append(batch)


def after(batch: Batch, state: FetchState | None = None) -> FetchState:
    return replace(state or FetchState("so"), cursor=json.loads(json.dumps(batch.cursor)))


def numbers(found: list[Batch]) -> list[int]:
    return [number_of(item) for batch in found for item in batch.items]


def number_of(item: Item) -> int:
    return int(item.native_keys[0].removeprefix("question/"))


async def test_a_first_look_takes_the_newest_and_then_what_moved() -> None:
    http = Api(row(1, 1), row(2, 3), row(3, 2), limit=2)
    first = await batches(StackExchange(URL), http)
    assert numbers(first) == [3, 2]
    assert http.asked == [
        {"site": "stackoverflow.com", "sort": "activity", "order": "desc", "pagesize": "100", "page": "1"}
        | {"filter": "withbody"}
    ]
    http.rows += [row(3, 9, answer_count=5, accepted_answer_id=1), row(4, 8)]
    second = await batches(StackExchange(URL), http, after(first[-1]))
    assert numbers(second) == [4, 3]
    assert [item.thread.reply_count for batch in second for item in batch.items if item.thread] == [1, 5]
    assert http.asked[1]["order"] == "asc"
    assert http.asked[1]["min"] == str(int((MONDAY + timedelta(hours=3)).timestamp()))
    (third,) = await batches(StackExchange(URL), http, after(second[-1]))
    assert (third.is_unchanged, third.items) == (True, ())


async def test_from_a_day_on_everything_comes_oldest_first_and_a_cut_loses_nothing() -> None:
    http = Api(*(row(number, number) for number in range(1, 251)))
    state = FetchState("so", since=MONDAY)
    found = await batches(StackExchange(URL), http, state)
    assert numbers(found) == list(range(1, 251))
    rest = await batches(StackExchange(URL), http, after(found[0], state))
    assert numbers(rest) == list(range(101, 251))
    assert {len(batch.items) for batch in found} == {100, 99, 51}


async def test_very_many_of_one_moment_are_turned_over_and_pages_end() -> None:
    http = Api(*(row(number, 1) for number in range(1, 301)))
    found = await batches(StackExchange(URL), http, FetchState("so", since=MONDAY))
    assert sorted(numbers(found)) == list(range(1, 301))
    http = Api(*(row(number, 1) for number in range(1, 3)), has_more=True)
    found = await batches(StackExchange(URL), http, FetchState("so", since=MONDAY))
    assert len(http.asked) == MOST_PAGES
    assert "the rest comes next time" in found[-1].warnings[0]


async def test_it_waits_as_long_as_the_api_says() -> None:
    http = Api(*(row(number, number) for number in range(1, 251)), backoff=30)
    found: list[Batch] = []
    state = FetchState("so", since=MONDAY)
    with pytest.raises(Throttled) as caught:
        await collect(StackExchange(URL), http, state, found)
    assert len(http.asked) == 1
    until = caught.value.until
    assert until is not None
    assert timedelta(seconds=25) < until - datetime.now(UTC) <= timedelta(seconds=30)
    with pytest.raises(Throttled):
        await batches(StackExchange(URL), http, after(found[-1], state))
    assert len(http.asked) == 1
    http.beside = {}
    cursor = {**found[-1].cursor, "until": "2026-03-02T10:00:00+00:00"}
    rest = await batches(StackExchange(URL), http, replace(state, cursor=cursor))
    assert numbers(found) + numbers(rest) == list(range(1, 251))


async def test_without_anything_left_it_waits_for_the_next_day() -> None:
    http = Api(row(1, 1), quota_remaining=0)
    (batch,) = await batches(StackExchange(URL), http)
    assert datetime.fromisoformat(batch.cursor["until"]).time().isoformat() == "00:00:00"


@pytest.mark.parametrize(
    ("beside", "error", "text"),
    [
        (
            {
                "error_name": "throttle_violation",
                "error_message": "too many requests, more requests available in 60 seconds",
            },
            Throttled,
            "available in 60 seconds",
        ),
        ({"error_name": "bad_parameter", "error_message": "No site found for name `x`"}, NotReadable, "No site found"),
        ({"items": None}, NotReadable, "no list of items"),
    ],
)
async def test_what_the_api_refuses(beside: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        await batches(StackExchange(URL), Api(row(1), **beside))

    class Refusing(Api):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            raise BadStatus(400, "the server answers 400 Bad Request")

    with pytest.raises(BadStatus):
        await batches(StackExchange(URL), Refusing())


async def test_a_record_that_is_no_question_is_set_aside() -> None:
    http = Api(row(1), {"question_id": "?", "last_activity_date": 0})
    (batch,) = await batches(StackExchange(URL), http)
    assert numbers([batch]) == [1]
    assert [each.reason for each in batch.aside] == ["this is no question"]


async def test_tags_words_and_a_key() -> None:
    http = Api(row(1, 1, answer_count=3), row(2, 2))
    assert numbers(await batches(StackExchange(URL, take=("questions with 2 answers",)), http)) == [1]
    await batches(StackExchange(URL, tagged=("nova",)), http)
    await batches(StackExchange(URL, tagged=("nova", "swift")), http)
    found = await batches(StackExchange(f"{URL}/questions/tagged/nova+swift", token="key"), http)
    assert http.paths[1:] == ["/2.3/questions", "/2.3/search", "/2.3/questions"]
    assert [each["tagged"] for each in http.asked[1:]] == ["nova", "nova;swift", "nova;swift"]
    assert [each.get("key") for each in http.asked] == [None, None, None, "key"]
    assert "key" not in json.dumps(found[-1].cursor)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://stackoverflow.com", True),
        ("https://www.stackoverflow.com/questions/tagged/openstack", True),
        ("https://unix.stackexchange.com/questions", True),
        ("https://pt.stackoverflow.com/", True),
        ("https://askubuntu.com", True),
        ("https://stackoverflow.com/feeds/tag?tagnames=openstack", False),
        ("https://stackoverflow.com/questions/1/how", False),
        ("https://notstackoverflow.com", False),
    ],
)
def test_shapes(url: str, is_one: bool) -> None:
    assert (reader_by_shape(url, find_kinds()) == "stackexchange") is is_one


def test_it_is_registered_with_its_keys() -> None:
    info = find_kinds()["stackexchange"]
    assert (info.word, info.keys, info.can_read) == ("questions", ("url", "tagged", "take", "token"), True)
    assert StackExchange("https://www.stackoverflow.com/").site == "stackoverflow.com"


@needs_corpus
async def test_a_recorded_answer_that_asks_to_wait() -> None:
    class Recorded(Api):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            return Reply(url, 200, (CORPUS / "stackexchange/perceval/stackexchange_question_backoff_page").read_bytes())

    found: list[Batch] = []
    with pytest.raises(Throttled):
        await collect(StackExchange(URL), Recorded(), FetchState("so", since=datetime(2016, 1, 1, tzinfo=UTC)), found)
    assert numbers(found) == [1]
