from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.edit.changes import ACTIONS, apply_change, check_change, fold
from newsletter.edit.draft import draft_issue
from newsletter.errors import UsageError
from newsletter.model.issue import Change, Issue, Statistic
from newsletter.model.item import Event
from tests.edit.samples import judged, plan

ISSUE = draft_issue([judged("one", score=55), judged("two", score=54), judged("three", "developer")], plan())
ONE, TWO = (entry.id for entry in ISSUE.sections[3].entries)


def change(number: int, action: str, target: str, value: object) -> Change:
    return Change(number, "ada", datetime(2026, 10, 15, tzinfo=UTC), action, target, value)


def section(issue: Issue, name: str) -> list[str]:
    return next([entry.title for entry in each.entries] for each in issue.sections if each.id == name)


def test_an_edit_survives_a_new_draft() -> None:
    edits = [change(1, "title", ONE, "Better"), change(2, "summary", ONE, "Shorter.")]
    again = draft_issue([judged("new", score=58), judged("one", score=55)], plan())
    folded = fold(again, edits)
    assert section(folded, "general") == ["new", "Better"]
    assert section(fold(ISSUE, edits), "general") == ["Better", "two"]


def test_drop_move_and_order() -> None:
    folded = fold(ISSUE, [change(1, "order", "general", [TWO, ONE]), change(2, "move", TWO, "developer")])
    assert section(folded, "general") == ["one"]
    assert section(folded, "developer") == ["three", "two"]
    folded = fold(ISSUE, [change(1, "drop", ONE, "told elsewhere")])
    assert section(folded, "general") == ["two"]
    assert folded.dropped[-1].reason == "told elsewhere"


def test_a_section_of_dates_takes_each_entry_where_its_date_belongs() -> None:
    dates = {"late": date(2026, 11, 20), "soon": date(2026, 10, 17)}
    found = [judged(name, "events", event=Event(day)) for name, day in dates.items()]
    issue = draft_issue([*found, judged("plain")], plan())
    ids = {entry.title: entry.id for entry in issue.entries}
    assert section(issue, "events") == ["soon", "late"]
    moved = [change(1, "move", ids["plain"], "events")]
    assert section(fold(issue, moved), "events") == ["soon", "late", "plain"]
    moved.append(change(2, "event", ids["plain"], {"starts_at": "2026-11-03T18:00"}))
    assert section(fold(issue, moved), "events") == ["soon", "plain", "late"]
    moved.append(change(3, "event", ids["soon"], {"starts_at": "2026-12-01"}))
    assert section(fold(issue, moved), "events") == ["plain", "late", "soon"]
    moved.append(change(4, "order", "events", [ids["soon"], ids["plain"], ids["late"]]))
    moved.append(change(5, "event", ids["plain"], {"place": "Kranj"}))
    assert section(fold(issue, moved), "events") == ["soon", "plain", "late"]


def test_changes_are_folded_in_their_order_however_they_come() -> None:
    edits = [change(2, "title", ONE, "second"), change(1, "title", ONE, "first")]
    assert section(fold(ISSUE, edits), "general")[0] == "second"


def test_note_and_title_of_the_issue() -> None:
    folded = fold(
        ISSUE, [change(1, "note", "issue", {"text": "Hello.", "by": "Ada"}), change(2, "title", "issue", "T")]
    )
    assert (folded.note, folded.note_by, folded.title) == ("Hello.", "Ada", "T")


def test_what_a_model_proposed_is_taken_over_as_plain_text() -> None:
    taken = fold(ISSUE, [change(1, "blurb", ONE, {"text": "A new\n kiln.", "model": "m"})])
    assert next(entry.summary for entry in taken.entries if entry.id == ONE) == "A new kiln."
    for value in ({}, {"text": ""}, {"text": None}):
        assert fold(ISSUE, [change(1, "blurb", ONE, value)]) == ISSUE


@given(st.sampled_from(sorted(ACTIONS)), st.text(max_size=5))
def test_a_target_that_is_gone_changes_no_entry(action: str, target: str) -> None:
    value = {str: "general", dict: {}, list: [], bool: True}[ACTIONS[action]]
    folded = fold(ISSUE, [change(1, action, "gone" + target, value)])
    assert folded.sections == ISSUE.sections


def test_what_cannot_be_applied_is_refused_before_it_is_stored() -> None:
    check_change("title", "x")
    with pytest.raises(UsageError, match="There is no change"):
        check_change("erase", "x")
    with pytest.raises(UsageError, match="needs str"):
        check_change("title", 3)
    assert replace(ISSUE) == ISSUE


def test_a_figure_is_let_through_and_held_back_again() -> None:
    held = Statistic("list messages", 90, 20, held_because="90 is more than 3 times the last, 20")
    drafted = replace(ISSUE, statistics=(held, Statistic("contributors", 4)))
    shown = apply_change(drafted, change(1, "show figure", "list messages", True))
    assert [each.name for each in drafted.figures] == ["contributors"]
    assert [each.name for each in shown.figures] == ["list messages", "contributors"]
    hidden = apply_change(shown, change(2, "show figure", "contributors", False))
    assert [(each.name, each.held_because) for each in hidden.statistics] == [
        ("list messages", None),
        ("contributors", "held back by an editor"),
    ]
    again = apply_change(drafted, change(3, "show figure", "list messages", False))
    assert again.statistics[0].held_because == held.held_because


def test_the_short_form_is_applied_last_and_comes_off_again() -> None:
    short = [change(1, "short form", "issue", True), change(2, "title", ONE, "Better")]
    folded = fold(ISSUE, short)
    assert folded.is_short
    assert section(folded, "general") == section(folded, "developer") == []
    general = next(each for each in folded.sections if each.id == "general")
    assert [entry.title for entry in general.runners_up] == ["Better", "two"]
    assert section(fold(ISSUE, [*short, change(3, "short form", "issue", False)]), "general") == ["Better", "two"]


def test_readers_are_led_elsewhere() -> None:
    old = next(entry.url for entry in ISSUE.entries if entry.id == ONE)
    assert old
    folded = fold(ISSUE, [change(1, "link", old, "https://new.example/")])
    assert next(entry.url for entry in folded.entries if entry.id == ONE) == "https://new.example/"
    assert fold(ISSUE, [change(1, "link", old, "javascript:1")]).entries == ISSUE.entries
