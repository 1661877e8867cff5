import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, launchpad
from newsletter.fetch.kinds.launchpad import Launchpad
from newsletter.fetch.launchpad_bugs import MOST_BUGS
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.aside import Aside
from newsletter.model.item import Item, Person
from newsletter.model.source import FetchState
from tests.corpus import needs_corpus
from tests.replaying import replayed

DATA = Path(__file__).resolve().parents[2] / "data" / "launchpad"
API = "https://api.launchpad.net"
NOW = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
SINCE = datetime(2026, 2, 26, 18, 0, tzinfo=UTC)


class Clock(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return NOW


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launchpad, "datetime", Clock)


def data(name: str) -> list[dict[str, Any]]:
    return list(json.loads((DATA / f"{name}.json").read_text("utf-8"))["entries"])


def task(number: int, *, importance: str = "High", created: str = "2026-02-24", **values: Any) -> dict[str, Any]:
    return {
        "bug_link": f"{API}/1.0/bugs/{number}",
        "bug_target_display_name": "Lantern",
        "bug_target_name": "lantern",
        "date_created": f"{created}T10:00:00+00:00",
        "importance": importance,
        "owner_link": f"{API}/1.0/~tove",
        "status": "New",
        "title": f'Bug #{number} in Lantern: "It smells ({number})"',
        "web_link": f"https://bugs.launchpad.net/lantern/+bug/{number}",
        **values,
    }


def bug(number: int, count: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"It smells ({number})",
        "description": "See http://wiki.lantern.example/Smell.",
        "message_count": count + 1,
        "messages_collection_link": f"{API}/1.0/bugs/{number}/messages",
        "owner_link": f"{API}/1.0/~tove",
        "date_created": "2026-02-24T10:00:00+00:00",
        "date_last_updated": "2026-03-02T10:00:00+00:00",
        "web_link": f"https://bugs.launchpad.net/bugs/{number}",
        "self_link": f"{API}/1.0/bugs/{number}",
        "tags": ["smell"],
        "private": False,
        **values,
    }


def messages(number: int, count: int) -> list[dict[str, Any]]:
    return [
        {
            "self_link": f"{API}/1.0/lantern/+bug/{number}/comments/{at}",
            "owner_link": f"{API}/1.0/~{('tove', 'mira', 'sol')[at % 3]}",
            "date_created": f"2026-03-0{1 + at // 20}T10:{at % 20:02}:00+00:00",
        }
        for at in range(count + 1)
    ]


class SmallLaunchpad:
    """An Http with a Launchpad behind it: collections in pages of ``size``, entries, people."""

    def __init__(self, size: int = 75, **collections: list[dict[str, Any]]) -> None:
        self.size = size
        self.collections = collections
        self.entries: dict[str, dict[str, Any]] = {
            "/1.0/~mira": {"display_name": "Mira Oduya"},
            "/devel/~mira": {"display_name": "Mira Oduya"},
        }
        self.urls: list[str] = []
        self.refused: dict[str, Exception] = {}

    @property
    def asked(self) -> list[str]:
        return [urlsplit(url).path + ("?1" if "ws.size=1&" in f"{url}&" else "") for url in self.urls]

    async def get(self, url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        self.urls.append(url)
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        fault = next((fault for path, fault in self.refused.items() if path in url), None)
        if fault:
            raise fault
        if parts.path in self.entries:
            return Reply(url, 200, json.dumps(self.entries[parts.path]).encode())
        found = self._found(parts.path, query)
        start, size = int(query.get("ws.start", ["0"])[0]), min(self.size, int(query.get("ws.size", ["75"])[0]))
        page: dict[str, Any] = {"start": start, "total_size": len(found), "entries": found[start : start + size]}
        if start + size < len(found):
            page["next_collection_link"] = f"{url.partition('&ws.start')[0]}&ws.start={start + size}"
        return Reply(url, 200, json.dumps(page).encode())

    async def download(self, url: str, *, known: Document | None = None) -> Reply:
        raise AssertionError("nothing is downloaded")

    def _found(self, path: str, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        operation = query.get("ws.op", [""])[0]
        name = {"searchTasks": "tasks", "getMergeProposals": "proposals"}.get(operation, path.rpartition("/")[2])
        if name not in self.collections:
            raise BadStatus(404, f"the server answers 404 Not Found for {path}")
        found = self.collections[name]
        if operation == "searchTasks":
            after = query.get("modified_since", [""])[0]
            return [each for each in found if each.get("changed", "9") >= after]
        if operation == "getMergeProposals":
            return [each for each in found if each["queue_status"] in query["status"]]
        if name == "active_milestones":
            return [each for each in self.collections["all_milestones"] if each["is_active"]]
        return found


async def batches(kind: Launchpad, http: Http, state: FetchState | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, state or FetchState("plans", since=SINCE))]


async def fetch(kind: Launchpad, http: Http, state: FetchState | None = None) -> tuple[list[Item], FetchState]:
    """What comes, and the state to go on from; the cursor has been through JSON as in the store."""
    state = state or FetchState("plans", since=SINCE)
    found = await batches(kind, http, state)
    cursor = json.loads(json.dumps(found[-1].cursor))
    return [item for batch in found for item in batch.items], replace(state, cursor=cursor)


def taking(*take: str, projects: tuple[str, ...] = ("lantern",)) -> Launchpad:
    return Launchpad(projects, take)


# Blueprints


async def test_a_new_blueprint_becomes_a_ticket() -> None:
    http = SmallLaunchpad(all_specifications=data("specifications"))
    (item,), state = await fetch(taking("new blueprints"), http)
    assert (item.form, item.native_keys, item.project) == ("ticket", ("blueprint lantern/dim-at-night",), "lantern")
    assert item.title == "Dim the wick at night"
    assert item.url == "https://blueprints.launchpad.net/lantern/+spec/dim-at-night"
    assert item.author == Person("Mira Oduya", "mira@launchpad.net")
    assert item.published_at == datetime(2026, 3, 3, 9, 15, 0, 123456, tzinfo=UTC)
    assert item.text == "When nobody looks, less oil is enough.\n\nSee https://wiki.lantern.example/DimAtNight."
    assert item.links == ("http://wiki.lantern.example/DimAtNight", "https://wiki.lantern.example/DimAtNight")
    assert item.labels == ("Approved", "Started", "High")
    http.urls.clear()
    assert (await fetch(taking("new blueprints"), http, state))[0] == []
    assert http.asked == ["/devel/lantern/all_specifications?1"]


async def test_the_list_is_read_again_when_it_has_grown_and_only_new_ones_come() -> None:
    http = SmallLaunchpad(2, all_specifications=data("specifications"))
    _, state = await fetch(taking("new blueprints"), http)
    later = {**data("specifications")[0], "name": "brighter", "date_created": "2026-03-05T10:00:00+00:00"}
    http.collections["all_specifications"].append(later)
    items, state = await fetch(taking("new blueprints"), http, state)
    assert [item.native_keys for item in items] == [("blueprint lantern/brighter",)]
    assert state.cursor["people"] == {"mira": "Mira Oduya"}
    assert http.asked.count("/devel/~mira") == 1


async def test_a_total_behind_a_link_is_asked_for() -> None:
    http = SmallLaunchpad(all_specifications=data("specifications"))
    plain = http.get

    async def linked(url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        reply = await plain(url, known=known, headers=headers)
        if url.endswith("ws.show=total_size"):
            return Reply(url, 200, b"3")
        if "all_specifications" not in url:
            return reply
        page = json.loads(reply.body)
        del page["total_size"]
        page["total_size_link"] = f"{API}/devel/lantern/all_specifications?ws.show=total_size"
        return Reply(url, 200, json.dumps(page).encode())

    http.get = linked  # type: ignore[method-assign]
    items, state = await fetch(taking("new blueprints"), http)
    assert len(items) == 1
    assert state.cursor["projects"]["lantern"]["blueprints"]["total"] == 3


# Milestones and releases


async def test_milestones_are_dates_of_the_calendar() -> None:
    http = SmallLaunchpad(all_milestones=data("milestones"), active_milestones=[])
    items, state = await fetch(taking("milestones"), http)
    freeze, candidate, later = items
    assert (freeze.form, freeze.title) == ("release", 'Lantern glow-3 "Amber"')
    assert freeze.event is not None
    assert (freeze.event.starts_at, freeze.event.ends_at, freeze.event.timezone) == (date(2026, 3, 26), None, None)
    assert freeze.event.url == freeze.url == "https://launchpad.net/lantern/+milestone/glow-3"
    assert (freeze.published_at, freeze.links) == (None, ("http://wiki.lantern.example/Freeze",))
    assert candidate.event is not None
    assert candidate.event.starts_at == date(2026, 4, 9)
    assert candidate.labels == ("milestone", "release candidate")
    assert later.event is None
    http.urls.clear()
    assert (await fetch(taking("milestones"), http, state))[0] == []
    assert http.asked == ["/1.0/lantern/active_milestones"]
    moved = {**http.collections["all_milestones"][1], "date_targeted": "2026-04-02", "http_etag": "new"}
    http.collections["all_milestones"][1] = moved
    (again,), _ = await fetch(taking("milestones"), http, state)
    assert again.id == freeze.id
    assert again.event is not None
    assert again.event.starts_at == date(2026, 4, 2)


async def test_without_a_limit_all_milestones_come_and_one_that_is_over_was_said_on_its_day() -> None:
    http = SmallLaunchpad(all_milestones=data("milestones"))
    items, _ = await fetch(taking("milestones"), http, FetchState("plans"))
    assert [item.published_at for item in items] == [datetime(2026, 1, 20, tzinfo=UTC), None, None, None]


async def test_releases_come_once_and_one_that_is_planned_has_its_day() -> None:
    http = SmallLaunchpad(releases=data("releases"))
    items, state = await fetch(taking("releases"), http)
    candidate, planned = items
    assert (candidate.form, candidate.title) == ("release", "Lantern 2026.1~rc1")
    assert candidate.published_at == datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    assert candidate.labels == ("release candidate",)
    assert candidate.links == ("https://tarballs.lantern.example/2026.1~rc1.tar.gz",)
    assert candidate.event is None
    assert planned.event is not None
    assert planned.event.starts_at == date(2026, 4, 16)
    assert planned.published_at == datetime(2026, 3, 4, 17, 0, tzinfo=UTC)
    http.urls.clear()
    assert (await fetch(taking("releases"), http, state))[0] == []
    assert http.asked == ["/1.0/lantern/releases?1"]
    everything, _ = await fetch(taking("releases"), http, FetchState("plans"))
    assert everything[0].text == "- brighter"


async def test_only_release_candidates_if_asked_so() -> None:
    http = SmallLaunchpad(releases=data("releases"), all_milestones=data("milestones"))
    items, _ = await fetch(taking("release candidates"), http, FetchState("plans"))
    assert [item.title for item in items] == ["Lantern glow-rc1", "Lantern 2026.1~rc1"]


# Merge proposals


async def test_merge_proposals_become_reviews() -> None:
    http = SmallLaunchpad(proposals=data("proposals"))
    found = await batches(taking("merge proposals"), http)
    merged, opened = sorted((item for batch in found for item in batch.items), key=lambda item: item.native_keys)[::-1]
    assert opened.review is not None
    assert (opened.form, opened.title) == ("review", "Follow the door with the flame.")
    assert (opened.review.state, opened.review.number, opened.review.project) == ("open", 101, "lantern")
    assert opened.review.created_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert opened.published_at == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert opened.links == ("https://bugs.launchpad.net/bugs/17",)
    assert merged.review is not None
    assert (merged.title, merged.review.state) == ("Say which oil burns", "merged")
    assert merged.review.merged_at == merged.published_at == datetime(2026, 3, 3, 12, 30, tzinfo=UTC)
    assert merged.review.lines_added is None
    (aside,) = (each for batch in found for each in batch.aside)
    assert b"broken" in aside.data


async def test_what_became_of_an_open_proposal_is_asked_for_once() -> None:
    http = SmallLaunchpad(proposals=data("proposals"))
    _, state = await fetch(taking("merge proposals"), http)
    http.urls.clear()
    assert (await fetch(taking("merge proposals"), http, state))[0] == []
    assert len(http.urls) == 2
    done = {**http.collections["proposals"][0], "queue_status": "Merged", "date_merged": "2026-03-05T09:00:00+00:00"}
    http.collections["proposals"][0] = done
    http.entries[urlsplit(done["self_link"]).path] = done
    (item,), state = await fetch(taking("merge proposals"), http, state)
    assert item.review is not None
    assert (item.review.state, item.review.number) == ("merged", 101)
    http.urls.clear()
    assert (await fetch(taking("merge proposals"), http, state))[0] == []
    assert len(http.urls) == 2
    # Proposed and merged between two fetches: only the number of merged ones tells.
    quick = {**done, "self_link": f"{API}/1.0/~sol/lantern/q/+merge/130", "date_merged": "2026-03-06T09:00:00+00:00"}
    http.collections["proposals"].append({**quick, "web_link": "https://code.launchpad.net/~sol/lantern/q/+merge/130"})
    (item,), _ = await fetch(taking("merge proposals"), http, state)
    assert item.native_keys == ("merge proposal 130",)


async def test_a_proposal_that_says_nothing_is_called_by_its_branches() -> None:
    http = SmallLaunchpad(proposals=[{**data("proposals")[2], "queue_status": "Approved"}])
    (item,), _ = await fetch(taking("merge proposals"), http)
    assert item.title == "Merge ~tove/lantern/+git/lantern:soot into ~lantern-dev/lantern/+git/lantern:main"


# Bugs


async def test_a_week_that_is_over_is_one_item() -> None:
    tasks = [
        task(1),
        task(2, importance="Critical", created="2026-02-28"),
        task(3, importance="Low", created="2026-03-03"),
        task(4, created="2025-01-01", status="Fix Released", date_fix_released="2026-02-27T09:00:00+00:00"),
        task(5, created="2025-01-01", status="Fix Released", date_fix_committed="2026-02-01T09:00:00+00:00"),
        task(6, created="2025-01-01", status="Won't Fix", date_closed="2026-02-27T09:00:00+00:00"),
    ]
    http = SmallLaunchpad(3, tasks=tasks)
    (item,), state = await fetch(taking("bug summary"), http)
    assert item.title == "2 bugs opened, 1 fixed from 23 February to 1 March"
    assert (item.form, item.project, item.native_keys) == ("ticket", "lantern", ("bugs, week of 2026-02-23",))
    assert item.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert item.text == (
        "2 bugs opened, 1 fixed.\nOpened by importance: 1 Critical, 1 High.\n\nOpened:\n- It smells (2) (Critical)\n"
        "- It smells (1) (High)\n\nFixed:\n- It smells (4) (High)"
    )
    assert item.links == tuple(f"https://bugs.launchpad.net/lantern/+bug/{number}" for number in (2, 1, 4))
    assert item.url == "https://bugs.launchpad.net/lantern"
    asked = parse_qs(urlsplit(http.urls[0]).query)
    assert asked["modified_since"] == ["2026-02-23T00:00:00+00:00"]
    assert "Fix Released" in asked["status"]
    http.urls.clear()
    assert await fetch(taking("bug summary"), http, state) == ([], state)
    assert http.urls == []


async def test_discussed_bugs_come_with_their_thread() -> None:
    http = SmallLaunchpad(tasks=[task(1), task(2), task(3)])
    for number, count in ((1, 12), (2, 3), (3, 11)):
        http.entries[f"/1.0/bugs/{number}"] = bug(number, count)
    http.collections["messages"] = messages(1, 12)
    items, state = await fetch(taking("bugs with 10 comments"), http)
    first, _ = items
    assert [item.native_keys[0] for item in items] == ["bug 1", "bug 3"]
    assert (first.title, first.form, first.labels) == ("It smells (1)", "ticket", ("New", "High", "smell"))
    assert first.thread is not None
    assert (first.thread.reply_count, first.thread.people_count) == (12, 3)
    assert first.thread.first_at == datetime(2026, 2, 24, 10, tzinfo=UTC)
    assert first.thread.last_at == datetime(2026, 3, 1, 10, 12, tzinfo=UTC)
    assert first.published_at == datetime(2026, 3, 1, 10, 10, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert first.links == ("http://wiki.lantern.example/Smell",)
    assert "/1.0/bugs/2/messages" not in http.asked
    http.collections["tasks"] = []
    http.urls.clear()
    assert (await fetch(taking("bugs with 10 comments"), http, state))[0] == []
    assert "modified_since=2026-03-05T18" in http.urls[0]
    assert len(http.urls) == 1


async def test_killed_in_the_middle_it_goes_on_where_it_was() -> None:
    http = SmallLaunchpad(10, tasks=[task(number) for number in range(1, 46)])
    http.entries.update({f"/1.0/bugs/{number}": bug(number, 3) for number in range(1, 46)})
    http.collections["messages"] = messages(1, 3)
    kind = taking("bugs with 2 comments")
    found = await batches(kind, http)
    assert [len(batch.items) for batch in found] == [20, 20, 5, 0]
    killed = FetchState("plans", json.loads(json.dumps(found[0].cursor)), since=SINCE)
    rest, state = await fetch(kind, http, killed)
    assert [item.native_keys[0] for item in rest] == [f"bug {number}" for number in range(21, 46)]
    assert state.cursor == found[-1].cursor


async def test_the_list_ends_where_bugs_are_not_discussed() -> None:
    http = SmallLaunchpad(tasks=[task(number) for number in range(1, 60)])
    http.entries.update({f"/1.0/bugs/{number}": bug(number, 1) for number in range(1, 60)})
    assert (await fetch(taking("bugs with 10 comments"), http))[0] == []
    assert len([path for path in http.asked if "/bugs/" in path]) == 5


async def test_the_number_of_bugs_read_at_once_is_bounded_and_told() -> None:
    http = SmallLaunchpad(tasks=[task(number) for number in range(1, 300)])
    http.entries.update({f"/1.0/bugs/{number}": bug(number, 2) for number in range(1, 300)})
    http.collections["messages"] = messages(1, 1)
    found = await batches(taking("bugs with 1 comments"), http)
    assert sum(len(batch.items) for batch in found) == MOST_BUGS
    assert any("changed at once" in warning for batch in found for warning in batch.warnings)


async def test_what_is_private_or_not_there_is_left_out() -> None:
    http = SmallLaunchpad(tasks=[task(1), task(2), task(3), {"title": "no bug"}])
    http.entries["/1.0/bugs/1"] = bug(1, 12, private=True)
    http.entries["/1.0/bugs/3"] = bug(3, 12)
    http.collections["messages"] = messages(3, 12)
    found = await batches(taking("bugs with 10 comments"), http)
    assert [item.native_keys[0] for batch in found for item in batch.items] == ["bug 3"]
    assert [each.data for batch in found for each in batch.aside] == [b'{"title": "no bug"}']


# What goes wrong


async def test_a_project_that_is_not_there_does_not_hide_the_others() -> None:
    http = SmallLaunchpad(releases=data("releases"), all_specifications=data("specifications"))
    http.refused = {"/lanten/": BadStatus(404, "the server answers 404 Not Found")}
    found = await batches(taking("new blueprints", projects=("lanten", "lantern")), http)
    assert [item.project for batch in found for item in batch.items] == ["lantern"]
    assert any("404" in warning for batch in found for warning in batch.warnings)
    with pytest.raises(BadStatus):
        await batches(taking("new blueprints", "releases", projects=("lanten",)), http)


@pytest.mark.parametrize("fault", [Throttled("later"), NotReadable("no JSON")])
async def test_what_the_server_refuses_is_not_hidden(fault: Exception) -> None:
    http = SmallLaunchpad()
    http.refused = {"": fault}
    with pytest.raises(type(fault)):
        await batches(taking("milestones"), http)


@pytest.mark.parametrize("answer", [[], {}, {"entries": 3}, "x", None, 7])
async def test_another_answer_is_not_readable(answer: Any) -> None:
    http = SmallLaunchpad()
    http.entries["/1.0/lantern/all_milestones"] = answer
    with pytest.raises(NotReadable, match="does not answer as Launchpad does"):
        await batches(taking("milestones"), http)


@pytest.mark.parametrize("value", [None, True, -1, 1.5, "x", "\ud83d", [], {}, [[]], "2026-13-45"])
async def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    odd = {name: [dict.fromkeys(data(name)[0], value)] for name in ("specifications", "milestones", "releases")}
    odd["proposals"] = [{**dict.fromkeys(data("proposals")[0], value), "queue_status": "Approved"}]
    odd["tasks"] = [dict.fromkeys(task(1), value), {**dict.fromkeys(task(1), value), "bug_link": f"{API}/1.0/bugs/1"}]
    http = SmallLaunchpad(
        all_specifications=odd["specifications"],
        all_milestones=odd["milestones"],
        releases=odd["releases"],
        proposals=odd["proposals"],
        tasks=odd["tasks"],
    )
    http.entries["/1.0/bugs/1"] = {**dict.fromkeys(bug(1, 1), value), "id": 1}
    words = ("new blueprints", "milestones", "releases", "merge proposals", "bug summary", "bugs with 1 comments")
    for batch in await batches(taking(*words), http, FetchState("plans")):
        assert all("\n" not in item.title for item in batch.items)


async def test_pages_that_repeat_are_left() -> None:
    http = SmallLaunchpad(all_milestones=data("milestones"))
    plain = http.get

    async def looping(url: str, *, known: Document | None = None, headers: Any = None) -> Reply:
        reply = await plain(url, known=known, headers=headers)
        page = {**json.loads(reply.body), "next_collection_link": url}
        return Reply(url, 200, json.dumps(page).encode())

    http.get = looping  # type: ignore[method-assign]
    found = await batches(taking("milestones"), http)
    assert len(http.urls) == 1
    assert PAGE_REPEATED in [warning for batch in found for warning in batch.warnings]


# Addresses


@pytest.mark.parametrize(
    ("url", "projects", "place"),
    [
        (None, ("nova", "swift"), (API, ("nova", "swift"))),
        ("https://launchpad.net/nova", (), (API, ("nova",))),
        ("https://bugs.launchpad.net/nova/+bugs?search=x", (), (API, ("nova",))),
        ("https://launchpad.net/ubuntu/+source/synaptic/+bug/1", (), (API, ("ubuntu/+source/synaptic",))),
        ("https://blueprints.launchpad.net/nova/+spec/ec2-id", (), (API, ("nova",))),
        ("https://api.launchpad.net/", ("nova",), (API, ("nova",))),
        ("https://api.launchpad.net/1.0/nova", (), (API, ("nova",))),
        ("https://qastaging.launchpad.net/nova/", (), ("https://api.qastaging.launchpad.net", ("nova",))),
        ("http://127.0.0.1:80/launchpad", ("x",), ("http://127.0.0.1:80/launchpad", ("x",))),
        ("http://127.0.0.1:80/launchpad/1.0/x/+source/y", (), ("http://127.0.0.1:80/launchpad", ("x/+source/y",))),
        ("https://launchpad.net/", (), (API, ())),
        ("https://bugs.launchpad.net/bugs/1", (), (API, ())),
    ],
)
def test_any_page_names_the_project(url: str | None, projects: tuple[str, ...], place: Any) -> None:
    assert Launchpad(projects, url=url).place == place


async def test_an_address_without_a_project_is_told() -> None:
    with pytest.raises(NotReadable, match=r"names no project\. Write which ones to read"):
        await batches(Launchpad(url="https://launchpad.net/"), SmallLaunchpad())


@pytest.mark.parametrize(
    ("body", "is_launchpad"),
    [
        (b'{"resource_type_link": "https://api.launchpad.net/1.0/#project"}', True),
        (b'{"entries": []}', False),
        (b"<html>", False),
    ],
)
def test_a_server_is_recognised_by_what_it_answers(body: bytes, is_launchpad: bool) -> None:
    assert Launchpad.recognises(Reply(API, 200, body, {"content-type": "application/json"})) is is_launchpad


# Recorded answers over HTTP


@needs_corpus
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_recorded_bugs_over_http_page_by_page_once() -> None:
    take = ("bugs with 2 comments", "bug summary")
    async with replayed() as web:
        kind = Launchpad(("mydistribution/+source/mypackage",), take, f"{web.base}/launchpad/")
        items, state = await fetch(kind, web.http, FetchState("bugs"))
        discussed = [item for item in items if item.thread]
        assert [(item.native_keys[0], item.thread.reply_count) for item in discussed if item.thread] == [
            ("bug 2", 13),
            ("bug 3", 12),
        ]
        weeks = [item.published_at for item in items if not item.thread]
        assert weeks == [datetime(*day, tzinfo=UTC) for day in ((2006, 3, 20), (2006, 7, 31), (2017, 8, 28))]
        first = len(web.rows)
        again, _ = await fetch(kind, web.http, state)
        rows = web.rows[first:]
        assert not any(item.thread is None for item in again)
        assert not [row for row in rows if "order_by=date_last_updated" in str(row["query"])]
        assert not [row for row in rows if "~user" in row["path"]]
        asked = [(row["path"], str(row["query"])) for row in web.rows[:first]]
        assert max(row["in_flight_host"] for row in web.rows) <= 2
        assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    ("told_through", "said"),
    [
        ("2026-03-02", "the summary of the week of 2026-02-23 was told without it"),
        ("2026-02-23", "the summary of the week of 2026-02-23 counts it when that week is told"),
        (None, "the summary of the week of 2026-02-23 counts it when that week is told"),
    ],
)
async def test_a_bug_of_a_summary_that_is_read_again_says_whether_its_week_counts_it(
    told_through: str | None, said: str
) -> None:
    (batch,) = await again(task(1), told_through)
    assert (batch.items, batch.warnings) == ((), (said,))


async def test_a_bug_that_was_opened_and_fixed_is_of_both_weeks() -> None:
    fixed = task(4, created="2026-02-24", status="Fix Released", date_fix_released="2026-03-04T09:00:00+00:00")
    (batch,) = await again(fixed, "2026-03-02")
    assert batch.warnings == (
        "the summary of the week of 2026-02-23 was told without it",
        "the summary of the week of 2026-03-02 counts it when that week is told",
    )


async def test_a_bug_that_is_not_for_everybody_is_not_counted_and_a_torn_one_stays_aside() -> None:
    with pytest.raises(NotReadable):
        await again({**task(1), "bug_link": f"{API}/1.0/bugs/none", "web_link": ""}, None)
    private = await again({**task(1), "private": True}, "2026-03-02")
    assert [batch.warnings for batch in private] == [()]
    assert [batch.items for batch in private] == [()]


async def again(record: dict[str, Any], told_through: str | None) -> list[Batch]:
    """What reading a record of the bug summary again gives; its weeks were told up to ``told_through``."""
    address = f"{API}/1.0/lantern?ws.op=searchTasks&ws.start=0"
    aside = Aside(address, "torn", json.dumps(record).encode(), "application/json", "launchpad")
    cursor = {"weeks": told_through} if told_through else {}
    return [batch async for batch in taking("bug summary").replay(aside, FetchState("plans", cursor))]
