"""Past issues from a file of JSON Lines: one line an item, with the section an editor put it in."""

import re
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from newsletter.errors import FileFault, Problem
from newsletter.pipeline.lines import numbered_lines, read_object
from newsletter.text import one_line

_MOST_PROBLEMS = 10
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NEEDED = ("newsletter", "issue", "section", "title")
_OPTIONAL = ("date", "url", "text")
_REPEATED = ("newsletter", "issue", "section", "date")
"""Kept once for all lines that say the same."""


@dataclass(frozen=True, slots=True)
class PastItem:
    """One line of a past issue."""

    newsletter: str
    issue: str
    date: str
    section: str
    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class PastIssue:
    """The items of one issue, in time order with the other issues of the file."""

    newsletter: str
    name: str
    items: tuple[PastItem, ...]

    @property
    def key(self) -> str:
        """What tells the issue apart from all others."""
        return f"{self.newsletter} {self.name}"


def read_past_issues(path: Path) -> list[PastIssue]:
    """The issues in the file at ``path``, the oldest first. Raises NotFound, FileFault with the lines to mend."""
    problems: list[Problem] = []
    items: list[PastItem] = []
    last = ""
    for number, line in numbered_lines(path):
        made = _item(line)
        if isinstance(made, PastItem) and _DAY.fullmatch(made.date):
            if made.date < last:
                made = f"The date {made.date} comes after {last}. Sort the lines by date, issue and place."
            else:
                last = made.date
        if isinstance(made, PastItem):
            items.append(made)
        else:
            problems.append(Problem(str(path), number, made))
            if len(problems) == _MOST_PROBLEMS:
                break
    if not items and not problems:
        problems.append(
            Problem(str(path), 1, "The file holds no line. Write one JSON object a line, one for each item.")
        )
    if problems:
        raise FileFault(problems)
    groups = groupby(items, key=lambda item: (item.newsletter, item.issue))
    return [PastIssue(newsletter, name, tuple(group)) for (newsletter, name), group in groups]


def _item(line: bytes) -> PastItem | str:
    """The item in ``line``, or what is wrong with it and how to mend it."""
    found = read_object(line)
    if isinstance(found, str):
        return found
    for name in _NEEDED:
        if not _text(found.get(name)):
            return f"“{name}” is missing or no text. Every line needs {', '.join(_NEEDED)}."
    for name in _OPTIONAL:
        if not isinstance(found.get(name) or "", str):
            return f"“{name}” must be text, or left out."
    wanted = {name: _text(found.get(name)) for name in (*_NEEDED, *_OPTIONAL)}
    wanted |= {name: sys.intern(wanted[name]) for name in _REPEATED}
    text = found.get("text") or ""
    return PastItem(**wanted | {"text": wanted["title"] if text == wanted["title"] else text})


def _text(value: Any) -> str:
    """``value`` on one line; a number is as good as its digits, as the name of an issue."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return one_line(value) if isinstance(value, str) else ""
