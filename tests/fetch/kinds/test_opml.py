import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import BadStatus, FetchError, Gone, NotReadable, Throttled, TooLarge
from newsletter.fetch.find import find_kind, reader_by_shape
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.opml import MOST_FEEDS, MOST_LISTS, Opml
from newsletter.model.item import Item, Person
from newsletter.model.source import FetchState
from tests.corpus import needs_corpus
from tests.fakes import FakeHttp
from tests.replaying import replayed

LIST = "https://list.example.org/team.opml"


def feed(*names: str) -> str:
    entries = "".join(f"<item><guid>{name}</guid><title>{name}</title></item>" for name in names)
    return f"<rss version='2.0'><channel><title>own title</title>{entries}</channel></rss>"


def listing(*rows: str) -> str:
    return f"<opml version='2.0'><body>{''.join(rows)}</body></opml>"


def row(name: str, **more: str) -> str:
    extra = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<outline text="{name.title()}" xmlUrl="{address(name)}"{extra}/>'


def address(name: str) -> str:
    return f"https://{name}.example.org/rss"


def web(*names: str, **more: Any) -> FakeHttp:
    answers = {address(name): feed(f"{name} one") for name in names}
    return FakeHttp({LIST: listing(*(row(name) for name in names)), **answers, **more})


async def batches(kind: Opml, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("team"))]


async def fetch(kind: Opml, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState, list[str]]:
    found = await batches(kind, http, state)
    items = [item for batch in found for item in batch.items]
    return items, after(found[-1]), [warning for batch in found for warning in batch.warnings]


def after(batch: Batch) -> FetchState:
    return replace(FetchState("team"), cursor=json.loads(json.dumps(batch.cursor)))


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items]


async def test_each_feed_of_the_list_is_read_and_only_news_comes_again() -> None:
    http = web("ada", "bo")
    items, state, warnings = await fetch(Opml(LIST), http)
    assert titles(items) == ["ada one", "bo one"]
    assert [(item.author, item.labels) for item in items] == [(Person("Ada"), ("Ada",)), (Person("Bo"), ("Bo",))]
    assert warnings == []
    assert Counter(http.urls).most_common(1)[0][1] == 1
    (same,) = await batches(Opml(LIST), http, state)
    assert (same.is_unchanged, same.items) == (True, ())
    assert all(request.known and request.known.body_hash for request in http.requests[3:])
    http.answers[address("bo")] = feed("bo two", "bo one")
    items, _, _ = await fetch(Opml(LIST), http, after(same))
    assert titles(items) == ["bo two"]


async def test_the_same_key_in_two_feeds_is_two_items() -> None:
    answers = {address(name): feed("1", f"https://shared.example.org/{name}") for name in ("ada", "bo")}
    http = FakeHttp({LIST: listing(row("ada"), row("bo")), **answers})
    items, _, _ = await fetch(Opml(LIST), http)
    assert len({item.id for item in items}) == 4
    assert sorted(item.native_keys[0] for item in items) == [
        "https://ada.example.org/rss 1",
        "https://bo.example.org/rss 1",
        "https://shared.example.org/ada",
        "https://shared.example.org/bo",
    ]


async def test_folders_are_labels_and_can_be_chosen() -> None:
    http = web("ada", "bo")
    http.answers[LIST] = listing(f'<outline text="Dev">{row("ada", category="/news/oil")}</outline>', row("bo"))
    items, _, _ = await fetch(Opml(LIST), http)
    assert [item.labels for item in items] == [("Ada", "Dev", "news", "oil"), ("Bo",)]
    items, _, _ = await fetch(Opml(LIST, folders=("dev",)), http)
    assert titles(items) == ["ada one"]
    items, _, warnings = await fetch(Opml(LIST, folders=("none",)), http)
    assert (items, warnings) == ([], ["the list names no feed in these folders"])


async def test_a_broken_feed_is_told_and_asked_less_often() -> None:
    http = web("ada", "bo", "cy", "di")
    later = datetime.now(UTC) + timedelta(days=3)
    http.answers |= {
        address("ada"): BadStatus(500, "the server answers 500"),
        address("bo"): Throttled("later", until=later),
        address("cy"): Gone("it is gone for good"),
    }
    items, state, warnings = await fetch(Opml(LIST), http)
    assert titles(items) == ["di one"]
    assert warnings == ["Ada: the server answers 500", "Bo: later", "Cy: it is gone for good"]
    known = state.cursor["feeds"]
    assert datetime.fromisoformat(known[address("bo")]["until"]) == later
    http.requests = []
    _, state, warnings = await fetch(Opml(LIST), http, state)
    assert (http.urls, warnings) == ([LIST, address("di")], [])
    http.answers[address("ada")] = feed("ada one")
    known[address("ada")]["until"] = "2026-01-01T00:00:00+00:00"
    items, state, _ = await fetch(Opml(LIST), http, FetchState("team", {**state.cursor, "feeds": known}))
    assert titles(items) == ["ada one"]
    assert state.cursor["feeds"][address("ada")]["failures"] == 0


async def test_when_no_feed_can_be_read_the_source_is_broken() -> None:
    http = FakeHttp({LIST: listing(row("ada"), row("bo"))})
    found: list[Batch] = []
    with pytest.raises(NotReadable, match="none of the 2 feeds"):
        await collect(Opml(LIST), http, found)
    assert len(found[-1].warnings) == 2
    (rest,) = await batches(Opml(LIST), http, after(found[-1]))
    assert rest.is_unchanged


async def collect(kind: Opml, http: Http, into: list[Batch]) -> None:
    async for batch in kind.fetch(http, FetchState("team")):
        into.append(batch)


async def test_cut_off_in_the_middle_it_goes_on_where_it_was() -> None:
    http = web("ada", "bo", "cy")
    first = (await batches(Opml(LIST), http))[0]
    assert titles(list(first.items)) == ["ada one"]
    items, _, _ = await fetch(Opml(LIST), http, after(first))
    assert titles(items) == ["bo one", "cy one"]


async def test_feeds_that_leave_the_list_are_forgotten() -> None:
    http = web("ada", "bo")
    _, state, _ = await fetch(Opml(LIST), http)
    http.answers[LIST] = listing(row("bo"))
    _, state, _ = await fetch(Opml(LIST), http, state)
    assert list(state.cursor["feeds"]) == [address("bo")]


async def test_a_list_that_is_away_does_not_stop_its_feeds() -> None:
    http = web("ada")
    with pytest.raises(BadStatus):
        await batches(Opml(LIST), FakeHttp())
    _, state, _ = await fetch(Opml(LIST), http)
    http.answers |= {LIST: BadStatus(500, "no"), address("ada"): feed("ada two")}
    items, _, warnings = await fetch(Opml(LIST), http, state)
    assert titles(items) == ["ada two"]
    assert warnings == [f"the list {LIST} cannot be read now: no"]


async def test_lists_in_lists_are_read_once_and_not_for_ever() -> None:
    def other(number: int) -> str:
        return f"https://list.example.org/{number}.opml"

    def link(number: int) -> str:
        return f'<outline type="include" text="more" url="{other(number)}"/>'

    http = web("ada", "bo")
    http.answers |= {LIST: listing(row("ada"), link(1)), other(1): listing(row("bo"), link(1), row("ada"))}
    items, _, _ = await fetch(Opml(LIST), http)
    assert titles(items) == ["ada one", "bo one"]
    http.answers |= {other(number): listing(row("bo"), link(number + 1)) for number in range(1, 100)}
    http.requests = []
    _, _, warnings = await fetch(Opml(LIST), http)
    assert sum(url.endswith(".opml") for url in http.urls) == MOST_LISTS + 1
    assert warnings == [f"more than {MOST_LISTS} lists are named; the others are not read"]


async def test_the_number_of_feeds_is_bounded() -> None:
    names = [f"n{number}" for number in range(MOST_FEEDS + 20)]
    http = web(*names)
    items, state, warnings = await fetch(Opml(LIST), http)
    assert len(items) == MOST_FEEDS
    assert len(state.cursor["feeds"]) == MOST_FEEDS
    assert any(f"the first {MOST_FEEDS} are read" in warning for warning in warnings)


async def test_many_warnings_are_counted() -> None:
    http = web(*(f"n{number}" for number in range(15)))
    http.answers |= {address(f"n{number}"): BadStatus(404, "not there") for number in range(13)}
    _, _, warnings = await fetch(Opml(LIST), http)
    assert len(warnings) == 11
    assert warnings[-1] == "3 more warnings about feeds of the list"


async def test_what_moved_for_good_is_told() -> None:
    moved = "https://new.example.org/rss"
    http = web("ada")
    http.answers[address("ada")] = Reply(moved, 200, feed("one").encode(), {}, Document(etag="1", moved_to=moved))
    _, _, warnings = await fetch(Opml(LIST), http)
    assert warnings == [f"Ada: moved for good to {moved}"]


async def test_a_file_is_a_list_too(tmp_path: Path) -> None:
    path = tmp_path / "team.opml"
    path.write_text(listing(row("ada")), encoding="utf-8")
    http = web("ada")
    items, state, _ = await fetch(Opml(file=str(path)), http)
    assert titles(items) == ["ada one"]
    assert http.urls == [address("ada")]
    assert (await batches(Opml(file=str(path)), http, state))[0].is_unchanged
    for kind in (Opml(file=str(tmp_path / "none.opml")), Opml()):
        with pytest.raises(FetchError):
            await batches(kind, http)
    with (tmp_path / "large.opml").open("wb") as large:
        large.truncate(21 << 20)
    with pytest.raises(TooLarge, match="larger than 20 MiB"):
        await batches(Opml(file=str(tmp_path / "large.opml")), http)


async def test_where_it_is_known() -> None:
    assert reader_by_shape(LIST, find_kinds()) == "opml"
    assert Opml.recognises(Reply(LIST, 200, b'<?xml version="1.0"?><!-- x --><OPML version="1.1">'))
    assert not Opml.recognises(Reply(LIST, 200, b"<rss>"))
    info = find_kinds()["opml"]
    assert (info.word, info.keys, info.can_read) == ("opml", ("url", "file", "folders"), True)
    http = FakeHttp({"https://list.example.org/list": listing(row("ada"))})
    assert (await find_kind("https://list.example.org/list", http)).info.reader == "opml"


@needs_corpus
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_a_list_built_for_harm_over_http_is_answered() -> None:
    async with replayed() as played:
        url = f"{played.base}/hostile/opml-bomb"
        found: list[Batch] = []

        class OnlyTheList:
            """The web, with nothing on it but the list."""

            async def get(self, asked: str, *, known: Document | None = None, headers: Any = None) -> Reply:
                if asked != url:
                    raise BadStatus(404, "not there")
                return await played.http.get(asked, known=known, headers=headers)

            async def download(self, asked: str, *, known: Document | None = None) -> Reply:
                raise AssertionError("nothing is downloaded")

        with pytest.raises(NotReadable, match="none of the 100 feeds"):
            await collect(Opml(url), OnlyTheList(), found)


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_over_http_nothing_is_asked_twice_and_a_second_time_conditionally(tmp_path: Path) -> None:
    async with replayed() as played:
        feeds = [f"{played.base}/living/feed.{ending}" for ending in ("atom", "rss")] + [
            f"{played.base}/hostile/always-500"
        ]
        path = tmp_path / "list.opml"
        path.write_text(listing(*(f'<outline text="F" xmlUrl="{url}"/>' for url in feeds)), encoding="utf-8")
        items, state, warnings = await fetch(Opml(file=str(path)), played.http)
        assert items
        assert len(warnings) == 1
        first = sum(each["bytes"] for each in played.rows)
        assert max(Counter(each["path"] for each in played.rows if "living" in each["path"]).values()) == 1
        played.rows.clear()
        assert (await fetch(Opml(file=str(path)), played.http, state))[0] == []
        assert [each["status"] for each in played.rows] == [304, 304]
        assert sum(each["bytes"] for each in played.rows) <= first * 0.05
