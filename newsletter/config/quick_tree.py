"""The tree of a plainly written feeds.yaml, read line by line: a fifth of the time that a whole YAML parser takes.

What is read here is read exactly as the parser would, or not at all: a value that is written in another way (over
several lines, with escapes, in braces) is given to the parser with its own lines, and a text whose lines are no plain
blocks and lists is left to it whole.
"""

import re
from dataclasses import dataclass, field

from newsletter.config.nodes import DEEPEST, Block, Listing, Node, Text, Unreadable

_LONGEST = 400_000
_MOST_PIECES = 200
_NOT_PLAIN = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LINE = re.compile(r"( *)(- +)?(?:([^\W_](?:[\w /.()-]{0,100}[\w/.()-])?):(?: +(.*)|)$)?")
_START = re.compile(r"[\w/(.+~^$=<;\\)]|-[\w.]")
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?: +#.*| *)")
_DOUBLE = re.compile(r'"([^"\\]*)"(?: +#.*| *)')
_BRACKETS = re.compile(r"\[([^\[\]{}#]*)\](?: +#.*| *)")
_ITEM = re.compile(r"""([\w/(][\w /().+@*-]*)|'([^']*)'|"([^"\\]*)\"""")


class TooOdd(Exception):
    """The text is not written plainly enough."""


def read_quickly(text: str) -> Node | None:
    """The tree of ``text``, None when it is empty. Raises TooOdd where a parser has to say what it is, if anything."""
    if len(text) > _LONGEST or _NOT_PLAIN.search(text):
        raise TooOdd
    return _Reader(text.split("\n")).run()


@dataclass(slots=True)
class _Open:
    """A list or block whose lines begin at ``column``; ``awaits`` is the line of what has no value yet, 0 for none."""

    column: int
    node: Listing | Block
    children: list[Node] = field(default_factory=list)
    awaits: int = 0

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, Listing)


class _Reader:
    """Goes down the lines once."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._pieces = 0

    def run(self) -> Node | None:
        """Read every line."""
        at = 0
        while at < len(self.lines):
            bare = self.lines[at].lstrip(" ")
            at = at + 1 if not bare or bare[0] == "#" else self._line(at)
        while self._open:
            self._close()
        return self.root

    def _line(self, at: int) -> int:
        """Read line ``at``; gives the next one to read."""
        found = _LINE.match(self.lines[at])
        assert found is not None, "it matches nothing, too"
        indent, dash, key, value = found.groups()
        column = len(indent)
        if dash:
            self._at(column, at, is_list=True).awaits = at + 1
            column += len(dash)
        if key is not None:
            place = self._at(column, at, is_list=False)
            return self._value(place, at, column, Text(key, at + 1), (value or "").strip(" "))
        if not dash:
            raise TooOdd
        rest = self.lines[at][found.end() :].strip(" ")
        if not rest or rest[0] == "#":
            raise TooOdd
        return self._value(self._open[-1], at, len(indent), None, rest)

    def _value(self, place: _Open, at: int, column: int, key: Text | None, value: str) -> int:
        """Put the ``key`` of a block, or nothing, and its value into ``place``; gives the next line to read."""
        if key and (not value or value[0] == "#"):
            place.children.append(key)
            place.awaits = at + 1
            return at + 1
        node = None if self._goes_on(at, column) else _node(value, at + 1)
        if node is None:
            return self._piece(place, at, column)
        place.children += (key, node) if key else (node,)
        place.awaits = 0
        return at + 1

    def _goes_on(self, at: int, column: int) -> bool:
        """Whether the line after ``at`` stands further in than ``column``."""
        after = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        bare = after.lstrip(" ")
        return bool(bare) and bare[0] != "#" and len(after) - len(bare) > column

    def _piece(self, place: _Open, at: int, column: int) -> int:
        """Let the parser read the entry at ``column`` with the lines that stand further in."""
        from newsletter.config.yaml_events import parse  # a plain file is read without it

        end = at + 1
        while end < len(self.lines) and _indent(self.lines[end]) > column:
            end += 1
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise TooOdd
        lines = [" " * column + self.lines[at][column:], *self.lines[at + 1 : end]]
        try:
            node = parse("\n".join(lines) + "\n" * (end < len(self.lines)), line=at, depth=len(self._open) - 1)
        except Unreadable as fault:
            raise TooOdd from fault
        found = node.items if isinstance(node, Listing) else list(*node.pairs) if isinstance(node, Block) else []
        if len(found) != (1 if place.is_list else 2) or place.is_list != isinstance(node, Listing):
            raise TooOdd
        place.children += found
        place.awaits = 0
        return end

    def _at(self, column: int, at: int, *, is_list: bool) -> _Open:
        """The list or block at ``column`` that the next line goes into; those further in are closed."""
        while self._open:
            top = self._open[-1]
            is_inside = column > top.column or (column == top.column and is_list and not top.is_list)
            if is_inside and top.awaits:
                return self._begin(column, at, is_list=is_list)
            if column > top.column:
                raise TooOdd
            if column == top.column and is_list == top.is_list:
                self._end_awaiting(top)
                return top
            self._close()
        if self.root is not None:
            raise TooOdd
        return self._begin(column, at, is_list=is_list)

    def _begin(self, column: int, at: int, *, is_list: bool) -> _Open:
        if len(self._open) >= DEEPEST:
            raise TooOdd
        self._open.append(_Open(column, Listing(at + 1) if is_list else Block(at + 1)))
        return self._open[-1]

    def _end_awaiting(self, top: _Open) -> None:
        if top.awaits:
            top.children.append(Text("", top.awaits))
            top.awaits = 0

    def _close(self) -> None:
        top = self._open.pop()
        self._end_awaiting(top)
        if isinstance(top.node, Listing):
            top.node.items.extend(top.children)
        else:
            top.node.pairs.extend(zip(top.children[::2], top.children[1::2], strict=True))
        if self._open:
            self._open[-1].children.append(top.node)
            self._open[-1].awaits = 0
        else:
            self.root = top.node


def _indent(line: str) -> int:
    """How far in the line stands; what is empty or a note stands as far in as it has to."""
    bare = line.lstrip(" ")
    return len(line) - len(bare) if bare and bare[0] != "#" else len(line) + 1_000


def _node(value: str, line: int) -> Node | None:
    """A value that stands on one line; None when it is written in another way."""
    if value[0] != "[":
        return _text(value, line)
    found = _BRACKETS.fullmatch(value)
    if found is None:
        return None
    items = Listing(line)
    for written in found[1].split(",") if found[1].strip(" ") else ():
        item = _ITEM.fullmatch(written.strip(" "))
        if item is None:
            return None
        items.items.append(Text(item[item.lastindex or 0], line, (item.lastindex or 0) > 1))
    return items


def _text(value: str, line: int) -> Text | None:
    if value[0] in "'\"":
        found = (_SINGLE if value[0] == "'" else _DOUBLE).fullmatch(value)
        inner = found[1] if found else ""
        return Text(inner.replace("''", "'") if value[0] == "'" else inner, line, True) if found else None
    text = value.partition(" #")[0].rstrip(" ")
    if not _START.match(text) or ": " in text or text[-1] == ":":
        return None
    return Text(text, line)
