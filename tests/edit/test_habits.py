from datetime import UTC, datetime, timedelta

from newsletter.edit.draft import draft_issue
from newsletter.edit.habits import placings
from newsletter.model.issue import Change
from tests.edit.samples import judged, plan

AT = datetime(2026, 10, 15, 19, tzinfo=UTC)


def change(number: int, action: str, target: str, value: object = "") -> Change:
    return Change(number, "ada", AT + timedelta(minutes=number), action, target, value)


def test_what_editors_moved_and_dropped_is_a_correction_and_what_they_kept_is_none() -> None:
    draft = draft_issue([judged(name) for name in ("one", "two", "three", "four")], plan())
    ids = {entry.title: entry.id for entry in draft.entries}
    changes = (
        change(1, "move", ids["one"], "events"),
        change(2, "drop", ids["two"]),
        change(3, "keep", ids["three"], {"section": "general"}),
    )
    found = {
        each.entry.title: (each.drafted, each.final, each.corrected_at)
        for each in placings(draft, changes, is_done=False)
    }
    assert found == {
        "one": ("general", "events", AT + timedelta(minutes=1)),
        "two": ("general", None, AT + timedelta(minutes=2)),
        "three": ("general", "general", None),
    }
    done = {each.entry.title: each.final for each in placings(draft, changes, is_done=True)}
    assert done == {"one": "events", "two": None, "three": "general", "four": "general"}


def test_what_was_picked_for_its_score_and_put_back_says_nothing() -> None:
    draft = draft_issue([judged("best", score=90, why="Good."), judged("two")], plan())
    (best,) = draft.sections[0].entries
    back = (change(1, "move", best.id, "general"),)
    assert placings(draft, back, is_done=False) == []
    dropped = placings(draft, (change(1, "drop", best.id),), is_done=False)
    assert [(each.drafted, each.final) for each in dropped] == [("highlights", None)]
