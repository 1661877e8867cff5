"""Every check says something when there is something, and what it says is right."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.edit.check import Act, Check, grouped
from newsletter.edit.checks import checks_of, looked_at, stopping, summary_of
from newsletter.edit.entry_checks import is_over
from newsletter.model.issue import Change, Deadline, Entry, Section, SectionSettings, Statistic
from newsletter.model.item import Event
from newsletter.model.link import LinkReport
from tests.edit.checking import AHEAD, NOW, ONE, SEND, TWO, found, issue_of, only, told


def test_an_issue_that_is_well() -> None:
    checks = checks_of(found())
    assert {each.state for each in checks} == {"good"}, checks
    assert {each.text for each in checks} >= {
        "2 links answer",
        "Text part holds all 2 entries",
        "61 of 80 KB",
        "No past event",
        "Contrast",
        "Number 7",
    }
    assert summary_of(checks) == "All is well."


def test_a_group_is_one_thing_to_look_at() -> None:
    three = [Check("link dead", "warning", "1 link is gone", group="links are gone")] * 3
    assert summary_of(three) == "One thing to look at. It does not stop the issue."
    assert [each.text for each in grouped([*three, Check("x", "good", "Well"), Check("y", "good", "Too")])] == [
        "3 links are gone",
        "Well",
        "Too",
    ]


def test_events_that_are_over_and_guessed() -> None:
    past = replace(TWO, event=Event(datetime(2026, 10, 15, 18, tzinfo=UTC)))
    checks = checks_of(found(issue_of(ONE, past)))
    assert (only(checks, "past").state, only(checks, "past").entries) == ("warning", ("two",))
    guessed = replace(TWO, event=replace(AHEAD, is_guess=True))
    assert only(checks_of(found(issue_of(guessed))), "guess").act == Act("look", "two", None, "Look")
    late = issue_of(ONE, deadlines=(Deadline(date(2026, 10, 15), "Vote", None),))
    assert only(checks_of(found(late)), "due").state == "warning"


@pytest.mark.parametrize(
    ("event", "over"),
    [
        (Event(date(2026, 10, 15)), True),
        (Event(date(2026, 10, 16)), False),
        (Event(date(2026, 10, 14), date(2026, 10, 16)), False),
        (Event(datetime(2026, 10, 16, 8, tzinfo=UTC)), False),
        (Event(datetime(2026, 10, 16, 8, tzinfo=UTC), datetime(2026, 10, 16, 9, tzinfo=UTC)), True),
        (Event(datetime(2026, 10, 16, 8), datetime(2026, 10, 16, 11)), False),
        (Event(datetime(2026, 10, 15, 8)), True),
    ],
)
def test_an_event_lasts_its_day(event: Event, over: bool) -> None:
    assert is_over(event, SEND, ZoneInfo("UTC")) is over


def test_words_that_are_missing_or_too_many() -> None:
    long, bare = replace(ONE, title="x" * 111), replace(ONE, id="bare", story_id="s7", url=None, summary=" ")
    checks = checks_of(found(issue_of(long, bare, note="")))
    assert [only(checks, name).entries for name in ("title", "summary")] == [("one",), ("bare",)]
    assert only(checks, "note").state == "warning"
    empty = checks_of(found(issue_of()))
    assert (only(empty, "entries").state, only(empty, "sections").state) == ("stops", "warning")


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        (("Highlights",), ("Highlights is empty", "")),
        (("Highlights", "Events"), ("Highlights and 1 other section are empty", "Highlights, Events")),
        (("Highlights", "Events", "News"), ("Highlights and 2 other sections are empty", "Highlights, Events, News")),
    ],
)
def test_empty_sections_are_counted_as_they_are_named(titles: tuple[str, ...], said: tuple[str, str]) -> None:
    picks = {"Highlights": SectionSettings("highlights", "Highlights", pick="best of everything")}
    issue = issue_of()
    sections = tuple(Section(each.lower(), each, issue.period, settings=picks.get(each)) for each in titles)
    told = only(checks_of(found(replace(issue, sections=sections))), "sections")
    assert (told.text, told.detail) == said


def test_what_nobody_looked_at() -> None:
    changes = [Change(1, "ines", NOW, "title", "one", "x"), Change(2, "model", NOW, "blurb", "two", {})]
    assert looked_at(changes) == {"one"}
    warnings = {"one": ("title cut",), "two": ("link lost: “here”", "link lost: “here”")}
    checks = checks_of(found(looked_at=looked_at(changes), item_warnings=warnings))
    assert only(checks, "lost").detail.count("link lost") == 1
    assert only(checks, "unseen").entries == only(checks, "lost").entries == ("two",)


def test_names_that_are_left_out() -> None:
    def names(*entries: Entry, **values: object) -> list[tuple[str, tuple[str, ...]]]:
        checks = checks_of(found(issue_of(*entries, **values), unnamed=("Ada Obi",)))
        return [(each.state, each.entries) for each in told(checks, "names")]

    assert names(replace(ONE, author="ada obi")) == [("stops", ("one",))]
    assert names(replace(ONE, summary="Said Ada  Obi.".replace("  ", " "))) == [("stops", ("one",))]
    assert names(replace(ONE, title="Ada Obi speaks")) == [("warning", ("one",))]
    assert names(ONE, note="Thanks to Ada Obi.") == [("stops", ())]
    assert names(ONE, newcomers=("Ada Obi",)) == [("stops", ())]
    assert names(ONE) == []


def test_a_tip_without_thanks() -> None:
    def credit(entry: Entry) -> int:
        return len(told(checks_of(found(issue_of(entry), tips=frozenset({"one"}))), "credit"))

    assert credit(ONE) == 1
    assert credit(replace(ONE, author="Bo")) == credit(replace(ONE, summary="Thanks to Bo.")) == 0


def test_a_figure_that_is_held_back() -> None:
    issue = issue_of(ONE, statistics=(Statistic("commits", 300, held_because="it jumped"), Statistic("threads", 3)))
    assert only(checks_of(found(issue)), "figure").act == Act("show figure", "commits", True, "Let it through")


def test_what_stops_comes_first_and_is_counted() -> None:
    checks = checks_of(found(issue_of(), links=LinkReport()))
    assert checks[0].state == "stops"
    assert summary_of(checks) == "One thing stops the issue."
    assert len(stopping(checks)) == 1
    assert (
        summary_of([Check("a", "warning", "a"), Check("b", "warning", "b")])
        == "Two things to look at. Neither stops the issue."
    )
    assert summary_of([Check("a", "warning", "a")]) == "One thing to look at. It does not stop the issue."
