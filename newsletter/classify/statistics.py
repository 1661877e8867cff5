"""The figures of a period beside those of the weeks before, and what of them an editor should look at first. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.classify.counted import Counted
from newsletter.classify.figures import DEFAULT_FIGURES, FIGURES, Figure, first_changes, merged_of, people_of
from newsletter.model.evidence import Thing
from newsletter.model.issue import ProjectFigures, Statistic
from newsletter.model.item import Item, Review

__all__ = ["FIGURES", "Counted", "Figure", "by_project", "count_figures", "held_because", "newcomers", "statistics_of"]

_WEEKS = 8
TIMES_OFF = 3
"""A figure that is more than so many times the last one, or less than that part of it, is held back."""
FLOOR = 20
"""Below this nothing is held back: from 1 to 4 is no reason to doubt a figure."""


def count_figures(counted: Counted, names: Sequence[str] = ()) -> dict[str, Figure]:
    """The figures that ``names`` ask for, in their order; what is unknown is left out.

    Without names, all that are known.
    """
    found: dict[str, Figure] = {}
    for name in names or DEFAULT_FIGURES:
        count = FIGURES.get(" ".join(name.casefold().split()))
        figure = count(counted) if count else None
        if figure is not None:
            found[name] = figure
    return found


def statistics_of(
    figures: Mapping[str, Figure], past: Mapping[str, Sequence[int]], proofs: Mapping[str, str]
) -> tuple[Statistic, ...]:
    """``figures`` beside their ``past``, each with its proof; those that are far off are held back."""
    return tuple(
        _statistic(name, figure, tuple(past.get(name, ()))[-(_WEEKS - 1) :], proofs.get(name))
        for name, figure in figures.items()
    )


def _statistic(name: str, figure: Figure, past: tuple[int, ...], proof: str | None) -> Statistic:
    return Statistic(
        name,
        figure.value,
        past[-1] if past else None,
        max([*past, figure.value]),
        proof,
        figure.note,
        figure.url if figure.note else None,
        past,
        held_because(figure, past),
    )


def held_because(figure: Figure, past: Sequence[int]) -> str | None:
    """Why a figure has to wait for a look, None when it has not.

    A count is compared with the last one, in both directions. A record is the size of one thing
    that everybody can look at and jumps by nature: it is compared with the highest of the weeks
    before, and a small one is none to wonder about.
    """
    if not past:
        return None
    value, last = figure.value, max(past) if figure.is_record else past[-1]
    if max(value, last) < FLOOR:
        return None
    if value > TIMES_OFF * last:
        return (
            f"{value:,} is more than {TIMES_OFF} times the {'highest so far' if figure.is_record else 'last'}, {last:,}"
        )
    if not figure.is_record and last > TIMES_OFF * value:
        return f"{value:,} is less than a third of the last, {last:,}"
    return None


def newcomers(counted: Counted) -> tuple[str, ...]:
    """The names of those whose first change was merged in the period, in that order, without who is not to be named."""
    names = (counted.unnamed.name_of(item.author) for item in first_changes(counted))
    return tuple(dict.fromkeys(name for name in names if name))


@dataclass(slots=True)
class ProjectCount:
    """What was counted for one project; ``full_names`` are the names the server has for it."""

    figures: ProjectFigures
    full_names: tuple[str, ...] = ()
    things: tuple[Thing, ...] = ()
    merged: Sequence[tuple[Item, Review]] = field(default=())


def by_project(counted: Counted, projects: Iterable[str] = ()) -> list[ProjectCount]:
    """The figures of each project, those with most changes first; ``projects`` are there even without any."""
    merged: dict[str, list[tuple[Item, Review]]] = defaultdict(list)
    put_up: dict[str, list[tuple[Item, Review]]] = defaultdict(list)
    for pairs, found in ((counted.merged, merged), (counted.put_up, put_up)):
        for item, review in pairs:
            found[item.project or review.project].append((item, review))
    made = []
    for name in dict.fromkeys((*merged, *put_up, *projects)):
        changes = merged_of(merged[name])
        people = people_of(counted, merged[name]).value
        full = tuple(sorted({review.project for _, review in merged[name]}))
        figures = ProjectFigures(name, people, changes.value, len(put_up[name]))
        made.append(ProjectCount(figures, full, changes.things, merged[name]))
    return sorted(made, key=lambda each: (-each.figures.merged, -each.figures.reviews, each.figures.project))
