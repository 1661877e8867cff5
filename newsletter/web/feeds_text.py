"""The text of feeds.yaml in a form and on a page: line ends survive a browser, mistakes stand at their lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from newsletter.config.merge import split_lines
from newsletter.errors import Problem

BOM = "\ufeff"
_MANY = 40_000
_END = re.compile(r"(?:\r\n|\r|\n)$")


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the file with what is wrong in it."""

    number: int
    text: str
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One line of a difference: ``sign`` is +, - or empty; a ``head`` tells where in the file it stands."""

    sign: str
    text: str
    is_head: bool = False


def typed_like(typed: str, before: str) -> str:
    """What was ``typed`` into a form that held ``before``, with the line ends and the mark of order of the file.

    A browser sends every line end as CR LF (HTML, 4.10.22.4). Lines that were not changed keep the end they had, new
    ones get the one that most lines have.
    """
    head = BOM if before.startswith(BOM) else ""
    old, new = split_lines(before.removeprefix(BOM)), split_lines(typed.removeprefix(BOM))
    ends = [_end(line) for line in old if _end(line)]
    usual = max(dict.fromkeys(ends), key=ends.count) if ends else "\n"
    bare = [_bare(line) for line in new]
    kept = _ends_kept([_bare(line) for line in old], bare) if len(set(ends)) > 1 else {}
    found: list[str] = []
    for at, (text, line) in enumerate(zip(bare, new, strict=True)):
        end = ((_end(old[kept[at]]) if at in kept else "") or usual) if _end(line) else ""
        # A CR, and an LF of an empty line after it, would be one end.
        is_one = found and found[-1].endswith("\r") and (text + end).startswith("\n")
        found.append("\r" if is_one else text + end)
    return head + "".join(found)


def shown_text(text: str) -> str:
    """``text`` as a form shows it: a mark of order is no letter of it."""
    return text.removeprefix(BOM)


def _ends_kept(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """By the place of a line: the one of ``old`` that it was."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    one, two = old[head : len(old) - tail], new[head : len(new) - tail]
    # Lines that come again and again, compared with each other, take seconds where most of a file is another one.
    inner = SequenceMatcher(None, one, two, autojunk=len(one) * len(two) > _MANY)
    found = {at: at for at in range(head)}
    for start, at, size in inner.get_matching_blocks():
        found |= {head + at + place: head + start + place for place in range(size)}
    return found | {len(new) - 1 - place: len(old) - 1 - place for place in range(tail)}


def line_views(text: str, problems: Sequence[Problem], *, file: str) -> tuple[LineView, ...]:
    """The lines of ``text``, each with what is wrong in it; what stands behind the last one is told at that one."""
    lines = [_bare(line) for line in split_lines(shown_text(text))] or [""]
    told: dict[int, list[Problem]] = {}
    for problem in problems:
        if problem.file == file:
            told.setdefault(min(max(problem.line, 1), len(lines)), []).append(problem)
    return tuple(
        LineView(
            number,
            line,
            tuple(each.text for each in told.get(number, ()) if not each.is_warning),
            tuple(each.text for each in told.get(number, ()) if each.is_warning),
        )
        for number, line in enumerate(lines, 1)
    )


def difference_lines(lines: Sequence[str]) -> tuple[DifferenceLine, ...]:
    """The lines of a unified diff as a page shows them."""
    return tuple(
        DifferenceLine("", _place(line), is_head=True)
        if line.startswith("@@")
        else DifferenceLine(line[:1].strip(), line[1:])
        for line in lines
    )


def _place(head: str) -> str:
    """from line 12 on, out of @@ -12,7 +12,8 @@."""
    found = re.search(r"\+(\d+)", head)
    return f"from line {found[1]} on" if found else head


def _bare(line: str) -> str:
    return _END.sub("", line)


def _end(line: str) -> str:
    found = _END.search(line)
    return found[0] if found else ""
