"""The text of feeds.yaml in a form and on a page: its line ends survive a browser, its mistakes stand at their lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from newsletter.config.merge import split_lines
from newsletter.errors import Problem

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
    """What was ``typed`` into a form that held ``before``, with the line ends of the file.

    A browser sends every line end as CR LF (HTML, 4.10.22.4). Lines that were not changed keep the end they had, new
    ones get the one that most lines have.
    """
    old, new = split_lines(before), split_lines(typed)
    bare_old, bare_new = [_bare(line) for line in old], [_bare(line) for line in new]
    ends = [_end(line) for line in old if _end(line)]
    usual = max(dict.fromkeys(ends), key=ends.count) if ends else "\n"
    found = [text + (usual if _end(line) else "") for text, line in zip(bare_new, new, strict=True)]
    for what, start, end, at, _ in SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_opcodes():
        if what == "equal":
            for place in range(end - start):
                is_last = at + place == len(new) - 1
                kept = old[start + place]
                # The last line of the file may have lost, or got, its end.
                found[at + place] = found[at + place] if is_last and bool(_end(kept)) != bool(_end(new[-1])) else kept
    return "".join(found)


def line_views(text: str, problems: Sequence[Problem]) -> tuple[LineView, ...]:
    """The lines of ``text``, each with what is wrong in it; what stands behind the last one is told at that one."""
    lines = [_bare(line) for line in split_lines(text)] or [""]
    told: dict[int, list[Problem]] = {}
    for problem in problems:
        told.setdefault(min(max(problem.line, 1), len(lines)), []).append(problem)
    return tuple(
        LineView(
            number,
            line.lstrip("\ufeff"),
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
