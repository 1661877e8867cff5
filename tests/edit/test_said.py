from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.edit.changes import ACTIONS
from newsletter.edit.said import ago, overtaken, said_of
from newsletter.model.issue import Change

AT = datetime(2026, 10, 15, 19, tzinfo=UTC)


def change(action: str, value: Any = "", target: str = "a") -> Change:
    return Change(7, "ada", AT, action, target, value)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_change_has_words_of_its_own(action: str) -> None:
    said = said_of(change(action, ACTIONS[action]()))
    assert said
    assert "changed (" not in said
    assert said == said.strip(" .:")


@pytest.mark.parametrize(
    ("action", "value", "said"),
    [
        ("keep", {"section": "news"}, "kept"),
        ("keep", {"section": "news", "from": "general"}, "moved"),
        ("keep", {"section": "news", "from": "news"}, "kept"),
        ("keep", {"section": "news", "at": 0}, "pinned"),
        ("keep", {"section": "news", "how": "brought back"}, "brought back"),
        ("event", {"starts_at": "2026-10-15"}, "changed the date of"),
        ("event", {"none": True}, "took the date off"),
        ("note", {"text": " "}, "took the note off"),
        ("note", {"text": "Hello"}, "changed the note of"),
        ("show figure", True, "let through"),
        ("show figure", False, "held back"),
        ("short form", True, "shortened"),
        ("short form", False, "put everything back into"),
        ("say quiet", {"project": "nova", "say": True}, "named a quiet project in"),
        ("say quiet", {"project": "nova", "say": False}, "left a quiet project out of"),
    ],
)
def test_the_words_follow_what_was_done(action: str, value: Any, said: str) -> None:
    assert said_of(change(action, value)) == said


def test_the_title_of_an_issue_is_its_subject() -> None:
    assert said_of(change("title", "New", target="issue")) == "changed the subject of"
    assert said_of(change("title", "New")) == "changed the title of"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s ago"),
        (10, "10 s ago"),
        (119, "119 s ago"),
        (180, "3 min ago"),
        (7_199, "119 min ago"),
        (7_200, "2 h ago"),
        (4 * 86_400, "4 days ago"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(seconds: int, said: str) -> None:
    assert ago(AT, AT + timedelta(seconds=seconds)) == said


def test_who_was_slower_reads_who_what_and_when() -> None:
    now = AT + timedelta(minutes=3)
    said = overtaken(change("drop"), by="bo", now=now)
    assert said == "ada dropped this 3 min ago, after you opened the page. Look at it, then decide again."
    assert overtaken(change("summary"), by="ada", now=now).startswith("You changed the text of this 3 min ago")
