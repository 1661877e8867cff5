"""Each figure an issue may show: how it is counted, and from which things. Pure; every one can be counted again."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from newsletter.classify.counted import Counted, answers_in
from newsletter.classify.titles import clean_title
from newsletter.model.evidence import Asked, Thing
from newsletter.model.item import Item, Review
from newsletter.model.unnamed import NOBODY
from newsletter.text import shorten

NEW_CORE = ("new core member", "new core members", "new maintainer")
MEMBERS = ("members",)
_MEMBERS = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[ ,.'\u00a0\u202f’]\d{3})+|\d{1,9})\s+(?:\w+\s+){0,2}(?:members|subscribers|people)\b",
    re.IGNORECASE,
)
_SPREAD = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the things it counts.

    ``note`` is what it belongs to and ``url`` where that is. A record is the size of one thing.
    ``asked`` is what a service is asked for to have the same things.
    """

    value: int
    things: tuple[Thing, ...] = ()
    note: str | None = None
    url: str | None = None
    is_record: bool = False
    asked: Asked | None = None


Count = Callable[[Counted], Figure | None]


def first_changes(counted: Counted) -> list[Item]:
    """The first change of each person who had none merged before, in the order of the merges."""
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


def merged_of(merged: Iterable[tuple[Item, Review]]) -> Figure:
    """How many changes these are."""
    things = tuple(_thing(item) for item, _ in merged)
    return Figure(len(things), things, asked="merged")


def people_of(counted: Counted, merged: Iterable[tuple[Item, Review]]) -> Figure:
    """How many people these changes are by; each is one thing, with the first of their changes."""
    changes: dict[str, list[Item]] = defaultdict(list)
    for item, _ in merged:
        if item.author:
            changes[item.author.identity].append(item)
    things = tuple(
        Thing(
            counted.unnamed.name_of(own[0].author) or NOBODY,
            own[0].url,
            f"{len(own)} {'change' if len(own) == 1 else 'changes'}",
        )
        for own in changes.values()
    )
    return Figure(len(changes), things, asked="merged")


def _thing(item: Item, detail: str = "") -> Thing:
    day = f"{item.published_at:%Y-%m-%d}" if item.published_at else ""
    return Thing(title_of(item), item.url, ", ".join(filter(None, (item.project, detail or day))))


def title_of(item: Item) -> str:
    """The item's title, short and without the marks of its list."""
    return shorten(clean_title(item.title, is_mail=item.form == "mail"), 80)


def _contributors(counted: Counted) -> Figure | None:
    return people_of(counted, counted.merged) if counted.has_reviews else None


def _first_time(counted: Counted) -> Figure | None:
    is_known = counted.earlier_contributors is not None or any(
        review.is_first_contribution is not None for _, review in counted.merged
    )
    if not (counted.has_reviews and is_known):
        return None
    first = first_changes(counted)
    things = tuple(Thing(counted.unnamed.name_of(item.author) or NOBODY, item.url, title_of(item)) for item in first)
    return Figure(len(first), things)


def _new_core(counted: Counted) -> Figure | None:
    """What rules label so; a week without is none only where there is such a rule, and that is not known here."""
    found = [item for item in counted.labelled(*NEW_CORE) if item.published_at and item.published_at in counted.period]
    return Figure(len(found), tuple(map(_thing, found))) if found else None


def _members(counted: Counted) -> Figure | None:
    """The number that the newest of the items labelled "members" states."""
    dated = [item for item in counted.labelled(*MEMBERS) if item.published_at or item.updated_at]
    for item in sorted(dated, key=lambda each: (each.updated_at or each.published_at, each.id), reverse=True):
        found = _MEMBERS.search(item.title) or _MEMBERS.search(item.text)
        if found:
            return Figure(int(_SPREAD.sub("", found[1])), (_thing(item, " ".join(found[0].split())),), url=item.url)
    return None


def _merged(counted: Counted) -> Figure | None:
    return merged_of(counted.merged) if counted.has_reviews else None


def _put_up(counted: Counted) -> Figure | None:
    """Unknown where a source only says what was merged: what still waits is missing there."""
    if not any(review.state == "open" for _, review in counted.reviews):
        return None
    return Figure(len(counted.put_up), tuple(_thing(item) for item, _ in counted.put_up), asked="put up")


def _waiting(counted: Counted) -> Figure | None:
    """Unknown where a source only says what was merged."""
    if not any(review.state == "open" for _, review in counted.reviews):
        return None
    return Figure(len(counted.waiting), tuple(_thing(item) for item, _ in counted.waiting))


def _longest_waiting(counted: Counted) -> Figure | None:
    """In days since it was put up."""
    found = next(((item, review) for item, review in counted.waiting if review.created_at), None)
    if found is None or found[1].created_at is None:
        return None
    return _record(found[0], (counted.period.end - found[1].created_at).days, "days", ", in days")


def _most_files(counted: Counted) -> Figure | None:
    best = _largest(counted.merged, lambda review: review.files_count)
    return best and _record(best[1], best[0], "files")


def _most_removed(counted: Counted) -> Figure | None:
    best = _largest(counted.merged, lambda review: review.lines_removed)
    if best is None:
        return None
    name = counted.unnamed.name_of(best[1].author)
    return _record(best[1], best[0], "lines", f" by {name}" if name else "")


def _record(item: Item, value: int, unit: str, more: str = "") -> Figure:
    return Figure(value, (_thing(item, f"{value:,} {unit}"),), title_of(item) + more, item.url, is_record=True)


def _largest(merged: Iterable[tuple[Item, Review]], measure: Callable[[Review], int | None]) -> tuple[int, Item] | None:
    """The largest, the earliest of them where two are even; nothing is no record."""
    sized = [(value, item) for item, review in merged if (value := measure(review))]
    return max(sized, key=lambda pair: pair[0], default=None)


def _threads(counted: Counted) -> Figure | None:
    if not counted.has_mails:
        return None
    things = tuple(_thing(mails[0], _mails(len(mails))) for mails in counted.threads.values())
    return Figure(len(counted.threads), things)


def _mails(count: int) -> str:
    return f"{count} {'mail' if count == 1 else 'mails'}"


def _messages(counted: Counted) -> Figure | None:
    if not counted.has_mails:
        return None
    return Figure(len(counted.mails), tuple(_thing(item) for item in counted.mails), asked="mails")


def _busiest(counted: Counted) -> Figure | None:
    """The replies of the period in the thread that has most of them."""
    replies = {root: [mail for mail in mails if mail.in_reply_to] for root, mails in counted.threads.items()}
    root, most = max(replies.items(), key=lambda pair: len(pair[1]), default=("", []))
    if not most:
        return None
    first = counted.openings.get(root, counted.threads[root][0])
    return Figure(len(most), tuple(map(_thing, most)), title_of(first), first.url, is_record=True)


def _answered(counted: Counted) -> Figure | None:
    if not counted.has_questions:
        return None
    things = [_thing(item, "" if count == 1 else f"{count} of them") for item, count in counted.answered]
    return Figure(sum(map(answers_in, (item for item, _ in counted.answered))), tuple(things))


def _ahead(counted: Counted) -> Figure | None:
    return None if counted.ahead is None else Figure(len(counted.ahead), tuple(counted.ahead))


FIGURES: Mapping[str, Count] = {
    "contributors": _contributors,
    "first-time contributors": _first_time,
    "new core members": _new_core,
    "members": _members,
    "commits": _merged,
    "merged changes": _merged,
    "reviews": _put_up,
    "new reviews": _put_up,
    "waiting for review": _waiting,
    "longest waiting review": _longest_waiting,
    "most files in one commit": _most_files,
    "most files in one change": _most_files,
    "most lines removed": _most_removed,
    "list threads": _threads,
    "list messages": _messages,
    "busiest thread": _busiest,
    "questions answered": _answered,
    "events ahead": _ahead,
}
"""Every figure that ``show:`` may ask for, with what counts it."""

DEFAULT_FIGURES: Sequence[str] = tuple(
    name for name in FIGURES if name not in ("commits", "reviews", "most files in one commit")
)
"""Those that are shown when nothing is asked for: all, each under one name."""
