"""A value as it stands on a line, looked at before the parser sees it: quotes, notes, colons, lists in brackets."""

import re
from dataclasses import dataclass, field

from newsletter.config.problems import shown

CURLY = "“”„‟«»‘’‚‛"
_SINGLE_CURLY = "‘’‚‛"
_INDICATORS = "@`%&*!|>,]}"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'(?!\')')
_APOSTROPHE = re.compile(r"'(?:[^'\"\\]|(?<=\w)'(?=\w))+'")
_NUMBERED = re.compile(r"#\w")
_NOTE = re.compile(r"\s+#.*$")
_COLON = re.compile(r":(?=\s|$)")
_FLOW_ODD = re.compile(r"[^,\[\]{}]*(?:\[[^\[\]]*\][^,\[\]{}]*)*")
_FLOW_PLAIN = re.compile(r"(?:[^,\[\]{}:#]|:(?!\s|$)|(?<!\s)#)+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of looking at a value: how it should be written, and what is wrong with it.

    ``is_form`` marks mistakes that keep the file from being read at all; ``rest`` names what is
    still open at the end of the line: a quote or a bracket.
    """

    value: str
    fault: str = ""
    is_form: bool = False
    rest: str = ""


def quoted(text: str) -> str:
    """``text`` in quotes that keep every letter of it."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def without_note(value: str) -> str:
    """``value`` without the note that follows it."""
    return _NOTE.sub("", value).strip()


def look_at(value: str, lead: str, *, has_lines: bool = False) -> Seen:
    """Look at the ``value`` that follows ``lead`` ("title:" or "-"); ``has_lines``: lines further in follow."""
    first = value[0]
    if first == "#":
        return _look_at_note(value, lead, has_lines=has_lines)
    if first in CURLY:
        return Seen(quoted(without_note(value).strip(CURLY)), curly_fault(first))
    if first in "\"'":
        return _look_at_quoted(value, lead)
    if first in _INDICATORS:
        text = without_note(value)
        return Seen(quoted(text), _indicator_fault(text, lead))
    return _look_at_plain(value, lead)


def _look_at_note(value: str, lead: str, *, has_lines: bool) -> Seen:
    if has_lines or value[1:2] in ("", " ", "#"):
        return Seen(value)
    text = without_note(value)
    return Seen(quoted(text), _note_fault(text, lead))


def _look_at_quoted(value: str, lead: str) -> Seen:
    found = _QUOTED.match(value)
    if found is None:
        curly = next((letter for letter in value if letter in "“”„"), None)
        if curly:
            return Seen(quoted(without_note(value).strip(CURLY + value[0])), curly_fault(curly))
        return Seen(value, rest=value[0])
    after = without_note(" " + value[found.end() :])
    if not after:
        return Seen(value)
    text = without_note(value)
    # 'Ada's blog': what is quoted holds the quote itself, and other quotes around it are all that is needed.
    mended = quoted(text[1:-1] if _APOSTROPHE.fullmatch(text) else text)
    return Seen(
        mended, f"More follows after the closing {value[0]}. Quote all of it: {shown(lead)} {shown(mended)}.", True
    )


def _look_at_plain(value: str, lead: str) -> Seen:
    text = without_note(value)
    if _COLON.search(text):
        mended = quoted(text)
        return Seen(
            mended,
            f'The text after "{shown(lead)}" holds a colon. Put quotes around it: {shown(lead)} {shown(mended)}.',
            True,
        )
    if text[-1:] in "“”" and not any(letter in text[:-1] for letter in "“„"):
        return Seen(quoted(text.strip(CURLY)), curly_fault(text[-1]))
    return Seen(value)


def curly_fault(letter: str) -> str:
    """What to say about a curly quote."""
    right = "'" if letter in _SINGLE_CURLY else '"'
    return f"The curly quote {letter} is here, probably from a word processor. Type a plain {right}."


def cut_by_note(value: str, lead: str) -> str:
    """What to say of a plain text whose end became a note, as in "News #1"; "" when the note is one."""
    text = without_note(value)
    note = value[len(text) :].strip()
    if text[0] in "\"'" or not _NUMBERED.match(note):
        return ""
    whole = f"{shown(lead)} {quoted(shown(value))}"
    return f'Everything after # is a note, so this says "{shown(text)}". If {shown(note)} belongs to it, write {whole}.'


def _indicator_fault(text: str, lead: str) -> str:
    write = f"{shown(lead)} {quoted(shown(text))}".strip()
    return f"Put quotes around {shown(text)}: a value may not begin with {text[0]}. Write {write}."


def _note_fault(text: str, lead: str) -> str:
    write = f"{shown(lead)} {quoted(shown(text))}".strip()
    return f"Put quotes around {shown(text)}: everything after # is a note, so the value is empty. Write {write}."


@dataclass(slots=True)
class Brackets:
    """Reads a list in brackets, line by line, and looks at each of its values."""

    open: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_over: bool = False
    """Closed, or beyond what can be told by looking."""
    rest: str = ""
    """What follows on the line after the closing bracket."""
    _is_fresh: bool = True

    def feed(self, line: str) -> str:
        """Look at one more line; gives it back as it should be written."""
        done, at = [], 0
        while at < len(line) and not self.is_over:
            if self._is_note(line, at):
                break
            piece, length = self._step(line[at:])
            done.append(piece)
            at += length
        self.rest = line[at:] if self.is_over and not self.open else ""
        return "".join(done) + line[at:]

    def _is_note(self, line: str, at: int) -> bool:
        if line[at] != "#" or (at and not line[at - 1].isspace() and not self._is_fresh):
            return False
        return not (self._is_fresh and line[at + 1 : at + 2].strip() and "]" in line[at:])

    def _step(self, rest: str) -> tuple[str, int]:
        letter = rest[0]
        if letter in "[{":
            self.open.append(letter)
            self._is_fresh = True
        elif letter in "]}" and self.open:
            self.open.pop()
            self._is_fresh = False
            self.is_over = not self.open
        elif letter == "," or (letter == ":" and not rest[1:2].strip()):
            self._is_fresh = True
        elif self._is_fresh and not letter.isspace():
            self._is_fresh = False
            return self._value(rest)
        return letter, 1

    def _value(self, rest: str) -> tuple[str, int]:
        letter = rest[0]
        if letter in "\"'":
            return self._quoted(rest)
        if letter in CURLY or letter in _INDICATORS or letter == "#":
            found = _FLOW_ODD.match(rest)
            text = (found[0] if found else letter).rstrip()
            self.faults.append(_flow_fault(text))
            return quoted(text.strip(CURLY) if letter in CURLY else text), max(1, len(text))
        plain = _FLOW_PLAIN.match(rest)
        length = len(plain[0]) if plain else 1
        return rest[:length], length

    def _quoted(self, rest: str) -> tuple[str, int]:
        found = _QUOTED.match(rest)
        curly = next((letter for letter in rest.partition(",")[0] if letter in "“”„"), None)
        if curly and (found is None or "," in found[0]):
            text = rest.partition(",")[0].rstrip().rstrip("]}").rstrip()
            self.faults.append(curly_fault(curly))
            return quoted(text.strip(CURLY + rest[0])), len(text)
        if found is None:
            self.is_over = True
            return rest, len(rest)
        return found[0], found.end()


def _flow_fault(text: str) -> str:
    if text[0] in CURLY:
        return curly_fault(text[0])
    return _note_fault(text, "") if text[0] == "#" else _indicator_fault(text, "")
