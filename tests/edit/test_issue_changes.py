"""What is done to the issue as a whole, each act alone, and what is about something that is gone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from newsletter.edit.changes import apply_change
from newsletter.edit.draft import draft_issue
from newsletter.model.issue import Change, Issue, Statistic
from tests.edit.samples import judged, plan

HELD = Statistic("list messages", 90, 20, note="a bot", note_url="https://a.example/n", held_because="it jumped")
ISSUE = replace(
    draft_issue([judged(name, score=59 - at) for at, name in enumerate("abc")], plan()),
    statistics=(HELD, Statistic("contributors", 4)),
)
GENERAL = next(section for section in ISSUE.sections if section.id == "general")


def after(action: str, target: str, value: Any, issue: Issue = ISSUE) -> Issue:
    return apply_change(issue, Change(1, "ada", datetime(2026, 10, 15, tzinfo=UTC), action, target, value))


def titles(issue: Issue) -> str:
    return "".join(entry.title for section in issue.sections if section.id == "general" for entry in section.entries)


def test_the_note_and_who_wrote_it() -> None:
    made = after("note", "issue", {"text": "Hello.", "by": "Ada"})
    assert (made.note, made.note_by) == ("Hello.", "Ada")
    assert after("note", "issue", {}, made).note == ""


def test_an_order_puts_those_it_names_first_and_leaves_the_rest_behind_them() -> None:
    ids = {entry.title: entry.id for entry in GENERAL.entries}
    assert titles(after("order", "general", [ids["c"], "gone", ids["a"]])) == "cab"
    assert titles(after("order", "elsewhere", [ids["c"]])) == "abc"


def test_a_figure_is_let_through_and_held_back() -> None:
    through = after("show figure", "list messages", True)
    assert [each.is_held for each in through.statistics] == [False, False]
    assert after("show figure", "list messages", True, through) == through
    back = after("show figure", "contributors", False)
    assert back.statistics[1].held_because == "held back by an editor"
    assert after("show figure", "list messages", False).statistics[0].held_because == "it jumped"


def test_a_note_of_ones_own_takes_the_link_of_the_other_away() -> None:
    figure = after("figure note", "list messages", "  spring ").statistics[0]
    assert (figure.note, figure.note_url) == ("spring", None)
    assert after("figure note", "list messages", " ").statistics[0].note is None


def test_a_quiet_project_is_named_once_or_not() -> None:
    named = after("say quiet", "general", {"project": "nova", "say": True})
    named = after("say quiet", "general", {"project": "nova", "say": True}, named)
    assert [section.quiet_projects for section in named.sections if section.id == "general"] == [("nova",)]
    assert after("say quiet", "general", {"project": "nova", "say": False}, named) == ISSUE
    assert after("say quiet", "general", {"say": True}) == ISSUE


def test_another_hour_is_another_day_for_readers() -> None:
    made = after("send at", "issue", {"at": "2026-10-17T07:30:00+00:00", "on": "2026-10-17"})
    assert (made.send_at, made.publish_on) == (datetime(2026, 10, 17, 7, 30, tzinfo=UTC), date(2026, 10, 17))
    assert made.period == ISSUE.period
    assert after("send at", "issue", {"at": "2026-10-17T07:30:00+00:00"}) == ISSUE


def test_another_address_stands_wherever_the_old_one_did() -> None:
    old, new = "https://a.example/a", "https://b.example/a"
    made = after("link", old, new)
    assert [entry.url for entry in made.entries].count(new) == 1
    assert old not in [entry.url for entry in made.entries]


def test_the_short_form_is_about_the_issue_alone() -> None:
    assert after("short form", "issue", True).is_short
    assert not after("short form", "general", True).is_short


@pytest.mark.parametrize(
    ("action", "target", "value"),
    [
        ("decline tip", "0123", "not ours"),
        ("join next", "issue", "2026-10-15T18:00:00+00:00"),
        ("show figure", "gone", True),
        ("figure note", "gone", "x"),
        ("link", "https://gone.example/", "https://b.example/"),
    ],
)
def test_what_is_about_nothing_of_the_draft_changes_nothing(action: str, target: str, value: Any) -> None:
    assert after(action, target, value) == ISSUE
