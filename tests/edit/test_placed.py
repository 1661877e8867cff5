from dataclasses import replace

from newsletter.edit.placed import final_places, moved_places
from newsletter.model.issue import Change, Entry, Issue, Section
from tests.edit.samples import PERIOD, PUBLISH


def entry(name: str, why: str = "A release (built-in rule).") -> Entry:
    return Entry(name, name.removesuffix("-date") * 2, name.title(), None, why=why)


def issue() -> Issue:
    sections = (
        Section("top", "Top", PERIOD, (entry("picked", "A guide. Among the best of the week."), entry("placed"))),
        Section("dates", "Dates", PERIOD, (entry("picked-date"), entry("evening"))),
        Section("rest", "Rest", PERIOD, (entry("one"), entry("two")), (entry("below"),)),
    )
    return Issue(1, "One", PERIOD, PUBLISH.date(), sections=sections)


def change(number: int, action: str, target: str, value: object) -> Change:
    return Change(number, "ada", PUBLISH, action, target, value)


def names(places: list[tuple[Entry, str | None]]) -> dict[str, str | None]:
    return {entry.id: section for entry, section in places}


def test_what_stands_in_an_issue_is_where_it_belongs_but_for_what_the_score_picked() -> None:
    assert names(final_places(issue(), ())) == {"placed": "top", "evening": "dates", "one": "rest", "two": "rest"}


def test_what_editors_moved_counts_where_it_went_last_and_what_they_dropped_fits_nowhere() -> None:
    changes = (
        change(3, "move", "one", "dates"),
        change(1, "move", "one", "top"),
        change(2, "drop", "two", "not ours"),
        change(4, "move", "picked", "top"),
        change(5, "move", "below", "rest"),
        change(6, "title", "evening", "Evening"),
        change(7, "move", "evening", "nowhere"),
        change(8, "move", "gone", "top"),
    )
    moved = {"one": "dates", "two": None, "picked": "top", "below": "rest"}
    assert names(moved_places(issue(), changes)) == moved
    assert names(final_places(issue(), changes)) == moved | {"placed": "top", "evening": "dates"}


def test_a_drop_may_be_taken_back_by_a_move() -> None:
    changes = (change(1, "drop", "two", ""), change(2, "move", "two", "rest"))
    assert names(moved_places(issue(), changes)) == {"two": "rest"}


def test_an_entry_is_given_as_it_was_drafted() -> None:
    (found, _), *_ = final_places(issue(), (change(1, "title", "one", "New words"), change(2, "move", "one", "top")))
    assert found == replace(entry("one"))
