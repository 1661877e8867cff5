import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Document, Http, Reply, body_hash
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.mastodon import MOST_PAGES, Mastodon
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, needs_corpus
from tests.fakes import FakeHttp
from tests.fetch.test_mastodon import BASE, row

URL = f"{BASE}/@lamp"


def status(number: int, **values: Any) -> dict[str, Any]:
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=number)
    return row(number, created_at=at.isoformat(), **values)


class Server:
    """A server with one account; pages of at most ``size``, the newest first, the next one named in a Link header."""

    def __init__(self, *rows: dict[str, Any], size: int = 40) -> None:
        self.rows, self.size = list(rows), size
        self.paths: list[str] = []
        self.asked: list[dict[str, str]] = []

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        parts = urlsplit(url)
        self.paths.append(parts.path)
        if parts.path.endswith("/lookup"):
            return Reply(url, 200, b'{"id": "1", "acct": "lamp"}')
        assert parts.path == "/api/v1/accounts/1/statuses"
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.asked.append(asked)
        before = int(asked.get("max_id", 10**9))
        found = sorted((each for each in self.rows if int(each["id"]) < before), key=lambda each: -int(each["id"]))
        page = found[: self.size]
        link = {"Link": f'<{BASE}{parts.path}?max_id={page[-1]["id"]}>; rel="next", <x>; rel="prev"'} if page else {}
        body = json.dumps(page).encode()
        document = Document(body_hash=body_hash(body))
        is_same = known is not None and known.body_hash == document.body_hash
        return Reply(url, 200, body, link, document, is_same)

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")


async def batches(kind: Mastodon, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("lamp"))]


async def fetch(kind: Mastodon, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    found = await batches(kind, http, state)
    return [item for batch in found for item in batch.items], after(found[-1])


def after(batch: Batch) -> FetchState:
    return replace(FetchState("lamp"), cursor=json.loads(json.dumps(batch.cursor)))


def numbers(items: list[Item]) -> list[int]:
    return [int(item.native_keys[-1].rpartition("/")[2]) for item in items]


async def test_statuses_come_once_oldest_first_and_again_when_edited() -> None:
    http = Server(*(status(number) for number in (8, 9, 10)))
    items, state = await fetch(Mastodon(URL), http)
    assert numbers(items) == [8, 9, 10]
    assert http.asked[0] == {"limit": "40", "exclude_replies": "true", "exclude_reblogs": "true"}
    same = await batches(Mastodon(URL), http, state)
    assert [(batch.items, batch.is_unchanged) for batch in same] == [((), True)]
    http.rows[1] = status(9, content="<p>Brighter</p>", edited_at="2026-03-03T10:00:00Z")
    http.rows.append(status(11))
    items, state = await fetch(Mastodon(URL), http, after(same[0]))
    assert [(number, item.text) for number, item in zip(numbers(items), items, strict=True)] == [
        (9, "Brighter"),
        (11, "Light number 11"),
    ]
    assert (await fetch(Mastodon(URL), http, state))[0] == []
    assert sum(path.endswith("lookup") for path in http.paths) == 1


async def test_only_pages_that_can_hold_news_are_asked_for() -> None:
    http = Server(*(status(number) for number in range(1, 41)), size=10)
    since = FetchState("lamp", since=datetime(2026, 3, 2, 15, tzinfo=UTC))
    items, state = await fetch(Mastodon(URL), http, since)
    assert numbers(items) == list(range(15, 41))
    assert len(http.asked) == 3
    http.rows += [status(number) for number in range(41, 56)]
    assert numbers((await fetch(Mastodon(URL), http, state))[0]) == list(range(41, 56))
    assert len(http.asked) == 5


async def test_cut_off_in_the_middle_it_goes_on_where_it_was() -> None:
    http = Server(*(status(number) for number in range(1, 251)))
    first = (await batches(Mastodon(URL), http))[0]
    assert numbers(list(first.items)) == list(range(1, 201))
    rest, _ = await fetch(Mastodon(URL), http, after(first))
    assert numbers(rest) == list(range(201, 251))


async def test_what_is_taken() -> None:
    rows = (
        status(1),
        status(2, reblog=row(90)),
        status(3, in_reply_to_id="70", in_reply_to_account_id="2"),
        status(4, visibility="private"),
    )
    for take, found in ((("posts",), [1]), (("boosts",), [2]), (("posts", "boosts", "replies"), [1, 2, 3])):
        assert numbers((await fetch(Mastodon(URL, take=take), Server(*rows)))[0]) == found


async def test_pages_without_end_end() -> None:
    http = Server(*(status(number) for number in range(1, 1000)), size=1)
    found = await batches(Mastodon(URL), http)
    assert len(http.asked) == MOST_PAGES
    assert "pages of statuses at once" in found[0].warnings[0]

    class Loop(Server):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            reply = await super().get(url if "lookup" in url else url.partition("?")[0], headers=headers)
            return reply

    found = await batches(Mastodon(URL), Loop(status(5), status(6)))
    assert PAGE_REPEATED in found[0].warnings


async def test_a_record_that_is_no_status_is_set_aside() -> None:
    http = Server(status(1), {"id": "2"})
    (batch,) = await batches(Mastodon(URL), http)
    assert numbers(list(batch.items)) == [1]
    assert [each.data for each in batch.aside] == [b'{"id": "2"}']


@needs_corpus
async def test_where_the_api_is_shut_the_feed_is_read_under_the_same_names() -> None:
    base = "https://mastodon.social"
    lookup = f"{base}/api/v1/accounts/lookup?acct=pdxjohnny"
    feed = CORPUS / "mastodon" / "account.rss"
    http = FakeHttp({lookup: BadStatus(401, "no"), f"{base}/@pdxjohnny/feed.rss": feed})
    kind = Mastodon(f"{base}/@pdxjohnny")
    items, state = await fetch(kind, http)
    assert numbers(items) == [109320563491316354, 109348722777644811]
    assert {item.kind for item in items} == {"mastodon"}
    http.requests = []
    assert (await batches(kind, http, state))[0].is_unchanged
    assert http.urls == [f"{base}/@pdxjohnny/feed.rss"]
    with pytest.raises(BadStatus):
        await batches(kind, FakeHttp({lookup: BadStatus(401, "no")}))
    with pytest.raises(NotReadable, match="does not say which account"):
        await batches(kind, FakeHttp({lookup: {"error": "Record not found"}}))


@pytest.mark.parametrize(
    ("url", "is_account"),
    [
        (URL, True),
        (f"{BASE}/web/@lamp", True),
        (f"{BASE}/@lamp@oil.example/", True),
        (f"{BASE}/@lamp.rss", True),
        ("https://www.youtube.com/@lamp", False),
        ("https://medium.com/@lamp", False),
        (f"{BASE}/@lamp/117020598436551261", False),
    ],
)
def test_shapes(url: str, is_account: bool) -> None:
    assert (reader_by_shape(url, find_kinds()) == "mastodon") is is_account


def test_where_it_is_known() -> None:
    assert Mastodon(f"{BASE}/@lamp@oil.example").handle == "lamp@oil.example"
    with pytest.raises(NotReadable, match="not the page of an account"):
        _ = Mastodon(BASE).handle
    assert Mastodon.recognises(Reply(URL, 200, b"<div class='app-holder' id=\"mastodon\">"))
    assert not Mastodon.recognises(Reply(BASE, 200, b'<div id="mastodon">'))
    info = find_kinds()["mastodon"]
    assert (info.word, info.keys, info.can_read) == ("mastodon", ("url", "take"), True)
