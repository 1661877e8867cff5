"""Where an item of a list of feeds.yaml is put in or taken out, as cuts of its text."""

import re
from collections.abc import Sequence

from newsletter.config.marks import Cut, Mark, Marked, Meaning, meaning_of_mark, read_marks
from newsletter.config.written import Value, in_brackets
from newsletter.errors import SpliceFault

STEP = 2
_END_OF_DOCUMENT = re.compile(r"^\.\.\.", re.MULTILINE)


Lines = Sequence[str]


def cuts_for_items(marked: Marked, part: str, items: Sequence[Lines], *, note: str, at: int | None) -> list[Cut]:
    """More items in the list ``part``, before the one at ``at`` or as the last."""
    pair = marked.root.pair(part) if marked.root else None
    if pair is None:
        return [cut_for_part(marked, [f"{part}:", *dashed(items, " " * STEP, STEP, note=note)])]
    key, listing = pair
    if listing.form == "list" and listing.items:
        if listing.is_flow:
            return [_cut_in_brackets(listing, items, at)]
        return [_cut(marked, listing, items, note=note, at=at)]
    is_nothing = listing.form == "list" or (listing.form == "text" and listing.value is None and not listing.style)
    if not is_nothing:
        raise SpliceFault(f'What stands after "{part}:" is no list. Mend it by hand first.')
    colon = marked.text.index(":", key.end) + 1
    emptied = [Cut(colon, listing.end, "")] if listing.form == "list" else []
    place = after_line(marked, max(colon, listing.end))
    return [*emptied, line_cut(marked, place, dashed(items, " " * STEP, STEP, note=note))]


def cut_for_part(marked: Marked, lines: Sequence[str]) -> Cut:
    """A new part at the end of the file."""
    root = marked.root
    if root is not None and root.is_flow:
        raise SpliceFault("The whole file stands in brackets. Write its parts on lines of their own first.")
    found = _END_OF_DOCUMENT.search(marked.text, root.end if root else 0)
    place = found.start() if found else len(marked.text)
    before = marked.text[:place]
    is_blank_needed = before.strip(" ") and not before.endswith("\n\n")
    return line_cut(marked, place, ["", *lines] if is_blank_needed else lines)


def dashed(items: Sequence[Lines], indent: str, gap: int, *, note: str = "", is_apart: bool = False) -> list[str]:
    """The lines of items with their dashes, ``gap`` letters before the keys; ``is_apart``: a blank line between two."""
    found: list[str] = []
    for lines in items:
        first = lines[0] + (f"  # {note}" if note else "")
        found += [""] if found and is_apart else []
        found += [indent + "-" + " " * (gap - 1) + first, *(indent + " " * gap + line for line in lines[1:])]
    return found


def line_cut(marked: Marked, place: int, lines: Sequence[str]) -> Cut:
    """``lines`` put in at ``place``, where a line begins or the text ends; a break that is not at its end stays so."""
    text = marked.text
    whole = "".join(line + "\n" for line in lines)
    if place == len(text) and text and not text.endswith("\n"):
        whole = "\n" + whole[:-1]
    return Cut(place, place, whole)


def after_line(marked: Marked, at: int) -> int:
    """Where the next line begins after what ends at ``at``."""
    if marked.text[at - 1 : at] == "\n":
        return at
    return min(marked.line_end(at) + 1, len(marked.text))


def dash_of(marked: Marked, item: Mark) -> int:
    """Where the line begins on which the dash of ``item`` stands."""
    start = marked.line_start(item.start)
    while start > 0 and not marked.text[start : item.start].lstrip(" ").startswith("-"):
        start = marked.line_start(start - 1)
    return start


def _cut(marked: Marked, listing: Mark, items: Sequence[Lines], *, note: str, at: int | None) -> Cut:
    model = listing.items[-1 if at is None else at]
    column = marked.column(listing.start)
    line = marked.text[marked.line_start(model.start) : model.start]
    gap = len(line) - column if line.lstrip(" ").startswith("-") else STEP
    is_apart = len(listing.items) < 2 or _is_after_blank(marked, listing.items[-1], column)
    new = dashed(items, " " * column, gap, note=note, is_apart=is_apart)
    if at is not None:
        place = _above_notes(marked, dash_of(marked, model), column)
        return line_cut(marked, place, [*new, ""] if is_apart else new)
    place = end_of_item(marked, model, column)
    is_blank = marked.text[:place].endswith("\n\n")
    return line_cut(marked, place, ["", *new] if is_apart and not is_blank else new)


def end_of_item(marked: Marked, item: Mark, column: int) -> int:
    """Where the line begins after ``item``, the notes further in than its dash included."""
    return past_notes(marked, after_line(marked, item.end), column)


def past_notes(marked: Marked, place: int, column: int) -> int:
    """Where the line begins after the notes at ``place`` that are further in than ``column``."""
    while place < len(marked.text):
        line = marked.text[place : marked.line_end(place)]
        bare = line.lstrip(" ")
        if not bare.startswith("#") or len(line) - len(bare) <= column:
            break
        place = min(marked.line_end(place) + 1, len(marked.text))
    return place


def _above_notes(marked: Marked, place: int, column: int) -> int:
    """Where the notes begin that stand right above ``place`` in the same column."""
    while place > 0:
        start = marked.line_start(place - 1)
        if not marked.text.startswith(" " * column + "#", start):
            break
        place = start
    return place


def _is_after_blank(marked: Marked, item: Mark, column: int) -> bool:
    place = _above_notes(marked, dash_of(marked, item), column)
    return place > 0 and not marked.text[marked.line_start(place - 1) : place].strip()


def _cut_in_brackets(listing: Mark, items: Sequence[Lines], at: int | None) -> Cut:
    found = (meaning_of_mark(read_marks("\n".join(lines) + "\n").root) for lines in items)
    text = ", ".join(in_brackets(_value(item)) for item in found)
    if at is None:
        end = listing.items[-1].end
        return Cut(end, end, f", {text}")
    start = listing.items[at].start
    return Cut(start, start, f"{text}, ")


def _value(meaning: Meaning) -> Value:
    if isinstance(meaning, tuple):
        return {key: _value(value) for key, value in meaning}
    if isinstance(meaning, list):
        return [each if isinstance(each, str) else "" for each in meaning]
    return meaning or ""


def cuts_without_item(marked: Marked, listing: Mark, at: int) -> list[Cut]:
    """The list without the item at ``at``."""
    if listing.is_flow:
        return [cut_without(listing.items, at)]
    item, column = listing.items[at], marked.column(listing.start)
    start, end = dash_of(marked, item), end_of_item(marked, item, column)
    is_last = at == len(listing.items) - 1
    above = marked.line_start(start - 1) if start else 0
    is_blank_above = start > 0 and not marked.text[above:start].strip()
    is_blank_below = end < len(marked.text) and not marked.text[end : marked.line_end(end)].strip()
    if is_blank_below and (is_blank_above or (at == 0 and not is_last and marked.text[above:start].strip()[:1] != "#")):
        end = min(marked.line_end(end) + 1, len(marked.text))
    elif is_blank_above and is_last and at > 0:
        start = above
    return [Cut(start, end, "")]


def cut_without(marks: Sequence[Mark], at: int, *, width: int = 1) -> Cut:
    """What stands in brackets without the ``width`` marks from ``at`` on, and without one comma."""
    last = at + width
    if last < len(marks):
        return Cut(marks[at].start, marks[last].start, "")
    start = marks[at - 1].end if at else marks[at].start
    return Cut(start, marks[last - 1].end, "")
