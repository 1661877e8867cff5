from dataclasses import replace
from datetime import timedelta
from typing import Any

from newsletter.classify.statistics import FIGURES, Counted, count_statistics, newcomers
from newsletter.model.issue import Statistic
from newsletter.model.item import Item, Person, Review, Thread
from newsletter.model.period import Period
from tests.classify.samples import NOW, ago, change, mail

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
    return {each.name: (each.value, each.note) for each in count_statistics(counted, names)}


def test_every_figure_counted_by_hand() -> None:
    assert figures(COUNTED) == {
        "contributors": (4, None),
        "first-time contributors": (2, None),
        "merged changes": (5, None),
        "waiting for review": (1, None),
        "most files in one change": (9, "Change 2"),
        "most lines removed": (60, "Change 2 by Jun"),
        "list threads": (2, None),
        "list messages": (3, None),
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
    assert figures(replace(COUNTED, new_core_members=3), "new core members") == {"new core members": (3, None)}


def test_the_weeks_before_stand_beside_the_figure() -> None:
    counted = replace(
        COUNTED,
        past={"list messages": (900, 1, 1, 1, 1, 1, 7, 5), "list threads": (9, 1)},
        proofs={"list threads": "https://lists.kiln.example/"},
    )
    assert count_statistics(counted, ("list messages", "list threads", "contributors")) == (
        Statistic("list messages", 3, 5, 7),
        Statistic("list threads", 2, 1, 9, "https://lists.kiln.example/"),
        Statistic("contributors", 4, None, 4),
    )


def test_threads_without_a_root_count_for_themselves() -> None:
    lone = mail("x", "Hello", thread=None, published_at=ago(days=1))
    other = mail("y", "Hello", thread=Thread("r"), published_at=ago(days=1))
    assert figures(Counted(PERIOD, (lone, other)), "list threads") == {"list threads": (2, None)}


def test_figure_names_are_written_as_they_are_looked_up() -> None:
    assert all(name == " ".join(name.casefold().split()) for name in FIGURES)
