"""Two entries side by side: equal words are shaded."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from newsletter.edit.desk import Desk
from newsletter.model.item import Item
from newsletter.pipeline.alike import AlikeEntry
from newsletter.text import one_line, shorten_words, without_controls
from newsletter.web.card_contexts import MergeView, RunView, SideView
from newsletter.web.card_words import day_and_clock

_PIECE = re.compile(r"\w+|\W+")
_SHOWN_WORDS = 60
_LEAST_LETTERS = 4
_MOST = 3


def merge_views(
    alike: Sequence[AlikeEntry], desk: Desk, names: dict[str, str], *, zone: tzinfo, now: datetime
) -> tuple[MergeView, ...]:
    """The merge cards of an entry, the most alike first; ``names`` are those of the sources, by id."""
    found = []
    for each in alike[:_MOST]:
        other = desk.card(each.entry_id)
        if other is None:
            continue
        first, second = _words(each.item), _words(each.other_item)
        sides = [
            _side(item, shared, names.get(item.source_id, ""), day_and_clock(item.published_at, zone, now))
            for item, shared in ((each.item, second), (each.other_item, first))
        ]
        because = ", ".join(each.because)
        found.append(
            MergeView(
                each.entry_id,
                one_line(other.entry.title),
                each.percent,
                because[:1].upper() + because[1:],
                sides[0],
                sides[1],
            )
        )
    return tuple(found)


def runs(text: str, shared: Iterable[str]) -> tuple[RunView, ...]:
    """``text`` in runs; those of longer words that are also in ``shared``, with what lies between, are shaded."""
    known = frozenset(shared)
    pieces = _PIECE.findall(text)
    is_shared = [piece.casefold() in known for piece in pieces]
    for at in range(1, len(pieces) - 1):
        between = is_shared[at - 1] and is_shared[at + 1] and not pieces[at][:1].isalnum()
        is_shared[at] = is_shared[at] or (between and pieces[at].isspace())
    found: list[RunView] = []
    for piece, shaded in zip(pieces, is_shared, strict=True):
        if found and found[-1].is_shared == shaded:
            found[-1] = RunView(found[-1].text + piece, shaded)
        else:
            found.append(RunView(piece, shaded))
    return tuple(found)


def _side(item: Item, shared: frozenset[str], source: str, when: str) -> SideView:
    author = one_line(item.author.name) if item.author else ""
    return SideView(
        heading=", ".join(part for part in (one_line(source), when) if part) or "Somewhere",
        title=runs(one_line(item.title), shared),
        text=runs(_beginning(item), shared),
        facts=author,
    )


def _beginning(item: Item) -> str:
    return shorten_words(one_line(without_controls(item.text)[:4_000]), _SHOWN_WORDS)


def _words(item: Item) -> frozenset[str]:
    text = f"{one_line(item.title)} {_beginning(item)}"
    return frozenset(word for piece in _PIECE.findall(text) if len(word := piece.casefold()) >= _LEAST_LETTERS)
