"""What was added to a text that many write: told by its lines, however they are moved about. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_LINES = 20_000
"""So many lines are remembered; those that stand in the text now first."""

_MARK = re.compile(r"^(?:[*•·‣○+-]|\d{1,3}[.)]|#{1,6}|>|\[[ xX]?\])\s+")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Additions:
    """The lines that were known, and those that were added in ``week`` (ISO, "2026-W48")."""

    known: tuple[str, ...] = ()
    week: str = ""
    added: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "Additions | None":
        """What was stored; None when the text was not read before."""
        if not value:
            return None
        return cls(tuple(value["known"]), value["week"], tuple(value["added"]))

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {"known": list(self.known), "week": self.week, "added": list(self.added)}


@dataclass(frozen=True, slots=True)
class Told:
    """What to tell: the lines of the week in their groups, whether any is new just now, and what to remember."""

    paragraphs: tuple[str, ...]
    has_news: bool
    additions: Additions


def week_of(at: datetime) -> str:
    """The ISO week of ``at``, as in "2026-W48"."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


def tell_additions(lines: Sequence[str], before: Additions | None, now: datetime) -> Told:
    """What of ``lines`` was added in the week of ``now``; nothing when the text is read for the first time."""
    hashes = [line_hash(line) for line in lines]
    week = week_of(now)
    present = {each for each in hashes if each}
    if before is None:
        return Told((), False, Additions(_bounded(hashes, ()), week))
    known = set(before.known)
    new = {each for each in present if each not in known}
    earlier = {each for each in before.added if each in present} if before.week == week else set()
    added = new | earlier
    told = tuple(dict.fromkeys(each for each in hashes if each in added))
    return Told(_grouped(lines, hashes, added), bool(new), Additions(_bounded(hashes, before.known), week, told))


def line_hash(line: str) -> str:
    """A short hash of what a line says, whatever marks and spaces stand before it; "" when it says nothing."""
    said = line.strip()
    while found := _MARK.match(said):
        said = said[found.end() :]
    if not _WORD.search(said):
        return ""
    said = " ".join(said.split()).casefold()
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _bounded(hashes: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in (*hashes, *before) if each))[:MOST_LINES]


def _grouped(lines: Sequence[str], hashes: Sequence[str], added: set[str]) -> tuple[str, ...]:
    """The added lines; those that follow each other are one paragraph."""
    groups: list[list[str]] = [[]]
    seen: set[str] = set()
    for line, each in zip(lines, hashes, strict=True):
        if each in added and each not in seen:
            groups[-1].append(line.rstrip())
            seen.add(each)
        elif groups[-1]:
            groups.append([])
    return tuple("\n".join(group) for group in groups if group)
