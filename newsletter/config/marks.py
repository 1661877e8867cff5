"""feeds.yaml as a tree of places: where each value begins and ends in the text, so that one can be changed alone."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Literal

from ruamel.yaml import events

from newsletter.config.encoding import with_plain_breaks
from newsletter.config.nodes import Block, Listing, Node, Text, Unreadable
from newsletter.config.problems import plain
from newsletter.config.yaml_events import events_in, refuse_marks
from newsletter.errors import SpliceFault

Meaning = str | None | list["Meaning"] | tuple[tuple[str, "Meaning"], ...]
"""What a value says, wherever it stands: a text, nothing, a list, or pairs of plain keys and values."""
_BREAK = re.compile("\r\n|\r|\n")


@dataclass(slots=True)
class Mark:
    """A value between the offsets ``start`` and ``end`` of the text; ``items`` are a block's keys and values in turn.

    ``value`` is a text's, None when there is nothing. ``style`` is the sign a text begins with, "[" for what
    stands in brackets.
    """

    form: Literal["text", "list", "block"]
    start: int
    end: int
    value: str | None = None
    style: str = ""
    items: list["Mark"] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple["Mark", "Mark"]]:
        """Keys and values of a block."""
        return list(zip(self.items[::2], self.items[1::2], strict=True))

    @property
    def is_flow(self) -> bool:
        """Whether it stands in brackets."""
        return self.style == "["

    def pair(self, key: str) -> tuple["Mark", "Mark"] | None:
        """The entry called ``key``, however it is spelt. Raises SpliceFault when it stands twice."""
        found = [pair for pair in self.pairs if plain(pair[0].value or "") == plain(key)]
        if len(found) > 1:
            raise SpliceFault(f"“{key}” stands twice in one place. Keep one, then change it.")
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the tree of its places. ``text`` has "\\n" between its lines, ``original`` is as it was given."""

    original: str
    text: str
    root: Mark | None
    """None when there is nothing but notes."""

    def line_start(self, at: int) -> int:
        """Where the line begins in which ``at`` lies."""
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Where the line ends in which ``at`` lies, before its break."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def column(self, at: int) -> int:
        """How many letters stand before ``at`` on its line."""
        return at - self.line_start(at)


def read_marks(original: str) -> Marked:
    """The places in ``original``. Raises SpliceFault when it cannot be read as it is."""
    text = with_plain_breaks(original).replace("\t", " ")
    builder = _Builder(text)
    try:
        for event in events_in(text):
            builder.take(event)
    except Unreadable as fault:
        raise SpliceFault(f"Line {fault.line} cannot be read: {fault.text} Mend it first.") from fault
    if builder.root is not None and builder.root.form != "block":
        raise SpliceFault('The file is no list of parts such as "newsletter:" and "sources:". Mend it first.')
    return Marked(original, text, builder.root)


class _Builder:
    """Puts the parser's events together."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Mark | None = None
        self._open: list[Mark] = []

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, events.ScalarEvent):
            refuse_marks(event)
            self._put(self._text(event))
        elif isinstance(event, events.CollectionStartEvent):
            refuse_marks(event)
            form: Literal["list", "block"] = "list" if isinstance(event, events.SequenceStartEvent) else "block"
            start = int(event.start_mark.index)
            self._open.append(Mark(form, start, start, style="[" if event.flow_style else ""))
        elif isinstance(event, events.CollectionEndEvent):
            mark = self._open.pop()
            mark.end = int(event.end_mark.index) if mark.is_flow else mark.items[-1].end if mark.items else mark.start
            self._put(mark)
        elif isinstance(event, events.AliasEvent):
            refuse_marks(event)
        elif isinstance(event, events.DocumentStartEvent) and self.root is not None:
            raise SpliceFault(f"Another document begins on line {event.start_mark.line + 1}. Remove that line.")

    def _text(self, event: Any) -> Mark:
        start, end = int(event.start_mark.index), int(event.end_mark.index)
        if event.style in ("|", ">") and "+" not in self.text[start:end].partition("\n")[0].partition("#")[0]:
            # The blank lines after such a text are no part of it.
            end = start + len(self.text[start:end].rstrip())
        if event.value or event.style:
            return Mark("text", start, end, event.value, event.style or "")
        # The parser puts a value that is not there behind what follows: its place is after the colon, or the dash.
        at = self._open[-1].items[-1].end if self._open and self._open[-1].items else start
        if self._open and self._open[-1].form == "block" and len(self._open[-1].items) % 2:
            colon = self.text.find(":", at)
            at = colon + 1 if colon >= 0 and not self.text[at:colon].strip() else at
        return Mark("text", at, at)

    def _put(self, mark: Mark) -> None:
        if self._open:
            self._open[-1].items.append(mark)
        else:
            self.root = mark


def meaning_of_mark(mark: Mark | None) -> Meaning:
    """What ``mark`` says."""
    if mark is None:
        return ()
    if mark.form == "text":
        return mark.value
    if mark.form == "list":
        return [meaning_of_mark(item) for item in mark.items]
    return tuple((plain(key.value or ""), meaning_of_mark(value)) for key, value in mark.pairs)


def meaning_of_node(node: Node | None) -> Meaning:
    """What ``node`` says, as the reader of the configuration understands it."""
    if node is None:
        return ()
    if isinstance(node, Text):
        return node.value if node.value or node.is_quoted else None
    if isinstance(node, Listing):
        return [meaning_of_node(item) for item in node.items]
    assert isinstance(node, Block)
    return tuple(
        (plain(key.value if isinstance(key, Text) else ""), meaning_of_node(value)) for key, value in node.pairs
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """What is put in the place of the text from ``start`` to ``end``; lines of it end with "\\n"."""

    start: int
    end: int
    text: str


def cut_text(marked: Marked, cuts: list[Cut]) -> str:
    """The original with ``cuts`` made, each new line with the break that the lines around it have."""
    original, starts = marked.original, [0]
    starts += [found.end() for found in _BREAK.finditer(original)]
    plain_starts = [0] + [found.end() for found in _BREAK.finditer(marked.text)]
    mark = 1 if original.startswith("\ufeff") else 0

    def place(at: int) -> int:
        line = bisect_right(plain_starts, at) - 1
        return starts[line] + at - plain_starts[line] + (mark if line == 0 else 0)

    for cut in sorted(cuts, key=lambda each: each.start, reverse=True):
        newline = _newline_at(marked.original, place(cut.start))
        start, end = place(cut.start), place(cut.end)
        original = original[:start] + cut.text.replace("\n", newline) + original[end:]
    return original


def _newline_at(original: str, at: int) -> str:
    """The break of the line before ``at``, else of the first line."""
    end = original.rfind("\n", 0, at)
    end = original.find("\n") if end < 0 else end
    if end >= 0:
        return "\r\n" if original[end - 1 : end] == "\r" else "\n"
    return "\r" if "\r" in original else "\n"
