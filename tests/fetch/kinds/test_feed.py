"""The kind "feed": what is asked, what is kept, what is told."""

from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.http import Document, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.workers import worker_pool
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data" / "feed"
URL = "https://blog.example.org/rss"


async def fetched(http: FakeHttp, cursor: dict[str, object] | None = None, url: str = URL) -> list[Batch]:
    return [batch async for batch in Feed(url).fetch(http, FetchState("blog", cursor or {}))]


def rss(*titles: str) -> str:
    entries = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
    return f"<rss version='2.0'><channel>{entries}</channel></rss>"


async def test_new_entries_come_once() -> None:
    http = FakeHttp({URL: [rss("one"), rss("two", "one"), rss("two")]})
    (first,) = await fetched(http)
    assert [item.title for item in first.items] == ["one"]
    (second,) = await fetched(http, dict(first.cursor))
    assert [item.title for item in second.items] == ["two"]
    assert http.requests[1].known == Document.from_json(first.cursor["documents"][URL])
    (third,) = await fetched(http, dict(second.cursor))
    assert (third.items, third.is_unchanged) == ((), True)
    assert len(third.cursor["entries"]) == 1


async def test_an_unchanged_document_is_not_read_and_nothing_is_forgotten() -> None:
    http = FakeHttp({URL: rss("one")})
    (first,) = await fetched(http)
    (second,) = await fetched(http, dict(first.cursor))
    assert second == Batch(cursor=first.cursor, is_unchanged=True)


@pytest.mark.slow
async def test_a_very_long_feed_comes_in_batches_that_can_be_cut_off() -> None:
    http = FakeHttp({URL: rss(*(f"{number}" for number in range(2100)))})
    batches = await fetched(http)
    assert [len(batch.items) for batch in batches] == [1000, 1000, 100]
    assert [bool(batch.cursor["documents"]) for batch in batches] == [False, False, True]
    again = await fetched(http, dict(batches[0].cursor))
    assert [len(batch.items) for batch in again] == [1000, 100]
    assert {item.id for batch in batches for item in batch.items} == {
        item.id for batch in (batches[0], *again) for item in batch.items
    }


async def test_a_page_that_names_a_feed() -> None:
    page = '<!DOCTYPE html><html><head><link rel="alternate" type="application/atom+xml" href="atom.xml"></head></html>'
    with pytest.raises(NotReadable) as caught:
        await fetched(FakeHttp({"https://planet.example.org/": page}), url="https://planet.example.org/")
    assert str(caught.value) == (
        "https://planet.example.org/ is a web page, not a feed. It names one: https://planet.example.org/atom.xml. "
        'Put that address here, or write "kind: web page" to watch the page itself.'
    )


@pytest.mark.parametrize("link", ["", '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">'])
async def test_a_page_that_names_none(link: str) -> None:
    with pytest.raises(NotReadable) as caught:
        await fetched(FakeHttp({URL: f"<html><head>{link}</head><body>Hello"}))
    assert str(caught.value) == (
        f"{URL} is a web page, not a feed. It names no feed. "
        'Ask its owner for the feed, or write "kind: web page" and "watch:".'
    )


async def test_a_move_for_good_is_told() -> None:
    moved = "https://new.example.org/rss"
    http = FakeHttp({URL: Reply(moved, 200, rss("one").encode(), {}, Document(etag="1", moved_to=moved))})
    (batch,) = await fetched(http)
    assert batch.moved_to == moved
    assert batch.cursor["documents"] == {URL: {"etag": "1", "moved_to": moved}}


async def test_large_and_odd_feeds_are_read_too() -> None:
    large = rss(*(f"{number} {'x' * 1000}" for number in range(100)))
    assert len(large) > 64 * 1024
    assert len((await fetched(FakeHttp({URL: large})))[0].items) == 100
    assert len((await fetched(FakeHttp({URL: "<rss><channel><item><title>open"})))[0].items) == 1


@pytest.mark.slow
async def test_a_feed_that_takes_too_long_is_refused_and_plain_ones_go_on() -> None:
    # Not plain (it has a document type), so feedparser reads it, in a worker; it needs seconds for so many entries.
    slow = "<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss(*(f"{number}" for number in range(20_000)))
    large = rss(*(f"{number} {'x' * 1000}" for number in range(100)))
    http = FakeHttp({URL: slow, "https://e.org/plain": rss("plain"), "https://e.org/large": large})
    async with worker_pool(1, seconds=1) as pool:
        with pytest.raises(NotReadable, match="took longer than 1 s"):
            await fetched(http)
        pool._seconds = 60  # however busy the machine is
        assert [item.title for item in (await fetched(http, url="https://e.org/plain"))[0].items] == ["plain"]
        assert pool.pids == ()
        assert len((await fetched(http, url="https://e.org/large"))[0].items) == 100
        assert len(pool.pids) == 1


@pytest.mark.parametrize(
    ("body", "is_feed"),
    [
        ((DATA / "planet.atom").read_bytes(), True),
        ((DATA / "blog.rss").read_bytes(), True),
        ((DATA / "notes.json").read_bytes(), True),
        (b'{"a": 1}', False),
        (b"<html><body><a href='/rss'>rss</a>", False),
        (b"From someone at example.org Thu Mar 5 18:00:00 2026\n", False),
        (b"BEGIN:VCALENDAR", False),
        (rss("wide").encode("utf-16"), True),
        (b"", False),
    ],
)
def test_recognises(body: bytes, is_feed: bool) -> None:
    assert Feed.recognises(Reply(URL, 200, body)) is is_feed


def test_it_is_registered_with_its_keys() -> None:
    info = find_kinds()["feed"]
    assert (info.word, info.reader, info.keys, info.can_read) == ("feed", "feed", ("url", "real_author_from"), True)


async def test_the_page_of_a_channel_stands_for_its_feed() -> None:
    page = "https://www.youtube.com/@lantern"
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UC1"
    link = f'<html><head><link rel="alternate" type="application/rss+xml" href="{feed}"></head>'
    http = FakeHttp({page: link, feed: [rss("one"), rss("one"), rss("two")]})
    (first,) = await fetched(http, url=page)
    assert [item.title for item in first.items] == ["one"]
    (second,) = await fetched(http, dict(first.cursor), url=page)
    assert second.is_unchanged
    (third,) = await fetched(http, dict(second.cursor), url=page)
    assert [item.title for item in third.items] == ["two"]
    assert http.urls == [page, feed, feed, feed]
    channel = "https://www.youtube.com/channel/UC1"
    http = FakeHttp({feed: rss("one")})
    (first,) = await fetched(http, url=channel)
    assert (await fetched(http, dict(first.cursor), url=channel))[0].is_unchanged
    assert http.urls == [feed, feed]


async def test_a_peertube_page_is_recognised() -> None:
    page = b'<!doctype html><html><meta property="og:platform" content="PeerTube" />'
    assert Feed.recognises(Reply("https://tube.example.org/c/lantern", 200, page))


async def test_batches_of_a_feed_longer_than_one_reading_hold_each_entry_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.feed_items.ITEMS_AT_MOST", 7)
    monkeypatch.setattr("newsletter.fetch.kinds.feed._IN_A_BATCH", 3)
    for count in (*range(16), 21, 22):
        http = FakeHttp({URL: rss(*(str(number) for number in range(count)))})
        batches = [batch async for batch in Feed(URL).fetch(http, FetchState("blog"))]
        titles = [item.title for batch in batches for item in batch.items]
        assert sorted(titles, key=int) == [str(number) for number in range(count)]
        assert all(len(batch.items) <= 3 for batch in batches)
        for at, batch in enumerate(batches[:-1]):
            killed = FetchState("blog", batch.cursor)
            rest = [item.title async for each in Feed(URL).fetch(http, killed) for item in each.items]
            assert sorted(rest) == sorted(item.title for each in batches[at + 1 :] for item in each.items)
