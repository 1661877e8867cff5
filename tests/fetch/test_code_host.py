from datetime import UTC, datetime, timedelta

import pytest

from newsletter.fetch.code_host import (
    Comment,
    Place,
    Release,
    Ticket,
    change_item,
    person,
    release_title,
    talk_of,
    ticket_item,
)
from newsletter.fetch.code_host_api import Wishes, utc_text, with_query
from newsletter.fetch.code_host_memory import HostMemory, ListMemory
from newsletter.fetch.gitea import GiteaApi
from newsletter.fetch.github import GithubApi
from newsletter.fetch.gitlab import GitlabApi
from newsletter.model.item import Person
from newsletter.model.robots import is_robot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEP = timedelta(seconds=1)
PLACE = Place("code", "github")


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ticket(number: int = 1, seconds: float = 0, **values: object) -> Ticket:
    made = {"url": "https://a.example/1", "title": "Soot", "state": "open", "updated_at": later(seconds), **values}
    return Ticket(number, "lantern/wick", **made)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("project", "tag", "name", "title"),
    [
        ("a/wick", "v1.2", "", "wick v1.2"), ("a/wick", "v1.2", "v1.2", "wick v1.2"),
        ("a/wick", "v1.2", "Version 1.2", "wick Version 1.2"), ("a/wick", "v1.2", "Wick 1.2", "Wick 1.2"),
        ("a/wick", "v1.2", "Brass", "wick v1.2: Brass"), ("a/wick", "wick-1.2", "", "wick-1.2"),
        ("a/b/wick", "nightly", "", "wick nightly"), ("a/wick", "12.0.0", "Old 12.0.0", "wick Old 12.0.0"),
    ],
)  # fmt: skip
def test_a_release_is_called_by_project_and_version(project: str, tag: str, name: str, title: str) -> None:
    assert release_title(Release("key", project, tag, name, "")) == title


def test_answers_are_counted_and_robots_are_no_people() -> None:
    comments = [
        Comment(person("jun", "a.example"), later(3)),
        Comment(person("kiln-bot", "a.example"), later(1)),
        Comment(person("sweep", "a.example", is_bot=True), later(2)),
        Comment(None, later(4)),
        Comment(person("Jun", "a.example"), later(5)),
    ]
    talk = talk_of(ticket(author=person("mira", "a.example"), comment_count=9), comments, wanted=4)
    assert (talk.reply_count, talk.people_count, talk.reached_at, talk.last_at) == (9, 2, later(4), later(5))
    talk = talk_of(ticket(), comments, wanted=6)
    assert (talk.reply_count, talk.people_count, talk.reached_at) == (5, 1, None)
    assert talk_of(ticket(), (), wanted=0).people_count == 1


def test_an_account_that_its_host_calls_a_bot_is_known_everywhere() -> None:
    found = person("sweep", "a.example", name="Sweep", is_bot=True)
    assert found == Person("Sweep", "sweep[bot]@a.example")
    assert is_robot(found)
    assert person("kiln-bot", "a.example", is_bot=True) == Person("kiln-bot", "kiln-bot@a.example")
    assert person(" ", "a.example") is None


def test_what_is_unknown_stays_unknown() -> None:
    item = ticket_item(Ticket(7, "lantern/wick", "", "", ""), PLACE)
    assert (item.title, item.url, item.author, item.published_at, item.thread) == ("wick 7", None, None, None, None)
    closed = change_item(ticket(state="closed", is_change=True, closed_at=later(9)), PLACE)
    assert closed.review
    assert (closed.review.state, closed.published_at, closed.review.merged_at) == ("abandoned", later(9), None)
    opened = change_item(ticket(is_change=True, created_at=later(-9)), PLACE)
    assert (opened.published_at, opened.native_keys) == (later(-9), ("lantern/wick!1",))


def test_wishes_are_the_words_of_an_editor() -> None:
    wishes = Wishes.read(("merged", "waiting more than 14 days", "issues with 20 comments"))
    assert (wishes.merged, wishes.releases, wishes.waiting_days, wishes.comment_count) == (True, False, 14, 20)
    assert (wishes.tickets, wishes.name) == (True, "changes issues")
    assert not Wishes.read(("releases", "waiting more than 1 day")).tickets
    assert Wishes.read(("first-time contributor",)).name == "changes"


def test_what_waits_has_a_page_wherever_it_is() -> None:
    github = GithubApi.at("https://github.com", None)
    assert github.waiting_url(("a/b", "a/c"), None).endswith(
        "q=is%3Apr%20is%3Aopen%20draft%3Afalse%20repo%3Aa/b%20repo%3Aa/c"
    )
    assert github.waiting_url(("a/b", "a/c"), "a").endswith("draft%3Afalse%20org%3Aa")
    gitlab = GitlabApi.at("https://gitlab.com", None)
    assert gitlab.waiting_url(("a/b", "a/c"), None) == "https://gitlab.com"
    assert (
        gitlab.waiting_url(("a/b",), "a")
        == "https://gitlab.com/groups/a/-/merge_requests?state=opened&sort=updated_asc"
    )
    gitea = GiteaApi.at("https://codeberg.org", None)
    assert [gitea.waiting_url(("a/b", "a/c"), each) for each in (None, "a")] == [
        "https://codeberg.org", "https://codeberg.org/a",
    ]  # fmt: skip


def test_a_query_keeps_what_it_has() -> None:
    assert with_query("https://a.example/x?a=1&since=0", since=utc_text(NOON)) == (
        "https://a.example/x?a=1&since=2026-03-02T12:00:00Z"
    )
    assert utc_text(later(0.25), is_exact=True) == "2026-03-02T12:00:00.250Z"


def test_a_list_is_remembered_to_the_moment_and_what_stands_in_it() -> None:
    memory = ListMemory.read(None, "changes", None)
    assert memory.is_new(ticket(1, 0), None)
    memory.advance([ticket(1, 0), ticket(2, 5), ticket(3, 5)], limit=None)
    assert (memory.since, set(memory.seen)) == (later(5), {"2", "3"})
    again = ListMemory.read(memory.as_json(), "changes", None)
    assert again == memory
    assert not again.is_new(ticket(2, 5), again.since)
    assert again.is_new(ticket(4, 5), again.since)
    assert not again.is_new(ticket(4, 4), again.since)
    again.finish(later(30), STEP)
    assert again.since == later(5)
    again.finish(later(300), STEP)
    assert (again.since, again.seen) == (later(6), {})
    assert ListMemory.read(memory.as_json(), "issues", NOON).since == NOON


def test_what_was_merged_before_the_last_reading_was_told() -> None:
    memory = ListMemory.read(None, "changes", later(0))
    assert memory.is_told(ticket(merged_at=later(-1)))
    assert not memory.is_told(ticket(merged_at=later(1)))
    assert not memory.is_told(ticket())
    memory.advance([ticket(1, 86_400)], limit=None)
    assert not memory.is_told(ticket(merged_at=later(10)))  # this reading is not over
    memory.finish(None, STEP)
    assert memory.is_told(ticket(merged_at=later(10)))
    assert not memory.is_told(ticket(merged_at=later(86_400 - 60)))


def test_a_cursor_is_what_was_known_then() -> None:
    memory = HostMemory.read({})
    memory.of("Lantern/Wick", "firsts")["jun"] = 7
    memory.of("a/b", "firsts").update({str(number): number for number in range(3_000)})
    cursor = memory.as_json()
    memory.of("lantern/wick", "firsts")["tove"] = 9
    assert cursor["projects"]["lantern/wick"] == {"firsts": {"jun": 7}}
    assert len(cursor["projects"]["a/b"]["firsts"]) == 2_000
    memory.keep_only(("lantern/WICK",))
    assert list(HostMemory.read(memory.as_json()).projects) == ["lantern/wick"]
