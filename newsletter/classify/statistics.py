"""Counts of a period: who took part, what was merged, what was said. Pure; every figure can be counted again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

from newsletter.classify.titles import clean_title
from newsletter.model.issue import Statistic
from newsletter.model.item import Item, Review
from newsletter.model.period import Period
from newsletter.model.robots import is_robot
from newsletter.text import shorten

_WEEKS = 8


@dataclass(frozen=True)
class Counted:
    """What is counted: the items known at the end of ``period``, those before it included.

    ``earlier_contributors`` are people (Person.identity) with a change merged before the period;
    None when nothing was known then, so that nobody can be called new. ``past`` holds the values
    of earlier issues, the oldest first, ``proofs`` an address for a figure.
    """

    period: Period
    items: Sequence[Item]
    earlier_contributors: AbstractSet[str] | None = None
    past: Mapping[str, Sequence[int]] = field(default_factory=dict)
    proofs: Mapping[str, str] = field(default_factory=dict)
    new_core_members: int | None = None

    @cached_property
    def merged(self) -> list[tuple[Item, Review]]:
        """The changes that people got merged in the period, the earliest first."""
        reviews = ((item, item.review) for item in self.items if item.review and not is_robot(item.author))
        found = [
            (item, review)
            for item, review in reviews
            if review.state == "merged" and review.merged_at is not None and review.merged_at in self.period
        ]
        return sorted(found, key=lambda pair: (pair[1].merged_at, pair[0].id))

    @cached_property
    def mails(self) -> list[Item]:
        """The mails of the period that people wrote; one sent to two lists is one."""
        mails = (item for item in self.items if item.form == "mail" and not is_robot(item.author))
        return list(
            {
                item.native_keys[:1]: item for item in mails if item.published_at and item.published_at in self.period
            }.values()
        )

    @cached_property
    def has_reviews(self) -> bool:
        """Whether there is any source of changes at all; without one, no figure about them is shown."""
        return any(item.review for item in self.items)

    @cached_property
    def has_mails(self) -> bool:
        """Whether there is any mailing list at all."""
        return any(item.form == "mail" for item in self.items)


_Found = tuple[int, str | None] | None


def count_statistics(counted: Counted, names: Sequence[str] = ()) -> tuple[Statistic, ...]:
    """The figures that ``names`` ask for, in their order; what is unknown is left out.

    Without names, all that are known.
    """
    found: list[Statistic] = []
    for name in names or DEFAULT_FIGURES:
        count = FIGURES.get(" ".join(name.casefold().split()))
        value = count(counted) if count else None
        if value is not None:
            past = list(counted.past.get(name, ()))
            high = max([*past[-(_WEEKS - 1) :], value[0]])
            proof = counted.proofs.get(name)
            found.append(Statistic(name, value[0], past[-1] if past else None, high, proof, value[1]))
    return tuple(found)


def newcomers(counted: Counted) -> tuple[str, ...]:
    """The names of those whose first change was merged in the period, in the order of the merges."""
    authors = (item.author for item in _first_changes(counted))
    return tuple(dict.fromkeys(author.name for author in authors if author and author.name))


def _first_changes(counted: Counted) -> list[Item]:
    earlier = counted.earlier_contributors
    found: dict[str, Item] = {}
    for item, review in counted.merged:
        if item.author is None:
            continue
        is_first = review.is_first_contribution
        if is_first is None:
            is_first = earlier is not None and item.author.identity not in earlier
        if is_first:
            found.setdefault(item.author.identity, item)
    return list(found.values())


def _contributors(counted: Counted) -> _Found:
    people = {item.author.identity for item, _ in counted.merged if item.author}
    return (len(people), None) if counted.has_reviews else None


def _first_time(counted: Counted) -> _Found:
    is_known = counted.earlier_contributors is not None or any(
        review.is_first_contribution is not None for _, review in counted.merged
    )
    return (len(_first_changes(counted)), None) if counted.has_reviews and is_known else None


def _new_core(counted: Counted) -> _Found:
    return None if counted.new_core_members is None else (counted.new_core_members, None)


def _merged(counted: Counted) -> _Found:
    return (len(counted.merged), None) if counted.has_reviews else None


def _waiting(counted: Counted) -> _Found:
    """Unknown where a source only says what was merged."""
    reviews = [item.review for item in counted.items if item.review]
    is_open = [review for review in reviews if review.state == "open" and _is_before_end(review, counted.period)]
    return (len(is_open), None) if any(review.state == "open" for review in reviews) else None


def _is_before_end(review: Review, period: Period) -> bool:
    return review.created_at is None or review.created_at < period.end


def _most_files(counted: Counted) -> _Found:
    best = _largest(counted.merged, lambda review: review.files_count)
    return best and (best[0], _title(best[1]))


def _most_removed(counted: Counted) -> _Found:
    best = _largest(counted.merged, lambda review: review.lines_removed)
    if best is None:
        return None
    item = best[1]
    return best[0], f"{_title(item)} by {item.author.name}" if item.author and item.author.name else _title(item)


def _largest(merged: Iterable[tuple[Item, Review]], measure: Callable[[Review], int | None]) -> tuple[int, Item] | None:
    """The largest, the earliest of them where two are even; nothing is no record."""
    sized = [(value, item) for item, review in merged if (value := measure(review))]
    return max(sized, key=lambda pair: pair[0], default=None)


def _title(item: Item) -> str:
    return shorten(clean_title(item.title), 80)


def _threads(counted: Counted) -> _Found:
    roots = {item.thread.root_id if item.thread else item.id for item in counted.mails}
    return (len(roots), None) if counted.has_mails else None


def _messages(counted: Counted) -> _Found:
    return (len(counted.mails), None) if counted.has_mails else None


FIGURES: Mapping[str, Callable[[Counted], _Found]] = {
    "contributors": _contributors,
    "first-time contributors": _first_time,
    "new core members": _new_core,
    "commits": _merged,
    "merged changes": _merged,
    "waiting for review": _waiting,
    "most files in one commit": _most_files,
    "most files in one change": _most_files,
    "most lines removed": _most_removed,
    "list threads": _threads,
    "list messages": _messages,
}
"""Every figure that ``show:`` may ask for, with what counts it."""

DEFAULT_FIGURES = (
    "contributors",
    "first-time contributors",
    "new core members",
    "merged changes",
    "waiting for review",
    "most files in one change",
    "most lines removed",
    "list threads",
    "list messages",
)
