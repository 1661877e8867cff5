"""Changes to the text of feeds.yaml that leave every other byte of it as it is. Pure: text in, text out.

A place is found by the parser's marks, the lines there are put in, changed or taken out, and the
result is read again: when it does not say exactly what was meant, SpliceFault is raised and nothing
is changed. A file whose form cannot be read is refused, one with other mistakes is not. The words
for values are those of :mod:`newsletter.config.written`.
"""

from collections.abc import Mapping, Sequence

from newsletter.config.marks import Cut, Mark, Marked, Meaning, cut_text, meaning_of_mark, read_marks
from newsletter.config.problems import plain
from newsletter.config.splice_check import checked, item_called, with_items, with_key, without_item
from newsletter.config.splice_items import cuts_for_items, cuts_without_item
from newsletter.config.splice_keys import cuts_for_key, cuts_without_key
from newsletter.config.written import Value, entry_lines, scalar
from newsletter.errors import SpliceFault

Where = tuple[str, ...]
"""A place in the file: ("defaults",), ("sources", "Our planet"), ("rules", "No adverts", "match")."""
LISTS = {"sources": "name", "rules": "name", "sections": "id"}
"""The parts that are lists, and the key their items are called by."""


def add_source(text: str, lines: Sequence[str], *, note: str = "", before: str = "") -> str:
    """``text`` with one more source after the last one; ``before`` names the source it is put before instead.

    ``lines`` are as :func:`entry_lines` gives them, their first one with or without "- "; ``note``
    ("2026-11-27, Ann") stands behind the first line.
    """
    return add_item(text, "sources", lines, note=note, before=before)


def add_rule(text: str, lines: Sequence[str], *, note: str = "", before: str = "") -> str:
    """``text`` with one more rule after the last one; else as :func:`add_source`."""
    return add_item(text, "rules", lines, note=note, before=before)


def add_item(text: str, part: str, lines: Sequence[str], *, note: str = "", before: str = "") -> str:
    """``text`` with one more item in the list ``part``. Raises SpliceFault, NotFound for ``before``."""
    return add_items(text, part, [lines], note=note, before=before)


def add_items(text: str, part: str, items: Sequence[Sequence[str]], *, note: str = "", before: str = "") -> str:
    """``text`` with more items in the list ``part``, put in all at once. Raises as :func:`add_item`."""
    marked = read_marks(text)
    at = _place(marked.root, part, before) if before else None
    unified = [_unified(lines) for lines in items]
    cuts = cuts_for_items(marked, part, unified, note=scalar_note(note), at=at)
    meant = with_items(meaning_of_mark(marked.root), part, [item_meaning(lines) for lines in items], at=at)
    return checked(text, cut_text(marked, cuts), meant)


def set_key(text: str, where: Where, key: str, value: Value) -> str:
    """``text`` with ``key`` at ``where`` set to ``value``; a part that is not there is made.

    Raises NotFound when no item is called as ``where`` says, SpliceFault.
    """
    marked = read_marks(text)
    block = _block(marked, where)
    if block is None and len(where) > 1:
        return set_key(text, where[:-1], where[-1], {key: value})
    cuts = cuts_for_key(marked, block, where=where, key=key, value=value)
    meant = with_key(meaning_of_mark(marked.root), where, key, _meaning_of_value(value))
    return checked(text, cut_text(marked, cuts), meant)


def remove_key(text: str, where: Where, key: str) -> str:
    """``text`` without ``key`` at ``where``; as it is when it is not there. Raises NotFound, SpliceFault."""
    marked = read_marks(text)
    block = _block(marked, where)
    if block is None or block.form != "block" or block.pair(key) is None:
        return text
    meant = with_key(meaning_of_mark(marked.root), where, key, None, is_removed=True)
    return checked(text, cut_text(marked, cuts_without_key(marked, block, key)), meant)


def change(text: str, where: Where, settings: Mapping[str, Value | None]) -> str:
    """``text`` with several keys at ``where`` set, or removed where the value is None; as a form is saved."""
    for key, value in settings.items():
        text = remove_key(text, where, key) if value is None else set_key(text, where, key, value)
    return text


def remove_source(text: str, name: str) -> str:
    """``text`` without the source called ``name``. Raises NotFound, SpliceFault."""
    return remove_item(text, "sources", name)


def remove_rule(text: str, name: str) -> str:
    """``text`` without the rule called ``name``. Raises NotFound, SpliceFault."""
    return remove_item(text, "rules", name)


def remove_item(text: str, part: str, name: str) -> str:
    """``text`` without the item of ``part`` that is called ``name``. Raises NotFound, SpliceFault."""
    marked = read_marks(text)
    at = _place(marked.root, part, name)
    listing = _part(marked.root, part)
    assert listing is not None
    meant = without_item(meaning_of_mark(marked.root), part, at)
    return checked(text, cut_text(marked, cuts_without_item(marked, listing, at)), meant)


def rename_source(text: str, old: str, new: str) -> str:
    """``text`` with the source ``old`` called ``new``, and every rule that names it as well."""
    return rename_in_rules(set_key(text, ("sources", old), "name", new), old, new)


def rename_in_rules(text: str, old: str, new: str) -> str:
    """``text`` with ``new`` wherever a rule names the source ``old``: for rules of another file than the source's."""
    marked = read_marks(text)
    meant = _renamed_in_rules(meaning_of_mark(marked.root), old, new)
    return checked(text, cut_text(marked, _cuts_in_rules(marked, old, new)), meant)


def settings_of(text: str, where: Where) -> tuple[tuple[str, Meaning], ...]:
    """The keys and values that stand at ``where``, as they are written there; () when there is nothing."""
    marked = read_marks(text)
    found = meaning_of_mark(_block(marked, where))
    return found if isinstance(found, tuple) else ()


def lines_of(text: str, part: str, name: str) -> tuple[int, int]:
    """The first and the last line (from 1) of an item, for showing it in the file. Raises NotFound, SpliceFault."""
    return item_written(text, part, name)[:2]


def item_written(text: str, part: str, name: str) -> tuple[int, int, tuple[tuple[str, Meaning], ...]]:
    """As :func:`lines_of`, with the keys and values of the item: a large file is read once for both."""
    marked = read_marks(text)
    listing = _part(marked.root, part)
    at = _place(marked.root, part, name)
    assert listing is not None
    item = listing.items[at]
    end = item.end - 1 if marked.text[item.end - 1 : item.end] == "\n" else item.end
    said = meaning_of_mark(item)
    first, last = marked.text.count("\n", 0, item.start) + 1, marked.text.count("\n", 0, end) + 1
    return first, last, said if isinstance(said, tuple) else ()


def item_meaning(lines: Sequence[str]) -> Meaning:
    """What ``lines`` say as an item of a list. Raises SpliceFault when they are no block of keys."""
    root = read_marks("\n".join(_unified(lines)) + "\n").root
    if root is None or root.form != "block":
        raise SpliceFault('The lines to put in are no "key: value".')
    return meaning_of_mark(root)


def scalar_note(note: str) -> str:
    """A note as it stands behind a line, without the sign before it. Raises SpliceFault when it is no line."""
    scalar(note)
    return note.strip()


def _unified(lines: Sequence[str]) -> list[str]:
    """The lines of an item with their keys at the left edge, the dash taken away."""
    found = [line.rstrip() for line in lines if line.strip()]
    if not found:
        raise SpliceFault("There is no line to put in.")
    left = min(len(line) - len(line.lstrip()) for line in found)
    found = [line[left:] for line in found]
    if not found[0].startswith("- "):
        return found
    head = found[0][2:].lstrip()
    width = len(found[0]) - len(head)
    if any(line[:width].strip() for line in found[1:]):
        raise SpliceFault("The lines to put in are not moved in alike.")
    return [head, *(line[width:] for line in found[1:])]


def _part(root: Mark | None, part: str) -> Mark | None:
    pair = root.pair(part) if root else None
    return pair[1] if pair else None


def _place(root: Mark | None, part: str, name: str) -> int:
    """Which item of ``part`` is called ``name``."""
    return item_called(meaning_of_mark(root), part, LISTS[part], name)


def _block(marked: Marked, where: Where) -> Mark | None:
    """The block at ``where``; None when nothing is there yet."""
    found = _part(marked.root, where[0])
    rest = where[1:]
    if where[0] in LISTS:
        if not rest:
            raise SpliceFault(f"Say which item of {where[0]} is meant.")
        at = _place(marked.root, where[0], rest[0])
        found, rest = (found.items[at] if found else None), rest[1:]
    for key in rest:
        pair = found.pair(key) if found and found.form == "block" else None
        found = pair[1] if pair else None
    return found


def _meaning_of_value(value: Value) -> Meaning:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return tuple((plain(key), _meaning_of_value(each)) for key, each in value.items())
    return list(value)


def _names_in_rules(root: Mark | None) -> list[Mark]:
    """Every text that names a source in a rule."""
    found: list[Mark] = []
    rules = _part(root, "rules")
    for rule in rules.items if rules and rules.form == "list" else []:
        blocks = [pair[1] for pair in [rule.pair("match")] if pair] if rule.form == "block" else []
        blocks += [pair[1] for block in blocks if block.form == "block" for pair in [block.pair("not")] if pair]
        for block in blocks:
            pair = block.pair("source") if block.form == "block" else None
            if pair:
                found += pair[1].items if pair[1].form == "list" else [pair[1]]
    return [mark for mark in found if mark.form == "text" and mark.value]


def _cuts_in_rules(marked: Marked, old: str, new: str) -> list[Cut]:
    named = [mark for mark in _names_in_rules(marked.root) if (mark.value or "").casefold() == old.casefold()]
    cuts = []
    for mark in named:
        if mark.style in ("|", ">"):
            raise SpliceFault(f"A rule names “{old}” in a text of several lines. Write it on one line first.")
        cuts.append(Cut(mark.start, mark.end, scalar(new, in_brackets=_is_in_brackets(marked.root, mark))))
    return cuts


def _is_in_brackets(mark: Mark | None, wanted: Mark) -> bool:
    """Whether ``wanted`` stands somewhere inside brackets."""
    while mark is not None:
        if mark.is_flow and mark.start <= wanted.start < mark.end:
            return True
        mark = next((item for item in mark.items if item.start <= wanted.start < item.end and item is not wanted), None)
    return False


def _renamed_in_rules(meaning: Meaning, old: str, new: str) -> Meaning:
    def name(found: Meaning) -> Meaning:
        if isinstance(found, list):
            return [name(each) for each in found]
        return new if isinstance(found, str) and found.casefold() == old.casefold() else found

    def match(found: Meaning) -> Meaning:
        if not isinstance(found, tuple):
            return found
        inner = {"source": name, "not": match}
        return tuple((key, inner[key](value) if key in inner else value) for key, value in found)

    def rule(found: Meaning) -> Meaning:
        return tuple((k, match(v) if k == "match" else v) for k, v in found) if isinstance(found, tuple) else found

    assert isinstance(meaning, tuple)
    return tuple(
        (key, [rule(each) for each in value] if key == "rules" and isinstance(value, list) else value)
        for key, value in meaning
    )


__all__ = [
    "LISTS",
    "Where",
    "add_item",
    "add_items",
    "add_rule",
    "add_source",
    "change",
    "entry_lines",
    "item_meaning",
    "item_written",
    "lines_of",
    "remove_item",
    "remove_key",
    "remove_rule",
    "remove_source",
    "rename_in_rules",
    "rename_source",
    "set_key",
    "settings_of",
]
