"""What a person wrote in a mail, set apart from what they quote, their signature and what programs add."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from newsletter.fetch.mail_added import (
    ADDED,
    LONGEST_SEPARATOR,
    QUOTED,
    WRITTEN,
    mark,
    mark_added,
    mark_phone,
    until_gap,
)
from newsletter.fetch.mail_words import (
    BEGINS_ATTRIBUTION,
    DATED_NAME,
    ENDS_ATTRIBUTION,
    FORWARDED,
    HEADER_BLOCK,
    HEADER_BLOCK_NEXT,
    ODD_QUOTE,
    ORIGINAL,
    RULE,
    UNUSUAL,
)

_LONGEST_ATTRIBUTION = 4
_WIDEST_GAP = 3
_ENDING = 120
_WROTE = "wrote:"
# Of the words above a quote; nearly all lines end otherwise.
_LAST_LETTERS = frozenset(":>：道た성")

_DASH = re.compile(b"[-_]")
_PROMPT = ">>> "
# From the first letter of a line to its mark; and from marks to one kind of them alone.
_QUOTE_SIGN = bytes(QUOTED if letter == ord(">") else WRITTEN for letter in range(256))
_ONLY = tuple(bytes(mark == only for mark in range(256)) for only in (WRITTEN, QUOTED, ADDED))
_QUOTE_SIGNS = re.compile(r"(?m)^(?:> ?)+")


@dataclass(frozen=True, slots=True)
class MailText:
    """The lines of a mail, each in one of three: written by the person, quoted, or added below."""

    lines: Sequence[str]
    marks: bytes

    @property
    def body(self) -> str:
        """What the person wrote."""
        return self._of(WRITTEN)

    @property
    def quoted(self) -> str:
        """What they quote, and the words that say whose it is."""
        return self._of(QUOTED)

    @property
    def signature(self) -> str:
        """Signatures, footers of lists, notes about attachments."""
        return self._of(ADDED)

    def _of(self, mark: int) -> str:
        text = "\n".join(compress(self.lines, self.marks.translate(_ONLY[mark])))
        while "\n\n\n" in text:  # much quicker than a pattern, and few texts have a gap of more than four lines
            text = text.replace("\n\n\n", "\n\n")
        return text.strip("\n").rstrip()


def split_text(text: str, *, is_forward: bool = False) -> MailText:
    """``text`` taken apart; answers between quotes stay in their order.

    ``is_forward`` says that a mail below is what the writer wants to show, not what they answer.
    """
    lines = text.split("\n")
    # One letter for each line tells nearly all that there is to know.
    firsts = "".join([line[0] if line else " " for line in lines]).encode("latin-1", "replace")
    marks = bytearray(firsts.translate(_QUOTE_SIGN))
    is_unusual = bool(UNUSUAL.search(text) or ODD_QUOTE.match(text))
    if is_unusual:
        _mend_quotes(lines, marks)
    _mark_attributions(lines, marks, text)
    dashed = [found.start() for found in _DASH.finditer(firsts)]
    if not is_forward:
        originals = [at for at in dashed if len(lines[at]) > LONGEST_SEPARATOR and ORIGINAL.fullmatch(lines[at])]
        if is_unusual:
            originals += [at for at in range(len(lines)) if _is_header_block(lines, at)]
        for at in originals:
            if not marks[at]:
                _mark_original(lines, marks, at)
    for at in dashed:
        if not marks[at]:
            mark_added(lines, marks, at)
    mark_phone(lines, marks)
    return MailText(lines, bytes(marks))


def without_quote_signs(quoted: str) -> str:
    """``quoted`` without the ">" before its lines."""
    return _QUOTE_SIGNS.sub("", quoted)


def _mark_original(lines: Sequence[str], marks: bytearray, at: int) -> None:
    """The whole mail that some programs put below the answer, without ">"."""
    before = next((lines[above] for above in range(at - 1, -1, -1) if lines[above].strip()), "")
    if not before:
        # The answer stands below, or between the lines.
        mark(marks, at, until_gap(lines, at), QUOTED)
    elif not FORWARDED.search(before):
        mark(marks, at - 1 if RULE.fullmatch(lines[at - 1]) else at, len(lines), QUOTED)


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    return HEADER_BLOCK.match(lines[at]) is not None and any(map(HEADER_BLOCK_NEXT.match, lines[at + 1 : at + 3]))


def _mend_quotes(lines: Sequence[str], marks: bytearray) -> None:
    """Unmark what only looks quoted, mark what does not look so."""
    has_prompts = not any(line[:2] == ">>" and line[2:3] != ">" for line in lines)
    for at, line in enumerate(lines):
        if has_prompts and line.startswith(_PROMPT):
            # Nobody quotes three deep and never two deep: this was typed into a Python shell.
            marks[at] = WRITTEN
        elif ODD_QUOTE.match(line):
            marks[at] = QUOTED


def _mark_attributions(lines: Sequence[str], marks: bytearray, text: str) -> None:
    """The words above a quote that say whose it is: "On ... wrote:"."""
    at = marks.find(b"\0\1")
    while at >= 0:
        end = at
        while end > at - _WIDEST_GAP and not lines[end].strip():
            end -= 1
        if end >= 0 and not marks[end] and _ends_attribution(lines[end]):
            begin = _begin_of_attribution(lines, marks, end)
            mark(marks, end if begin is None else begin, at + 1, QUOTED)
        at = marks.find(b"\0\1", at + 2)
    # Some people cut the quote and leave these words.
    at = before = 0
    while (place := text.find(_WROTE, before)) >= 0:
        at += text.count("\n", before, place)
        before = place + 1
        if not marks[at] and lines[at].endswith(_WROTE):
            begin = _begin_of_attribution(lines, marks, at)
            if begin is not None:
                mark(marks, begin, at + 1, QUOTED)


def _ends_attribution(line: str) -> bool:
    line = line.rstrip()
    if line[-1:] not in _LAST_LETTERS:
        return False
    if line.endswith((" wrote:", " writes:")) or line == _WROTE:
        return True
    return ENDS_ATTRIBUTION.search(line[-_ENDING:]) is not None or DATED_NAME.fullmatch(line[:300]) is not None


def _begin_of_attribution(lines: Sequence[str], marks: bytearray, end: int) -> int | None:
    """The line on which the words that end on line ``end`` begin, if it looks like such a line."""
    joined = ""
    for at in range(end, max(-1, end - _LONGEST_ATTRIBUTION), -1):
        line = lines[at].strip()
        if not line or marks[at]:
            return None
        joined = f"{line} {joined}"
        if BEGINS_ATTRIBUTION.match(joined):
            return at
    return None
