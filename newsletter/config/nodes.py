"""feeds.yaml as a tree of texts, lists and blocks, each with its line. Every value is text; nothing is constructed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A value as it was written; ``is_quoted`` tells an empty text from no value."""

    value: str
    line: int
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Values one after the other."""

    line: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Block:
    """Keys with values, in their order; a key may stand twice."""

    line: int
    pairs: "list[tuple[Node, Node]]" = field(default_factory=list)


Node = Text | Listing | Block


@dataclass(frozen=True, slots=True)
class Tree:
    """What could be read. ``faults`` are (line, text); ``lost`` are the parts in which something is missing."""

    root: Node | None
    faults: tuple[tuple[int, str], ...] = ()
    lost: frozenset[str] = frozenset()


DEEPEST = 12
"""So many lists and blocks may stand one in another."""
BELONGS_NOWHERE = 'This line belongs to no key. Write "key: value", or put it under the key that it belongs to.'


class Unreadable(Exception):
    """A place that cannot be read: its line, and what is wrong there."""

    def __init__(self, line: int, text: str) -> None:
        self.line, self.text = line, text
        super().__init__(text)
