"""One block of feeds.yaml, its keys checked: known, once, of the right form. Mistakes go to the report."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from newsletter.config.nodes import Block, Listing, Node, Text
from newsletter.config.problems import Report, asked_if, listed, nearest, plain, shown
from newsletter.config.scalars import quoted
from newsletter.config.values import Reader, Wrong, read_text

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A key that stands in a block: where, and with what."""

    key: str
    line: int
    node: Node


class AnyKey(Collection[str]):
    """What holds every key: for a block whose meaning is known to a package that is not there."""

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say about an unknown key: a sentence led in by a space, and the key it proposes, if it does."""

    text: str
    meant: str = ""

    @classmethod
    def asking(cls, meant: str) -> "Advice":
        """Whether ``meant`` was meant."""
        return cls(asked_if(meant), meant)


Hint = Callable[[str], Advice | None]
"""What to say about an unknown key instead of the usual; None to say the usual."""


def advice_on(key: str, keys: Collection[str], *, told: Collection[str] = ()) -> Advice:
    """The nearest of ``keys``; where none is near those that are ``told``, or all of them."""
    near = nearest(key, tuple(keys))
    return Advice.asking(near) if near else Advice(f" It can have: {listed(told or keys)}.")


class Part:
    """The entries of a block under their plain keys. ``what`` names it in messages: "a source"."""

    def __init__(
        self, block: Block, report: Report, *, what: str, keys: Collection[str], hint: Hint | None = None
    ) -> None:
        self.report, self.what, self.line = report, what, block.line
        self.entries: dict[str, Entry] = {}
        self._hint = hint
        self._guessed: set[str] = set()
        for key_node, node in block.pairs:
            self._enter(key_node, node, keys)

    def _enter(self, key_node: Node, node: Node, keys: Collection[str]) -> None:
        if not isinstance(key_node, Text):
            self.report.tell(key_node.line, "A list cannot be the name of a setting. Write key: value.")
            return
        key, line = plain(key_node.value), key_node.line
        if key not in keys:
            self._guess(self._tell_unknown(key_node, keys), line, node)
        elif key in self.entries and key not in self._guessed:
            first = self.entries[key].line
            self.report.tell(line, f'"{key}" stands twice in {self.what}; the first is on line {first}. Keep one.')
        else:
            self._guessed.discard(key)
            self.entries[key] = Entry(key, line, node)

    def _guess(self, meant: str, line: int, node: Node) -> None:
        """Read an unknown key as the one that its message proposes: it was told once, and is not missed as well."""
        if meant and meant not in self.entries:
            self._guessed.add(meant)
            self.entries[meant] = Entry(meant, line, node)

    def _tell_unknown(self, node: Text, keys: Collection[str]) -> str:
        """Tell of an unknown key; gives the key that was meant, "" when none is near."""
        written = shown(node.value)
        before, colon, after = written.partition(":")
        if colon and plain(before) in keys:
            self.report.tell(node.line, f'A space is missing after "{before}:". Write "{before}: {after}".')
            return plain(before)
        if not written:
            self.report.tell(node.line, "A key is missing before the colon. Write one, or remove the line.")
            return ""
        special = self._hint(plain(node.value)) if self._hint else None
        advice = special or advice_on(node.value, keys)
        self.report.tell(node.line, f'"{written}" is not something {self.what} can have.{advice.text}')
        return advice.meant if advice.meant in keys else ""

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def line_of(self, key: str) -> int:
        """The line of ``key``, or of the block when it does not stand there."""
        return self.entries[key].line if key in self.entries else self.line

    def node(self, key: str) -> Node | None:
        """What stands under ``key``; None when it is not there or empty."""
        entry = self.entries.get(key)
        if entry is None or is_empty(entry.node):
            return None
        return entry.node

    def tell(self, key: str, text: str) -> None:
        """A mistake at ``key``; nothing more where a key was guessed."""
        if key not in self._guessed:
            self.report.tell(self.line_of(key), text)

    def value(self, key: str, reader: Reader[_T], default: _T) -> _T:
        """The one value of ``key`` as ``reader`` takes it; ``default`` when it is missing or wrong."""
        found = self.optional(key, reader)
        return default if found is None else found

    def optional(self, key: str, reader: Reader[_T]) -> _T | None:
        """As :meth:`value`, None when it is missing or wrong."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        if key in self._guessed:
            return self._quiet(entry, reader)
        text = self._single(entry)
        return None if text is None else self._read(key, text, reader)

    def _quiet(self, entry: Entry, reader: Reader[_T]) -> _T | None:
        """The value under a guessed key, if it is one."""
        found = reader(entry.key, entry.node.value.strip()) if isinstance(entry.node, Text) else None
        return None if isinstance(found, Wrong) else found

    def text(self, key: str) -> str | None:
        """The one-line text of ``key``."""
        return self.optional(key, read_text)

    def many(self, key: str, reader: Reader[_T]) -> tuple[_T, ...]:
        """The values of ``key``, one or a list; wrong ones are told and left out."""
        return tuple(found for _, found in self.many_lines(key, reader))

    def many_lines(self, key: str, reader: Reader[_T]) -> list[tuple[int, _T]]:
        """As :meth:`many`, each with its line."""
        entry = self.entries.get(key)
        if entry is None or key in self._guessed:
            found = None if entry is None else self._quiet(entry, reader)
            return [] if entry is None or found is None else [(entry.line, found)]
        nodes = entry.node.items if isinstance(entry.node, Listing) else [entry.node]
        texts = [self._single(Entry(key, node.line, node), is_item=isinstance(entry.node, Listing)) for node in nodes]
        read = [(text.line, self._read(key, text, reader, at)) for at, text in enumerate(texts) if text is not None]
        return [(line, found) for line, found in read if found is not None]

    def block(self, key: str) -> Block | None:
        """The lines under ``key``; anything else is told."""
        node = self.node(key)
        if node is None or isinstance(node, Block):
            return node
        found = f'not "{shown(node.value)}"' if isinstance(node, Text) else "not a list"
        self.tell(key, f'"{key}:" needs lines with "key: value" under it, {found}.')
        return None

    def _single(self, entry: Entry, *, is_item: bool = False) -> Text | None:
        node = entry.node
        if isinstance(node, Text):
            if node.value.strip() or node.is_quoted:
                return node
            where = f'An item of "{entry.key}:"' if is_item else f'"{entry.key}:"'
            self.report.tell(entry.line, f"{where} has no value. Write one, or remove the line.")
            return None
        colon = _text_with_colon(node)
        if colon and is_item:
            self.report.tell(node.line, f'The text "{colon}" holds a colon. Put quotes around it: {quoted(colon)}.')
        else:
            kind = "a list" if isinstance(node, Listing) else "lines under it"
            self.report.tell(entry.line, f'"{entry.key}:" takes one value, not {kind}.')
        return None

    def _read(self, key: str, text: Text, reader: Reader[_T], place: int = 0) -> _T | None:
        found = reader(key, text.value.strip())
        if isinstance(found, Wrong):
            self.report.tell(text.line, found.text, place=place)
            return None
        return found


def keys_in(block: Block) -> frozenset[str]:
    """The keys that stand in ``block``, known or not."""
    return frozenset(plain(key.value) for key, _ in block.pairs if isinstance(key, Text))


def node_under(block: Block, key: str) -> Node | None:
    """What stands under the first ``key`` of ``block``, before its other keys are looked at."""
    return next((value for name, value in block.pairs if isinstance(name, Text) and plain(name.value) == key), None)


def tell_misplaced(block: Block, report: Report, *, what: str, part: str) -> None:
    """An item of ``part`` that stands under another part; ``what`` is what it looks like."""
    name = node_under(block, "name")
    who = f'"{shown(name.value)}"' if isinstance(name, Text) and name.value else "This"
    report.tell(block.line, f'{who} looks like a {what}. Put it under "{part}:".')


def is_empty(node: Node) -> bool:
    """Whether nothing stands there."""
    if isinstance(node, Text):
        return not node.value.strip()
    return not (node.items if isinstance(node, Listing) else node.pairs)


def _text_with_colon(node: Node) -> str:
    """What was meant as a text and became a block of one pair by its colon."""
    if isinstance(node, Block) and len(node.pairs) == 1:
        key, value = node.pairs[0]
        if isinstance(key, Text) and isinstance(value, Text) and not value.is_quoted:
            return f"{shown(key.value)}: {shown(value.value)}".strip()
    return ""


def item_blocks(node: Node | None, line: int, report: Report, *, name: str) -> list[Block]:
    """The items under the key ``name`` ("sources"), each a block of keys; anything else is told."""
    one, first = name.removesuffix("s"), "id" if name == "sections" else "name"
    if node is None:
        return []
    if not isinstance(node, Listing):
        report.tell(line, f'Under "{name}:" each {one} begins with "- " and its lines stand under it.')
        return []
    found = []
    for item in node.items:
        if isinstance(item, Block) and item.pairs:
            found += _parted(item, report, one, first)
        else:
            said = f' "{shown(item.value)}"' if isinstance(item, Text) and item.value.strip() else ""
            report.tell(item.line, f'The {one}{said} has no lines with "key: value". Begin it with "- {first}:".')
    return found


def _parted(block: Block, report: Report, one: str, first: str) -> list[Block]:
    """The items that ``block`` became one of because the "- " of the later ones was forgotten."""
    keys = [plain(key.value) if isinstance(key, Text) else "" for key, _ in block.pairs]
    starts = [at for at, key in enumerate(keys) if key == first]
    found = []
    for start, end in zip([0, *starts[1:]], [*starts[1:], len(keys)], strict=True):
        if start and set(keys[start + 1 : end]).isdisjoint(keys[:start]):
            return [block]
        found.append(Block(block.pairs[start][0].line, block.pairs[start:end]))
    for later in found[1:]:
        text = f'"{first}" stands twice in a {one}; the first is on line {block.pairs[starts[0]][0].line}.'
        report.tell(later.line, f'{text} If another {one} begins here, put "- " before it.')
    return found
