import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from newsletter.errors import NotReadable, Throttled
from newsletter.fetch import phabricator_server
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, phabricator
from newsletter.fetch.kinds.phabricator import Phabricator
from newsletter.fetch.phabricator import read_list, read_names
from newsletter.fetch.rest import FORM, PAGE_REPEATED, TOO_MANY_PAGES
from newsletter.model.item import Item, Person
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).resolve().parents[2] / "data" / "phabricator"
BASE = "https://phabricator.lantern.example"
TOKEN = "api-" + "a" * 28
SINCE = datetime(2026, 2, 26, 18, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
MONDAY = 1_772_445_600  # 2026-03-02 10:00 UTC
FEBRUARY = MONDAY - 5 * 86_400  # 2026-02-25 10:00 UTC


class Clock(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return NOW


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phabricator, "datetime", Clock)


def task(number: int, *, at: int = MONDAY, created: int | None = None, **values: Any) -> dict[str, Any]:
    fields = {
        "name": f"Task {number}",
        "description": {"raw": "Too dark, see https://lantern.example/dark"},
        "authorPHID": "PHID-USER-mira",
        "ownerPHID": None,
        "status": {"value": "open", "name": "Open", "color": None},
        "priority": {"value": 80, "name": "High"},
        "dateCreated": created or at,
        "dateModified": at,
        "dateClosed": None,
        "policy": {"view": "public", "edit": "users"},
        **values,
    }
    attachments = {"projects": {"projectPHIDs": ["PHID-PROJ-lamp"]}}
    return {"id": number, "type": "TASK", "phid": f"PHID-TASK-{number}", "fields": fields, "attachments": attachments}


def said(number: int, count: int, at: int = MONDAY) -> list[dict[str, Any]]:
    people = ("mira", "tove", "sol")
    made = [
        {
            "transactionType": "core:comment",
            "comments": f"Comment {each}",
            "authorPHID": f"PHID-USER-{people[each % 3]}",
            "dateCreated": str(at + 60 * each),
            "taskID": str(number),
        }
        for each in range(1, count + 1)
    ]
    other = {"transactionType": "status", "comments": None, "authorPHID": "PHID-USER-x", "dateCreated": str(at)}
    return [*reversed(made), other, {**other, "transactionType": "core:comment"}]


class SmallPhabricator:
    """An Http with a Phabricator behind it; ``size`` tasks in a page."""

    def __init__(self, *tasks: dict[str, Any], size: int = 100) -> None:
        self.tasks, self.size = list(tasks), size
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.refused: dict[str, str] = {}

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        raise AssertionError("a token in an address stands in the logs of servers")

    async def post(self, url: str, body: bytes, *, headers: Any = None) -> Reply:
        assert headers["Content-Type"] == FORM
        parts = urlsplit(url)
        assert not parts.query
        method, query = parts.path.rpartition("/")[2], dict(parse_qsl(body.decode("ascii")))
        self.asked.append((method, query))
        if query.get("api.token") != TOKEN:
            self.refused[method] = f'API token "{query.get("api.token")}" is not valid.'
        if method in self.refused:
            answer = {"error_code": "ERR-INVALID-AUTH", "error_info": self.refused[method], "result": None}
        else:
            answer = {"error_code": None, "error_info": None, "result": self._result(method, query)}
        return Reply(url, 200, json.dumps(answer).encode())

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")

    def _result(self, method: str, query: dict[str, str]) -> Any:
        phids = [value for name, value in query.items() if name.startswith("constraints[phids]")]
        if method == "user.search":
            return {"data": [self._user(phid) for phid in phids if phid != "PHID-USER-x"]}
        if method == "project.search":
            return {"data": [{"phid": phid, "fields": {"name": phid.rpartition("-")[2].title()}} for phid in phids]}
        if method == "maniphest.gettasktransactions":
            return {number: self.comments.get(number, []) for name, number in query.items() if name.startswith("ids[")}
        assert method == "maniphest.search"
        assert query["order"] == "outdated"
        after = int(query.get("constraints[modifiedStart]", "0"))
        found = sorted((each for each in self.tasks if each["fields"]["dateModified"] >= after), key=self._age)
        start = int(query.get("after", "0"))
        more = start + self.size < len(found)
        cursor = {"after": str(start + self.size) if more else None, "limit": self.size}
        return {"data": found[start : start + self.size], "cursor": cursor}

    @staticmethod
    def _age(each: dict[str, Any]) -> tuple[int, int]:
        return each["fields"]["dateModified"], each["id"]

    @staticmethod
    def _user(phid: str) -> dict[str, Any]:
        login = phid.rpartition("-")[2]
        return {"phid": phid, "fields": {"username": login, "realName": f"{login.title()} Lind"}}


async def batches(kind: Phabricator, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("tasks", since=SINCE))]


async def fetch(kind: Phabricator, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("tasks", since=SINCE)
    found = await batches(kind, http, state)
    cursor = json.loads(json.dumps(found[-1].cursor))
    return [item for batch in found for item in batch.items], replace(state, cursor=cursor)


def taking(*take: str, **values: Any) -> Phabricator:
    return Phabricator(BASE, take=take or ("tasks",), **{"token": TOKEN, **values})


def keys(items: Any) -> list[str]:
    return [item.native_keys[0] for item in items]


async def test_a_task_becomes_a_ticket_with_its_thread() -> None:
    http = SmallPhabricator(task(7))
    http.comments = {"7": said(7, 4)}
    (item,), state = await fetch(taking(), http)
    assert (item.form, item.kind, item.title, item.url) == ("ticket", "phabricator", "Task 7", f"{BASE}/T7")
    assert item.author == Person("Mira Lind", "mira@phabricator.lantern.example")
    assert (item.project, item.labels) == ("Lamp", ("Open", "High", "Lamp"))
    assert item.links == ("https://lantern.example/dark",)
    assert item.published_at == item.updated_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert item.thread is not None
    assert (item.thread.reply_count, item.thread.people_count) == (4, 3)
    assert item.thread.last_at == datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
    methods = ["maniphest.search", "maniphest.gettasktransactions", "user.search", "project.search"]
    assert http.methods == methods
    assert TOKEN not in json.dumps(state.cursor)


async def test_the_second_time_only_what_changed_comes_and_nobody_is_asked_for_twice() -> None:
    http = SmallPhabricator(task(1), task(2, at=MONDAY + 60))
    items, state = await fetch(taking(), http)
    assert keys(items) == ["T1", "T2"]
    http.asked.clear()
    again = await batches(taking(), http, state)
    assert [(batch.items, batch.is_unchanged) for batch in again] == [((), True), ((), True)]
    assert http.methods == ["maniphest.search", "maniphest.gettasktransactions"]
    assert http.asked[0][1]["constraints[modifiedStart]"] == str(MONDAY + 60)
    http.tasks[0] = task(1, at=MONDAY + 120, created=MONDAY)
    (grown,), _ = await fetch(taking(), http, state)
    assert (grown.id, grown.published_at) == (items[0].id, items[0].published_at)


async def test_pages_are_read_to_the_end_and_a_killed_run_goes_on() -> None:
    http = SmallPhabricator(*(task(number, at=MONDAY + number) for number in range(1, 8)), size=3)
    found = await batches(taking(), http)
    assert [keys(batch.items) for batch in found] == [["T1", "T2", "T3"], ["T4", "T5", "T6"], ["T7"], []]
    killed = FetchState("tasks", json.loads(json.dumps(found[0].cursor)), since=SINCE)
    assert keys((await fetch(taking(), http, killed))[0]) == ["T4", "T5", "T6", "T7"]


async def test_discussed_tasks_only_if_asked_so() -> None:
    http = SmallPhabricator(task(1), task(2))
    http.comments = {"1": said(1, 2), "2": said(2, 5)}
    items, _ = await fetch(taking("tasks with 3 comments"), http)
    assert [(keys([item]), item.published_at) for item in items] == [(["T2"], datetime(2026, 3, 2, 10, 3, tzinfo=UTC))]


async def test_a_week_that_is_over_is_one_item() -> None:
    done = {"status": {"value": "resolved", "name": "Resolved"}, "dateClosed": FEBRUARY + 60}
    declined = {"status": {"value": "declined", "name": "Declined"}, "dateClosed": FEBRUARY}
    http = SmallPhabricator(
        task(1, at=FEBRUARY),
        task(2, at=MONDAY, created=FEBRUARY, priority={"name": "Unbreak Now!"}),
        task(3, at=MONDAY),
        task(4, at=FEBRUARY + 60, created=1_600_000_000, **done),
        task(5, at=FEBRUARY + 90, created=1_600_000_000, **declined),
    )
    (item,), state = await fetch(taking("task summary"), http)
    assert item.title == "2 tasks opened, 1 fixed from 23 February to 1 March"
    assert "Opened by importance: 1 Unbreak Now!, 1 High." in item.text
    assert item.links == (f"{BASE}/T2", f"{BASE}/T1", f"{BASE}/T4")
    assert http.asked[0][1]["constraints[modifiedStart]"] == str(int(datetime(2026, 2, 23, tzinfo=UTC).timestamp()))
    http.asked.clear()
    assert (await fetch(taking("task summary"), http, state))[0] == []
    assert http.asked == []


async def test_each_project_is_asked_for() -> None:
    http = SmallPhabricator(task(1))
    await fetch(taking(projects=("lamp", "#oil")), http)
    asked = [query.get("constraints[projects][0]") for method, query in http.asked if method == "maniphest.search"]
    assert asked == ["lamp", "oil"]


async def test_what_only_some_may_see_is_not_read() -> None:
    http = SmallPhabricator(task(1, policy={"view": "PHID-PLCY-secret"}), task(2, policy={"view": "users"}))
    assert keys((await fetch(taking(), http))[0]) == ["T2"]


async def test_comments_and_names_that_are_not_told_are_unknown() -> None:
    http = SmallPhabricator(task(1), task(2), size=1)
    http.refused = {"maniphest.gettasktransactions": "no", "user.search": "no"}
    found = await batches(taking(), http)
    (item, _) = (item for batch in found for item in batch.items)
    assert (item.thread, item.author) == (None, Person("", "phid-user-mira@phabricator.lantern.example"))
    assert http.methods.count("maniphest.gettasktransactions") == 1
    assert any("comments were not read" in each for each in found[0].warnings)


async def test_a_token_that_is_refused_is_not_repeated() -> None:
    with pytest.raises(NotReadable) as caught:
        await batches(taking(token="api-wrong"), SmallPhabricator())
    assert 'API token "(token)" is not valid' in str(caught.value)
    assert "api-wrong" not in str(caught.value)


async def test_a_token_is_not_sent_in_the_open() -> None:
    http = SmallPhabricator()
    with pytest.raises(NotReadable, match="in the open"):
        await batches(Phabricator("http://phabricator.lantern.example", token=TOKEN), http)
    assert http.asked == []
    assert await batches(Phabricator("http://127.0.0.1:8000", token=TOKEN), http)


async def test_a_broken_record_does_not_spoil_the_others() -> None:
    http = SmallPhabricator({**task(1), "id": None, "phid": "broken"}, task(2))
    http._age = lambda each: (0, each["id"] or 0)  # type: ignore[method-assign]
    found = await batches(taking(), http)
    assert keys(item for batch in found for item in batch.items) == ["T2"]
    assert [b"broken" in each.data for batch in found for each in batch.aside] == [True]


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\ud83d"])
async def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    odd = {**task(1), "fields": {**dict.fromkeys(task(1)["fields"], value), "dateModified": 1}, "attachments": value}
    http = SmallPhabricator(odd)
    http.comments = {"1": value}
    assert len((await fetch(taking(), http, FetchState("tasks")))[0]) == 1


@pytest.mark.parametrize("answer", [b"[]", b"{}", b"3", b"<html>"])
async def test_another_answer_is_not_readable(answer: bytes) -> None:
    class Odd(SmallPhabricator):
        async def post(self, url: str, body: bytes, *, headers: Any = None) -> Reply:
            return Reply(url, 200, answer)

    with pytest.raises(NotReadable):
        await batches(taking(), Odd())


async def test_pages_that_repeat_are_left() -> None:
    class Looping(SmallPhabricator):
        def _result(self, method: str, query: dict[str, str]) -> Any:
            result = super()._result(method, query)
            return {**result, "cursor": {"after": "1"}} if method == "maniphest.search" else result

    http = Looping(task(1), task(2))
    found = await batches(taking(), http)
    assert http.methods.count("maniphest.search") == 2
    assert PAGE_REPEATED in [warning for batch in found for warning in batch.warnings]


async def test_what_the_server_refuses_is_not_hidden() -> None:
    class Refusing(SmallPhabricator):
        async def post(self, url: str, body: bytes, *, headers: Any = None) -> Reply:
            raise Throttled("later")

    with pytest.raises(Throttled):
        await batches(taking(), Refusing())


# Without a token


async def test_without_a_token_the_titles_of_new_tasks_are_read() -> None:
    page = (DATA / "tasks.html").read_bytes()
    later = page.replace(b"T12", b"T13").replace(b"The lamp", b"The wick")
    http = FakeHttp({f"{BASE}/maniphest/query/all/": [page, later]})
    items, state = await fetch(Phabricator(BASE), http)
    assert items == []
    (item,), _ = await fetch(Phabricator(BASE), http, state)
    assert (item.title, item.url, item.native_keys) == ("The wick & the door", f"{BASE}/T13", ("T13",))
    assert (item.published_at, item.thread) == (None, None)


async def test_without_a_token_it_is_told_what_is_missing() -> None:
    with pytest.raises(NotReadable, match=r"Write token: from PHABRICATOR_TOKEN\."):
        await batches(Phabricator(BASE, take=("task summary",)), FakeHttp())
    with pytest.raises(NotReadable, match="shows no list of tasks"):
        await batches(Phabricator(BASE), FakeHttp({f"{BASE}/maniphest/query/all/": b"<html>Sign in"}))


# Addresses


@pytest.mark.parametrize(
    ("url", "base", "asked"),
    [
        (BASE, BASE, ()),
        (f"{BASE}/", BASE, ()),
        (f"{BASE}/maniphest/", BASE, ()),
        (f"{BASE}/maniphest/query/abc.D/#R", BASE, (("queryKey", "abc.D"),)),
        (f"{BASE}/tag/night-mode/", BASE, (("constraints[projects][0]", "night-mode"),)),
        (f"{BASE}/T123", BASE, (("constraints[ids][0]", "123"),)),
        ("https://lantern.example/phab/T9", "https://lantern.example/phab", (("constraints[ids][0]", "9"),)),
    ],
)
def test_any_page_of_the_server_names_it(url: str, base: str, asked: Any) -> None:
    kind = Phabricator(url, token=TOKEN)
    assert kind.base == base
    assert [constraints for _, constraints in kind._questions()] == [asked]


@pytest.mark.parametrize(
    ("body", "is_one"),
    [((DATA / "tasks.html").read_bytes(), True), (b"<html><p>Phabricator is a program", False), (b"{}", False)],
)
def test_a_server_is_recognised_by_its_pages(body: bytes, is_one: bool) -> None:
    assert Phabricator.recognises(Reply(BASE, 200, body)) is is_one


async def test_pages_without_end_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phabricator_server, "MOST_PAGES", 3)
    monkeypatch.setattr(phabricator_server, "_MOST_NAMES", 1)
    http = SmallPhabricator(*(task(number, at=MONDAY + number) for number in range(9)), size=1)
    found = await batches(taking(), http)
    assert http.methods.count("maniphest.search") == 3
    assert TOO_MANY_PAGES in [warning for batch in found for warning in batch.warnings]
    assert len(found[-1].cursor["names"]) == 1


def test_names_are_read_whichever_method_gave_them() -> None:
    nobody = {"phid": "PHID-USER-1", "fields": {"username": "", "realName": ""}}
    assert read_names({"data": [nobody, {"fields": {"name": "Lamp"}}, 3]}) == {}
    assert read_names([{"phid": "a", "userName": "mira", "realName": "Mira"}]) == {"a": ("Mira", "mira")}
    assert read_names({"a": {"phid": "a", "name": "Lamp"}}) == {"a": ("Lamp", "")}


def test_a_link_that_says_only_the_number_is_no_title() -> None:
    page = b'<a href="/T5" class="phui-oi-link">T5</a><a class="phui-oi-link" href="https://x/T6">Six</a>'
    assert [(number, each.title) for number, each in read_list(page, BASE).items()] == [(6, "Six")]
