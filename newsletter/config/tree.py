"""From the text of feeds.yaml to its tree: what cannot be read is told and left out, the rest is read."""

import re

from newsletter.config.nodes import BELONGS_NOWHERE, Node, Tree, Unreadable
from newsletter.config.quick_tree import TooOdd, read_quickly

_MOST_FAULTS = 10
_RETRY_BELOW = 200_000


def read_tree(text: str) -> Tree:
    """The tree of ``text``. A list item or part that cannot be read is told and left out; the rest is read."""
    lines = text.split("\n")
    faults: list[tuple[int, str]] = []
    lost: set[str] = set()
    tries = 0
    while True:
        try:
            return Tree(_parse("\n".join(lines)), tuple(faults), frozenset(lost))
        except Unreadable as fault:
            tries += 1
            # Of many lines that belong nowhere, the first is enough.
            if fault.text != BELONGS_NOWHERE or all(told != fault.text for _, told in faults):
                faults.append((fault.line, fault.text))
            part = _take_out(lines, fault.line) if len(text) < _RETRY_BELOW else None
            if part is None or tries >= _MOST_FAULTS:
                return Tree(None, tuple(faults), frozenset(lost))
            lost.add(part)


def is_parsable(text: str) -> bool:
    """Whether ``text`` can be parsed as it is."""
    try:
        _parse(text)
    except Unreadable:
        return False
    return True


def _take_out(lines: list[str], line: int) -> str | None:
    """Blank the list item or the part that holds ``line``; gives the part's name, None when nothing is left."""
    start = min(line, len(lines)) - 1
    while start > 0 and not re.match(r"(  ? ? ?)?- |[^\s#]", lines[start]):
        start -= 1
    if not lines[start].strip():
        return None
    indent = len(lines[start]) - len(lines[start].lstrip())
    is_item = lines[start].lstrip().startswith("- ")
    name = next((found for found in reversed(lines[: start + 1]) if re.match(r"[^\s#-]", found)), "")
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or _is_inside(lines[end], indent, is_item=is_item)):
        end += 1
    lines[start:end] = [""] * (end - start)
    return name.partition(":")[0].strip()


def _is_inside(line: str, indent: int, *, is_item: bool) -> bool:
    deeper = len(line) - len(line.lstrip()) > indent
    return deeper or (not is_item and line.startswith("- ")) or line.lstrip().startswith("#")


def _parse(text: str) -> Node | None:
    """The tree of ``text`` (None when it is empty); raises Unreadable."""
    try:
        return read_quickly(text)
    except TooOdd:
        from newsletter.config.yaml_events import parse  # a plain file is read without it

        return parse(text)
