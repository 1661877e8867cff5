import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web as server

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.client import WebClient
from newsletter.fetch.code_host import Place, change_item, ticket_item
from newsletter.fetch.code_host_source import named_by
from newsletter.fetch.find import find_kind
from newsletter.fetch.gitlab import GitlabApi
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import find_kinds
from newsletter.fetch.kinds.gitlab import Gitlab
from newsletter.fetch.local import LocalFile
from newsletter.fetch.rest import Record
from newsletter.model.item import Item, Person
from newsletter.model.robots import is_robot
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fakes import FakeHttp
from tests.fetch.hosts import MONDAY, SmallHost, at, batches, fetch, titles
from tests.fetch.web import FAST, serving
from tests.replaying import replayed

WHEEL = f"/api/v4/projects/{quote('kiln/tools/wheel', safe='')}"


def user(name: str, **values: Any) -> dict[str, Any]:
    return {"username": name.lower(), "name": f"{name} Obi", **values}


def merge(number: int, minutes: float = 0, *, merged: float | None = None, **values: Any) -> dict[str, Any]:
    """A merge request as lists hold it."""
    return {
        "iid": number,
        "web_url": f"https://gitlab.com/kiln/tools/wheel/-/merge_requests/{number}",
        "title": f"Turn {number}",
        "description": "It **turns**.",
        "state": "opened" if merged is None else "merged",
        "author": user("Ada"),
        "labels": ["speed"],
        "created_at": at(-60).replace("Z", ".250Z"),
        "updated_at": at(minutes).replace("Z", ".500Z"),
        "merged_at": None if merged is None else at(merged),
        "user_notes_count": 4,
        "source_branch": "turn",
        "draft": False,
        **values,
    }


def issue(number: int, minutes: float = 0, **values: Any) -> dict[str, Any]:
    made = {**merge(number, minutes), "web_url": f"https://gitlab.com/kiln/tools/wheel/-/issues/{number}", **values}
    return {name: value for name, value in made.items() if name not in ("source_branch", "draft", "merged_at")}


def note(minutes: float, who: str, **values: Any) -> dict[str, Any]:
    return {"author": user(who), "created_at": at(minutes), "system": False, "body": "Yes.", **values}


def small(*merges: dict[str, Any], issues: tuple[dict[str, Any], ...] = (), **values: Any) -> SmallHost:
    documents = {f"{WHEEL}/merge_requests/{each['iid']}": {**each, "changes_count": "7"} for each in merges}
    lists = {f"{WHEEL}/merge_requests": list(merges), f"{WHEEL}/issues": list(issues), f"{WHEEL}/releases": []}
    return SmallHost(lists=lists, documents=documents, **values)


def taking(*take: str, **values: Any) -> Gitlab:
    return Gitlab(("kiln/tools/wheel",), take=take or ("releases", "merged"), **values)


async def test_a_merged_request_is_a_review_and_its_document_counts_its_files() -> None:
    http = small(merge(1, 5, merged=4), merge(2, 6))
    (item,), _ = await fetch(taking("merged"), http)
    assert (item.form, item.kind, item.title, item.text, item.labels) == (
        "review", "gitlab", "Turn 1", "It turns.", ("speed",),
    )  # fmt: skip
    assert item.native_keys == ("kiln/tools/wheel!1",)
    assert item.author == Person("Ada Obi", "ada@gitlab.com")
    assert item.published_at == MONDAY + timedelta(minutes=4)
    assert item.updated_at == MONDAY + timedelta(minutes=5, seconds=0.5)
    assert item.review
    assert (item.review.state, item.review.project, item.review.files_count) == ("merged", "kiln/tools/wheel", 7)
    assert (item.review.lines_added, item.review.is_first_contribution) == (None, None)
    assert item.thread
    assert item.thread.reply_count == 4
    assert http.paths == ["merge_requests", "graphql", "1"]


async def test_lines_are_one_question_for_all() -> None:
    def sizes(asked: dict[str, Any]) -> Any:
        nodes = [
            {"iid": n, "state": "merged", "diffStatsSummary": {"additions": 1, "deletions": int(n), "fileCount": 2}}
            for n in asked["variables"]["numbers"]
        ]
        return {"data": {"project": {"mergeRequests": {"nodes": nodes}}}}

    http = small(*(merge(n, n, merged=n) for n in range(1, 61)), answer_question=sizes)
    items, _ = await fetch(taking("merged"), http)
    assert [item.review.lines_removed for item in items if item.review] == list(range(1, 61))
    assert http.paths == ["merge_requests", "graphql", "graphql"]
    assert http.asked[1].said["variables"]["path"] == "kiln/tools/wheel"


async def test_newcomers_are_those_that_the_server_calls_so() -> None:
    http = small(*(merge(n, n, merged=n) for n in (1, 2, 3)))
    http.documents[f"{WHEEL}/merge_requests/2"]["first_contribution"] = True
    http.documents[f"{WHEEL}/merge_requests/3"]["first_contribution"] = False
    items, _ = await fetch(taking("merged", "first-time contributor"), http)
    assert [item.review.is_first_contribution for item in items if item.review] == [None, True, False]
    items, _ = await fetch(taking("first-time contributor"), http)
    assert titles(items) == ["Turn 2"]


async def test_a_much_discussed_issue_counts_people_and_not_what_the_server_notes() -> None:
    secret = issue(2, 9, confidential=True, user_notes_count=50)
    http = small(issues=(issue(1, 9, user_notes_count=3), secret, issue(3, 9, user_notes_count=2)))
    http.lists[f"{WHEEL}/issues/1/notes"] = [
        note(1, "Lea"), note(2, "System", system=True), note(3, "Eve", internal=True), note(4, "ada"),
        note(5, "Token", author=user("project_4_bot_7")), note(6, "Sweep", author=user("sweep", bot=True)),
    ]  # fmt: skip
    (item,), _ = await fetch(taking("issues with 3 comments"), http)
    assert (item.form, item.title, item.published_at) == ("ticket", "Turn 1", MONDAY + timedelta(minutes=5))
    assert item.thread
    assert (item.thread.reply_count, item.thread.people_count) == (3, 2)
    assert "merge_requests" not in http.paths


def test_accounts_that_the_server_calls_bots_are_robots() -> None:
    ticket = GitlabApi.at("https://gitlab.com", None).read_ticket(
        Record(merge(1, author=user("sweep", bot=True))), "a/b"
    )
    assert ticket
    assert ticket.author
    assert ticket.author.name == "sweep Obi"
    assert is_robot(ticket.author)


async def test_releases_are_those_that_are_out() -> None:
    http = small()
    out = {"tag_name": "v1.2", "name": "1.2: Oak", "description": "# New\n\n- Spokes", "author": user("Lea")}
    http.lists[f"{WHEEL}/releases"] = [
        {"tag_name": "v2", "upcoming_release": True, "released_at": at(9000)},
        {**out, "released_at": at(3), "_links": {"self": "https://gitlab.com/kiln/tools/wheel/-/releases/v1.2"}},
        {"tag_name": "v1", "created_at": at(1)},
    ]
    items, state = await fetch(taking("releases"), http)
    assert titles(items) == ["wheel v1", "wheel 1.2: Oak"]
    assert items[1].text == "New\n\n- Spokes"
    assert [item.url for item in items] == [
        "https://gitlab.com/kiln/tools/wheel/-/releases/v1", "https://gitlab.com/kiln/tools/wheel/-/releases/v1.2",
    ]  # fmt: skip
    assert items[1].published_at == MONDAY + timedelta(minutes=3)
    http.asked.clear()
    assert (await fetch(taking("releases"), http, state))[0] == []
    assert [each.is_same for each in http.asked] == [True]


async def test_what_waits_is_listed_with_its_page() -> None:
    http = small(merge(1, -60 * 24 * 20), merge(2, -60 * 24 * 20, draft=True), merge(3, 0))
    (item,), _ = await fetch(taking("waiting more than 14 days"), http)
    assert item.title == "One change waits for a reviewer for more than 14 days"
    assert item.url == "https://gitlab.com/kiln/tools/wheel/-/merge_requests?state=opened&sort=updated_asc"


async def test_the_next_time_begins_a_thousandth_of_a_second_later() -> None:
    http = small(merge(1, 5, merged=4))
    _, state = await fetch(taking("merged"), http)
    http.lists[f"{WHEEL}/merge_requests"].append(merge(2, 5, merged=4, updated_at=at(5).replace("Z", ".502Z")))
    http.documents[f"{WHEEL}/merge_requests/2"] = http.lists[f"{WHEEL}/merge_requests"][1]
    items, _ = await fetch(taking("merged"), http, state)
    assert titles(items) == ["Turn 2"]
    assert http.asked[-3].query["updated_after"] == at(5).replace("Z", ".501Z")


async def test_a_group_stands_for_its_living_public_projects() -> None:
    http = small()
    http.lists["/api/v4/groups/kiln%2Ftools/projects"] = [
        {"path_with_namespace": "kiln/tools/wheel", "visibility": "public"},
        {"path_with_namespace": "kiln/tools/a", "archived": True},
        {"path_with_namespace": "kiln/tools/b", "visibility": "internal"},
        {"path_with_namespace": "kiln/tools/c", "forked_from_project": {"id": 1}},
    ]  # fmt: skip
    kind = Gitlab(organisation="kiln/tools", take=("releases",))
    await batches(kind, http)
    assert [each.path for each in http.asked] == ["/api/v4/groups/kiln%2Ftools/projects", f"{WHEEL}/releases"]


async def test_the_slashes_of_a_path_arrive_as_they_must() -> None:
    asked: list[str] = []

    async def answer(request: server.Request) -> server.StreamResponse:
        asked.append(request.raw_path)
        return server.json_response([], headers={"PRIVATE": request.headers.get("Authorization", "")})

    async with serving(answer) as base, WebClient(FAST) as http:
        await batches(taking("releases", url=base, token="geheim"), http)
    assert asked == [f"{WHEEL}/releases?order_by=released_at&sort=desc&per_page=30"]


@pytest.mark.parametrize(
    ("url", "server", "projects", "organisation"),
    [
        ("https://gitlab.com/kiln/tools/wheel", "https://gitlab.com", ("kiln/tools/wheel",), None),
        ("https://gitlab.com/kiln/wheel/-/merge_requests?x=1", "https://gitlab.com", ("kiln/wheel",), None),
        ("https://gitlab.kiln.example/groups/kiln/-/issues", "https://gitlab.kiln.example", (), "kiln"),
        ("https://gitlab.com/api/v4/projects/kiln%2Fwheel/issues", "https://gitlab.com", ("kiln/wheel",), None),
        ("https://gitlab.com/api/v4/projects/36528", "https://gitlab.com", ("36528",), None),
    ],
)
def test_one_address_names_the_server_and_what_is_read(
    url: str, server: str, projects: tuple[str, ...], organisation: str | None
) -> None:
    named = named_by(Gitlab(url=url), GitlabApi)
    assert (named.server, named.projects, named.organisation) == (server, projects, organisation)


async def test_a_server_of_ones_own_is_known_by_its_pages() -> None:
    page = b'<html><head><meta content="GitLab" property="og:site_name">'
    found = await find_kind("https://git.kiln.example/a/b", FakeHttp({"https://git.kiln.example/a/b": page}))
    assert found.info.reader == "gitlab"
    assert not Gitlab.recognises(Reply("https://a.example", 200, b"<html>We moved to GitLab"))
    assert find_kinds()["gitlab"].can_read


async def test_trouble_with_the_only_project_is_trouble() -> None:
    with pytest.raises(BadStatus, match="404"):
        await batches(Gitlab(("a/b",)), SmallHost())


# Recorded documents, and the web that plays them

SKIPPED = tomllib.loads((Path(__file__).parent / "skipped_gitlab.toml").read_text("utf-8"))["documents"]
DOCUMENTS = expected("gitlab")
GITLAB = GitlabApi.at("https://gitlab.com", None)


def tell(when: datetime | None, like: str | None) -> str | None:
    """A time, as exactly as expected.json tells it."""
    if when is None or like is None:
        return None if when is None else "unexpected"
    return f"{when:%Y-%m-%dT%H:%M:%S}" + (f".{when.microsecond // 1000:03}Z" if "." in like else "Z")


def facts_of(value: dict[str, Any], fact: dict[str, Any]) -> dict[str, Any]:
    if fact["iid"] is None:
        at = datetime.fromisoformat(fact["created_utc"])
        comment = GITLAB.read_comment(Record({**value, "system": False}))
        assert comment
        assert comment.author
        assert comment.created_at == at.astimezone(UTC)
        return {"author": comment.author.key.partition("@")[0]}
    ticket = GITLAB.read_ticket(Record(value), "fdroid/fdroiddata")
    assert ticket
    item: Item = (change_item if ticket.is_change else ticket_item)(ticket, Place("code", "gitlab"))
    return {
        "iid": int(item.native_keys[0].rpartition("!" if ticket.is_change else "#")[2]),
        "title": item.title,
        "author": item.author.key.partition("@")[0] if item.author else None,
        "state": {"abandoned": "closed"}.get(ticket.state, ticket.state),
        "created_utc": tell(ticket.created_at, fact["created_utc"]),
        "updated_utc": tell(item.updated_at, fact["updated_utc"]),
        "merged_utc": tell(item.review.merged_at if item.review else None, fact["merged_utc"]),
        "link": item.url,
        "notes": item.thread.reply_count if item.thread else None,
    }


@needs_corpus
def test_every_recorded_document_is_read_or_skipped_with_a_reason() -> None:
    skipped = {name for reason in SKIPPED.values() for name in reason}
    assert skipped <= set(DOCUMENTS)
    assert len(set(DOCUMENTS) - skipped) == 18
    for name in sorted(set(DOCUMENTS) - skipped):
        value, expect = json.loads((CORPUS / "gitlab" / name).read_text("utf-8")), DOCUMENTS[name]["expect"]
        facts = expect.get("items", [expect])
        values = value if isinstance(value, list) else [value]
        assert len(values) == len(facts) == expect.get("count", 1)
        for one, fact in zip(values, facts, strict=True):
            found = facts_of(one, fact)
            wanted = {key: fact[key] and str(fact[key]).casefold() for key in found}
            assert {key: each and str(each).casefold() for key, each in found.items()} == wanted, name


@needs_corpus
async def test_a_saved_document_is_read_by_itself() -> None:
    local = LocalFile(CORPUS / "gitlab" / "perceval" / "issue_page_1")
    items, _ = await fetch(Gitlab(url=local.url), local)
    assert [(item.form, item.project) for item in items] == [("ticket", "fdroiddata")] * 2
    emoji = LocalFile(CORPUS / "gitlab" / "perceval" / "emoji")
    with pytest.raises(NotReadable):
        await batches(Gitlab(url=emoji.url), emoji)


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_over_http_nothing_is_asked_twice_and_what_is_the_same_costs_nothing() -> None:
    async with replayed() as web:
        # It plays one project under any name without a slash.
        kind = Gitlab(("36528",), take=("merged", "issues with 1 comment"), url=f"{web.base}/gitlab")
        items, state = await fetch(kind, web.http)
        assert [item.native_keys[0] for item in items] == [
            "fdroid/fdroiddata!1", "fdroid/fdroiddata!2", "fdroid/fdroiddata!3",
            "fdroid/fdroiddata#1", "fdroid/fdroiddata#2",
        ]  # fmt: skip
        assert [item.thread.reply_count for item in items if item.thread] == [0, 0, 3, 1, 2]
        first = list(web.rows)
        assert {row["nth"] for row in first} == {1}
        _, state = await fetch(kind, web.http, state)
        assert (await fetch(kind, web.http, state))[0] == []
        assert [row["status"] for row in web.rows[len(first) :]] == [200, 200, 304, 304]
        assert sum(row["bytes"] for row in web.rows[len(first) :]) < 0.05 * sum(row["bytes"] for row in first)
