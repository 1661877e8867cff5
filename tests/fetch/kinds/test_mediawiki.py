import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.mediawiki import MOST_PAGES, MediaWiki
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.item import Item
from newsletter.model.source import FetchState

PAGE = "https://wiki.lantern.example/wiki/Main_Page"
API = "https://wiki.lantern.example/w/api.php"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SINCE = FetchState("wiki", since=MONDAY - timedelta(days=7))


def row(number: int, hours: float, page: str = "Oils", **values: Any) -> dict[str, Any]:
    return {
        "type": "edit",
        "rcid": number,
        "ns": 0,
        "title": page,
        "revid": 100 + number,
        "old_revid": 100 + number - 1,
        "user": "Mira",
        "oldlen": 10,
        "newlen": 15,
        "comment": f"comment {number}",
        "timestamp": (MONDAY + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **values,
    }


class Wiki:
    """A wiki that gives its changes in pages of ``size``, the oldest first from rcstart on."""

    def __init__(self, *rows: dict[str, Any], size: int = 500, is_endless: bool = False) -> None:
        self.rows, self.size, self.is_endless = list(rows), size, is_endless
        self.asked: list[dict[str, str]] = []
        self.looked = 0

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        if url == PAGE:
            self.looked += 1
            return Reply(url, 200, b'<html><head><link rel="EditURI" href="/w/api.php?action=rsd"></head>')
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == API
        asked = {key: values[0] for key, values in parse_qs(parts.query, strict_parsing=True).items()}
        self.asked.append(asked)
        found = sorted((each for each in self.rows if self.fits(each, asked)), key=lambda each: each["timestamp"])
        start = int(asked.get("rccontinue", "0").rpartition("|")[2])
        answer: dict[str, Any] = {"query": {"recentchanges": found[start : start + self.size]}}
        if start + self.size < len(found) or self.is_endless:
            answer["continue"] = {"rccontinue": f"x|{start + self.size}", "continue": "-||"}
        return Reply(url, 200, json.dumps(answer).encode())

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")

    @staticmethod
    def fits(each: dict[str, Any], asked: dict[str, str]) -> bool:
        shown = asked["rcshow"].split("|")
        return (
            each["timestamp"] >= asked["rcstart"]
            and str(each["ns"]) in asked["rcnamespace"].split("|")
            and each["type"] in asked["rctype"].split("|")
            and not (each.get("minor") and "!minor" in shown)
            and not (each.get("bot") and "!bot" in shown)
        )


async def batches(kind: MediaWiki, http: Http, state: FetchState = SINCE) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state)]


async def fetch(kind: MediaWiki, http: Http, state: FetchState = SINCE) -> tuple[list[Item], FetchState]:
    found = await batches(kind, http, state)
    return [item for batch in found for item in batch.items], after(found[-1], state)


def after(batch: Batch, state: FetchState = SINCE) -> FetchState:
    return replace(state, cursor=json.loads(json.dumps(batch.cursor)))


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items]


async def test_a_week_of_a_page_grows_under_one_id() -> None:
    http = Wiki(row(1, 0), row(2, 1, user="Tove"), row(3, 2, "Lamps", type="new", old_revid=0))
    items, state = await fetch(MediaWiki(PAGE), http)
    assert titles(items) == ["New page: Lamps", "Oils: 2 edits by 2 people"]
    assert items[1].links == ("https://wiki.lantern.example/w/index.php?title=Oils&diff=102&oldid=100",)
    same = await batches(MediaWiki(PAGE), http, state)
    assert [(batch.items, batch.is_unchanged) for batch in same] == [((), True)]
    assert http.asked[1]["rcstart"] == "2026-03-02T12:00:00Z"
    http.rows += [row(4, 2), row(5, 30), row(6, 24 * 7)]
    grown, _ = await fetch(MediaWiki(PAGE), http, after(same[-1]))
    assert titles(grown) == ["Oils: 4 edits by 2 people", "Oils: 1 edit by Mira"]
    assert grown[0].id == items[1].id != grown[1].id
    assert grown[0].text.startswith("4 edits by Mira and Tove; 20 bytes more.")
    assert http.looked == 1


async def test_page_by_page_and_cut_off_in_the_middle() -> None:
    http = Wiki(*(row(number, number, f"Page {number // 2}") for number in range(10)), size=3)
    found = await batches(MediaWiki(API), http)
    last = {item.id: item for batch in found for item in batch.items}
    assert sorted(titles(list(last.values()))) == [f"Page {number}: 2 edits by Mira" for number in range(5)]
    assert [each.get("rccontinue") for each in http.asked] == [None, "x|3", "x|6", "x|9"]
    rest = await batches(MediaWiki(API), http, after(found[1]))
    again = {item.id: item for batch in (*found[:2], *rest) for item in batch.items}
    assert {key: item.text for key, item in again.items()} == {key: item.text for key, item in last.items()}


async def test_what_counts() -> None:
    rows = (
        row(1, 0, minor=True),
        row(2, 1, "Lamps", bot=True),
        row(3, 2, "Oils", user="StoryBot"),
        row(4, 3, "Talk:Oils", ns=1),
        row(5, 4, "Wicks", type="new"),
        row(6, 5, "Wicks"),
    )
    assert titles((await fetch(MediaWiki(API), Wiki(*rows)))[0]) == ["New page: Wicks"]
    both = MediaWiki(API, take=("changes", "minor changes"), namespaces=(0, 1))
    assert titles((await fetch(both, Wiki(*rows)))[0]) == [
        "New page: Wicks",
        "Oils: 1 edit by Mira",
        "Talk:Oils: 1 edit by Mira",
    ]
    (new,), _ = await fetch(MediaWiki(API, take=("new pages",)), Wiki(*rows))
    assert new.text.startswith("Begun by Mira")
    daily = MediaWiki(API, summed_by="day")
    assert len((await fetch(daily, Wiki(row(1, 0), row(2, 24))))[0]) == 2


async def test_other_settings_begin_anew() -> None:
    http = Wiki(row(1, 0))
    _, state = await fetch(MediaWiki(API), http)
    assert len((await fetch(MediaWiki(API, summed_by="day"), http, state))[0]) == 1


async def test_pages_without_end_end() -> None:
    http = Wiki(row(1, 0), is_endless=True)
    found = await batches(MediaWiki(API), http)
    assert len(http.asked) == MOST_PAGES
    assert "comes next time" in found[-1].warnings[0]

    class Loop(Wiki):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            self.asked.append({})
            value = {"query": {"recentchanges": [row(1, 0)]}, "continue": {"rccontinue": "same"}}
            return Reply(url, 200, json.dumps(value).encode())

    loop = Loop()
    found = await batches(MediaWiki(API), loop)
    assert (len(loop.asked), found[-1].warnings) == (2, (PAGE_REPEATED,))


async def test_a_record_that_is_no_change_is_set_aside() -> None:
    http = Wiki(row(1, 0), row(2, 1, title=""))
    (batch,) = await batches(MediaWiki(API), http)
    assert titles(list(batch.items)) == ["Oils: 1 edit by Mira"]
    assert [each.reason for each in batch.aside] == ["this is no change of a page"]


async def test_a_first_look_reaches_back_a_month() -> None:
    http = Wiki()
    await fetch(MediaWiki(API), http, FetchState("wiki"))
    start = datetime.fromisoformat(http.asked[0]["rcstart"])
    assert timedelta(days=29) < datetime.now(UTC) - start < timedelta(days=31)


async def test_a_page_without_an_api_is_not_readable() -> None:
    class Page(Wiki):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            return Reply(url, 200, b"<html>")

    with pytest.raises(NotReadable, match=r"Give the address of its api\.php"):
        await batches(MediaWiki(PAGE), Page())


def test_where_it_is_known() -> None:
    kinds = find_kinds()
    assert reader_by_shape(f"{API}?action=query", kinds) == "mediawiki"
    assert reader_by_shape("https://wiki.lantern.example/wiki/Special:RecentChanges", kinds) == "mediawiki"
    assert reader_by_shape(PAGE, kinds) is None
    assert MediaWiki.recognises(Reply(PAGE, 200, b'<meta name="generator" content="MediaWiki 1.43.0"/>'))
    assert not MediaWiki.recognises(Reply(PAGE, 200, b"<html>MediaWiki"))
    keys = ("url", "namespaces", "take", "summed_by")
    assert (kinds["mediawiki"].word, kinds["mediawiki"].keys) == ("wiki", keys)


async def test_a_change_that_is_read_again_is_added_to_those_of_its_week() -> None:
    wiki = Wiki(row(1, 0), row(2, 3, title=None))
    kind = MediaWiki(PAGE)
    found = await batches(kind, wiki)
    [aside] = [each for batch in found for each in batch.aside]
    mended = replace(aside, data=json.dumps(row(2, 3)).encode())
    [batch] = [each async for each in kind.replay(mended, after(found[-1]))]
    assert [(item.id, item.title) for item in batch.items] == [(found[0].items[0].id, "Oils: 2 edits by Mira")]
