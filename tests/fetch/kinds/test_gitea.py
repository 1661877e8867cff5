import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.code_host_source import named_by
from newsletter.fetch.find import find_kind
from newsletter.fetch.gitea import GiteaApi
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import find_kinds
from newsletter.fetch.kinds.gitea import Gitea
from newsletter.fetch.local import LocalFile
from newsletter.model.item import Person
from newsletter.model.robots import is_robot
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp
from tests.fetch.hosts import SmallHost, batches, fetch, titles

DATA = Path(__file__).resolve().parents[2] / "data" / "gitea"
WICK = "/api/v1/repos/lantern/wick"


def document(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def small(**values: Any) -> SmallHost:
    """A server with the documents written by hand; it has no validators, and orders no list of issues by change."""
    issues = document("issues")
    lists = {
        f"{WICK}/issues": issues,
        f"{WICK}/pulls": [each for each in issues if each["pull_request"]],
        f"{WICK}/releases": document("releases"),
        f"{WICK}/issues/30/comments": document("comments"),
    }
    documents = {f"{WICK}/pulls/31": document("pull_31"), f"{WICK}/pulls/29": {**issues[2], "merged": True, "base": {}}}
    return SmallHost(lists=lists, documents=documents, has_validators=False, **values)


def taking(*take: str, **values: Any) -> Gitea:
    return Gitea(("lantern/wick",), take=take, **values)


async def test_everything_that_can_be_taken() -> None:
    http = small()
    items, _ = await fetch(taking("releases", "merged", "first-time contributor", "issues with 3 comments"), http)
    assert titles(items) == ["wick v2.1.0", "Newer brass", "Soot on the glass", "Trim the wick by itself"]
    release, robot, issue, merged = items
    assert (release.form, release.text, release.links) == (
        "release", "Brighter\n\nSee the notes.", ("https://lantern.example/2.1",),
    )  # fmt: skip
    assert release.author == Person("Mira Oduya", "mira@codeberg.org")
    assert release.published_at == datetime(2026, 3, 3, 10, 5, tzinfo=UTC)
    assert (merged.form, merged.kind, merged.project, merged.labels) == ("review", "gitea", "wick", ("comfort",))
    assert merged.url == "https://codeberg.org/lantern/wick/pulls/31"
    assert merged.published_at == datetime(2026, 3, 4, 17, 20, 11, tzinfo=UTC)
    review = merged.review
    assert review
    assert (review.state, review.number, review.created_at) == ("merged", 31, datetime(2026, 3, 1, 8, tzinfo=UTC))
    assert (review.lines_added, review.lines_removed, review.files_count) == (41, 310, 3)
    assert review.is_first_contribution is True
    assert is_robot(robot.author)
    assert robot.review
    assert robot.review.is_first_contribution is None
    assert (issue.form, issue.text, issue.published_at) == (
        "ticket", "Since the new oil.", datetime(2026, 3, 3, 12, tzinfo=UTC),
    )  # fmt: skip
    assert issue.thread
    assert (issue.thread.reply_count, issue.thread.people_count) == (3, 3)
    assert http.repeated() == []


async def test_the_second_time_only_what_changed_comes_without_any_validator() -> None:
    http = small()
    kind = taking("releases", "merged")
    _, state = await fetch(kind, http)
    http.asked.clear()
    found = await batches(kind, http, state)
    assert [(batch.items, batch.is_unchanged) for batch in found] == [((), True)]
    assert http.paths == ["releases", "issues"]
    assert http.asked[1].query["since"] == "2026-03-04T17:30:01Z"
    assert http.asked[1].query["type"] == "pulls"


async def test_lists_in_another_order_are_read_to_their_end_before_anything_is_told() -> None:
    http = small(most=1)
    items, _ = await fetch(taking("merged", "issues with 3 comments"), http)
    assert titles(items) == ["Newer brass", "Soot on the glass", "Trim the wick by itself"]
    assert http.paths[:4] == ["issues", "issues?2", "issues?3", "issues?4"]


async def test_what_waits_is_asked_for_by_its_age() -> None:
    http = small()
    http.lists[f"{WICK}/pulls"][2]["state"] = "open"
    http.now = datetime(2026, 3, 20, tzinfo=UTC)
    (item,), _ = await fetch(taking("waiting more than 14 days", token="geheim"), http)
    assert item.text.splitlines()[0] == "The oldest one, “Paint it green” (tove), waits since 1 March."
    assert item.url == "https://codeberg.org/lantern/wick/pulls?state=open&sort=leastupdate"
    assert http.asked[0].headers["Authorization"] == "token geheim"


async def test_an_organisation_stands_for_its_living_repositories() -> None:
    http = small()
    http.lists["/api/v1/orgs/lantern/repos"] = [
        {"full_name": "lantern/wick"}, {"full_name": "lantern/a", "mirror": True},
        {"full_name": "lantern/b", "empty": True},
    ]  # fmt: skip
    items, _ = await fetch(Gitea(organisation="lantern", take=("releases",)), http)
    assert titles(items) == ["wick v2.1.0"]
    assert len(http.asked) == 2


async def test_a_first_reading_goes_back_as_far_as_it_should() -> None:
    state = FetchState("code", since=datetime(2026, 3, 3, tzinfo=UTC) + timedelta(hours=11))
    items, _ = await fetch(taking("releases", "merged"), small(), state)
    assert titles(items) == ["Trim the wick by itself"]


@pytest.mark.parametrize(
    ("url", "server", "projects", "organisation"),
    [
        (None, "https://codeberg.org", (), None),
        ("https://codeberg.org/forgejo/forgejo/releases", "https://codeberg.org", ("forgejo/forgejo",), None),
        ("https://git.lantern.example/lantern", "https://git.lantern.example", (), "lantern"),
        ("https://git.lantern.example/api/v1/repos/a/b", "https://git.lantern.example/api/v1", ("a/b",), None),
    ],
)
def test_one_address_names_the_server_and_what_is_read(
    url: str | None, server: str, projects: tuple[str, ...], organisation: str | None
) -> None:
    if url is None:
        with pytest.raises(NotReadable, match="names no project"):
            named_by(Gitea(), GiteaApi)
        return
    named = named_by(Gitea(url=url), GiteaApi)
    assert (named.server, named.projects, named.organisation) == (server, projects, organisation)
    assert GiteaApi.at(named.server, None).base == f"{server.removesuffix('/api/v1')}/api/v1"


@pytest.mark.parametrize(
    "sign", [b'<meta name="author" content="Forgejo">', b'<meta name="keywords" content="go,git,gitea">']
)
async def test_a_server_is_known_by_its_pages(sign: bytes) -> None:
    url = "https://git.lantern.example/a/b"
    found = await find_kind(url, FakeHttp({url: b"<html><head>" + sign}))
    assert found.info.reader == "gitea"
    assert not Gitea.recognises(Reply(url, 200, b"<html>We left Gitea"))
    assert find_kinds()["gitea"].can_read


async def test_a_saved_document_is_read_by_itself() -> None:
    local = LocalFile(DATA / "issues.json")
    items, _ = await fetch(Gitea(url=local.url), local)
    assert [(item.form, item.review.state if item.review else "") for item in items] == [
        ("review", "merged"), ("ticket", ""), ("review", "merged"), ("review", "abandoned"),
    ]  # fmt: skip
