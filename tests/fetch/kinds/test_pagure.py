import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.http import Document, Http, Reply, body_hash
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.pagure import Pagure
from newsletter.fetch.pagure import Place
from newsletter.fetch.pagure_parts import MOST_TAGS
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.item import Item, Person, item_id
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).resolve().parents[2] / "data" / "pagure"
BASE = "https://pagure.io"
SINCE = datetime(2026, 2, 26, 18, 0, tzinfo=UTC)
MONDAY = 1_772_445_600  # 2026-03-02 10:00 UTC


def data(name: str) -> dict[str, Any]:
    return dict(json.loads((DATA / f"{name}.json").read_text("utf-8")))


def issue(
    number: int, *, at: int = MONDAY, updated: int | None = None, count: int = 0, **values: Any
) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Issue {number}",
        "content": "Too dark.\nhttps://lantern.example/dark",
        "status": "Open",
        "close_status": None,
        "date_created": str(at),
        "last_updated": str(updated or at),
        "private": False,
        "tags": ["dark"],
        "milestone": None,
        "user": {"fullname": "Tove Lind", "name": "tove"},
        "comments": [
            {
                "date_created": str(at + 60 * each),
                "notification": False,
                "user": {"fullname": "Mira Oduya", "name": "mira"},
            }
            for each in range(1, count + 1)
        ],
        **values,
    }


class SmallPagure:
    """An Http with a Pagure behind it: issues, pull requests, tags, commits; ``size`` in a page."""

    def __init__(self, *issues: dict[str, Any], pulls: list[dict[str, Any]] | None = None, size: int = 100) -> None:
        self.issues, self.pulls, self.size = list(issues), list(pulls or ()), size
        self.tags: dict[str, str] = {}
        self.urls: list[str] = []
        self.headers: list[dict[str, str]] = []

    @property
    def asked(self) -> list[str]:
        return [urlsplit(url).path.removeprefix("/api/0/lantern/") for url in self.urls]

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        self.urls.append(url)
        self.headers.append(dict(headers or {}))
        parts = urlsplit(url)
        body = json.dumps(self._answer(parts.path.partition("/api/0/lantern/")[2], parse_qs(parts.query), url)).encode()
        found = body_hash(body)
        return Reply(url, 200, body, {}, Document(body_hash=found), bool(known and known.body_hash == found))

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")

    def _answer(self, path: str, query: dict[str, list[str]], url: str) -> Any:
        if path == "issues":
            after = int(query.get("since", ["0"])[0])
            return self._page(
                "issues", [each for each in self.issues if int(each["last_updated"]) >= after], query, url
            )
        if path == "pull-requests":
            pulls = sorted(self.pulls, key=lambda each: -each["id"])
            if query["status"] == ["Open"]:
                pulls = [each for each in pulls if each["status"] == "Open"]
            return self._page("requests", pulls, query, url)
        if path.startswith("pull-request/"):
            found = [each for each in self.pulls if path.endswith(f"/{each['id']}")]
            if found:
                return found[0]
        if path == "git/tags":
            return {"total_tags": len(self.tags), "tags": self.tags}
        if path.startswith("c/"):
            return {**data("commit"), "hash": path.split("/")[1]}
        raise BadStatus(404, "the server answers 404 Not Found")

    def _page(self, name: str, found: list[Any], query: dict[str, list[str]], url: str) -> Any:
        number = int(query["page"][0])
        more = number * self.size < len(found)
        next_url = url.replace(f"&page={number}", f"&page={number + 1}")
        page = {"next": next_url if more else None, "page": number}
        return {name: found[(number - 1) * self.size : number * self.size], "pagination": page}


async def batches(kind: Pagure, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("lamps", since=SINCE))]


async def fetch(kind: Pagure, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("lamps", since=SINCE)
    found = await batches(kind, http, state)
    cursor = json.loads(json.dumps(found[-1].cursor))
    return [item for batch in found for item in batch.items], replace(state, cursor=cursor)


def taking(*take: str) -> Pagure:
    return Pagure(("lantern",), take)


def keys(items: list[Item]) -> list[str]:
    return [item.native_keys[0].rpartition("#")[2] for item in items]


# Issues


async def test_an_issue_becomes_a_ticket_with_its_thread() -> None:
    noted = {"date_created": str(MONDAY + 900), "notification": True, "user": {"name": "pagure"}}
    made = issue(7, count=3)
    http = SmallPagure({**made, "comments": [*made["comments"], noted], "milestone": "2.0"})
    (item,), _ = await fetch(taking("issues"), http)
    assert (item.form, item.kind, item.native_keys) == ("ticket", "pagure", ("issue lantern#7",))
    assert (item.title, item.url) == ("Issue 7", "https://pagure.io/lantern/issue/7")
    assert item.author == Person("Tove Lind", "tove@pagure.io")
    assert item.published_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (3, 2)
    assert item.thread.last_at == datetime(2026, 3, 2, 10, 3, tzinfo=UTC)
    assert (item.labels, item.links, item.project) == (
        ("Open", "dark", "2.0"),
        ("https://lantern.example/dark",),
        "lantern",
    )


async def test_the_second_time_only_what_changed_comes_and_under_the_same_id() -> None:
    http = SmallPagure(issue(1), issue(2, updated=MONDAY + 3600), size=1)
    items, state = await fetch(taking("issues"), http)
    assert keys(items) == ["1", "2"]
    assert [parse_qs(urlsplit(url).query)["page"] for url in http.urls] == [["1"], ["2"]]
    again = await batches(taking("issues"), http, state)
    assert [(batch.items, batch.is_unchanged) for batch in again] == [((), True)]
    assert parse_qs(urlsplit(http.urls[-1]).query)["since"] == [str(MONDAY + 3600)]
    http.issues = [issue(1, updated=MONDAY + 3600, count=4), issue(2, updated=MONDAY + 3600)]
    (grown,), _ = await fetch(taking("issues"), http, state)
    assert grown.id == items[0].id
    assert grown.thread is not None
    assert grown.thread.reply_count == 4


async def test_much_discussed_issues_were_said_when_the_comment_came_that_made_them_so() -> None:
    http = SmallPagure(issue(1, count=2), issue(2, count=5))
    (item,), _ = await fetch(taking("issues with 4 comments"), http)
    assert (keys([item]), item.published_at) == (["2"], datetime(2026, 3, 2, 10, 4, tzinfo=UTC))


async def test_private_issues_are_not_read_and_closed_ones_say_how() -> None:
    http = SmallPagure(issue(1, private=True), issue(2, status="Closed", close_status="Fixed"))
    items, _ = await fetch(taking("issues"), http)
    assert [(keys([item]), item.labels[0]) for item in items] == [(["2"], "Fixed")]


@pytest.mark.slow
async def test_batches_are_bounded_and_each_has_a_cursor_to_go_on_from() -> None:
    http = SmallPagure(*(issue(number, at=MONDAY + number) for number in range(1200)), size=2000)
    found = await batches(taking("issues"), http)
    assert [len(batch.items) for batch in found] == [500, 500, 200, 0]
    killed = FetchState("lamps", json.loads(json.dumps(found[0].cursor)), since=SINCE)
    rest, _ = await fetch(taking("issues"), http, killed)
    assert keys(rest) == [str(number) for number in range(500, 1200)]


# Pull requests


async def test_pull_requests_become_reviews() -> None:
    http = SmallPagure(pulls=data("pulls")["requests"])
    items, _ = await fetch(taking("pull requests"), http, FetchState("lamps"))
    closed, opened, merged = items
    assert [item.review.state for item in items if item.review] == ["abandoned", "open", "merged"]
    assert opened.review is not None
    assert (opened.id, opened.form) == (item_id("lamps", "pull request lantern#12"), "review")
    assert opened.thread is not None
    assert (opened.thread.reply_count, opened.thread.people_count) == (1, 2)
    assert (opened.links, opened.labels) == (("https://wiki.lantern.example/Wick",), ("wick",))
    assert merged.review is not None
    assert merged.review.merged_at == merged.published_at == datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    assert merged.url == "https://pagure.io/lantern/pull-request/11"
    assert closed.author == Person("sol", "sol@pagure.io")
    only, _ = await fetch(taking("merged"), http, FetchState("lamps"))
    assert keys(only) == ["11"]


async def test_an_old_pull_request_that_is_merged_late_is_not_missed() -> None:
    old = {**data("pulls")["requests"][0], "id": 1, "date_created": "1700000000", "updated_on": "1700000000"}
    old["last_updated"] = "1700000000"
    merged = data("pulls")["requests"][1]
    times = {number: str(MONDAY + number) for number in range(20, 30)}
    recent = [{**merged, "id": number, "updated_on": at, "closed_at": at} for number, at in times.items()]
    http = SmallPagure(pulls=[old, *recent], size=5)
    items, state = await fetch(taking("merged"), http)
    assert len(items) == 10
    assert state.cursor["projects"]["lantern"]["pull requests"]["open"] == [1]
    http.pulls[0] = {**old, "status": "Merged", "closed_at": str(MONDAY + 99_999)}
    http.urls.clear()
    items, state = await fetch(taking("merged"), http, state)
    assert keys(items) == ["1"]
    assert http.asked == ["pull-requests", "pull-requests", "pull-requests", "pull-request/1"]
    http.urls.clear()
    assert (await fetch(taking("merged"), http, state))[0] == []
    assert http.asked == ["pull-requests"]


async def test_a_pull_request_that_is_gone_is_not_asked_for_again() -> None:
    http = SmallPagure(pulls=data("pulls")["requests"][:1])
    _, state = await fetch(taking("merged"), http)
    http.pulls.clear()
    _, state = await fetch(taking("merged"), http, state)
    assert state.cursor["projects"]["lantern"]["pull requests"]["open"] == []


# Releases


async def test_tags_are_releases_with_the_day_of_their_commit() -> None:
    http = SmallPagure()
    http.tags = data("tags")["tags"]
    items, state = await fetch(taking("releases"), http)
    assert [item.title for item in items] == ["lantern 2.0", "lantern 1.10", "lantern 1.9"]
    assert (items[0].form, items[0].url) == ("release", "https://pagure.io/lantern/releases")
    assert items[0].published_at == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert items[0].links == ("https://lantern.example/notes/2.0",)
    http.urls.clear()
    assert (await fetch(taking("releases"), http, state))[0] == []
    assert http.asked == ["git/tags"]
    http.tags = {**http.tags, "2.1": "5" * 40}
    items, _ = await fetch(taking("releases"), http, state)
    assert [item.title for item in items] == ["lantern 2.1"]


async def test_many_tags_at_first_are_not_all_asked_for_and_later_in_turns() -> None:
    http = SmallPagure()
    http.tags = {f"1.{number}": f"{number:040}" for number in range(100)}
    items, state = await fetch(taking("releases"), http)
    assert len(items) == MOST_TAGS
    assert (await fetch(taking("releases"), http, state))[0] == []
    http.tags = {**http.tags, **{f"2.{number}": f"{number + 500:040}" for number in range(MOST_TAGS + 5)}}
    items, state = await fetch(taking("releases"), http, state)
    assert len(items) == MOST_TAGS
    items, state = await fetch(taking("releases"), http, state)
    assert [item.title for item in items] == [f"lantern 2.{number}" for number in (4, 3, 2, 1, 0)]
    assert (await fetch(taking("releases"), http, state))[0] == []


# What goes wrong


async def test_a_broken_record_does_not_spoil_the_others() -> None:
    http = SmallPagure(issue(1), {**issue(2), "id": None}, issue(3))
    found = await batches(taking("issues"), http)
    assert [keys(list(batch.items)) for batch in found] == [["1", "3"], []]
    (aside,) = found[0].aside
    assert b'"title": "Issue 2"' in aside.data


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\ud83d"])
async def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    odd = {**dict.fromkeys(issue(1), value), "id": 1, "last_updated": str(MONDAY)}
    pull = {**dict.fromkeys(data("pulls")["requests"][0], value), "id": 2, "status": "Merged"}
    http = SmallPagure(odd, pulls=[pull])
    items, _ = await fetch(taking("issues", "merged"), http, FetchState("lamps"))
    assert len(items) == 1 + (value is not True)


@pytest.mark.parametrize("answer", [b"[]", b'{"issues": 3}', b"3", b"<html>"])
async def test_another_answer_is_not_readable(answer: bytes) -> None:
    class Odd(SmallPagure):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            return Reply(url, 200, answer)

    with pytest.raises(NotReadable):
        await batches(taking("issues"), Odd())


async def test_a_part_that_is_switched_off_does_not_hide_the_others() -> None:
    class NoIssues(SmallPagure):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            if "/issues" in url:
                raise BadStatus(404, "the server answers 404 Not Found")
            return await super().get(url, known=known, headers=headers)

    http = NoIssues(pulls=data("pulls")["requests"])
    found = await batches(taking("issues", "merged"), http)
    assert [keys(list(batch.items)) for batch in found] == [["11"], []]
    assert found[0].warnings == ("the server answers 404 Not Found",)
    with pytest.raises(BadStatus):
        await batches(taking("issues"), http)


async def test_what_the_server_refuses_is_not_hidden() -> None:
    http = FakeHttp({f"{BASE}/api/0/lantern/issues?status=all&order=asc&per_page=100&page=1": Throttled("later")})
    with pytest.raises(Throttled):
        await batches(taking("issues"), http, FetchState("lamps"))


async def test_pages_that_repeat_are_left() -> None:
    class Looping(SmallPagure):
        def _answer(self, path: str, query: dict[str, list[str]], url: str) -> Any:
            return {"issues": [issue(1)], "pagination": {"next": url}}

    http = Looping()
    found = await batches(taking("issues"), http)
    assert (keys(list(found[0].items)), len(http.urls), found[0].warnings) == (["1"], 1, (PAGE_REPEATED,))


async def test_the_next_page_is_never_on_another_host() -> None:
    class Leading(SmallPagure):
        def _answer(self, path: str, query: dict[str, list[str]], url: str) -> Any:
            return {"issues": [issue(1)], "pagination": {"next": "https://evil.example/api/0/lantern/issues?page=2"}}

    http = Leading()
    await batches(Pagure(("lantern",), ("issues",), token="geheim"), http)
    assert len(http.urls) == 1
    assert http.headers[0]["Authorization"] == "token geheim"


# Addresses


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        (Pagure(("a", "b/c")), (Place(BASE, "a"), Place(BASE, "b/c"))),
        (Pagure(("a",), url="https://src.fedoraproject.org/"), (Place("https://src.fedoraproject.org", "a"),)),
        (Pagure(("a",), url="http://127.0.0.1:80/pagure"), (Place("http://127.0.0.1:80/pagure", "a"),)),
        (Pagure(url="https://pagure.io/releng"), (Place(BASE, "releng"),)),
        (Pagure(url="https://pagure.io/fedora-docs/docs/issues?status=all"), (Place(BASE, "fedora-docs/docs"),)),
        (Pagure(url="https://pagure.io/fork/mira/releng/pull-request/3"), (Place(BASE, "fork/mira/releng"),)),
        (Pagure(url="https://pagure.io/api/0/releng/issues"), (Place(BASE, "releng"),)),
        (Pagure(url="https://pagure.io/releng.git"), (Place(BASE, "releng"),)),
        (Pagure(url="https://pagure.io/"), ()),
    ],
)
def test_any_page_names_the_project(kind: Pagure, places: tuple[Place, ...]) -> None:
    assert kind.places == places


async def test_an_address_without_a_project_is_told() -> None:
    with pytest.raises(NotReadable, match="names no project"):
        await batches(Pagure(url="https://pagure.io"), SmallPagure())


@pytest.mark.parametrize(
    ("body", "media_type", "is_pagure"),
    [
        (b'{"issues": [], "total_issues": 0}', "application/json", True),
        (b"[]", "application/json", False),
        (b'<html>... Powered by <a href="https://pagure.io/pagure">Pagure</a>', "text/html", True),
        (b"<html>We moved to Pagure", "text/html", False),
    ],
)
def test_a_server_is_recognised_by_what_it_answers(body: bytes, media_type: str, is_pagure: bool) -> None:
    assert Pagure.recognises(Reply(BASE, 200, body, {"content-type": media_type})) is is_pagure


@pytest.mark.parametrize(
    ("fault", "is_told"), [(BadStatus(403, "no"), False), (NotReadable("no JSON"), False), (BadStatus(500, "no"), True)]
)
async def test_a_commit_that_cannot_be_read_leaves_its_tag_without_a_day(fault: Exception, is_told: bool) -> None:
    class Silent(SmallPagure):
        def _answer(self, path: str, query: dict[str, list[str]], url: str) -> Any:
            if path.startswith("c/"):
                raise fault
            return super()._answer(path, query, url)

    http = Silent()
    http.tags = {"1.0": "5" * 40, "0.9": "../../secret"}
    if is_told:
        with pytest.raises(BadStatus):
            await batches(taking("releases"), http)
        return
    items, _ = await fetch(taking("releases"), http, FetchState("lamps"))
    assert [(item.title, item.published_at) for item in items] == [("lantern 1.0", None), ("lantern 0.9", None)]
    assert http.asked == ["git/tags", f"c/{'5' * 40}/info"]


async def test_a_pull_request_without_a_number_is_set_aside() -> None:
    http = SmallPagure(pulls=[])
    http._page = lambda name, found, query, url: {name: [{"title": "odd", "status": True}]}  # type: ignore[method-assign]
    found = await batches(taking("pull requests"), http)
    assert [batch.items for batch in found] == [()]
    assert {each.data for batch in found for each in batch.aside} == {b'{"title": "odd", "status": true}'}
