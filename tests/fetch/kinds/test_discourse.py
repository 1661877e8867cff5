import json
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.discourse import Topic, read_categories, read_topic, read_topics, topic_item
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.discourse import MOST_PAGES, MOST_TOPICS, Discourse
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.item import Item, Person, item_id
from newsletter.model.source import FetchState
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fakes import FakeHttp, Request
from tests.replaying import replayed

BASE = "https://talk.lantern.example"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SKIPPED = tomllib.loads(Path(__file__).with_name("skipped_discourse.toml").read_text(encoding="utf-8"))


def at(hours: float) -> str:
    return (MONDAY + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def row(number: int, *, hours: float = 0, **values: Any) -> dict[str, Any]:
    """A topic of a list, hand-made after the documentation."""
    return {
        "id": number,
        "title": f"Topic number {number}",
        "slug": f"topic-number-{number}",
        "posts_count": 3,
        "created_at": at(hours - 5),
        "last_posted_at": at(hours),
        "bumped_at": at(hours),
        "archetype": "regular",
        "visible": True,
        "category_id": 7,
        "tags": ["wick", {"id": 3, "name": "night mode", "slug": "night-mode"}],
        "posters": [{"user_id": 21, "description": "Original Poster"}, {"user_id": 22, "description": "x"}],
        **values,
    }


class Forum(FakeHttp):
    """A forum with pages of ``size`` topics; each topic has a page of its own."""

    def __init__(self, *rows: dict[str, Any], size: int = 30) -> None:
        super().__init__()
        self.rows, self.size = list(rows), size
        self.answers[f"{BASE}/categories.json?include_subcategories=true"] = {
            "category_list": {
                "categories": [
                    {
                        "id": 7,
                        "name": "Getting started",
                        "slug": "start",
                        "topic_url": "/t/about-the-getting-started-category/970",
                        "subcategory_list": [{"id": 8, "name": "Oil", "slug": "oil", "parent_category_id": 7}],
                    }
                ]
            }
        }
        self.show()

    def show(self) -> None:
        ordered = sorted(self.rows, key=lambda each: each["bumped_at"] or "", reverse=True)
        ordered.sort(key=lambda each: not each.get("pinned"))
        for page, start in enumerate(range(0, max(1, len(ordered)), self.size)):
            listed: dict[str, Any] = {"topics": ordered[start : start + self.size]}
            if start + self.size < len(ordered):
                listed["more_topics_url"] = f"/latest?no_definitions=true&page={page + 1}"
            query = f"?no_definitions=true&page={page}" if page else ""
            users = [{"id": 21, "username": "Mira", "name": "Mira Oduya"}, {"id": 22, "username": "tove"}]
            self.answers[f"{BASE}/latest.json{query}"] = {"users": users, "topic_list": listed}
        for each in self.rows:
            self.answers[f"{BASE}/t/{each['slug']}/{each['id']}.json"] = self.page_of(each)

    @staticmethod
    def page_of(each: dict[str, Any]) -> dict[str, Any]:
        post = {"post_number": 1, "username": "Mira", "name": "Mira Oduya", "cooked": f"<p>Text of {each['id']}</p>"}
        facts = {key: value for key, value in each.items() if key not in ("posters", "bumped_at")}
        return {**facts, "participant_count": 2, "post_stream": {"posts": [post], "stream": [1, 2, 3]}}

    def take_urls(self) -> list[str]:
        found, self.requests = self.urls, []
        return [url.removeprefix(BASE) for url in found]


async def batches(kind: Discourse, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("forum"))]


async def fetch(kind: Discourse, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("forum")
    found = await batches(kind, http, state)
    return [item for batch in found for item in batch.items], after(found[-1], state)


async def collect(kind: Discourse, http: Http, into: list[Batch]) -> None:
    """What comes before the trouble."""
    async for batch in kind.fetch(http, FetchState("forum")):
        into.append(batch)


def after(batch: Batch, state: FetchState | None = None) -> FetchState:
    return replace(state or FetchState("forum"), cursor=json.loads(json.dumps(batch.cursor)))


def numbers(items: list[Item]) -> list[int]:
    return [int(item.native_keys[0].removeprefix("topic/")) for item in items]


# Recorded answers


def facts_of(topic: Topic) -> dict[str, Any]:
    item = topic_item(topic, "forum", BASE)
    assert item.thread is not None
    return {
        "id": int(item.native_keys[0].removeprefix("topic/")),
        "title": item.title,
        "slug": (item.url or "").split("/")[-2],
        "posts": item.thread.reply_count + 1,
        "created_utc": item.thread.first_at,
        "last_posted_utc": topic.posted_at,
    }


def wanted(expect: dict[str, Any]) -> dict[str, Any]:
    dates = {name: expect[name] and datetime.fromisoformat(expect[name]) for name in ("created_utc", "last_posted_utc")}
    return {**{name: expect[name] for name in ("id", "title", "slug", "posts") if name in expect}, **dates}


@needs_corpus
def test_every_recorded_document_gives_its_facts() -> None:
    known = {"topic_count", "more", "topics", "id", "title", "posts", "created_utc", "last_posted_utc"}
    count = 0
    for path, document in expected("discourse").items():
        if path in SKIPPED["documents"]:
            continue
        expect, value = document["expect"], json.loads((CORPUS / "discourse" / path).read_bytes())
        assert set(expect) <= known | set(SKIPPED["facts"])
        count += 1
        if "topics" in expect:
            page = read_topics(value, "h")
            assert (len(page.topics), page.next_url) == (expect["topic_count"], expect["more"])
            for topic, facts in zip(page.topics, expect["topics"], strict=True):
                assert facts_of(topic) == wanted(facts)
            continue
        found = read_topic(value, "h")
        assert found is not None
        facts = facts_of(found)
        del facts["slug"]
        assert facts == wanted(expect)
        first = expect["loaded_posts"][0]
        assert found.author is not None
        assert found.author.key == f"{first['author'].lower()}@h"
        assert topic_item(found, "forum", BASE).text
    assert count == 8


# Reading


def test_a_topic_becomes_an_item() -> None:
    topic = read_topic(Forum.page_of(row(5)), "talk.lantern.example")
    assert topic is not None
    item = topic_item(topic, "forum", BASE, category="Oil")
    assert item.id == item_id("forum", "topic/5")
    assert (item.kind, item.form, item.title, item.text) == ("discourse", "post", "Topic number 5", "Text of 5")
    assert item.url == f"{BASE}/t/topic-number-5/5"
    assert item.author == Person("Mira Oduya", "mira@talk.lantern.example")
    assert (item.project, item.labels) == ("Oil", ("wick", "night mode"))
    thread = item.thread
    assert thread is not None
    assert (thread.root_id, thread.reply_count, thread.people_count) == ("talk.lantern.example/t/5", 2, 2)
    assert (thread.last_at, thread.first_at) == (MONDAY, MONDAY - timedelta(hours=5))
    assert (item.published_at, item.updated_at) == (thread.first_at, thread.last_at)


@pytest.mark.parametrize(
    "values",
    [
        {"visible": False},
        {"archetype": "private_message"},
        {"archetype": "banner"},
        {"title": "About the Oil category", "posts_count": 1},
        {"title": "About the Site Feedback category", "pinned": True},
        {"title": "Welcome to our lamp!", "pinned_globally": True},
        {"title": "READ ME FIRST", "pinned": True, "posters": [{"user_id": -1, "description": "Original Poster"}]},
    ],
)
def test_what_the_forum_itself_wrote_is_hidden(values: dict[str, Any]) -> None:
    assert read_topics({"topic_list": {"topics": [row(1, **values)]}}, "h").topics[0].is_hidden
    if "posters" not in values:
        assert read_topic(row(1, **values), "h").is_hidden  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "values", [{"pinned": True}, {"title": "About the oil category we need"}, {"title": "Welcome to Ada!"}]
)
def test_what_people_wrote_is_not(values: dict[str, Any]) -> None:
    assert not read_topics({"topic_list": {"topics": [row(1, **values)]}}, "h").topics[0].is_hidden


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], [{}], "\x00", "2026-13-45"])
def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    names = ("slug", "posts_count", "created_at", "last_posted_at", "bumped_at", "tags", "posters", "visible")
    odd = {"id": 5, "title": "T", **dict.fromkeys((*names, "post_stream", "details", "category_id"), value)}
    for each in (odd, {**odd, "id": value}, {**odd, "title": value}, {**odd, "post_stream": {"posts": value}}):
        for topic in (read_topic(each, "h"), *read_topics({"topic_list": {"topics": [each]}}, "h").topics):
            assert topic is None or topic_item(topic, "s", BASE).title in ("T", "x", "2026-13-45")
    assert not read_categories(value).names


@pytest.mark.parametrize("value", [None, [], {}, {"topic_list": {}}, {"topic_list": {"topics": {}}}])
def test_another_answer_is_not_readable(value: Any) -> None:
    with pytest.raises(NotReadable, match="not a list of topics as Discourse gives it"):
        read_topics(value, "h")


# Asking


async def test_topics_come_once_the_longest_unmoved_first_and_again_when_they_grew() -> None:
    http = Forum(row(1, hours=3), row(2, hours=1), row(3, hours=2))
    items, state = await fetch(Discourse(BASE), http)
    assert numbers(items) == [2, 3, 1]
    assert [item.text for item in items] == ["Text of 2", "Text of 3", "Text of 1"]
    assert {item.project for item in items} == {"Getting started"}
    assert Counter(http.take_urls()).most_common(1)[0][1] == 1
    same = await batches(Discourse(BASE), http, state)
    assert [(batch.items, batch.is_unchanged) for batch in same] == [((), True)]
    assert http.take_urls() == ["/latest.json"]
    http.rows[2] = row(3, hours=9, posts_count=12)
    http.rows.append(row(4, hours=8))
    http.show()
    items, state = await fetch(Discourse(BASE), http, after(same[0]))
    assert numbers(items) == [4, 3]
    assert [item.thread.reply_count for item in items if item.thread] == [2, 11]
    assert items[1].id == item_id("forum", "topic/3")
    assert http.take_urls() == ["/latest.json", "/t/topic-number-4/4.json", "/t/topic-number-3/3.json"]


async def test_only_pages_that_can_hold_news_are_asked_for() -> None:
    http = Forum(*(row(number, hours=number) for number in range(1, 41)), row(99, hours=-900, pinned=True), size=10)
    state = FetchState("forum", since=MONDAY + timedelta(hours=14))
    items, state = await fetch(Discourse(BASE), http, state)
    assert numbers(items) == list(range(14, 41))
    assert sum("latest" in url for url in http.take_urls()) == 3
    http.rows.append(row(50, hours=50))
    http.show()
    assert numbers((await fetch(Discourse(BASE), http, state))[0]) == [50]
    assert sum("latest" in url for url in http.take_urls()) == 1


async def test_cut_off_in_the_middle_it_goes_on_where_it_was() -> None:
    http = Forum(*(row(number, hours=number) for number in range(1, 51)))
    first = (await batches(Discourse(BASE), http))[0]
    assert numbers(list(first.items)) == list(range(1, 21))
    http.take_urls()
    rest, state = await fetch(Discourse(BASE), http, after(first))
    assert numbers(rest) == list(range(21, 51))
    assert not any(url.endswith("/20.json") for url in http.take_urls())
    assert (await fetch(Discourse(BASE), http, state))[0] == []


async def test_topics_that_moved_in_the_same_moment_are_none_lost() -> None:
    http = Forum(row(1, hours=1), row(2, hours=1))
    _, state = await fetch(Discourse(BASE), http)
    http.rows.append(row(3, hours=1))
    http.show()
    assert numbers((await fetch(Discourse(BASE), http, state))[0]) == [3]


async def test_a_topic_from_the_future_hides_none_that_follow() -> None:
    http = Forum(row(1, hours=1), row(2, bumped_at="2199-01-01T00:00:00Z"))
    items, state = await fetch(Discourse(BASE), http)
    assert len(items) == 2
    http.rows.append(row(3, hours=2))
    http.show()
    assert 3 in numbers((await fetch(Discourse(BASE), http, state))[0])


async def test_very_many_topics_are_told_by_their_list() -> None:
    excerpt = {"excerpt": "<b>How</b> it begins"}
    http = Forum(*(row(number, hours=number, **excerpt) for number in range(1, MOST_TOPICS + 31)))
    items, _ = await fetch(Discourse(BASE), http)
    assert numbers(items) == list(range(1, MOST_TOPICS + 31))
    assert sum(url.startswith("/t/") for url in http.take_urls()) == MOST_TOPICS
    assert (items[0].text, items[30].text) == ("How it begins", "Text of 31")
    assert (items[0].author, items[0].thread and items[0].thread.people_count) == (items[30].author, 2)


async def test_pages_without_end_end() -> None:
    same = Forum(row(1), row(2), size=1)
    same.answers[f"{BASE}/latest.json?no_definitions=true&page=1"] = same.answers[f"{BASE}/latest.json"]
    assert PAGE_REPEATED in (await batches(Discourse(BASE), same))[0].warnings

    def more(request: Request) -> Any:
        page = int((request.url.rpartition("=")[2] if "=" in request.url else "") or 0)
        return {"topic_list": {"topics": [row(page + 1, hours=-page)], "more_topics_url": f"/latest?page={page + 1}"}}

    http = FakeHttp({f"{BASE}/latest.json": more})
    http.answers.update({f"{BASE}/latest.json?page={page}": more for page in range(1, 200)})
    found = await batches(Discourse(BASE), http)
    assert sum("latest" in url for url in http.urls) == MOST_PAGES
    assert any("more than 50 pages" in warning for warning in found[0].warnings)
    loop = Forum(row(1), row(2), size=1)
    loop.answers[f"{BASE}/latest.json?no_definitions=true&page=1"] = {
        "topic_list": {"topics": [row(8)], "more_topics_url": "/latest"}
    }
    assert PAGE_REPEATED in (await batches(Discourse(BASE), loop))[0].warnings


async def test_a_next_page_elsewhere_is_not_asked_for() -> None:
    http = Forum(row(1), row(2), size=1)
    http.answers[f"{BASE}/latest.json"] = {
        "topic_list": {"topics": [row(1)], "more_topics_url": "https://other.example.org/latest"}
    }
    await batches(Discourse(BASE), http)
    assert not any("other.example.org" in url for url in http.urls)


async def test_a_record_that_is_no_topic_is_set_aside_and_the_others_come() -> None:
    http = Forum(row(1), row(2))
    http.answers[f"{BASE}/latest.json"] = {"topic_list": {"topics": [row(1), {"id": None}, row(2)]}}
    found = await batches(Discourse(BASE), http)
    assert numbers(list(found[0].items)) == [1, 2]
    assert [(aside.address, aside.data) for aside in found[0].aside] == [(f"{BASE}/latest.json", b'{"id": null}')]


@pytest.mark.parametrize("trouble", [BadStatus(403, "no"), b"<html>login", b"[]"])
async def test_a_topic_that_cannot_be_asked_for_is_told_by_its_list(trouble: Any) -> None:
    http = Forum(row(1), row(2))
    http.answers[f"{BASE}/t/topic-number-1/1.json"] = trouble
    http.answers[f"{BASE}/categories.json?include_subcategories=true"] = trouble
    items, state = await fetch(Discourse(BASE), http)
    assert [(item.text, item.project) for item in items] == [("", None), ("Text of 2", None)]
    http.take_urls()
    http.rows.append(row(3, hours=3))
    http.show()
    await fetch(Discourse(BASE), http, state)
    assert not any("categories" in url for url in http.take_urls())


async def test_a_server_that_wants_to_be_left_alone_is() -> None:
    http = Forum(*(row(number, hours=number) for number in range(1, 31)))
    http.answers[f"{BASE}/t/topic-number-25/25.json"] = Throttled("later")
    found: list[Batch] = []
    with pytest.raises(Throttled):
        await collect(Discourse(BASE), http, found)
    http.show()
    assert numbers((await fetch(Discourse(BASE), http, after(found[-1])))[0]) == list(range(21, 31))


async def test_what_is_taken() -> None:
    http = Forum(
        row(1, posts_count=6, category_id=8),
        row(2, posts_count=5),
        row(3, has_accepted_answer=True, category_id=9),
        row(970),
    )
    assert numbers((await fetch(Discourse(BASE, take=("topics with 5 replies",)), http))[0]) == [1]
    assert numbers((await fetch(Discourse(BASE, take=("solved",)), http))[0]) == [3]
    for word, found in (
        ("Getting started", [1, 2]),
        ("START", [1, 2]),
        ("oil", [1]),
        ("8", [1]),
        ("9", [3]),
        ("?", []),
    ):
        assert numbers((await fetch(Discourse(BASE, categories=(word,)), http))[0]) == found
    http.take_urls()
    await fetch(Discourse(BASE, categories=("oil",)), http)
    assert sum(url.startswith("/t/") for url in http.take_urls()) == 1


async def test_one_topic_is_a_source_too() -> None:
    http = Forum(row(5))
    http.answers[f"{BASE}/t/5.json"] = Forum.page_of(row(5))
    kind = Discourse(f"{BASE}/t/topic-number-5/5/3")
    (item,), state = await fetch(kind, http)
    assert item.text == "Text of 5"
    assert (await batches(kind, http, state))[0].is_unchanged


# Where it is


@pytest.mark.parametrize(
    ("url", "list_url"),
    [
        (BASE, f"{BASE}/latest.json"),
        (f"{BASE}/", f"{BASE}/latest.json"),
        (f"{BASE}/top/weekly", f"{BASE}/latest.json"),
        (f"{BASE}/latest.rss", f"{BASE}/latest.json"),
        (f"{BASE}/forum/latest?order=created", f"{BASE}/forum/latest.json"),
        (f"{BASE}/c/oil/8", f"{BASE}/c/oil/8/l/latest.json"),
        (f"{BASE}/c/start/oil/8/l/top", f"{BASE}/c/start/oil/8/l/latest.json"),
        (f"{BASE}/forum/c/oil/8.json", f"{BASE}/forum/c/oil/8/l/latest.json"),
        (f"{BASE}/tag/wick", f"{BASE}/tag/wick/l/latest.json"),
        (f"{BASE}/t/a-topic/1148/12", f"{BASE}/t/1148.json"),
        (f"{BASE}/t/1148", f"{BASE}/t/1148.json"),
    ],
)
def test_any_page_of_the_forum_names_what_to_read(url: str, list_url: str) -> None:
    kind = Discourse(url)
    assert (kind.list_url, kind.base) == (list_url, f"{BASE}/forum" if "/forum" in url else BASE)


@pytest.mark.parametrize(
    ("url", "is_forum"),
    [
        ("https://discuss.example.org", True),
        ("https://discourse.example.org/latest", True),
        ("https://discuss.example.org/latest.rss", False),
        ("https://talk.example.org/c/oil/8", True),
        ("https://talk.example.org/forum/c/start/oil/8", True),
        ("https://talk.example.org/t/a-topic/1148", True),
        ("https://talk.example.org/", False),
        ("https://review.example.org/c/lantern/wick/+/812", False),
        ("https://www.youtube.com/c/somebody", False),
    ],
)
def test_shapes(url: str, is_forum: bool) -> None:
    assert (reader_by_shape(url, find_kinds()) == "discourse") is is_forum


@pytest.mark.parametrize(
    ("body", "is_forum"),
    [
        (b'<!DOCTYPE html><html><head><meta name="generator" content="Discourse 3.4.0 - https://x">', True),
        (b'<html><head><meta id="data-discourse-setup" data-x>', True),
        (b'{"users": [], "topic_list": {}}', True),
        (b'{"post_stream": {}}', True),
        (b'{"items": []}', False),
        (b"<html><p>We use Discourse", False),
    ],
)
def test_a_forum_is_recognised_by_what_it_answers(body: bytes, is_forum: bool) -> None:
    assert Discourse.recognises(Reply(BASE, 200, body)) is is_forum


def test_it_is_registered_with_its_keys() -> None:
    info = find_kinds()["discourse"]
    assert (info.word, info.keys, info.can_read) == ("discourse", ("url", "categories", "take"), True)


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_over_http_it_is_polite_and_asks_a_second_time_for_one_list_only() -> None:
    async with replayed() as web:
        kind = Discourse(f"{web.base}/discourse/")
        items, state = await fetch(kind, web.http)
        assert numbers(items) == [1149, 1148]
        assert all(item.text and item.author for item in items)
        counts = Counter(each["path"] for each in web.rows)
        assert max(counts.values()) == 1
        assert sorted(counts) == [
            "/discourse/categories.json",
            "/discourse/latest.json",
            "/discourse/t/ibm-powervm-support/1148.json",
            "/discourse/t/specify-per-item-service-catalogue-approval-type/1149.json",
        ]
        first = sum(each["bytes"] for each in web.rows)
        web.rows.clear()
        (again,) = await batches(kind, web.http, state)
        assert again.is_unchanged
        assert [(each["path"], each["status"]) for each in web.rows] == [("/discourse/latest.json", 304)]
        assert sum(each["bytes"] for each in web.rows) <= first * 0.05
