import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.moinmoin import MoinMoin
from newsletter.fetch.moinmoin import read_moin_changes
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = (Path(__file__).parents[2] / "data" / "wiki" / "recent_changes.rdf").read_bytes()
BASE = "https://wiki.lantern.example"
FEED = f"{BASE}/RecentChanges?action=rss_rc&items=100&unique=0&ddiffs=1"


async def batches(kind: MoinMoin, http: FakeHttp, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("wiki"))]


def after(batch: Batch) -> FetchState:
    return replace(FetchState("wiki"), cursor=json.loads(json.dumps(batch.cursor)))


def later(*entries: str) -> bytes:
    return DATA.replace(b"<item ", "".join(entries).encode() + b"<item ", 1)


def entry(page: str, day: str, who: str = "Tove") -> str:
    return (
        f"<item><title>{page}</title><link>{BASE}/{page}</link><dc:date>{day}T12:00:00Z</dc:date><dc:contributor>"
        f"<rdf:Description><rdf:value>{who}</rdf:value></rdf:Description></dc:contributor></item>"
    )


async def test_changes_are_summed_up_and_grow() -> None:
    http = FakeHttp({FEED: [DATA, DATA, later(entry("Oils &amp; wicks", "2026-03-05"))]})
    (first,) = await batches(MoinMoin(BASE), http)
    assert [item.title for item in first.items] == ["New page: Meetings", "Oils & wicks: 2 edits by 2 people"]
    new, oils = first.items
    assert (new.url, new.published_at) == (f"{BASE}/Meetings", datetime(2026, 3, 2, 8, 30, tzinfo=UTC))
    assert (oils.url, oils.links) == (f"{BASE}/Oils", (f"{BASE}/Oils?action=diff",))
    assert oils.text == "2 edits by somebody without an account and MiraOduya.\n\n- MiraOduya: whale oil is out"
    (same,) = await batches(MoinMoin(BASE), http, after(first))
    assert (same.is_unchanged, same.items) == (True, ())
    (grown,) = await batches(MoinMoin(BASE), http, after(same))
    assert [(item.id, item.title) for item in grown.items] == [(oils.id, "Oils & wicks: 3 edits by 3 people")]


async def test_what_is_missing_is_told() -> None:
    head = DATA.partition(b"<item ")[0]
    http = FakeHttp({FEED: [DATA, head + entry("Late", "2026-03-20").encode() + b"</rdf:RDF>"]})
    (first,) = await batches(MoinMoin(BASE), http)
    (second,) = await batches(MoinMoin(BASE), http, after(first))
    assert [item.title for item in second.items] == ["Late: 1 edit by Tove"]
    assert "the first of them are missing" in second.warnings[0]


async def test_words_days_and_a_start() -> None:
    http = FakeHttp({FEED: DATA})
    (batch,) = await batches(MoinMoin(BASE, take=("new pages",)), http)
    assert [item.title for item in batch.items] == ["New page: Meetings"]
    (batch,) = await batches(MoinMoin(BASE, take=("changes", "minor changes"), summed_by="day"), http)
    assert len(batch.items) == 4
    state = FetchState("wiki", since=datetime(2026, 3, 4, tzinfo=UTC))
    (batch,) = await batches(MoinMoin(BASE), http, state)
    assert [item.title for item in batch.items] == ["Oils & wicks: 1 edit by MiraOduya"]


@pytest.mark.parametrize("data", [b"", b"<html>", b"<rss/>", b"\xff\xfe", b"{}", b"<a>" * 100_000])
def test_another_document_is_not_readable(data: bytes) -> None:
    with pytest.raises(NotReadable, match="not the RSS of a MoinMoin wiki"):
        read_moin_changes(data)


def test_a_broken_document_gives_what_stands_before_the_break() -> None:
    assert [each.page for each in read_moin_changes(DATA.partition(b"<title>Meetings")[0])] == ["Oils & wicks"] * 2


@pytest.mark.parametrize("url", [BASE, f"{BASE}/", f"{BASE}/RecentChanges", f"{BASE}/FrontPage", FEED])
def test_any_page_of_the_wiki_names_it(url: str) -> None:
    assert MoinMoin(url).feed_url == FEED


def test_where_it_is_known() -> None:
    kinds = find_kinds()
    assert reader_by_shape(f"{BASE}/RecentChanges?action=rss_rc", kinds) == "moinmoin"
    assert MoinMoin.recognises(Reply(BASE, 200, DATA))
    assert MoinMoin.recognises(Reply(BASE, 200, b'<html><script src="/moin_static199/common/js/common.js">'))
    assert not MoinMoin.recognises(Reply(BASE, 200, b"<html>Moin"))
    assert (kinds["moinmoin"].word, kinds["moinmoin"].keys) == ("wiki", ("url", "take", "summed_by"))
