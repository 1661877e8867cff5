"""Recorded questions give their facts; what is odd stays unknown."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.fetch.askbot_page import read_question_page
from newsletter.fetch.questions import (
    Mark,
    Question,
    is_wanted,
    question_item,
    read_askbot,
    read_stack_exchange,
    with_page,
)
from newsletter.fetch.rest import Record, records
from newsletter.model.item import Person, item_id
from tests.corpus import CORPUS, expected, needs_corpus

SKIPPED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "kinds" / "skipped_questions.toml").read_text(encoding="utf-8")
)
ASK = "https://ask.example.org/"
ROW = {
    "id": 7,
    "title": "Why does the wick &amp; the lamp smoke?",
    "url": "https://ask.example.org/en/question/7/why/",
    "summary": "<p>It <b>smokes</b> <a href='/faq'>always</a></p>",
    "tags": ["wick", "smoke"],
    "author": {"username": "Mira", "id": 3},
    "answer_count": 2,
    "accepted_answer_id": 9,
    "added_at": "1772445600",
    "last_activity_at": "1772449200",
}


@needs_corpus
def test_recorded_questions_of_askbot() -> None:
    count = 0
    for path, document in expected("askbot").items():
        if path in SKIPPED["askbot"]:
            continue
        count += 1
        data, expect = (CORPUS / "askbot" / path).read_bytes(), document["expect"]
        if expect.get("html"):
            page = read_question_page(data)
            assert page is not None
            assert expect["title"].startswith(page.title)
            assert page.title
            assert page.html
            # The fourth page of one question has an answer of the one who asked, and no other.
            assert (page.people_count > 1) is ("multipage" not in path)
            assert page.answers_count > 0
            continue
        value = json.loads(data)
        rows = records(value["questions"]) if "questions" in value else (Record(value),)
        made = [read_askbot(row, "https://ask.openstack.org/") for row in rows]
        assert all(made)
        for question in made:
            assert question is not None
            item = question_item(question, "ask")
            assert item.text
            assert item.published_at is not None
            if "id" in expect:
                link = item.url
                assert (question.number, item.title, link) == (expect["id"], expect["title"], expect["link"])
    assert count == 6


@needs_corpus
def test_recorded_questions_of_stack_exchange() -> None:
    count = 0
    for path, document in expected("stackexchange").items():
        value, expect = json.loads((CORPUS / "stackexchange" / path).read_bytes()), document["expect"]
        rows = records(value if isinstance(value, list) else value["items"])
        assert len(rows) == expect["count"]
        for row, facts in zip(rows, expect["items"], strict=True):
            assert set(facts) <= {"id", "link", "created_utc", "updated_utc"}
            made = read_stack_exchange(row, "stackoverflow.com")
            assert made is not None
            item = question_item(made, "so")
            assert item.native_keys == (f"question/{facts['id']}",)
            # The recorded addresses are no addresses ("page"), so the site's own form is taken.
            assert item.url == f"https://stackoverflow.com/questions/{facts['id']}"
            thread = item.thread
            assert thread is not None
            assert item.updated_at == thread.last_at == datetime.fromisoformat(facts["updated_utc"])
            assert item.published_at == datetime.fromisoformat(facts["created_utc"])
            assert (thread.reply_count, thread.people_count) == (1, 2)
            count += 1
    assert count == 9


def test_a_question_becomes_an_item() -> None:
    question = read_askbot(Record(ROW), ASK)
    assert question is not None
    item = question_item(question, "ask")
    assert item.id == item_id("ask", "question/7")
    assert (item.kind, item.form, item.title) == ("questions", "post", "Why does the wick & the lamp smoke?")
    assert (item.text, item.links) == ("It smokes always", ("https://ask.example.org/faq",))
    assert item.author == Person("Mira", "3@ask.example.org")
    assert item.labels == ("wick", "smoke", "answered")
    thread = item.thread
    assert thread is not None
    assert (thread.root_id, thread.reply_count, thread.people_count) == ("ask.example.org/question/7", 2, 1)
    assert thread.first_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert thread.last_at == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def test_what_a_page_tells_beside() -> None:
    page = read_question_page(
        b"<h1>Why?</h1><div class='js-question'><div class='post-body'>"
        b"<div class='post-update-info'>asked by <div class='user-info'><a href='/users/3/mira/'>Mira</a></div></div>"
        b"<p>All of it</p><div class='comments'>hush</div></div></div>"
        b"<div class='post answer accepted-answer'><div class='user-info'><a href='/users/4/tove/'>Tove</a></div></div>"
    )
    assert page is not None
    assert (page.title, page.people_count, page.answers_count, page.is_answered) == ("Why?", 2, 1, True)
    question = read_askbot(Record({**ROW, "accepted_answer_id": None}), ASK)
    assert question is not None
    whole = with_page(question, html=page.html, people=page.people_count, is_answered=page.is_answered)
    item = question_item(whole, "ask")
    assert (item.text, item.thread and item.thread.people_count) == ("All of it", 2)
    assert "answered" in item.labels
    assert read_question_page(b"<h1>Not found</h1>") is None
    bare = read_question_page(b"<div class='js-question'></div>")
    assert bare is not None
    assert (bare.title, bare.html) == ("", "")
    assert with_page(question, html="", people=0, is_answered=False) == question


def test_what_stack_exchange_tells() -> None:
    row = {
        "question_id": 5,
        "title": "A &quot;quoted&quot; title",
        "link": "https://stackoverflow.com/questions/5/a-quoted-title",
        "body": "<p>Hello</p>",
        "owner": {"display_name": "O&#39;Neil", "user_id": 8},
        "accepted_answer_id": 6,
        "closed_date": 1772445600,
        "answer_count": 1,
        "creation_date": 1772445600,
    }
    made = read_stack_exchange(Record(row), "stackoverflow.com")
    assert made is not None
    item = question_item(made, "so")
    assert (item.title, item.labels) == ('A "quoted" title', ("answered", "closed"))
    assert item.author == Person("O'Neil", "8@stackoverflow.com")
    assert item.updated_at == item.published_at


@pytest.mark.parametrize("value", [None, True, -1, 10**400, 1.5, "x", [], {}, [[]], "\x00", "99999999999999"])
def test_fields_of_the_wrong_sort_are_unknown(value: Any) -> None:
    for reader, number in ((read_askbot, "id"), (read_stack_exchange, "question_id")):
        names = ("url", "link", "summary", "body", "tags", "author", "owner", "answer_count", "answers")
        times = ("added_at", "last_activity_at", "creation_date", "last_activity_date", "accepted_answer_id")
        odd = {number: 5, "title": "T", **dict.fromkeys((*names, *times), value)}
        for each in (odd, {**odd, number: value}, {**odd, "title": value}):
            made = reader(Record(each), "https://h.example.org/" if number == "id" else "h.example.org")
            assert made is None or question_item(made, "s").url is not None


def question(number: int, moved_at: datetime | None, **values: Any) -> Question:
    row = {**ROW, "id": number, "last_activity_at": int(moved_at.timestamp()) if moved_at else None, **values}
    made = read_askbot(Record(row), ASK)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("values", "take", "is_taken"),
    [
        ({}, "all", True),
        ({}, "answered", True),
        ({"accepted_answer_id": None}, "answered", False),
        ({"answer_count": 0}, "unanswered", True),
        ({}, "unanswered", False),
        ({}, "questions with 2 answers", True),
        ({}, "questions with 3 answers", False),
    ],
)
def test_what_is_taken(values: dict[str, Any], take: str, is_taken: bool) -> None:
    assert is_wanted(question(1, None, **values), (take,)) is is_taken


def test_a_mark_knows_what_was_read() -> None:
    at = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    mark = Mark().after([question(1, at), question(2, at)], at)
    assert mark == Mark(at, frozenset({1, 2}))
    assert mark.after([question(3, at)], at) == Mark(at, frozenset({1, 2, 3}))
    assert mark.after([question(4, datetime(2199, 1, 1, tzinfo=UTC))], at) == mark
    assert Mark.from_json(json.loads(json.dumps(mark.as_json()))) == mark
    assert [mark.is_new(question(number, at), None) for number in (2, 3)] == [False, True]
    assert not Mark().is_new(question(1, at), datetime(2026, 3, 3, tzinfo=UTC))
