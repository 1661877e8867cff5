"""same: for each pair of a file, one story or two; and how well that fits what the file says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsletter.classify.pairs import PairVerdict, judge_pair
from newsletter.model.item import Item, item_id
from newsletter.pipeline.lines import Line, read_lines


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of a file: its number, what was found, and what the file says of it, if it does."""

    number: int
    verdict: PairVerdict
    kind: str = ""
    expected: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """As ``newsletter same --json`` prints it."""
        return {"same": self.verdict.is_same, "why": self.verdict.why}


def judge_pairs(path: Path) -> tuple[Pair, ...]:
    """The pairs of ``path``, each with ``a`` and ``b`` (title, url, date). Raises NotFound, FileFault."""
    return tuple(_pair(number, line) for number, line in enumerate(read_lines(path), start=1))


def _pair(number: int, line: Line) -> Pair:
    verdict = judge_pair(_item(line.record("a"), "a"), _item(line.record("b"), "b"))
    expected = line.is_true("same") if "same" in line.fields else None
    return Pair(number, verdict, line.text("kind"), expected)


def _item(line: Line, source: str) -> Item:
    url, title = line.text("url"), line.text("title", is_needed=True)
    return Item(
        id=item_id(source, url or title),
        source_id=source,
        kind="feed",
        form="post",
        native_keys=(url or title,),
        title=title,
        url=url or None,
        published_at=_date(line),
        text=line.text("text"),
    )


def _date(line: Line) -> datetime | None:
    text = line.text("date")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise line.problem(f'"date" must be a day or a time such as 2011-02-24, not "{text}".') from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the verdicts fit the labels: of all pairs, or of one kind."""

    right: int
    count: int
    wrong_merges: int
    missed: int
    f1: float | None


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """The agreement over those of ``pairs`` that say what is right; ``f1`` is None when none is the same."""
    counts = Counter((pair.expected, pair.verdict.is_same) for pair in pairs if pair.expected is not None)
    found, wrong, missed = counts[True, True], counts[False, True], counts[True, False]
    f1 = 2 * found / (2 * found + wrong + missed) if found + missed else None
    return Agreement(found + counts[False, False], counts.total(), wrong, missed, f1)
