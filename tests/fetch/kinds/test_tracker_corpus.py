"""Every recorded document of the trackers gives the facts that its origin states, as far as an Item can hold them."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.bugzilla import bug_ticket as bugzilla_ticket
from newsletter.fetch.bugzilla import read_activity, read_history, read_list, refusal
from newsletter.fetch.bugzilla import read_comments as bugzilla_comments
from newsletter.fetch.bugzilla_xml import read_bugs
from newsletter.fetch.http import Reply
from newsletter.fetch.launchpad import bug_ticket, person, task_ticket
from newsletter.fetch.launchpad_server import _next_page
from newsletter.fetch.pagure import Place, issue_ticket
from newsletter.fetch.pagure_parts import _listed
from newsletter.fetch.phabricator import Server, read_comments, read_names
from newsletter.fetch.phabricator import task_ticket as phabricator_ticket
from newsletter.fetch.rest import Answer, Record, read_json, records
from newsletter.fetch.tracker import Ticket, ticket_item
from newsletter.model.item import Item, Person
from tests.corpus import CORPUS, expected, needs_corpus

pytestmark = needs_corpus

SKIPPED: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("skipped_trackers.toml").read_text(encoding="utf-8")
)
LAUNCHPAD = "https://api.launchpad.net/1.0/x"
BUGZILLA = "https://bugzilla.example.org"
PHABRICATOR = Server("https://phabricator.example.org", {})


def read(folder: str, path: str) -> bytes:
    return (CORPUS / folder / path).read_bytes()


def documents(folder: str) -> list[Any]:
    """Each document with its facts; those that are skipped are left out."""
    return [
        pytest.param(path, document["expect"], id=path.rpartition("/")[2])
        for path, document in expected(folder).items()
        if not any(fnmatch(path, pattern) for pattern in SKIPPED.get(folder, ()))
    ]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def item_of(ticket: Ticket | None) -> Item:
    assert ticket is not None
    return ticket_item(ticket, "tracker", "tracker")


@pytest.mark.parametrize("folder", ["launchpad", "bugzilla", "phabricator"])
def test_every_reason_is_about_a_document(folder: str) -> None:
    for pattern in SKIPPED[folder]:
        assert any(fnmatch(path, pattern) for path in expected(folder)), pattern


# Launchpad


@pytest.mark.parametrize(("path", "facts"), documents("launchpad"))
def test_launchpad(path: str, facts: dict[str, Any]) -> None:
    body = read("launchpad", path)
    if facts.get("not_json"):
        with pytest.raises(NotReadable):
            read_json(body)
        return
    value = read_json(body)
    if "issues" in path:
        check_page(value, facts, check_task)
    elif "comments" in path:
        check_page(value, facts, check_comment)
        check_comments(value, facts)
    elif "user" in path:
        link = f"https://api.launchpad.net/1.0/{facts['web_link'].rpartition('/')[2]}"
        assert person(link, {"user": value["display_name"]}) == Person("Cristian Aravena Romero", "user@launchpad.net")
    else:
        check_bug(value, facts)


def check_page(value: Any, facts: dict[str, Any], check: Callable[[Record, dict[str, Any]], None]) -> None:
    found = records(value["entries"])
    assert len(found) == facts["count"] == len(facts["entries"])
    answer = Answer(value, Reply(LAUNCHPAD, 200))
    assert bool(_next_page(answer)) == facts["has_next"]
    for record, fact in zip(found, facts["entries"], strict=True):
        check(record, fact)


def check_task(record: Record, fact: dict[str, Any]) -> None:
    ticket = task_ticket(record, {})
    item = item_of(ticket)
    assert ticket is not None
    number = fact["web_link"].rpartition("/")[2]
    assert fact["title"] == f"Bug #{number} in {ticket.project}: {item.title}"
    assert item.labels == (fact["status"], fact["importance"])
    assert item.url == fact["web_link"]
    assert item.native_keys == (f"bug {number}",)
    assert item.published_at == moment(fact["created_utc"])
    assert (item.author.name if item.author else "") == fact["owner"].partition("~")[2]


def check_comment(record: Record, fact: dict[str, Any]) -> None:
    """What a Thread is counted from."""
    author = person(record.text("owner_link"), {})
    assert author is not None
    assert author.name == fact["owner"].partition("~")[2]
    assert record.when("date_created") == moment(fact["created_utc"])


def check_comments(value: Any, facts: dict[str, Any]) -> None:
    messages = records(value["entries"])
    ticket = bug_ticket(Record({"id": 1}), None, messages, {})
    assert ticket is not None
    answers = [fact for fact in facts["entries"] if not fact["web_link"].endswith("/comments/0")]
    assert (ticket.count or 0) == len(answers)
    if answers:
        thread = item_of(ticket).thread
        assert thread is not None
        assert thread.last_at == max(moment(fact["created_utc"]) for fact in answers)
        assert thread.people_count == len({fact["owner"] for fact in answers})


def check_bug(value: Any, facts: dict[str, Any]) -> None:
    ticket = bug_ticket(Record(value), None, [], {})
    item = item_of(ticket)
    assert item.thread is not None
    assert item.thread.reply_count == facts["messages"] - 1
    assert item.native_keys == (f"bug {facts['id']}",)
    assert (item.title, item.url) == (facts["title"], facts["web_link"])
    assert item.author is not None
    assert item.author.name == facts["owner"].partition("~")[2]
    assert item.published_at == item.thread.first_at == moment(facts["created_utc"])


# Bugzilla


def bugzilla_documents() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"json": [], "csv": [], "xml": [], "html": []}
    for each in documents("bugzilla"):
        found[str(each.values[0]).rpartition(".")[2]].append(each)
    return found


BUGZILLA_DOCUMENTS = bugzilla_documents()


@pytest.mark.parametrize(("path", "facts"), BUGZILLA_DOCUMENTS["json"])
def test_bugzilla_rest(path: str, facts: dict[str, Any]) -> None:
    value = read_json(read("bugzilla", path))
    if "history" in path:
        assert list(read_history(value)) == [fact["id"] for fact in facts["items"]]
        assert set(read_history(value).values()) == {None}
    elif "comments" in path:
        assert bugzilla_comments(value, BUGZILLA) == {947945: ()}
    elif "error" in path:
        assert refusal(value) == "API key authentication is required."
    else:
        bugs = records(value["bugs"])
        assert len(bugs) == facts["count"]
        for bug, fact in zip(bugs, facts["items"], strict=True):
            item = item_of(bugzilla_ticket(bug, BUGZILLA))
            assert (item.native_keys, item.title) == ((f"bug {fact['id']}",), fact["title"])
            assert fact["status"] in item.labels
            assert (item.published_at, item.updated_at) == (moment(fact["created_utc"]), moment(fact["updated_utc"]))
            assert item.author is not None
            assert item.author.name == bug.text("creator_detail", "real_name")


@pytest.mark.parametrize(("path", "facts"), BUGZILLA_DOCUMENTS["csv"])
def test_bugzilla_lists(path: str, facts: dict[str, Any]) -> None:
    found = read_list(read("bugzilla", path), BUGZILLA)
    assert len(found) == facts["rows"]
    assert all(each.title and each.project and each.status for each in found)
    assert all(each.updated_at is None for each in found)


@pytest.mark.parametrize(("path", "facts"), BUGZILLA_DOCUMENTS["xml"])
def test_bugzilla_xml(path: str, facts: dict[str, Any]) -> None:
    body = read("bugzilla", path)
    if "not_valid" in path:
        assert facts == {"bugs": 0}
        with pytest.raises(NotReadable):
            read_bugs(body, BUGZILLA)
        return
    found, broken = read_bugs(body, BUGZILLA)
    assert (len(found), broken) == (facts["bugs"], [])
    for ticket in found:
        item = item_of(ticket)
        assert item.thread is not None
        assert item.author is not None
        assert item.published_at is not None
        assert item.title
        assert item.text


def test_bugzilla_xml_in_detail() -> None:
    (ticket,), _ = read_bugs(read("bugzilla", "perceval/bugzilla_bug.xml"), BUGZILLA)
    item = item_of(ticket)
    assert item.author == Person("Santiago Dueñas", "sduenas@example.org")
    assert item.published_at == datetime(2013, 6, 25, 9, 49, tzinfo=UTC)
    assert item.updated_at == datetime(2013, 6, 25, 10, 4, 11, tzinfo=UTC)
    assert item.labels == ("RESOLVED FIXED", "trivial", "fake-component")
    assert item.thread is not None
    assert item.thread.last_at == datetime(2013, 6, 25, 9, 59, 7, tzinfo=UTC)


@pytest.mark.parametrize(("path", "facts"), BUGZILLA_DOCUMENTS["html"])
def test_bugzilla_tables_of_changes(path: str, facts: dict[str, Any]) -> None:
    body = read("bugzilla", path)
    assert facts == {"bugs": 0}
    with pytest.raises(NotReadable):
        read_bugs(body, BUGZILLA)
    fixed_at = datetime(2013, 6, 25, 9, 59, 7, tzinfo=UTC) if path.endswith("bug_activity.html") else None
    assert read_activity(body) == fixed_at


# Pagure


@pytest.mark.parametrize(("path", "facts"), documents("pagure"))
def test_pagure(path: str, facts: dict[str, Any]) -> None:
    value = read_json(read("pagure", path))
    answer = Answer(value, Reply("https://pagure.io/api/0/x/issues", 200))
    if not facts["count"]:
        with pytest.raises(NotReadable):
            _listed(answer, "issues")
        return
    found = _listed(answer, facts["list_under"])
    assert len(found) == facts["count"]
    for issue, fact in zip(found, facts["items"], strict=True):
        item = item_of(issue_ticket(issue, Place("https://pagure.io", "x")))
        assert item.native_keys == (f"issue x#{fact['id']}",)
        assert item.title == fact["title"]
        assert item.labels[0] == fact["status"]
        assert item.published_at == moment(fact["created_utc"])
        last_at = item.thread.last_at if item.thread else None
        assert moment(fact["updated_utc"]) in (item.updated_at, last_at)
        assert item.thread is not None
        said = [each for each in issue.records("comments") if not each.is_true("notification")]
        assert item.thread.reply_count == len(said)
        assert item.author == Person("Animesh Kumar", "animeshk08@pagure.io")


# Phabricator


@pytest.mark.parametrize(("path", "facts"), documents("phabricator"))
def test_phabricator(path: str, facts: dict[str, Any]) -> None:
    answer = read_json(read("phabricator", path))
    result = answer["result"]
    if "_user" in path:
        names = read_names(result)
        assert list(names) == [fact["id"] for fact in facts["items"]]
        for fact in facts["items"]:
            name, login = names[fact["id"]]
            assert fact["link"].rstrip("/").rpartition("/")[2] == login
            assert name
    elif "_tasks" in path:
        found = records(result["data"])
        assert len(found) == {"tasks": 3, "tasks_next": 1}.get(
            path.rpartition("phabricator_")[2].removesuffix(".json"), 0
        )
        for task in found:
            item = item_of(phabricator_ticket(task, PHABRICATOR, None))
            assert item.native_keys == (f"T{task.fields['id']}",)
            assert item.title == task.text("fields", "name")
            assert item.labels == (task.text("fields", "status", "name"), task.text("fields", "priority", "name"))
            assert item.published_at == datetime.fromtimestamp(task.fields["fields"]["dateCreated"], UTC)
    elif "_transactions" in path:
        comments = read_comments(result, PHABRICATOR)
        assert list(comments) == list(result)
        assert {number: len(said) for number, said in comments.items()} == {
            number: sum(bool(each["comments"]) for each in happened if each["transactionType"] == "core:comment")
            for number, happened in result.items()
        }
        assert sum(map(len, comments.values())) > 0
        assert all(each.at and each.author for said in comments.values() for each in said)
    elif "_error" in path:
        assert answer["error_code"] == "ERR-CONDUIT-CORE"
        assert read_names(result) == {}
    else:
        assert list(read_names(result)) == list(result)
        assert [name for name, _ in read_names(result).values()] == [each["name"] for each in result.values()]


def test_all_recorded_documents_are_here() -> None:
    names = ("launchpad", "bugzilla", "pagure", "phabricator")
    counts = {name: len(expected(name)) for name in names}
    assert counts == {"launchpad": 32, "bugzilla": 22, "pagure": 6, "phabricator": 16}
