from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from newsletter.edit.changes import fold
from newsletter.edit.desk import Desk, desk_of
from newsletter.edit.draft import draft_issue
from newsletter.edit.placed_entries import find
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Issue, SectionSettings
from newsletter.model.item import Event
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.edit.samples import judged, plan

AT = datetime(2026, 10, 15, 19, tzinfo=UTC)
NARROW = tuple(replace(each, at_most=2) if each.id == "general" else each for each in DEFAULT_SECTIONS)
DRAFT = draft_issue([judged(name, score=59 - at) for at, name in enumerate("abcde")], plan(sections=NARROW))
IDS = {entry.title: entry.id for entry in (*DRAFT.sections[3].entries, *DRAFT.sections[3].runners_up)}


def change(number: int, action: str, name: str, value: Any, **more: Any) -> Change:
    at = AT + timedelta(seconds=20 * number)
    return Change(number, more.pop("editor", "ada"), at, action, IDS.get(name, name), value, **more)


def shown(desk: Desk) -> tuple[str, str]:
    section = desk.section("general")
    assert section is not None
    return "".join(card.entry.title for card in section.cards), "".join(card.entry.title for card in section.below)


def open_titles(desk: Desk) -> str:
    return "".join(card.entry.title for card in desk.open)


def test_what_nobody_decided_is_open_and_the_rest_lies_below() -> None:
    desk = desk_of(DRAFT, ())
    assert shown(desk) == ("ab", "cde")
    assert (open_titles(desk), desk.enough_from, desk.kept_count) == ("abcde", 2, 0)


def test_what_is_kept_pushes_the_last_open_one_below_and_never_a_kept_one() -> None:
    desk = desk_of(DRAFT, [change(1, "keep", "d", {}), change(2, "keep", "e", {})])
    assert shown(desk) == ("de", "abc")
    assert [card.state for card in desk.cards() if card.section == "general"] == ["kept", "kept", *["below"] * 3]
    more = desk_of(DRAFT, [change(at, "keep", name, {}) for at, name in enumerate("cde", 1)])
    assert shown(more) == ("cde", "ab")
    assert more.enough_from == 0


def test_room_makes_the_next_ones_worth_a_decision() -> None:
    desk = desk_of(DRAFT, [change(1, "keep", "a", {}), change(2, "drop", "b", "")])
    assert (shown(desk), open_titles(desk), desk.enough_from) == (("a", "cde"), "cde", 1)


def test_what_a_short_issue_leaves_out_is_no_decision() -> None:
    desk = desk_of(DRAFT, [change(1, "short form", "issue", True)])
    assert shown(desk) == ("", "abcde")
    assert (desk.enough_from, desk.minutes_left, len(desk.open)) == (0, 0, 5)


def test_minutes_follow_the_pace_once_it_is_known() -> None:
    assert desk_of(DRAFT, ()).seconds_each == 75
    made = [change(at, "keep", "a", {"at": at}) for at in range(1, 8)]
    assert desk_of(DRAFT, made).seconds_each == 20
    assert desk_of(DRAFT, made).minutes_left == 1


def test_a_late_entry_knows_that_the_program_did_not_make_it() -> None:
    late = replace(DRAFT.sections[3].entries[0], id="late", story_id="late", title="Late")
    desk = desk_of(DRAFT, [change(1, "keep", "late", {"section": "news", "entry": to_json(late)})])
    card = desk.card("late")
    assert card is not None
    assert (card.section, card.state, card.drafted, card.is_rewritten) == ("news", "kept", None, False)


def test_a_rewritten_entry_keeps_its_original_and_its_history() -> None:
    desk = desk_of(DRAFT, [change(1, "title", "a", "Better"), change(2, "summary", "a", "Text.")])
    card = desk.card(IDS["a"])
    assert card is not None
    assert card.drafted is not None
    assert (card.drafted.title, card.entry.title, card.is_rewritten, card.seen) == ("a", "Better", True, 2)
    assert desk.last_number == 2


def test_undoing_an_undo_brings_it_back() -> None:
    made = [change(1, "drop", "a", ""), change(2, "undo", "1", "1"), change(3, "undo", "2", "2")]
    assert shown(desk_of(DRAFT, made[:2])) == ("ab", "cde")
    assert shown(desk_of(DRAFT, made)) == ("b", "cde")


def test_a_batch_goes_as_one() -> None:
    made = [change(1, "drop", "a", "", batch=1), change(2, "drop", "b", "", batch=1), change(3, "undo", "1", "1")]
    assert shown(desk_of(DRAFT, made[:2])) == ("", "cde")
    assert shown(desk_of(DRAFT, made)) == ("ab", "cde")


def test_snoozed_ones_have_a_list_of_their_own() -> None:
    desk = desk_of(DRAFT, [change(1, "snooze", "a", ""), change(2, "drop", "b", "no")])
    assert [each.title for each in desk.snoozed] == ["a"]
    assert [(each.title, each.reason) for each in desk.dropped] == [("b", "no")]


def with_event(**values: Any) -> Issue:
    event = Event(date(2026, 10, 30), is_guess=True, words="at the end of the month", **values)
    return draft_issue([judged("fair", "events", event=event)], plan())


def test_a_guessed_date_stays_open_until_somebody_says_that_it_is_right() -> None:
    draft = with_event()
    (entry,) = draft.entries
    kept = Change(1, "ada", AT, "keep", entry.id, {})
    assert desk_of(draft, [kept]).enough_from == 1
    right = desk_of(draft, [kept, Change(2, "ada", AT, "event", entry.id, {})])
    assert right.enough_from == 0
    assert right.issue.entries[0].event == Event(date(2026, 10, 30))
    moved = fold(draft, [Change(1, "ada", AT, "event", entry.id, {"starts_at": "2026-11-02", "place": "Tallinn"})])
    assert moved.entries[0].event == Event(date(2026, 11, 2), place="Tallinn")
    none = fold(draft, [Change(1, "ada", AT, "event", entry.id, {"none": True})])
    assert none.entries[0].event is None


def test_deadlines_and_the_title_follow_the_entries() -> None:
    draft = draft_issue([judged("vote", score=58, due_on=date(2026, 10, 20)), judged("other", score=57)], plan())
    vote = draft.entries[0]
    assert [each.title for each in draft.deadlines] == ["vote"]
    dropped = fold(draft, [Change(1, "ada", AT, "drop", vote.id, "")])
    assert (dropped.deadlines, draft.title, dropped.title) == ((), "vote; other", "other")
    own = fold(draft, [Change(1, "ada", AT, "title", "issue", "Mine"), Change(2, "ada", AT, "drop", vote.id, "")])
    assert own.title == "Mine"


def test_merging_joins_places_and_splitting_gives_them_back() -> None:
    one, two = DRAFT.sections[3].entries
    made = [replace(one, revisions=("x.1",)), replace(two, revisions=("y.1",))]
    section = replace(DRAFT.sections[3], entries=tuple(made))
    draft = replace(DRAFT, sections=(*DRAFT.sections[:3], section, *DRAFT.sections[4:]))
    merged = fold(draft, [Change(1, "ada", AT, "merge", one.id, {"entry": two.id})])
    found = find(merged, one.id)
    assert found is not None
    assert (found[1].revisions, find(merged, two.id)) == (("x.1", "y.1"), None)
    split = Change(2, "ada", AT, "split", one.id, {"entries": [to_json(made[1])]})
    again = fold(draft, [Change(1, "ada", AT, "merge", one.id, {"entry": two.id}), split])
    assert [entry.id for entry in again.sections[3].entries] == [one.id, two.id]
    assert fold(draft, [split]).sections == draft.sections


def test_the_hour_of_sending_moves_and_the_period_stays() -> None:
    moved = fold(DRAFT, [change(1, "send at", "issue", {"at": "2026-10-19T08:00:00+00:00", "on": "2026-10-19"})])
    assert (moved.publish_on, moved.period) == (date(2026, 10, 19), DRAFT.period)
    assert moved.send_at == datetime(2026, 10, 19, 8, tzinfo=UTC)


def test_projects_without_news_are_said_or_left_out() -> None:
    settings = SectionSettings("developer", "Developer", group_by="project")
    quiet = replace(DRAFT, sections=(replace(DRAFT.sections[2], quiet_projects=("sluice",), settings=settings),))
    out = fold(quiet, [change(1, "say quiet", "developer", {"project": "sluice", "say": False})])
    assert out.sections[0].quiet_projects == ()
    said = fold(out, [change(1, "say quiet", "developer", {"project": "gauge", "say": True})])
    assert said.sections[0].quiet_projects == ("gauge",)
