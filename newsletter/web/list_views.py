"""The lists beside the review: what was dropped, what waits, what lies below the line, what was done. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

from newsletter.edit.changes import effective
from newsletter.edit.desk import Card, Desk
from newsletter.model.issue import Dropped
from newsletter.render.press import safe_url
from newsletter.text import one_line, shorten

PAGE = 50
_MOST_SHOWN = 5_000
_MOST_REASONS = 30
_DATE = "-date"
Clock = Callable[[datetime], str]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for in a list."""

    words: str = ""
    reason: str = ""
    show: int = PAGE
    """How many rows are shown."""

    def address(self, path: str, *, show: int | None = None) -> str:
        """The address of the list at ``path`` with all that was asked for."""
        said = {
            "q": self.words,
            "reason": self.reason,
            "show": str(show or self.show) if show or self.show != PAGE else "",
        }
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class RowView:
    """A story that is not in the issue."""

    story_id: str
    title: str
    url: str | None
    reason: str
    score: str
    by: str
    """Ben, 21:04, when an editor took it out."""


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason to look for, with how many stories have it."""

    text: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class BelowView:
    """An entry below the line of its section."""

    entry_id: str
    title: str
    facts: str
    section: str


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """A page of a list: the rows shown, and what there is beside them."""

    rows: tuple[Row, ...]
    found: int
    total: int
    more_url: str
    """Where the list goes on; empty when all is shown."""
    asked: Asked
    reasons: tuple[ReasonView, ...] = ()


def asked_of(query: Mapping[str, str]) -> Asked:
    """What the address of a list asks for."""
    show = query.get("show", "")
    count = int(show) if show.isascii() and show.isdigit() and len(show) < 6 else PAGE
    words, reason = one_line(query.get("q"))[:200], one_line(query.get("reason"))[:300]
    return Asked(words, reason, max(1, min(count, _MOST_SHOWN)))


def listed(rows: Sequence[Row], asked: Asked, path: str, *, total: int) -> Listed[Row]:
    """The rows that ``asked`` shows."""
    more = asked.address(path, show=asked.show + PAGE) if len(rows) > asked.show else ""
    return Listed(tuple(rows[: asked.show]), len(rows), total, more, asked)


def out_of_issue(desk: Desk, out: Sequence[Dropped], asked: Asked, *, clock: Clock) -> list[RowView]:
    """The stories of ``out`` that are looked for, those that editors took out first, then the best."""
    taken = _taken_out(desk, clock)
    rows = [
        RowView(
            each.story_id,
            one_line(each.title) or "Without a title",
            safe_url(each.url),
            one_line(each.reason),
            f"score {each.score}" if each.score else "",
            taken.get(each.story_id[:12], ""),
        )
        for each in sorted(out, key=lambda drop: (drop.story_id[:12] not in taken, -drop.score, drop.title))
    ]
    return [row for row in rows if _is_asked(row, asked)]


def reasons(out: Iterable[Dropped], asked: Asked) -> tuple[ReasonView, ...]:
    """The reasons there are, the most frequent first; the chosen one is always among them."""
    counts = Counter(one_line(each.reason) for each in out)
    chosen = [text for text, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_REASONS]]
    if asked.reason and asked.reason not in chosen:
        chosen.append(asked.reason)
    return tuple(ReasonView(text, counts[text], text == asked.reason) for text in chosen)


def below_the_line(desk: Desk, asked: Asked) -> list[BelowView]:
    """Every entry below the line of its section that is looked for, section by section."""
    found = [(section, card) for section in desk.sections for card in section.below]
    wanted = asked.words.casefold()
    return [
        BelowView(card.entry.id, one_line(card.entry.title), _below_facts(card), one_line(section.title))
        for section, card in found
        if wanted in f"{card.entry.title} {card.entry.why}".casefold()
    ]


def _is_asked(row: RowView, asked: Asked) -> bool:
    said = f"{row.title} {row.reason} {row.by}".casefold()
    return asked.words.casefold() in said and asked.reason in ("", row.reason)


def _below_facts(card: Card) -> str:
    return (
        f"score {card.entry.score} · {shorten(card.entry.why, 120)}" if card.entry.why else f"score {card.entry.score}"
    )


def _taken_out(desk: Desk, clock: Clock) -> dict[str, str]:
    """Who took a story out, and when, by the beginning of its id."""
    taken: dict[str, str] = {}
    for each in effective(desk.changes):
        name = each.target.removesuffix(_DATE)
        if each.action in ("drop", "snooze"):
            taken[name] = f"{one_line(each.editor)}, {clock(each.made_at)}"
        elif each.action in ("keep", "move"):
            taken.pop(name, None)
    return taken
