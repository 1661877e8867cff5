"""What a change of feeds.yaml is meant to say, worked out on its meaning alone, and whether the new text says it."""

from collections import Counter

from newsletter.config.encoding import with_plain_breaks
from newsletter.config.load import known_words
from newsletter.config.look import look
from newsletter.config.marks import Meaning, meaning_of_mark, meaning_of_node, read_marks
from newsletter.config.problems import listed, nearest, plain
from newsletter.config.tree import read_tree
from newsletter.errors import NotFound, SpliceFault

_NAMES = {"sources": "name", "rules": "name", "sections": "id"}
_WHAT = {"sources": "source", "rules": "rule", "sections": "section"}
_LISTED = 20


def checked(before: str, after: str, meant: Meaning) -> str:
    """``after``, when it says what is ``meant`` to parser and reader alike. Raises SpliceFault."""
    try:
        found = meaning_of_mark(read_marks(after).root)
    except SpliceFault as fault:
        raise SpliceFault(f"The file would not be readable any more ({fault}). Make this change by hand.") from fault
    if _settled(found) != _settled(meant):
        raise SpliceFault("The program cannot make this change here without touching more. Make it by hand.")
    words = known_words("feeds.yaml")
    looked = look(with_plain_breaks(after), words)
    if not looked.faults and _settled(meaning_of_node(read_tree(looked.text).root)) != _settled(meant):
        raise SpliceFault("The file would be read in another way than it is meant. Make this change by hand.")
    if looked.faults:
        _refuse_new_faults(before, [fault.text for fault in looked.faults])
    return after


def _settled(meaning: Meaning) -> Meaning:
    """``meaning`` with nothing in the place of lists and blocks that are empty."""
    if isinstance(meaning, tuple):
        return tuple((key, _settled(value)) for key, value in meaning) or None
    if isinstance(meaning, list):
        return [_settled(value) for value in meaning] or None
    return meaning


def _refuse_new_faults(before: str, told: list[str]) -> None:
    known = Counter(fault.text for fault in look(with_plain_breaks(before), known_words("feeds.yaml")).faults)
    new = Counter(told) - known
    if new:
        raise SpliceFault(f"This would put a mistake into the file: {next(iter(new))}")


def item_called(meaning: Meaning, part: str, key: str, name: str) -> int:
    """Which item of the list ``part`` is called ``name``. Raises NotFound, SpliceFault when two are."""
    value = dict(meaning).get(part) if isinstance(meaning, tuple) else None
    items = value if isinstance(value, list) else []
    names = [dict(item).get(key) if isinstance(item, tuple) else None for item in items]
    found = [at for at, each in enumerate(names) if isinstance(each, str) and each == name]
    found = found or [at for at, each in enumerate(names) if isinstance(each, str) and plain(each) == plain(name)]
    if len(found) > 1:
        raise SpliceFault(f"Two {part} are called “{name}”. Give one another name first.")
    if not found:
        there = tuple(each for each in names if isinstance(each, str))
        near = nearest(name, there)
        hint = f" Did you mean “{near}”?" if near else f" There are: {listed(there[:_LISTED])}." if there else ""
        raise NotFound(f"There is no {_WHAT[part]} “{name}” in the file.{hint}")
    return found[0]


def with_items(meaning: Meaning, part: str, more: list[Meaning], *, at: int | None) -> Meaning:
    """``meaning`` with ``more`` items in the list ``part``, before the one at ``at`` or as the last."""
    assert isinstance(meaning, tuple)
    value = dict(meaning).get(part)
    items = list(value) if isinstance(value, list) else []
    place = len(items) if at is None else at
    items[place:place] = more
    return _with(meaning, part, items)


def without_item(meaning: Meaning, part: str, at: int) -> Meaning:
    """``meaning`` without one item; a list that is empty then says nothing."""
    assert isinstance(meaning, tuple)
    value = dict(meaning)[part]
    assert isinstance(value, list)
    items = [*value[:at], *value[at + 1 :]]
    return _with(meaning, part, items or None)


def with_key(
    meaning: Meaning, where: tuple[str, ...], key: str, value: Meaning, *, is_removed: bool = False
) -> Meaning:
    """``meaning`` with one key at ``where`` set, or removed."""
    if not where:
        pairs = meaning if isinstance(meaning, tuple) else ()
        if is_removed:
            return tuple(pair for pair in pairs if pair[0] != plain(key))
        return _with(pairs, plain(key), value)
    pairs = meaning if isinstance(meaning, tuple) else ()
    first, rest = where[0], where[1:]
    inside = dict(pairs).get(first)
    if first in _NAMES and isinstance(inside, list):
        at = item_called(meaning, first, _NAMES[first], rest[0])
        changed = with_key(inside[at], rest[1:], key, value, is_removed=is_removed)
        return _with(pairs, first, [*inside[:at], changed, *inside[at + 1 :]])
    return _with(pairs, plain(first), with_key(inside, rest, key, value, is_removed=is_removed))


def _with(pairs: tuple[tuple[str, Meaning], ...], key: str, value: Meaning) -> Meaning:
    """``pairs`` with ``value`` at its place, or at their end."""
    if any(found == key for found, _ in pairs):
        return tuple((found, value if found == key else each) for found, each in pairs)
    return (*pairs, (key, value))
