"""Two changes of one text made one, where their lines don't touch. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_LINES = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that both changed: what ``mine`` and ``theirs`` say in the place of ``base``, from ``line`` of it on."""

    line: int
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes in one ``text``; None when they touch, and then where."""

    text: str | None
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines of the base from ``start`` to ``end``, and what stands there instead."""

    start: int
    end: int
    lines: tuple[str, ...]

    def touches(self, other: "_Hunk") -> bool:
        """Whether two hunks share a line of the base, or stand side by side."""
        return self.start <= other.end and other.start <= self.end


def merge(base: str, mine: str, theirs: str) -> Merged:
    """``base`` with what was changed in ``mine`` and in ``theirs``; a change that both made is made once."""
    lines = split_lines(base)
    own, other = _hunks(lines, split_lines(mine)), _hunks(lines, split_lines(theirs))
    clashes = [
        Clash(left.start + 1, tuple(lines[left.start : left.end]), left.lines, right.lines)
        for left in own
        for right in other
        if left != right and left.touches(right)
    ]
    if clashes:
        return Merged(None, tuple(clashes))
    for hunk in sorted({*own, *other}, key=lambda each: each.start, reverse=True):
        lines[hunk.start : hunk.end] = hunk.lines
    return Merged("".join(lines))


def split_lines(text: str) -> list[str]:
    """The lines of ``text`` with their breaks, as editors count them."""
    return _LINES.findall(text)


def _hunks(base: Sequence[str], changed: Sequence[str]) -> list[_Hunk]:
    matcher = SequenceMatcher(None, base, changed, autojunk=False)
    return [
        _Hunk(start, end, tuple(changed[new_start:new_end]))
        for what, start, end, new_start, new_end in matcher.get_opcodes()
        if what != "equal"
    ]
