import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.errors import BadStatus, Gone, NotReadable, Throttled, Unreachable
from newsletter.fetch.code_host_source import named_by
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.github import GithubApi
from newsletter.fetch.kinds import find_kinds
from newsletter.fetch.kinds.github import Github
from newsletter.model.item import Item, Person
from newsletter.model.source import FetchState
from tests.fetch.hosts import MONDAY, THURSDAY, SmallHost, at, batches, batches_before, fetch, numbers_asked, titles

KILN = "/repos/kiln/glaze"
USERS = {"Ada": "User", "lea": "User", "renovate[bot]": "Bot", "sweeper": "Bot"}


def issue(number: int, minutes: float = 0, *, who: str | None = "Ada", **values: Any) -> dict[str, Any]:
    """An issue as lists hold it; ``minutes`` after ten it was last changed."""
    return {
        "number": number,
        "html_url": f"https://github.com/kiln/glaze/issues/{number}",
        "title": f"Title {number}",
        "user": {"login": who, "type": USERS.get(who, "User")} if who else None,
        "labels": [{"name": "heat"}],
        "state": "open",
        "comments": 0,
        "created_at": at(-60),
        "updated_at": at(minutes),
        "closed_at": None,
        "body": "It cracks.",
        **values,
    }


def pull(number: int, minutes: float = 0, *, merged: float | None = None, **values: Any) -> dict[str, Any]:
    """A pull request as the list of issues holds it; merged at ``merged`` minutes if at all."""
    ended = {} if merged is None else {"state": "closed", "closed_at": at(merged)}
    shown = f"https://github.com/kiln/glaze/pull/{number}"
    told = {"html_url": shown, "merged_at": None if merged is None else at(merged)}
    return {**issue(number, minutes, **values), "html_url": shown, "pull_request": told, **ended}


def alone(listed: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The document of a single pull request."""
    kept = {name: value for name, value in listed.items() if name != "pull_request"}
    merged_at = listed["pull_request"]["merged_at"]
    sizes = {"additions": 5, "deletions": 40, "changed_files": 3, "review_comments": 2, "base": {}}
    return {**kept, "merged": bool(merged_at), "merged_at": merged_at, **sizes, **values}


def comment(minutes: float, who: str, number: int = 1) -> dict[str, Any]:
    return {"id": minutes, "user": {"login": who, "type": USERS.get(who, "User")}, "created_at": at(minutes)}


def release(number: int, tag: str, minutes: float = 0, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "tag_name": tag,
        "name": "",
        "html_url": f"https://github.com/kiln/glaze/releases/tag/{tag}",
        "draft": False,
        "prerelease": False,
        "author": {"login": "lea", "type": "User"},
        "created_at": at(minutes - 9),
        "published_at": at(minutes),
        "body": "Cooler.",
        **values,
    }


def small(*tickets: dict[str, Any], releases: tuple[dict[str, Any], ...] = (), **values: Any) -> SmallHost:
    """A GitHub with one repository."""
    documents = {f"{KILN}/pulls/{each['number']}": alone(each) for each in tickets if "pull_request" in each}
    lists = {
        f"{KILN}/issues": list(tickets),
        f"{KILN}/pulls": [each for each in tickets if "pull_request" in each],
        f"{KILN}/releases": list(releases),
    }
    return SmallHost(lists=lists, documents=documents, **values)


def taking(*take: str, **values: Any) -> Github:
    return Github(("kiln/glaze",), take=take or ("releases", "merged"), **values)


def review_of(item: Item) -> Any:
    assert item.review
    return item.review


# What comes


async def test_a_merged_pull_request_is_a_review_with_its_size() -> None:
    http = small(
        pull(1, 5, merged=4), pull(2, 6), pull(3, 7, state="closed", closed_at=at(7)), issue(4, 8, comments=99)
    )
    (item,), _ = await fetch(taking("merged"), http)
    assert (item.form, item.kind, item.project, item.title) == ("review", "github", "glaze", "Title 1")
    assert item.native_keys == ("kiln/glaze!1",)
    assert item.author == Person("Ada", "ada@github.com")
    assert (item.published_at, item.updated_at) == (MONDAY + timedelta(minutes=4), MONDAY + timedelta(minutes=5))
    assert (item.url, item.text, item.labels) == ("https://github.com/kiln/glaze/pull/1", "It cracks.", ("heat",))
    review = review_of(item)
    assert (review.state, review.project, review.number) == ("merged", "kiln/glaze", 1)
    assert (review.lines_added, review.lines_removed, review.files_count) == (5, 40, 3)
    assert (review.created_at, review.merged_at) == (MONDAY - timedelta(hours=1), MONDAY + timedelta(minutes=4))
    assert review.is_first_contribution is None
    assert item.thread
    assert item.thread.reply_count == 2
    assert http.paths == ["issues", "1"]


async def test_a_release_is_named_by_its_project_and_has_its_notes() -> None:
    http = small(
        releases=(
            release(3, "v3.0", 9, draft=True),
            release(
                2,
                "v2.0-rc1",
                8,
                prerelease=True,
                name="Cold glaze",
                body="<!-- made by -->\n## New\n* [x](https://a.example/)",
            ),
            release(1, "glaze-1.0", 7, author=None),
        )
    )
    (first, second), _ = await fetch(taking("releases"), http)
    assert (first.title, first.form, first.author) == ("glaze-1.0", "release", None)
    assert (second.title, second.text) == ("glaze v2.0-rc1: Cold glaze", "New\n- x")
    assert (second.links, second.labels) == (("https://a.example/",), ("pre-release",))
    assert second.author == Person("lea", "lea@github.com")
    assert second.published_at == MONDAY + timedelta(minutes=8)
    assert second.url == "https://github.com/kiln/glaze/releases/tag/v2.0-rc1"


async def test_an_issue_with_many_comments_is_said_when_it_had_so_many_and_grows() -> None:
    http = small(issue(1, 9, comments=3), issue(2, 9, comments=2), pull(3, 9, comments=50))
    http.lists[f"{KILN}/issues/1/comments"] = [
        comment(1, "lea"), comment(2, "sweeper"), comment(3, "lea"),
    ]  # fmt: skip
    kind = taking("issues with 3 comments")
    (item,), state = await fetch(kind, http)
    assert (item.form, item.title, item.published_at) == ("ticket", "Title 1", MONDAY + timedelta(minutes=3))
    assert item.thread
    assert (item.thread.reply_count, item.thread.people_count) == (3, 2)
    assert (item.thread.first_at, item.thread.last_at) == (MONDAY - timedelta(hours=1), MONDAY + timedelta(minutes=3))
    http.lists[f"{KILN}/issues"][0] = issue(1, 20, comments=4)
    http.lists[f"{KILN}/issues/1/comments"].append(comment(20, "Ben"))
    (grown,), _ = await fetch(kind, http, state)
    assert grown.thread
    assert (grown.id, grown.published_at, grown.thread.reply_count, grown.thread.people_count) == (
        item.id, item.published_at, 4, 3,
    )  # fmt: skip


async def test_what_waits_is_summed_up_in_one_item_without_drafts() -> None:
    http = small(
        pull(1, -60 * 24 * 20), pull(2, -60 * 24 * 30, who="lea"), pull(3, 0), pull(4, -60 * 24 * 40, draft=True)
    )
    kind = taking("waiting more than 14 days")
    (item,), state = await fetch(kind, http)
    assert item.title == "Two changes wait for a reviewer for more than 14 days"
    assert item.text.splitlines()[0] == "The oldest one, “Title 2” (lea), waits since 31 January."
    assert item.links == ("https://github.com/kiln/glaze/pull/2", "https://github.com/kiln/glaze/pull/1")
    assert (item.form, item.review, item.project) == ("review", None, "glaze")
    assert item.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    again = await batches(kind, http, state)
    assert [(batch.items, batch.is_unchanged) for batch in again] == [((), True)]
    assert http.asked[-1].is_same
    http.now = THURSDAY + timedelta(days=12)  # nothing changed but the time
    (item,), _ = await fetch(kind, http, state)
    assert item.title.startswith("Three changes wait")


async def test_what_waits_is_looked_for_no_further_than_needed() -> None:
    old = [pull(number, -60 * 24 * 30 + number) for number in range(120)]
    http = small(*old, *(pull(number, number) for number in range(200, 400)))
    (item,), _ = await fetch(taking("waiting more than 14 days"), http)
    assert item.title.startswith("120 changes wait")
    assert http.paths == ["pulls", "pulls?2", "pulls?3"]
    http.now = None
    assert (await fetch(taking("waiting more than 14 days"), http))[0] == []


# Newcomers


async def test_a_first_merged_pull_request_is_found_by_asking_for_those_before() -> None:
    http = small(
        pull(1, -9000, merged=-9000, who="lea"),
        pull(5, 5, merged=5, who="lea"),
        pull(6, 6, merged=6, who="Ben"),
        pull(7, 7, merged=7, who="Ben"),
        pull(8, 8, merged=8, who="renovate[bot]"),
        pull(9, 9, merged=9, who="Kim", author_association="FIRST_TIME_CONTRIBUTOR"),
    )
    state = FetchState("code", since=MONDAY)
    items, state = await fetch(taking("merged", "first-time contributor"), http, state)
    firsts = {review_of(item).number: review_of(item).is_first_contribution for item in items}
    assert firsts == {5: False, 6: True, 7: False, 8: None, 9: True}
    assert [each.query["creator"] for each in http.asked if "creator" in each.query] == ["lea", "ben"]
    http.lists[f"{KILN}/issues"].append(pull(10, 30, merged=30, who="Ben"))
    http.documents[f"{KILN}/pulls/10"] = alone(pull(10, 30, merged=30, who="Ben"))
    (item,), _ = await fetch(taking("merged", "first-time contributor"), http, state)
    assert review_of(item).is_first_contribution is False
    assert sum("creator" in each.query for each in http.asked) == 2


async def test_taken_alone_only_first_ones_come_and_what_is_unknown_is_not_guessed() -> None:
    many = [pull(number, number, merged=number, who="lea") for number in range(40)]
    http = small(*many, pull(50, 50, merged=50, who="Ben"), pull(51, 51, merged=51, who="odd"), issue(60, 3, who="odd"))
    http.lists[f"{KILN}/issues"][-1].update(state="closed", pull_request={"url": "x"})  # an old server: merged or not?
    items, _ = await fetch(taking("first-time contributor", token="t"), http)
    assert {review_of(item).number for item in items} == {50}


# Asking


async def test_only_what_is_taken_is_asked_for_and_no_document_twice() -> None:
    http = small(pull(1, 5, merged=4), issue(2, 6, comments=9), releases=(release(1, "v1"),))
    await fetch(taking("releases"), http)
    assert http.paths == ["releases"]
    everything = taking(
        "releases", "merged", "first-time contributor", "issues with 1 comment", "waiting more than 1 day"
    )
    http.asked.clear()
    http.lists[f"{KILN}/issues/2/comments"] = []
    _, state = await fetch(everything, http)
    assert http.repeated() == []
    http.asked.clear()
    found = await batches(everything, http, state)
    assert [(batch.items, batch.is_unchanged) for batch in found] == [((), True)]
    assert http.paths == ["releases", "issues", "pulls"]
    assert [each.is_same for each in http.asked] == [True, False, True]
    http.asked.clear()
    await fetch(everything, http, replace(state, cursor=found[-1].cursor))
    assert [each.is_same for each in http.asked] == [True, True, True]


async def test_the_second_time_only_what_changed_comes_and_old_merges_are_not_told_again() -> None:
    http = small(pull(1, 5, merged=4), pull(2, 8, merged=7))
    kind = taking("merged")
    _, state = await fetch(kind, http)
    http.lists[f"{KILN}/issues"] += [pull(3, 40, merged=40)]
    http.documents[f"{KILN}/pulls/3"] = alone(pull(3, 40, merged=40))
    http.lists[f"{KILN}/issues"][0] = pull(1, 50, merged=-99)  # somebody commented on it
    http.asked.clear()
    items, _ = await fetch(kind, http, state)
    assert titles(items) == ["Title 3"]
    assert http.paths == ["issues", "3"]
    assert http.asked[0].query["since"] == at(8, seconds=1)


async def test_a_server_that_gives_more_than_asked_for_tells_nothing_twice() -> None:
    http = small(pull(1, 5, merged=4), issue(2, -9000, comments=9))
    http.chosen = lambda path, rows, query: rows  # type: ignore[method-assign]
    kind = taking("merged", "issues with 1 comment")
    items, state = await fetch(kind, http, FetchState("code", since=MONDAY))
    assert titles(items) == ["Title 1"]
    assert (await fetch(kind, http, state))[0] == []


async def test_what_may_still_change_within_the_second_is_asked_for_again() -> None:
    http = small(pull(1, 5, merged=5), now=MONDAY + timedelta(minutes=5, seconds=20))
    kind = taking("merged")
    _, state = await fetch(kind, http)
    http.lists[f"{KILN}/issues"].append(pull(2, 5, merged=5))
    http.documents[f"{KILN}/pulls/2"] = alone(pull(2, 5, merged=5))
    items, state = await fetch(kind, http, state)
    assert titles(items) == ["Title 2"]
    assert (await fetch(kind, http, state))[0] == []


async def test_a_first_reading_goes_back_as_far_as_it_should() -> None:
    http = small(
        pull(1, 5, merged=-9000), pull(2, 6, merged=6), issue(3, -9000, comments=5),
        releases=(release(2, "v2", 5), release(1, "v1", -9000)),
    )  # fmt: skip
    state = FetchState("code", since=MONDAY)
    items, state = await fetch(taking("releases", "merged", "issues with 5 comments"), http, state)
    assert titles(items) == ["glaze v2", "Title 2"]
    http.lists[f"{KILN}/releases"][1]["body"] = "Mended."
    assert (await fetch(taking("releases"), http, state))[0] == []


async def test_pages_go_on_where_the_last_one_ended_whatever_moves_meanwhile() -> None:
    http = small(*(issue(number, number, comments=1) for number in range(250)), most=100)
    rows = http.lists[f"{KILN}/issues"]

    def touch(path: str) -> None:
        if path.endswith("/issues") and len(http.asked) == 1:
            rows[3]["updated_at"] = at(999)  # all that follow move up by one

    http.before = touch
    items, _ = await fetch(taking("issues with 1 comment", token="t"), http)
    assert {item.title for item in items} == {f"Title {number}" for number in range(250)}
    assert [each.query.get("since") for each in http.asked if each.short == "issues"] == [None, at(99), at(198)]
    assert http.repeated() == []


async def test_tickets_of_one_second_are_read_by_their_pages() -> None:
    http = small(*(issue(number, 5, comments=0) for number in range(250)), issue(300, 6, comments=7))
    items, _ = await fetch(taking("issues with 7 comments"), http)
    assert titles(items) == ["Title 300"]
    assert http.paths == ["issues", "issues", "issues?2", "issues?3", "comments"]


async def test_killed_between_two_pages_it_goes_on_there() -> None:
    rows = [pull(number, 2 * number, merged=number) for number in range(250)]
    http = small(*rows, most=100)
    kind = taking("merged", token="t")
    http.answer_question = lambda asked: sizes(asked)
    found = await batches(kind, http)
    assert [len(batch.items) for batch in found] == [100, 99, 51, 0] or [len(batch.items) for batch in found][:1] == [
        100
    ]
    killed = FetchState("code", json.loads(json.dumps(found[0].cursor)))
    http.asked.clear()
    rest, _ = await fetch(kind, http, killed)
    assert {review_of(item).number for item in rest} == set(range(100, 250))


def sizes(asked: dict[str, Any], **values: Any) -> dict[str, Any]:
    made = {
        f"p{number}": {"number": number, "state": "MERGED", "additions": 1, "deletions": 2, "changedFiles": number}
        for number in numbers_asked(asked)
    }
    return {"data": {"repository": {**made, **values}}}


async def test_with_a_token_the_sizes_of_many_are_one_question() -> None:
    http = small(*(pull(number, number, merged=number) for number in range(1, 121)))
    http.answer_question = lambda asked: sizes(asked, p7=None)
    items, _ = await fetch(taking("merged", token="secret"), http)
    assert [review_of(item).files_count for item in items] == [3 if n == 7 else n for n in range(1, 121)]
    assert [each.method for each in http.asked].count("POST") == 3
    assert [each.short for each in http.asked if each.method == "GET"] == ["issues", "7", "issues"]
    assert {each.headers["Authorization"] for each in http.asked} == {"Bearer secret"}
    assert http.asked[1].said["variables"] == {"owner": "kiln", "name": "glaze"}


async def test_a_server_without_questions_is_asked_for_each_document() -> None:
    http = small(*(pull(number, number, merged=number) for number in range(1, 4)))
    items, _ = await fetch(taking("merged", token="secret"), http)
    assert [review_of(item).files_count for item in items] == [3, 3, 3]
    assert http.paths == ["issues", "graphql", "1", "2", "3"]


async def test_without_a_token_few_documents_are_asked_for_by_themselves() -> None:
    http = small(*(pull(number, number, merged=number) for number in range(1, 31)))
    found = await batches(taking("merged"), http)
    assert [review_of(item).files_count for item in found[0].items] == [3] * 20 + [None] * 10
    assert found[0].warnings == ("more than 20 changes and issues at once: of some, size and people are unknown",)
    assert "Authorization" not in http.asked[0].headers


async def test_a_list_that_does_not_say_what_was_merged_is_looked_up() -> None:
    http = small(pull(1, 5, merged=4), pull(2, 6, merged=5))
    for row in http.lists[f"{KILN}/issues"]:
        row["pull_request"] = {"url": "https://api.github.com/repos/kiln/glaze/pulls/1"}
    http.documents[f"{KILN}/pulls/2"] |= {"merged": False, "merged_at": None}
    items, _ = await fetch(taking("merged"), http)
    assert titles(items) == ["Title 1"]
    http.faults[f"{KILN}/pulls/1"] = BadStatus(500, "oh")
    assert (await fetch(taking("merged"), http))[0] == []


# Discussions


def discussions(asked: dict[str, Any]) -> dict[str, Any]:
    author = {"login": "Ada", "__typename": "User"}
    reply = {"createdAt": at(8), "author": {"login": "sweeper", "__typename": "Bot"}}
    comments = [
        {"createdAt": at(5), "author": {"login": "lea"}, "replies": {"totalCount": 1, "nodes": [reply]}},
        {"createdAt": at(6), "author": None, "replies": {"totalCount": 0, "nodes": []}},
    ]
    nodes = [
        {
            "number": 9, "title": "Which clay?", "body": "*I* ask.",
            "url": "https://github.com/kiln/glaze/discussions/9",
            "createdAt": at(1), "updatedAt": at(9), "author": author, "labels": {"nodes": [{"name": "clay"}]},
            "comments": {"totalCount": 2, "nodes": comments},
        },
        {"number": 8, "title": "Quiet", "updatedAt": at(3), "comments": {"totalCount": 0, "nodes": []}},
        {"title": "without a number"},
    ]  # fmt: skip
    page = {"hasNextPage": not asked["variables"]["after"], "endCursor": "next"}
    return {"data": {"repository": {"discussions": {"pageInfo": page, "nodes": nodes}}}}


async def test_discussions_count_as_issues_where_there_is_a_token() -> None:
    http = small(answer_question=discussions)
    kind = taking("issues with 3 comments", token="t")
    (item,), state = await fetch(kind, http)
    assert (item.form, item.title, item.text, item.labels) == ("ticket", "Which clay?", "I ask.", ("clay",))
    assert item.native_keys == ("kiln/glaze discussion 9",)
    assert item.thread
    assert (item.thread.reply_count, item.thread.people_count) == (3, 2)
    assert item.published_at == MONDAY + timedelta(minutes=8)
    assert [each.said["variables"]["after"] for each in http.asked if each.said] == [None, "next"]
    http.asked.clear()
    assert (await fetch(kind, http, state))[0] == []
    assert len(http.asked) == 2
    assert (await fetch(taking("issues with 3 comments"), http))[0] == []


@pytest.mark.parametrize(
    "answer",
    [{"errors": [{"message": "no such field"}]}, {"data": {"repository": None}}, [], b"{", {"data": {"repository": 7}}],
)
async def test_questions_answered_oddly_do_no_harm(answer: Any) -> None:
    http = small(pull(1, 5, merged=4), answer_question=lambda asked: answer)
    items, _ = await fetch(taking("merged", "issues with 3 comments", token="t"), http)
    assert titles(items) == ["Title 1"]


async def test_a_limit_told_in_an_answer_is_a_wait() -> None:
    said = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    http = small(pull(1, 5, merged=4), answer_question=lambda asked: said)
    with pytest.raises(Throttled):
        await batches(taking("merged", token="t"), http)


# Organisations


def members(*names: str, **values: Any) -> list[dict[str, Any]]:
    return [
        {"full_name": f"kiln/{name}", "fork": False, "archived": False, "private": False, **values} for name in names
    ]


async def test_an_organisation_stands_for_its_living_public_repositories() -> None:
    http = small(releases=(release(1, "v1"),))
    http.lists["/orgs/kiln/repos"] = [
        *members("glaze", "clay"), *members("old", archived=True), *members("copy", fork=True),
        *members("secret", private=True),
    ]  # fmt: skip
    http.lists["/repos/kiln/clay/releases"] = [release(7, "v7", 1)]
    kind = Github(organisation="kiln", take=("releases",))
    items, state = await fetch(kind, http)
    assert titles(items) == ["glaze v1", "clay v7"]
    assert [each.path for each in http.asked] == [
        "/orgs/kiln/repos", "/repos/kiln/glaze/releases", "/repos/kiln/clay/releases",
    ]  # fmt: skip
    http.asked.clear()
    assert (await fetch(kind, http, state))[0] == []
    assert [each.is_same for each in http.asked] == [True, True, True]


async def test_a_person_has_repositories_too_and_nobody_is_an_error() -> None:
    http = small(releases=(release(1, "v1"),))
    http.lists["/users/kiln/repos"] = members("glaze")
    kind = Github(organisation="kiln", take=("releases",))
    items, state = await fetch(kind, http)
    assert titles(items) == ["glaze v1"]
    http.asked.clear()
    await fetch(kind, http, state)
    assert http.asked[0].path == "/users/kiln/repos"
    with pytest.raises(BadStatus, match="404"):
        await batches(Github(organisation="nobody"), http)


async def test_where_it_was_broken_off_it_goes_on_and_asks_nothing_again() -> None:
    http = small(releases=(release(1, "v1"),))
    http.lists["/orgs/kiln/repos"] = members("glaze", "clay", "wheel")
    http.lists["/repos/kiln/wheel/releases"] = []
    http.faults["/repos/kiln/clay/releases"] = Throttled("later", until=THURSDAY)
    kind = Github(organisation="kiln", take=("releases",))
    found = await batches_before(Throttled, kind, http)
    del http.faults["/repos/kiln/clay/releases"]
    http.lists["/repos/kiln/clay/releases"] = []
    http.asked.clear()
    await batches(kind, http, FetchState("code", json.loads(json.dumps(found[-1].cursor))))
    paths = [each.path.split("/")[3] for each in http.asked]
    assert paths == ["repos", "clay", "wheel", "glaze"]
    assert http.asked[-1].is_same


# Trouble


async def test_a_broken_repository_does_not_stop_the_others() -> None:
    http = small(releases=(release(1, "v1"),))
    kind = Github(("kiln/gone", "kiln/glaze", "Kiln/Glaze"), take=("releases",))
    found = await batches(kind, http)
    assert titles([item for batch in found for item in batch.items]) == ["glaze v1"]
    assert [warning for batch in found for warning in batch.warnings] == [
        "kiln/gone: api.github.com answers 404 Not Found"
    ]
    assert len(http.asked) == 2
    with pytest.raises(BadStatus, match="404"):
        await batches(Github(("kiln/gone",)), http)
    http.faults[f"{KILN}/releases"] = Unreachable("nobody there")
    with pytest.raises(Unreachable):
        await batches(kind, http)


async def test_where_issues_are_switched_off_pull_requests_are_read_from_their_own_list() -> None:
    rows = [pull(number, number, merged=number) for number in range(1, 121)]
    http = small(*rows, pull(200, 300), pull(201, 301, state="closed", closed_at=at(301)))
    http.lists[f"{KILN}/pulls"] = [
        alone(each, additions=None, changed_files=None) for each in http.lists[f"{KILN}/pulls"]
    ]
    http.faults[f"{KILN}/issues"] = Gone("issues are disabled")
    kind = taking("merged", "first-time contributor", token="t")
    items, state = await fetch(kind, http)
    assert [review_of(item).number for item in items] == list(range(1, 121))
    assert {review_of(item).is_first_contribution for item in items} == {None}
    assert http.paths[:4] == ["issues", "pulls", "pulls?2", "pulls?3"]
    http.lists[f"{KILN}/pulls"].append(alone(pull(202, 400, merged=400)))
    http.documents[f"{KILN}/pulls/202"] = alone(pull(202, 400, merged=400))
    http.asked.clear()
    items, _ = await fetch(kind, http, state)
    assert [review_of(item).number for item in items] == [202]
    assert http.paths == ["issues", "pulls", "issues"]
    with pytest.raises(NotReadable, match="disabled"):
        await batches(taking("issues with 1 comment"), http)


async def test_a_malformed_record_is_set_aside_and_the_others_come() -> None:
    http = small(releases=(release(1, "v1"),))
    http.lists[f"{KILN}/issues"] = [{"title": "no number"}, "odd", pull(1, 5, merged=4)]  # type: ignore[list-item]
    http.chosen = lambda path, rows, query: rows  # type: ignore[method-assign]
    http.lists[f"{KILN}/releases"].append({"name": "nothing else"})
    found = await batches(taking(), http)
    assert titles([item for batch in found for item in batch.items]) == ["glaze v1", "Title 1"]
    aside = [each for batch in found for each in batch.aside]
    assert [(each.reason, each.data) for each in aside] == [
        ("this is no release", b'{"name": "nothing else"}'),
        ("this is no ticket", b'{"title": "no number"}'),
        ("this is no ticket", b'"odd"'),
    ]


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\x00", "2026-13-45T99:00:00Z"])
async def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    odd = dict.fromkeys(pull(1, 5, merged=4), value)
    http = small(releases=(dict.fromkeys(release(1, "v1"), value),))
    http.chosen = lambda path, rows, query: rows  # type: ignore[method-assign]
    http.lists[f"{KILN}/issues"] = [{**odd, "number": 1}, {**pull(2, 5, merged=4), "user": value, "labels": value}]
    http.documents[f"{KILN}/pulls/1"] = value
    http.documents[f"{KILN}/pulls/2"] = {**alone(pull(2, 5, merged=4)), "additions": value, "merged_at": value}
    take = ("releases", "merged", "first-time contributor", "issues with 1 comment", "waiting more than 1 day")
    for batch in await batches(taking(*take), http):
        for item in batch.items:
            assert "\x00" not in item.title


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"7", b"[" * 100_000, b"\xff"])
async def test_another_answer_is_not_readable(body: bytes) -> None:
    http = SmallHost(documents={f"{KILN}/issues": body, f"{KILN}/releases": body})
    with pytest.raises(NotReadable):
        await batches(taking(), http)


async def test_a_ticket_from_the_future_does_not_hide_what_follows() -> None:
    http = small(pull(1, 5, merged=5), pull(2, 60 * 24 * 900, merged=6))
    kind = taking("merged")
    _, state = await fetch(kind, http)
    http.lists[f"{KILN}/issues"].append(pull(3, 30, merged=30))
    http.documents[f"{KILN}/pulls/3"] = alone(pull(3, 30, merged=30))
    items, _ = await fetch(kind, http, state)
    assert "Title 3" in titles(items)


async def test_pages_without_end_are_left() -> None:
    http = small(*(issue(number, 5) for number in range(10)))

    async def again(url: str, **values: Any) -> Any:
        reply = await SmallHost.get(http, url, **values)
        return replace(reply, headers={**reply.headers, "link": f'<{url}>; rel="next"'})

    http.get = again  # type: ignore[method-assign]
    found = await batches(taking("merged"), http)
    assert found[0].warnings == ("the server repeats a page; what comes after it was not read",)
    assert len(http.asked) == 2


# Registered


def test_it_is_registered_with_its_keys_and_words() -> None:
    info = find_kinds()["github"]
    assert (info.word, info.can_read) == ("github", True)
    assert info.keys == ("repositories", "organisation", "take", "token", "url")
    assert "issues with N comments" in Github.take_words


@pytest.mark.parametrize(
    ("url", "base", "projects", "organisation"),
    [
        ("https://github.com/kiln/glaze", "https://api.github.com", ("kiln/glaze",), None),
        ("https://www.github.com/kiln/glaze.git", "https://api.github.com", ("kiln/glaze",), None),
        ("https://github.com/kiln/glaze/releases#top", "https://api.github.com", ("kiln/glaze",), None),
        ("https://github.com/kiln/", "https://api.github.com", (), "kiln"),
        ("https://github.com/orgs/kiln/repositories", "https://api.github.com", (), "kiln"),
        ("https://api.github.com/repos/kiln/glaze/issues", "https://api.github.com", ("kiln/glaze",), None),
        ("https://git.kiln.example/a/b?tab=1", "https://git.kiln.example/api/v3", ("a/b",), None),
        ("https://git.kiln.example/api/v3/repos/a/b", "https://git.kiln.example/api/v3", ("a/b",), None),
    ],
)
def test_one_address_names_the_server_and_what_is_read(
    url: str, base: str, projects: tuple[str, ...], organisation: str | None
) -> None:
    named = named_by(Github(url=url), GithubApi)
    assert (GithubApi.at(named.server, None).base, named.projects, named.organisation) == (base, projects, organisation)


def test_repositories_on_a_server_of_ones_own() -> None:
    kind = Github(("https://git.kiln.example/a/b", " c/d/ "), url="https://git.kiln.example/")
    named = named_by(kind, GithubApi)
    api = GithubApi.at(named.server, "t")
    assert (named.projects, api.base, api.host) == (
        ("a/b", "c/d"),
        "https://git.kiln.example/api/v3",
        "git.kiln.example",
    )
    assert api.question_url == "https://git.kiln.example/api/graphql"
    assert GithubApi.at("https://github.com", "t").question_url == "https://api.github.com/graphql"
    assert GithubApi.at("https://github.com", None).question_url is None
    with pytest.raises(NotReadable, match="names no project"):
        named_by(Github(url="https://github.com"), GithubApi)


@pytest.mark.parametrize(
    ("url", "reader"),
    [
        ("https://github.com/kiln/glaze", "github"), ("https://github.com/kiln", "github"),
        ("https://github.com/orgs/kiln", "github"), ("https://github.com/kiln/glaze/issues?q=x", "github"),
        ("https://github.com/kiln/glaze/releases.atom", None), ("https://github.com/topics/kiln", None),
        ("https://github.com/kiln/glaze/commits.atom", None), ("https://github.blog/feed/", None),
        ("https://github.com/kiln/glaze/wiki/Home", None), ("https://gitlab.com/kiln/glaze", "gitlab"),
        ("https://gitlab.gnome.org/GNOME/mutter", "gitlab"), ("https://gitlab.com/a/b/c/d", "gitlab"),
        ("https://gitlab.com/a/b/-/issues", "gitlab"), ("https://gitlab.com/a/b/-/tags?format=atom", None),
        ("https://gitlab.com/a/b.atom", None), ("https://codeberg.org/forgejo/forgejo", "gitea"),
        ("https://codeberg.org/forgejo/forgejo.rss", None), ("https://codeberg.org/forgejo/forgejo/releases", "gitea"),
    ],
)  # fmt: skip
def test_addresses_are_known_by_their_shape(url: str, reader: str | None) -> None:
    assert reader_by_shape(url, find_kinds()) == reader
