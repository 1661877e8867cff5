import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch import bugzilla_server
from newsletter.fetch.bugzilla import read_activity, read_list
from newsletter.fetch.bugzilla_xml import read_bugs
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, bugzilla
from newsletter.fetch.kinds.bugzilla import Bugzilla
from newsletter.model.item import Item, Person
from newsletter.model.source import FetchState

DATA = Path(__file__).resolve().parents[2] / "data" / "bugzilla"
BASE = "https://bugs.lantern.example"
LIST = f"{BASE}/buglist.cgi?product=Lamp&list_id=7&columnlist=x&component=Wick"
SINCE = datetime(2026, 2, 26, 18, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 25, 10, 0, tzinfo=UTC)


class Clock(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return NOW


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bugzilla, "datetime", Clock)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def bug(number: int, *, at: datetime = MONDAY, created: datetime | None = None, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "summary": f"Bug {number}",
        "status": "NEW",
        "resolution": "",
        "severity": "normal",
        "product": "Lamp",
        "component": "Wick",
        "creator": "tove@lantern.example",
        "creator_detail": {"name": "tove@lantern.example", "real_name": "Tove Lind"},
        "creation_time": stamp(created or at),
        "last_change_time": stamp(at),
        "keywords": ["smoke"],
        "groups": [],
        **values,
    }


class SmallBugzilla:
    """An Http with a Bugzilla behind it that has a REST API."""

    def __init__(self, *bugs: dict[str, Any]) -> None:
        self.bugs = list(bugs)
        self.counts: dict[int, int] = {}
        self.fixed: dict[int, datetime] = {}
        self.asked: list[tuple[str, list[tuple[str, str]]]] = []
        self.headers: list[dict[str, str]] = []

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        parts = urlsplit(url)
        self.asked.append((parts.path, parse_qsl(parts.query)))
        self.headers.append(dict(headers or {}))
        return Reply(url, 200, json.dumps(self._answer(parts.path, parse_qsl(parts.query))).encode())

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")

    def _answer(self, path: str, pairs: list[tuple[str, str]]) -> Any:
        query = dict(pairs)
        numbers = [int(value) for name, value in pairs if name == "ids"]
        if path == "/rest/version":
            return {"version": "5.0.4"}
        if path == "/rest/bug":
            after, start = query.get("last_change_time", ""), int(query.get("offset", "0"))
            found = sorted((each for each in self.bugs if each["last_change_time"] >= after), key=self._age)
            return {"bugs": found[start : start + int(query["limit"])]}
        if path.endswith("/comment"):
            return {"bugs": {str(number): {"comments": self._comments(number)} for number in numbers}}
        if path.endswith("/history"):
            return {"bugs": [{"id": number, "history": self._history(number)} for number in numbers]}
        raise BadStatus(404, "the server answers 404 Not Found")

    @staticmethod
    def _age(each: dict[str, Any]) -> tuple[str, int]:
        return each["last_change_time"], each["id"] or 0

    def _comments(self, number: int) -> list[dict[str, Any]]:
        return [
            {
                "count": each,
                "creator": ("tove@lantern.example", "mira@lantern.example")[each % 2],
                "creation_time": stamp(MONDAY + timedelta(minutes=each)),
                "is_private": each == 99,
            }
            for each in range(self.counts.get(number, 0) + 1)
        ]

    def _history(self, number: int) -> list[dict[str, Any]]:
        if number not in self.fixed:
            return []
        change = {"field_name": "resolution", "removed": "", "added": "FIXED"}
        return [{"when": stamp(self.fixed[number]), "who": "mira", "changes": [{"field_name": "status"}, change]}]


class OldBugzilla(SmallBugzilla):
    """One of the time before the REST API: CSV, XML, tables."""

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        parts = urlsplit(url)
        self.asked.append((parts.path, parse_qsl(parts.query)))
        if parts.path == "/buglist.cgi":
            return Reply(url, 200, b'bug_id,product,short_desc,changeddate\n31,Lamp,"The wick, the oil",2026-03-02\n')
        if parts.path == "/show_bug.cgi":
            return Reply(url, 200, (DATA / "bugs.xml").read_bytes())
        if parts.path == "/show_activity.cgi":
            row = "<tr><td>mira</td><td>2026-02-27 12:00:00 CET</td><td>Status</td><td>NEW</td><td>RESOLVED</td></tr>"
            return Reply(url, 200, f"{row}<tr><td> Resolution</td><td>---</td><td>FIXED</td></tr>".encode())
        raise BadStatus(404, "the server answers 404 Not Found")


async def batches(kind: Bugzilla, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("bugs", since=SINCE))]


async def fetch(kind: Bugzilla, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("bugs", since=SINCE)
    found = await batches(kind, http, state)
    cursor = json.loads(json.dumps(found[-1].cursor))
    return [item for batch in found for item in batch.items], replace(state, cursor=cursor)


def taking(*take: str, url: str = LIST, token: str | None = None) -> Bugzilla:
    return Bugzilla(url, take, token)


def keys(items: Any) -> list[str]:
    return [item.native_keys[0].removeprefix("bug ") for item in items]


# Over REST


async def test_a_bug_becomes_a_ticket_with_its_thread() -> None:
    http = SmallBugzilla(bug(7, description="It smokes: https://lantern.example/smoke"))
    http.counts = {7: 3}
    (item,), state = await fetch(taking("bugs"), http)
    assert (item.form, item.kind, item.title, item.url) == ("ticket", "bugzilla", "Bug 7", f"{BASE}/show_bug.cgi?id=7")
    assert item.author == Person("Tove Lind", "tove@lantern.example")
    assert (item.project, item.labels) == ("Lamp", ("NEW", "normal", "Wick", "smoke"))
    assert item.links == ("https://lantern.example/smoke",)
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (3, 2)
    assert item.thread.last_at == MONDAY + timedelta(minutes=3)
    assert http.paths == ["/rest/version", "/rest/bug", "/rest/bug/7/comment"]
    query = dict(http.asked[1][1])
    assert (query["product"], query["component"]) == ("Lamp", "Wick")
    assert "list_id" not in query
    assert "columnlist" not in query
    assert state.cursor["way"] == "rest"


async def test_the_second_time_only_what_changed_comes_and_under_the_same_id() -> None:
    http = SmallBugzilla(bug(1), bug(2, at=MONDAY + timedelta(hours=1)))
    items, state = await fetch(taking("bugs"), http)
    assert keys(items) == ["1", "2"]
    http.asked.clear()
    assert (await fetch(taking("bugs"), http, state))[0] == []
    assert dict(http.asked[0][1])["last_change_time"] == "2026-03-02T11:00:00Z"
    http.bugs[0] = bug(1, at=MONDAY + timedelta(hours=2), created=MONDAY)
    (grown,), _ = await fetch(taking("bugs"), http, state)
    assert (grown.id, grown.published_at) == (items[0].id, MONDAY)


async def test_discussed_bugs_only_and_said_when_they_became_so() -> None:
    http = SmallBugzilla(bug(1), bug(2))
    http.counts = {1: 3, 2: 12}
    items, _ = await fetch(taking("bugs with 10 comments"), http)
    assert [(keys([item]), item.published_at) for item in items] == [(["2"], MONDAY + timedelta(minutes=10))]


async def test_pages_are_read_to_the_end_though_many_changed_at_once_and_a_killed_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bugzilla_server, "IN_A_PAGE", 5)
    same = [bug(number, at=MONDAY) for number in range(1, 12)]
    later = [bug(number, at=MONDAY + timedelta(seconds=number)) for number in range(20, 25)]
    http = SmallBugzilla(*same, *later)
    found = await batches(taking("bugs"), http)
    assert sum(len(batch.items) for batch in found) == len(same) + len(later)
    assert len(found[0].items) == 5
    killed = FetchState("bugs", json.loads(json.dumps(found[0].cursor)), since=SINCE)
    rest, _ = await fetch(taking("bugs"), http, killed)
    assert len(rest) == 6 + len(later)


async def test_a_week_that_is_over_is_one_item() -> None:
    done = {"status": "RESOLVED", "resolution": "FIXED", "created": datetime(2020, 1, 1, tzinfo=UTC)}
    http = SmallBugzilla(
        bug(1, at=FEBRUARY, severity="enhancement"),
        bug(2, at=MONDAY, created=FEBRUARY, severity="blocker"),
        bug(3, at=MONDAY),
        bug(4, at=FEBRUARY, **done),
        bug(5, at=FEBRUARY, **done),
        bug(6, at=FEBRUARY, cf_last_resolved=stamp(FEBRUARY), **done),
    )
    http.fixed = {4: FEBRUARY, 5: datetime(2026, 1, 5, tzinfo=UTC)}
    (item,), state = await fetch(taking("bug summary"), http)
    assert item.title == "2 bugs opened, 2 fixed from 23 February to 1 March"
    assert item.text.startswith("2 bugs opened, 2 fixed.\nOpened by importance: 1 blocker, 1 enhancement.")
    assert item.url == LIST
    assert item.links == tuple(f"{BASE}/show_bug.cgi?id={number}" for number in (2, 1, 4, 6))
    history = next(pairs for path, pairs in http.asked if path.endswith("/history"))
    assert history == [("ids", "4"), ("ids", "5")]
    assert not [path for path in http.paths if path.endswith("/comment")]
    http.asked.clear()
    assert await fetch(taking("bug summary"), http, state) == ([], state)
    assert http.asked == []


async def test_what_only_a_group_may_see_is_not_read() -> None:
    http = SmallBugzilla(bug(1, groups=["security"]), bug(2))
    assert keys((await fetch(taking("bugs"), http))[0]) == ["2"]


async def test_a_key_is_sent_as_a_header() -> None:
    http = SmallBugzilla(bug(1))
    await fetch(taking("bugs", token="geheim", url=f"{BASE}/rest/bug?product=Lamp&api_key=x"), http)
    assert http.headers[0]["X-BUGZILLA-API-KEY"] == "geheim"
    assert http.paths[0] == "/rest/bug"
    assert "geheim" not in str(http.asked)


async def test_a_broken_record_does_not_spoil_the_others() -> None:
    http = SmallBugzilla(bug(1), {**bug(2), "id": None, "summary": "broken"}, bug(3))
    found = await batches(taking("bugs"), http)
    assert keys(item for batch in found for item in batch.items) == ["1", "3"]
    assert [b"broken" in each.data for batch in found for each in batch.aside] == [True]


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\ud83d"])
async def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    http = SmallBugzilla({**dict.fromkeys(bug(1), value), "id": 1, "last_change_time": stamp(MONDAY)})
    assert len((await fetch(taking("bugs", "bug summary"), http))[0]) == 1


@pytest.mark.parametrize("answer", [[], {}, {"bugs": 3}, 3, {"error": True, "message": "An API key is required."}])
async def test_another_answer_is_not_readable(answer: Any) -> None:
    class Odd(SmallBugzilla):
        def _answer(self, path: str, pairs: list[tuple[str, str]]) -> Any:
            return {"version": "5.0"} if path == "/rest/version" else answer

    said = "An API key is required" if "error" in str(answer) else "does not answer as Bugzilla does"
    with pytest.raises(NotReadable, match=said):
        await batches(taking("bugs"), Odd())


async def test_what_the_server_refuses_is_not_hidden() -> None:
    class Refusing(SmallBugzilla):
        def _answer(self, path: str, pairs: list[tuple[str, str]]) -> Any:
            raise Throttled("later")

    with pytest.raises(Throttled):
        await batches(taking("bugs"), Refusing())


# Without REST


async def test_an_old_server_is_read_as_its_pages_give_it() -> None:
    http = OldBugzilla()
    items, state = await fetch(taking("bugs", "bug summary"), http)
    item, week = items
    assert (item.title, item.labels) == ("The wick & the oil", ("RESOLVED FIXED", "major", "Wick", "smoke", "night"))
    assert item.author == Person("Tove Lind", "tove@bugs.lantern.example")
    assert item.published_at == datetime(2026, 2, 24, 9, 0, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert item.links == ("https://lantern.example/smoke",)
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (1, 2)
    assert "secret" not in item.text
    assert week.title == "1 bug opened, 1 fixed from 23 February to 1 March"
    assert dict(http.asked[1][1])["chfieldfrom"] == "2026-02-25"
    assert state.cursor["way"] == "pages"
    http.asked.clear()
    assert (await fetch(taking("bugs"), http, state))[0] == []
    assert http.paths == ["/buglist.cgi", "/show_bug.cgi"]


async def test_one_bug_is_read_by_its_number() -> None:
    http = OldBugzilla()
    items, _ = await fetch(taking("bugs", url=f"{BASE}/show_bug.cgi?id=31"), http)
    assert (keys(items), http.paths) == (["31"], ["/rest/version", "/show_bug.cgi"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<bugs/>",
        b"<bugzilla><bug>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><bugzilla>&a;</bugzilla>',
        b"\xff",
    ],
)
def test_other_xml_is_not_readable(body: bytes) -> None:
    with pytest.raises(NotReadable, match="XML"):
        read_bugs(body, BASE)


async def test_a_bug_whose_xml_is_broken_does_not_spoil_the_others() -> None:
    class Broken(OldBugzilla):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            reply = await super().get(url, known=known, headers=headers)
            bad = b"<bug><bug_id>30</bug_id><product>Lamp</bug><bug>"
            return replace(reply, body=reply.body.replace(b"<bug>", bad, 1))

    found = await batches(taking("bugs"), Broken())
    assert keys(item for batch in found for item in batch.items) == ["31"]
    assert [each.data for batch in found for each in batch.aside] == [b"<bug><bug_id>30</bug_id><product>Lamp</bug>"]


def test_xml_bugs_without_anything_are_read() -> None:
    (ticket,), broken = read_bugs(b"<bugzilla><bug><bug_id>5</bug_id></bug><bug/></bugzilla>", BASE)
    assert broken == []
    assert (ticket.key, ticket.title, ticket.created_at, ticket.author, ticket.comments) == (
        "bug 5",
        "",
        None,
        None,
        (),
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"a,b\n1,2"])
def test_another_list_is_not_readable(body: bytes) -> None:
    with pytest.raises(NotReadable, match="CSV"):
        read_list(body, BASE)


def test_rows_that_are_no_bugs_are_left_out() -> None:
    found = read_list(b"\xef\xbb\xbfbug_id,short_desc\n\n7,One\nx,Two\n8\n", BASE)
    assert [(each.number, each.title) for each in found] == [(7, "One"), (8, "")]


@pytest.mark.parametrize(
    "page", [b"", b"<tr><td>a", b"<tr><td>x</td><td>y</td><td>Resolution</td><td></td><td>FIXED</td></tr>"]
)
def test_a_table_without_a_time_tells_none(page: bytes) -> None:
    assert read_activity(page) is None


# Addresses


@pytest.mark.parametrize(
    ("url", "base", "query"),
    [
        (f"{BASE}/buglist.cgi?product=A&product=B&order=x", BASE, (("product", "A"), ("product", "B"))),
        (f"{BASE}/bz/buglist.cgi?quicksearch=x%20y", f"{BASE}/bz", (("quicksearch", "x y"),)),
        (f"{BASE}/show_bug.cgi?id=3", BASE, (("id", "3"),)),
        (f"{BASE}/rest/bug/77", BASE, (("id", "77"),)),
        (f"{BASE}/rest.cgi/bug?product=A", BASE, (("product", "A"),)),
        (f"{BASE}/", BASE, ()),
        (f"{BASE}/query.cgi?format=advanced", BASE, ()),
    ],
)
def test_the_address_says_what_to_ask(url: str, base: str, query: Any) -> None:
    assert (Bugzilla(url).base, Bugzilla(url).query) == (base, query)


@pytest.mark.parametrize(
    ("body", "media_type", "is_one"),
    [
        (b'{"bugs": [{"last_change_time": "x"}]}', "application/json", True),
        (b'{"bugs": []}', "application/json", False),
        (b'<div id="bugzilla-body">', "text/html", True),
        (b'<bugzilla version="4.2">', "application/xml", True),
        (b"<html>Bugzilla is nice", "text/html", False),
    ],
)
def test_a_server_is_recognised_by_what_it_answers(body: bytes, media_type: str, is_one: bool) -> None:
    assert Bugzilla.recognises(Reply(BASE, 200, body, {"content-type": media_type})) is is_one


# What is bounded


async def test_no_more_bugs_than_that_are_read_at_once_and_the_rest_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bugzilla_server, "MOST_BUGS", 4)
    monkeypatch.setattr(bugzilla_server, "IN_A_PAGE", 2)
    http = SmallBugzilla(*(bug(number, at=MONDAY + timedelta(minutes=number)) for number in range(1, 8)))
    found = await batches(taking("bugs", url=f"{BASE}/rest/bug"), http, FetchState("bugs"))
    assert keys(item for batch in found for item in batch.items) == ["1", "2", "3", "4"]
    assert bugzilla_server.TOO_MANY in [warning for batch in found for warning in batch.warnings]
    assert dict(http.asked[0][1])["last_change_time"] == "1990-01-01T00:00:00Z"
    rest, _ = await fetch(taking("bugs", url=f"{BASE}/rest/bug"), http, FetchState("bugs", found[-1].cursor))
    assert keys(rest) == ["5", "6", "7"]


async def test_a_server_that_repeats_a_page_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Looping(SmallBugzilla):
        def _answer(self, path: str, pairs: list[tuple[str, str]]) -> Any:
            return {"bugs": self.bugs} if path == "/rest/bug" else super()._answer(path, pairs)

    monkeypatch.setattr(bugzilla_server, "IN_A_PAGE", 2)
    http = Looping(bug(1), bug(2, last_change_time="never"))
    assert len((await fetch(taking("bugs"), http))[0]) == 2
    assert http.paths.count("/rest/bug") == 2
    http.bugs = [bug(1, last_change_time=None), bug(2, last_change_time=None)]
    http.asked.clear()
    await fetch(taking("bugs"), http)
    assert http.paths.count("/rest/bug") == 1


async def test_an_old_server_is_not_asked_for_everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Large(OldBugzilla):
        async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
            reply = await super().get(url, known=known, headers=headers)
            if "/buglist.cgi" in url:
                return replace(reply, body=b"bug_id\n" + b"".join(b"%d\n" % number for number in range(1, 200)))
            if "/show_activity.cgi" in url:
                raise BadStatus(404, "the server answers 404 Not Found")
            return reply

    monkeypatch.setattr(bugzilla_server, "MOST_BUGS", 120)
    monkeypatch.setattr(bugzilla_server, "MOST_ACTIVITIES", 2)
    http = Large()
    found = await batches(taking("bug summary", url=f"{LIST}&chfieldfrom=7d"), http)
    assert http.paths.count("/show_bug.cgi") == 3
    assert http.paths.count("/show_activity.cgi") == 2
    assert dict(http.asked[1][1])["chfieldfrom"] == "7d"
    warnings = [warning for batch in found for warning in batch.warnings]
    assert len(warnings) == 2
    assert [item.title.partition(" from ")[0] for batch in found for item in batch.items] == ["1 bug opened, 0 fixed"]


def test_a_field_without_end_is_not_readable() -> None:
    with pytest.raises(NotReadable, match="CSV: field larger than field limit"):
        read_list(b"bug_id\n" + b"1" * 200_000, BASE)
