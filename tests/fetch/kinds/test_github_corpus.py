import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable, Throttled
from newsletter.fetch.code_host import Place, Ticket, change_item, release_item, ticket_item
from newsletter.fetch.code_host_asking import Asking
from newsletter.fetch.code_host_source import named_by
from newsletter.fetch.github import GithubApi
from newsletter.fetch.kinds.github import Github
from newsletter.fetch.local import LocalFile
from newsletter.fetch.rest import Record
from newsletter.model.item import Item
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fetch.hosts import batches, batches_before, fetch, titles
from tests.replaying import replayed

SKIPPED = tomllib.loads((Path(__file__).parent / "skipped_github.toml").read_text("utf-8"))["documents"]
DOCUMENTS = expected("github")
GITHUB = GithubApi.at("https://github.com", None)
OF_RELEASES = {"tag", "title", "author", "draft", "prerelease", "created_utc", "published_utc", "link"}


def tell(when: datetime | None) -> str | None:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else None


def facts_of(item: Item, ticket: Ticket) -> dict[str, Any]:
    """What expected.json says of a ticket, read off the item; what an item does not hold, off what it is made from."""
    review, thread = item.review, item.thread
    assert thread
    return {
        "number": review.number if review else int(item.native_keys[0].partition("#")[2]),
        "title": item.title,
        "author": item.author.name if item.author else None,
        "state": ticket.state or "closed",
        "created_utc": tell(thread.first_at),
        "updated_utc": tell(item.updated_at),
        "closed_utc": tell(ticket.closed_at),
        "merged_utc": tell(review.merged_at if review else None),
        "link": item.url,
        "comments": thread.reply_count,
        "is_pull_request": item.form == "review",
        "labels": list(item.labels),
        "merged": bool(review) and review.state == "merged",
    }


def check_ticket(value: dict[str, Any], fact: dict[str, Any]) -> None:
    ticket = GITHUB.read_ticket(Record(value), "zhquan_example/repo")
    assert ticket
    make = change_item if ticket.is_change else ticket_item
    found = facts_of(make(ticket, Place("code", "github")), ticket)
    wanted = {name: fact[name] for name in found if name in fact}
    if "review_comments" in fact:
        wanted["comments"] += fact["review_comments"]
    if fact.get("merged"):
        wanted["state"] = "merged"
    assert {name: found[name] for name in wanted} == wanted


def check(value: Any, fact: Any) -> bool:
    """Assert what a document says of tickets, releases and answers; false when it is about none of them."""
    if isinstance(value, list):
        checked = [check(one, each) for one, each in zip(value, fact["items"], strict=True)]
        return any(checked) or not checked
    if fact and "number" in fact:
        check_ticket(value, fact)
    elif fact and set(fact) >= OF_RELEASES:
        release = GITHUB.read_release(Record(value), "kiln/glaze")
        assert release
        item = release_item(release, Place("code", "github"))
        assert item.title == f"glaze {fact['title']}"
        assert item.author
        assert (item.author.name, item.url, tell(item.published_at)) == (
            fact["author"],
            fact["link"],
            fact["published_utc"],
        )
        assert (release.tag, release.is_draft, release.is_early) == (fact["tag"], fact["draft"], fact["prerelease"])
    elif fact and ("review_state" in fact or ("updated_utc" in fact and "author" in fact)):
        comment = GITHUB.read_comment(Record(value))
        assert comment
        assert (comment.author.name if comment.author else None) == fact["author"]
        assert tell(comment.created_at) == (fact.get("created_utc") or fact.get("submitted_utc"))
    else:
        return False
    return True


@needs_corpus
def test_every_recorded_document_is_read_or_skipped_with_a_reason() -> None:
    skipped = {name for reason in SKIPPED.values() for name in reason}
    assert skipped <= set(DOCUMENTS)
    assert len(set(DOCUMENTS) - skipped) >= 18
    for name in set(DOCUMENTS) - skipped:
        value, expect = json.loads((CORPUS / "github" / name).read_text("utf-8")), DOCUMENTS[name]["expect"]
        pairs = [(value, expect)]
        if name.startswith("octokit/"):
            facts = [fact["facts"] or {} for fact in expect["list"]]
            pairs = [(exchange["response"], fact) for exchange, fact in zip(value, facts, strict=True)]
        checked = [check(*pair) for pair in pairs]
        assert any(checked), name


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_a_saved_document_is_read_by_itself() -> None:
    for name, title, form in (
        ("github_request_pull_request_1", "Config files for a documentation, using Sphinx.", "review"),
        ("github_issue_2", "title 2", "ticket"),
    ):
        local = LocalFile(CORPUS / "github" / "perceval" / name)
        (item,), _ = await fetch(Github(url=local.url), local)
        assert (item.title, item.form, item.project) == (title, form, "repo")
    local = LocalFile(CORPUS / "github" / "perceval" / "github_orgs")
    with pytest.raises(NotReadable, match="no release, change or issue"):
        await batches(Github(url=local.url), local)


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_over_http_nothing_is_asked_twice_and_what_is_the_same_costs_nothing() -> None:
    async with replayed(github_limit=5000) as web:
        take = ("releases", "merged", "issues with 1 comment", "waiting more than 10 days")
        kind = Github(("zhquan_example/repo",), take=take, url=f"{web.base}/github")
        items, state = await fetch(kind, web.http)
        assert titles(items) == ["title 2"]
        first = list(web.rows)
        assert {row["nth"] for row in first} == {1}
        assert max(row["in_flight_host"] for row in first) == 1
        _, state = await fetch(kind, web.http, state)
        await fetch(kind, web.http, state)
        third = [row["status"] for row in web.rows if row["path"].endswith(("issues", "pulls"))][-2:]
        assert third == [304, 304]
        assert sum(row["bytes"] for row in web.rows[len(first) :]) < 0.05 * sum(row["bytes"] for row in first)
        pages = named_by(Github(url=f"{web.base}/github/repos/zhquan_example/repo/issues"), GithubApi)
        assert (pages.server, pages.projects) == (f"{web.base}/github", ("zhquan_example/repo",))


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
async def test_recorded_pages_are_followed_by_their_links() -> None:
    name = "octokit-fixture-org/tmp-scenario-paginate-issues-20220719043836917-izyoe"
    async with replayed(github_limit=5000) as web:
        asking = Asking(web.http, GithubApi.at(f"{web.base}/github", None))
        found = [
            ticket.number
            async for answer in asking.pages(f"{web.base}/github/repos/{name}/issues?per_page=3")
            for ticket in asking.read(answer, lambda record: GITHUB.read_ticket(record, name))
        ]
        assert found == list(range(13, 0, -1))
        assert [row["status"] for row in web.rows] == [200] * 5


@needs_corpus
@pytest.mark.filterwarnings("ignore")  # of the server that plays
@pytest.mark.parametrize("settings", [{"github_limit": 2}, {"github_concurrency": 0}])
async def test_limits_are_obeyed_until_their_end(settings: dict[str, int]) -> None:
    async with replayed(**settings) as web:
        kind = Github(("zhquan_example/repo",), take=("releases", "merged"), url=f"{web.base}/github")
        await batches_before(Throttled, kind, web.http)
        asked = len(web.rows)
        with pytest.raises(Throttled):
            await fetch(kind, web.http)
        assert len(web.rows) == asked
        assert sum(row["status"] == 403 for row in web.rows) <= 1
