from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.classify.statistics import (
    FIGURES,
    Counted,
    Figure,
    by_project,
    count_figures,
    held_because,
    newcomers,
    statistics_of,
)
from newsletter.model.evidence import Thing
from newsletter.model.issue import Statistic
from newsletter.model.item import Item, Person, Review, Thread
from newsletter.model.period import Period
from newsletter.model.unnamed import Unnamed
from tests.classify.samples import NOW, ago, change, mail, post

PERIOD = Period(NOW - timedelta(days=7), NOW)


def merged(number: int, who: str, days: float = 1, **values: Any) -> Item:
    review = Review("merged", "glaze", number, ago(days=9), ago(days=days), **values)
    return change(number, f"Change {number}", author=Person(who.title(), who), review=review)


ITEMS = (
    merged(1, "jun", 2, lines_removed=5, files_count=3),
    merged(2, "jun", 3, lines_removed=60, files_count=9),
    merged(3, "ada", 1, files_count=9),
    merged(4, "lea", 8, lines_removed=900, files_count=70),
    merged(5, "kiln-bot", 1, lines_removed=5000),
    merged(6, "new", 4, is_first_contribution=True),
    merged(7, "old", 4, is_first_contribution=False),
    change(8, "Open", review=Review("open", "glaze", 8, ago(days=30))),
    change(9, "Later", review=Review("open", "glaze", 9, NOW + timedelta(hours=1))),
    change(10, "Gone", review=Review("abandoned", "glaze", 10, ago(days=3))),
    mail("a", "Cooling", published_at=ago(days=3)),
    mail("b", "Re: Cooling", answers="a", published_at=ago(days=2)),
    mail("a", "Cooling", source="users-list", published_at=ago(days=3)),
    mail("c", "Old", published_at=ago(days=9)),
    mail("d", "Re: Old", answers="c", published_at=ago(days=1)),
    mail("e", "Build", author=Person("Jenkins"), published_at=ago(days=1)),
    mail("f", "Undated", published_at=None),
)
COUNTED = Counted(PERIOD, ITEMS, earlier_contributors=frozenset({"ada", "lea"}))


def figures(counted: Counted, *names: str) -> dict[str, tuple[int, str | None]]:
    return {name: (each.value, each.note) for name, each in count_figures(counted, names).items()}


def test_every_figure_counted_by_hand() -> None:
    assert figures(COUNTED) == {
        "contributors": (4, None),
        "first-time contributors": (2, None),
        "merged changes": (5, None),
        "new reviews": (1, None),
        "waiting for review": (1, None),
        "longest waiting review": (30, "Open, in days"),
        "most files in one change": (9, "Change 2"),
        "most lines removed": (60, "Change 2 by Jun"),
        "list threads": (2, None),
        "list messages": (3, None),
        "busiest thread": (1, "Cooling"),
    }


def test_newcomers_are_named_in_the_order_of_their_first_merge() -> None:
    assert newcomers(COUNTED) == ("New", "Jun")


def test_nobody_is_new_where_nothing_is_known_of_before() -> None:
    unknown = Counted(
        PERIOD, tuple(item for item in ITEMS if item.review and item.review.is_first_contribution is None)
    )
    assert newcomers(unknown) == ()
    assert "first-time contributors" not in figures(unknown)


def test_names_are_those_the_editor_wrote_in_the_editors_order() -> None:
    wanted = ("List Messages", "commits", "most files in one commit", "members on the moon")
    assert list(figures(COUNTED, *wanted)) == ["List Messages", "commits", "most files in one commit"]


def test_figures_of_what_no_source_gives_are_left_out_and_a_quiet_week_is_zero() -> None:
    assert figures(Counted(PERIOD, ())) == {}
    assert figures(Counted(PERIOD, (mail("c", "Old", published_at=ago(days=9)),))) == {
        "list threads": (0, None), "list messages": (0, None),
    }  # fmt: skip
    assert figures(Counted(PERIOD, ITEMS[:1]), "waiting for review") == {}


def test_the_weeks_before_stand_beside_the_figure() -> None:
    past = {"list messages": (900, 1, 1, 1, 1, 1, 7, 5), "list threads": (9, 1)}
    proofs = {"list threads": "https://lists.kiln.example/"}
    counted = count_figures(COUNTED, ("list messages", "list threads", "contributors"))
    assert statistics_of(counted, past, proofs) == (
        Statistic("list messages", 3, 5, 7, past=(1, 1, 1, 1, 1, 7, 5)),
        Statistic("list threads", 2, 1, 9, "https://lists.kiln.example/", past=(9, 1)),
        Statistic("contributors", 4, None, 4),
    )


def test_threads_without_a_root_count_for_themselves() -> None:
    lone = mail("x", "Hello", thread=None, published_at=ago(days=1))
    other = mail("y", "Hello", thread=Thread("r"), published_at=ago(days=1))
    assert figures(Counted(PERIOD, (lone, other)), "list threads") == {"list threads": (2, None)}


def test_figure_names_are_written_as_they_are_looked_up() -> None:
    assert all(name == " ".join(name.casefold().split()) for name in FIGURES)


@pytest.mark.parametrize(
    ("value", "past", "is_record", "is_held"),
    [
        (4, (1,), False, False),
        (19, (0,), False, False),
        (20, (0,), False, True),
        (60, (20,), False, False),
        (61, (20,), False, True),
        (20, (60,), False, False),
        (19, (60,), False, True),
        (0, (25,), False, True),
        (500, (), False, False),
        (500, (200, 20), False, True),
        (500, (200, 20), True, False),
        (601, (200, 20), True, True),
        (2, (200, 200), True, False),
    ],
)
def test_what_is_more_than_three_times_off_is_held_back_for_a_look(
    value: int, past: tuple[int, ...], is_record: bool, is_held: bool
) -> None:
    assert (held_because(Figure(value, is_record=is_record), past) is not None) is is_held


def test_a_held_figure_says_why_and_keeps_its_value() -> None:
    (found,) = statistics_of({"list messages": Figure(90)}, {"list messages": (20,)}, {})
    assert (found.value, found.is_held) == (90, True)
    assert found.held_because == "90 is more than 3 times the last, 20"


def test_whoever_does_not_want_to_be_named_is_counted_and_named_nowhere() -> None:
    hidden = replace(COUNTED, unnamed=Unnamed(("JUN",)))
    assert newcomers(hidden) == ("New",)
    found = count_figures(hidden)
    assert found["contributors"].value == 4
    assert found["most lines removed"].note == "Change 2"
    told = [thing for figure in found.values() for thing in figure.things]
    assert not [thing for thing in told if "Jun" in (thing.title + thing.detail)]
    assert "somebody who is not named" in {thing.title for thing in found["contributors"].things}


def test_the_things_behind_a_figure_are_as_many_as_it_says() -> None:
    found = count_figures(COUNTED)
    records = {"most files in one change", "most lines removed", "longest waiting review"}
    for name, figure in found.items():
        assert len(figure.things) == (1 if name in records else figure.value), name


def test_questions_are_counted_when_they_have_their_answer() -> None:
    answered = {"form": "post", "thread": Thread("q", 2), "updated_at": ago(days=1), "labels": ("api", "answered")}
    items = (
        post("q1", "How?", **answered),
        post("q2", "Why?", **(answered | {"labels": ("api",)})),
        post("q3", "When?", **(answered | {"updated_at": ago(days=30), "published_at": ago(days=40)})),
        post("q4", "A blog post tagged so", labels=("answered",)),
        post("log", "Chat", form="chat", labels=("class", "12 questions answered")),
    )
    found = count_figures(Counted(PERIOD, items), ("questions answered",))["questions answered"]
    assert (found.value, [thing.title for thing in found.things]) == (13, ["How?", "Chat"])
    assert not count_figures(Counted(PERIOD, items[3:4]), ("questions answered",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("We are 1,234 members now.", 1234),
        ("2 051 registered members", 2051),
        ("The list has 3.400 subscribers", 3400),
        ("87 people", 87),
        ("version 2.87 people", None),
        ("members of the council", None),
    ],
)
def test_members_are_what_a_labelled_item_states(text: str, value: int | None) -> None:
    item = post("about", "About us", text)
    counted = Counted(PERIOD, (item,), labels={item.id: ("Members",)})
    found = count_figures(counted, ("members",)).get("members")
    assert (found.value if found else None) == value
    assert not count_figures(Counted(PERIOD, (item,)), ("members",))


def test_new_core_members_are_what_a_rule_labels_so() -> None:
    new, old = post("a", "Welcome Ada to glaze-core"), post("b", "Welcome Bo", published_at=ago(days=20))
    counted = Counted(PERIOD, (new, old), labels=dict.fromkeys((new.id, old.id), ("new core member",)))
    assert figures(counted) == {"new core members": (1, None)}


def test_dates_ahead_are_given() -> None:
    counted = replace(COUNTED, ahead=(Thing("Summit", None, "2026-11-01"),))
    assert figures(counted, "events ahead") == {"events ahead": (1, None)}


def test_projects_stand_with_their_figures_and_quiet_ones_without() -> None:
    items = (*ITEMS, replace(merged(20, "ada"), project="clay"))
    found = [each.figures for each in by_project(replace(COUNTED, items=items), ("clay", "wheel"))]
    assert [(each.project, each.merged, each.contributors, each.reviews) for each in found] == [
        ("kiln/glaze", 5, 4, 1),
        ("clay", 1, 1, 0),
        ("wheel", 0, 0, 0),
    ]
