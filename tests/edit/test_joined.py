from dataclasses import replace
from datetime import UTC, datetime

from newsletter.edit.joined import joined_stories
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Entry

AT = datetime(2026, 10, 15, 19, tzinfo=UTC)
ONE = Entry("one", "story-one", "One", None, revisions=("a.1",))
TWO = Entry("two", "story-two", "Two", None, revisions=("b.1", "c.3"))
THREE = Entry("three", "story-three", "Three", None, revisions=("d.1",))
BOTH = replace(ONE, revisions=(*ONE.revisions, *TWO.revisions))


def joining(other: Entry, number: int = 1, target: str = "one") -> Change:
    return Change(number, "ada", AT, "merge", target, {"entry": other.id, "other": to_json(other)})


def names(entry: Entry, *changes: Change) -> list[str]:
    return [story.entry.title for story in joined_stories(entry, changes)]


def test_what_was_joined_is_known_as_it_was() -> None:
    (story,) = joined_stories(BOTH, [joining(TWO)])
    assert (story.entry, story.items) == (TWO, ("b", "c"))


def test_each_joined_story_stands_in_the_order_it_came() -> None:
    every = replace(BOTH, revisions=(*BOTH.revisions, *THREE.revisions))
    assert names(every, joining(TWO), joining(THREE, 2)) == ["Two", "Three"]
    assert names(BOTH, joining(TWO), joining(THREE, 2)) == ["Two"]


def test_a_story_of_which_a_part_went_is_whole_no_more() -> None:
    assert names(replace(ONE, revisions=("a.1", "b.1")), joining(TWO)) == []


def test_a_newer_revision_is_the_same_item() -> None:
    assert names(replace(BOTH, revisions=("a.2", "b.9", "c.4")), joining(TWO)) == ["Two"]


def test_what_is_all_of_an_entry_cannot_go_out_of_it() -> None:
    assert names(replace(ONE, revisions=TWO.revisions), joining(TWO)) == []


def test_what_was_joined_to_another_or_without_its_entry_does_not_count() -> None:
    assert names(BOTH, joining(TWO, target="other")) == []
    assert names(BOTH, Change(1, "ada", AT, "merge", "one", {"entry": "two"})) == []
