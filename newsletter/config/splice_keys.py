"""Where one key of a block of feeds.yaml is set or taken out, as cuts of its text."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from newsletter.config.marks import Cut, Mark, Marked
from newsletter.config.splice_items import STEP, after_line, cut_for_part, cut_without, dash_of, line_cut, past_notes
from newsletter.config.written import Value, block_lines, in_brackets, scalar
from newsletter.errors import SpliceFault


def cuts_for_key(marked: Marked, block: Mark | None, *, where: tuple[str, ...], key: str, value: Value) -> list[Cut]:
    """``key`` of ``block`` set to ``value``; a part of the file that is not there, or is empty, is made."""
    if block is None:
        return [cut_for_part(marked, [f"{where[0]}:", *(" " * STEP + line for line in block_lines({key: value}))])]
    if block.form == "text" and block.value is None and not block.style:
        lines = [" " * (_column_of_key(marked, block) + STEP) + line for line in block_lines({key: value})]
        return [line_cut(marked, after_line(marked, block.end), lines)]
    if block.form != "block":
        raise SpliceFault(f"What stands at {' / '.join(where)} are no keys with values. Mend it by hand first.")
    pair = block.pair(key)
    if pair is not None:
        return _changed(marked, block, pair, value)
    return [_added(marked, block, key, value)]


def _column_of_key(marked: Marked, value: Mark) -> int:
    line = marked.text[marked.line_start(value.start) : value.start]
    return len(line) - len(line.lstrip(" "))


def _added(marked: Marked, block: Mark, key: str, value: Value) -> Cut:
    if block.is_flow:
        text = in_brackets({key: value})[1:-1]
        end = block.items[-1].end if block.items else block.start + 1
        return Cut(end, end, f", {text}" if block.items else text)
    indent = " " * marked.column(block.start)
    return line_cut(marked, after_line(marked, block.end), [indent + line for line in block_lines({key: value})])


def _changed(marked: Marked, block: Mark, pair: tuple[Mark, Mark], value: Value) -> list[Cut]:
    key, old = pair
    colon = marked.text.index(":", key.end) + 1
    if block.is_flow:
        return [_put(old, colon, in_brackets(value))]
    new = _written(value)
    is_block = not old.is_flow and (old.form != "text" or old.style in ("|", ">"))
    if not is_block and isinstance(new, str):
        return [_put(old, colon, new)]
    if old.form == "list" and is_block and not isinstance(value, (str, Mapping)) and value:
        return _changed_list(marked, old, list(value))
    return _replaced(marked, (key, old), colon, new)


def _put(old: Mark, colon: int, text: str) -> Cut:
    is_nothing = old.form == "text" and old.value is None and not old.style
    return Cut(colon, colon, f" {text}") if is_nothing else Cut(old.start, old.end, text)


def _written(value: Value) -> str | list[str]:
    """The value as it stands behind its key, or its lines as they stand under it."""
    lines = block_lines({"key": value})
    if len(lines) == 1 and not isinstance(value, Mapping):
        return lines[0].removeprefix("key: ")
    return [line[STEP:] for line in lines[1:]]


def _replaced(marked: Marked, pair: tuple[Mark, Mark], colon: int, new: str | list[str]) -> list[Cut]:
    """The old value taken out with its lines, the new one put in behind the key or under it."""
    key, old = pair
    is_below = marked.line_start(old.start) > marked.line_start(key.start)
    behind = f" {new}" if isinstance(new, str) else ""
    column = marked.column(old.start) if is_below and old.form != "text" else marked.column(key.start) + STEP
    lines = [] if isinstance(new, str) else [" " * column + line for line in new]
    if is_below:
        end = after_line(marked, old.end)
        return [Cut(colon, colon, behind), Cut(marked.line_start(old.start), end, _lines_to(marked, end, lines))]
    end = max(colon, old.end)
    while end > colon and marked.text[end - 1] in " \n":
        end -= 1
    under = [line_cut(marked, after_line(marked, end), lines)] if lines else []
    return [Cut(colon, end, behind), *under]


def _changed_list(marked: Marked, old: Mark, new: Sequence[str]) -> list[Cut]:
    """A list of one line for each value: only the lines of those that are other now."""
    indent = " " * marked.column(old.start)
    starts = [dash_of(marked, item) for item in old.items]
    starts.append(after_line(marked, old.end))
    cuts = []
    matcher = SequenceMatcher(None, [item.value for item in old.items], new, autojunk=False)
    for what, first, last, new_first, new_last in matcher.get_opcodes():
        if what == "equal":
            continue
        lines = [f"{indent}- {scalar(each)}" for each in new[new_first:new_last]]
        if first == last:
            place = after_line(marked, old.items[first - 1].end) if first else starts[0]
            cuts.append(line_cut(marked, place, lines))
        else:
            end = after_line(marked, old.items[last - 1].end)
            cuts.append(Cut(starts[first], end, _lines_to(marked, end, lines)))
    return cuts


def _lines_to(marked: Marked, end: int, lines: Sequence[str]) -> str:
    """``lines`` as they stand before ``end``: without a break at the end of a text that has none."""
    text = "".join(line + "\n" for line in lines)
    is_open = end == len(marked.text) and not marked.text.endswith("\n")
    return text[:-1] if is_open else text


def cuts_without_key(marked: Marked, block: Mark, key: str) -> list[Cut]:
    """``block`` without ``key``, which stands in it."""
    at = next(at for at, (mark, _) in enumerate(block.pairs) if mark is (block.pair(key) or (None,))[0])
    if block.is_flow:
        return [cut_without(block.items, 2 * at, width=2)]
    mark, value = block.pairs[at]
    start = marked.line_start(mark.start)
    end = past_notes(marked, after_line(marked, value.end), marked.column(mark.start))
    lead = marked.text[start : mark.start]
    if not lead.strip():
        return [Cut(start, end, "")]
    if at + 1 == len(block.pairs):
        raise SpliceFault(f"“{key}” is all that stands in this item. Remove the whole of it.")
    following = block.pairs[at + 1][0]
    return [Cut(start, end, ""), Cut(marked.line_start(following.start), following.start, lead)]
