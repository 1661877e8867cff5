"""What a YAML parser makes of a text: its events, the tree they build, and its complaints in an editor's words."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError

from newsletter.config.nodes import BELONGS_NOWHERE, DEEPEST, Block, Listing, Node, Text, Unreadable
from newsletter.config.problems import shown

_MOST_EVENTS = 400_000


def parse(text: str, *, line: int = 0, depth: int = 0) -> Node | None:
    """The tree of ``text`` (None when it is empty) that stands ``line`` lines below, ``depth`` lists and blocks in.

    Raises Unreadable.
    """
    builder = _Builder(line, depth)
    for event in events_in(text):
        builder.take(event)
    return builder.root


def events_in(text: str) -> Iterator[Any]:
    """What the parser says of ``text``, one after the other. Raises Unreadable."""
    parser = YAML(typ="safe", pure=True).parse(text)
    count = 0
    while True:
        try:
            event = next(parser, None)
        except MarkedYAMLError as error:
            raise _translated(error, text) from None
        except Exception as error:
            # The library raises ValueError, OverflowError and others for escapes and directives that cannot be meant.
            raise Unreadable(1, f"This file cannot be read: {shown(str(error))}.") from error
        if event is None:
            return
        count += 1
        if count > _MOST_EVENTS:
            raise Unreadable(event.start_mark.line + 1, "This file holds too much to be written by a person.")
        yield event


class _Builder:
    """Puts events together; a stack instead of recursion, so that nesting costs nothing."""

    def __init__(self, before: int, depth: int) -> None:
        self.root: Node | None = None
        self._before, self._deepest = before, DEEPEST - depth
        self._open: list[tuple[Listing | Block, list[Node]]] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, events.ScalarEvent):
            refuse_marks(event)
            is_quoted = event.style in ("'", '"', "|", ">")
            self._put(Text(event.value, self._line_of(event), is_quoted))
        elif isinstance(event, events.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, events.CollectionEndEvent):
            node, children = self._open.pop()
            if isinstance(node, Block):
                node.pairs.extend(zip(children[::2], children[1::2], strict=True))
            self._put(node)
        elif isinstance(event, events.AliasEvent):
            refuse_marks(event)
        elif isinstance(event, events.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise Unreadable(
                    event.start_mark.line + 1, "Another document begins here; this file is one. Remove it."
                )

    def _start(self, event: Any) -> None:
        refuse_marks(event)
        line = self._before + event.start_mark.line + 1
        if len(self._open) >= self._deepest:
            raise Unreadable(line, "Lists and blocks are nested too deeply here.")
        node = Listing(line) if isinstance(event, events.SequenceStartEvent) else Block(line)
        self._open.append((node, node.items if isinstance(node, Listing) else []))

    def _line_of(self, event: Any) -> int:
        """The line of a value; the parser puts one that is not there behind what follows."""
        if self._open and not event.value:
            node, children = self._open[-1]
            if isinstance(node, Block) and len(children) % 2:
                return children[-1].line
        return self._before + int(event.start_mark.line) + 1

    def _put(self, node: Node) -> None:
        if self._open:
            self._open[-1][1].append(node)
        else:
            self.root = node


def refuse_marks(event: Any) -> None:
    """Refuse anchors, aliases and tags: raises Unreadable."""
    line = event.start_mark.line + 1
    if isinstance(event, events.AliasEvent) or event.anchor:
        sign = "*" if isinstance(event, events.AliasEvent) else "&"
        raise Unreadable(line, f"{sign}{shown(event.anchor)} is not for this file: write the text itself, in quotes.")
    if event.tag and event.tag != "!":
        tag = shown(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
        raise Unreadable(line, f"{tag} is not for this file. Remove it, or put quotes around it.")


_SAID = (
    ("mapping values are not allowed", "This line does not go with the one above it. Put both in the same column."),
    ("found unexpected end of stream", "The text that begins here has no closing quote. Put one at its end."),
    ("found unexpected document separator", "The text that begins here has no closing quote. Put one at its end."),
    ("could not find expected ':'", 'This line is no "key: value". Is a colon and a space missing?'),
    ("expected the node content", "A value cannot begin like this. Put quotes around it."),
    ("cannot start any token", "A value cannot begin like this. Put quotes around it."),
    ("unknown escape", 'In "…" the sign \\ begins a special sign, and this is none. Write \'…\' instead of "…".'),
    ("expected escape sequence", "In \"…\" the sign \\ begins a special sign, and this is none. Write '…' instead."),
    ("expected ',' or", "The list in brackets that begins here has no end, or a comma is missing. Close it."),
    (
        "expected <block end>",
        "This line begins in another column than the lines it belongs to. Put all in one.",
    ),
    (
        "sequence entries are not allowed",
        'A list cannot begin on the line of its key. Give each "- " a line of its own.',
    ),
    ("expected '<document start>'", BELONGS_NOWHERE),
    ("undefined tag handle", "A value cannot begin with !. Put quotes around it."),
    ("expected alphabetic or numeric", "A value cannot begin with * or &. Put quotes around it."),
    ("block scalar", "After | and > the text begins on the next line."),
)
_FROM_START = ("unexpected end", "unexpected document", "could not find expected", "expected ',' or")


def _translated(error: MarkedYAMLError, text: str) -> Unreadable:
    """A fault in the editor's words, at the place the editor has to go to."""
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and any(part in said for part in _FROM_START):
        mark = error.context_mark
    line = min(mark.line, text.count("\n")) + 1 if mark is not None else 1
    for part, words in _SAID:
        if part in said:
            return Unreadable(line, words)
    return Unreadable(line, f"This place cannot be read: {shown(error.problem or said)}.")
