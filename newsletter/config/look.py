"""A look at the text of feeds.yaml before it is parsed: what a parser would misread or call by the wrong name.

Every mistake that is found is mended in a copy, line for line, so that the rest of the file can
be read and its mistakes told as well.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from newsletter.config.columns import Columns
from newsletter.config.problems import listed, nearest, plain, shown
from newsletter.config.scalars import Brackets, curly_fault, cut_by_note, look_at, quoted, without_note
from newsletter.config.slips import FIRST_KEYS, slip_in
from newsletter.plugins import is_secret

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
_SPACES = re.compile(f"[ \t\xa0\u2000-\u200a\u202f\u3000{_UNSEEN}]*")
_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})(\s.*)?")
_STRUCTURE = re.compile(r"^( *)((?:-(?: +|$))*)(.*)$", re.DOTALL)
_KEY = re.compile(r"(?P<key>\"[^\"]+\"|'[^']+'|[“„][^“”]+[“”]|[^\W_][\w -]*?)\s*:(?:\s+(?P<value>.*))?$", re.DOTALL)
_NO_SPACE = re.compile(r"(?P<key>[^\W_][\w -]*?):(?P<value>(?!//)\S.*)")
_NOTE = re.compile(r"\s#.*$")
_BLOCK_TEXT = re.compile(r"[|>][+-]?\d?[+-]?\s*(#.*)?")
_SAID_OTHERWISE = {
    "feeds": "sources",
    "feed": "sources",
    "source": "sources",
    "channels": "sources",
    "filters": "rules",
    "filter": "rules",
    "mail": "delivery",
    "smtp": "delivery",
    "categories": "sections",
}
_ENOUGH = 200
_TITLES = ("name", "title", "because", "label")


@dataclass(frozen=True, slots=True)
class Words:
    """The keys of the language: those of the left edge, and all that may stand further in, by their part."""

    top: tuple[str, ...]
    inner: Mapping[str, Collection[str]]
    file: str = "feeds.yaml"
    also: tuple[str, ...] = ()
    """What may stand at the left edge as well, and no message lists."""

    def is_top(self, key: str) -> bool:
        """Whether ``key`` may stand at the left edge."""
        return plain(key) in self.top or plain(key) in self.also

    def is_known(self, key: str) -> bool:
        """Whether ``key`` may stand anywhere."""
        return self.is_top(key) or any(plain(key) in keys for keys in self.inner.values())


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake seen on ``line``; ``is_form``: a file with it cannot be parsed, unless it only looked like one.

    ``is_warning``: it may be meant so.
    """

    line: int
    text: str
    is_form: bool = False
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """The text with every fault mended, and the faults."""

    text: str
    faults: tuple[Fault, ...]


def look(text: str, words: Words) -> Looked:
    """What can be told about ``text`` without parsing it."""
    looker = _Looker(text.split("\n"), words)
    looker.run()
    return Looked("\n".join(looker.lines), tuple(looker.faults))


class _Looker:
    """Goes down the lines once, mending ``lines`` in place."""

    def __init__(self, lines: list[str], words: Words) -> None:
        self.lines, self.words = lines, words
        self.faults: list[Fault] = []
        self._mistakes = 0
        self.columns = Columns()
        self.part = ""

    def run(self) -> None:
        """Look at every line."""
        self._take_out_markers()
        at = 0
        while at < len(self.lines) and self._mistakes < _ENOUGH:
            at = self._line(at)

    def _tell(self, at: int, text: str, *, is_form: bool = False) -> None:
        self._mistakes += 1
        self.faults.append(Fault(at + 1, text, is_form))

    def _take_out_markers(self) -> None:
        """Keep the first of two versions that a merge left behind."""
        state = ""
        for at, line in enumerate(self.lines):
            found = _MARKER.fullmatch(line.rstrip()) if line[:1] in "<|=>" else None
            if found and (found[1][0] == "<" or not state):
                self._tell(
                    at,
                    "Two people changed this place and the file still holds both versions. "
                    "Keep one and remove the <<<<<<<, ======= and >>>>>>> lines.",
                )
            if found:
                state = "" if found[1][0] == ">" else found[1][0]
            if found or state in ("|", "="):
                self.lines[at] = ""

    def _line(self, at: int) -> int:
        """Look at line ``at``; gives the next one to look at."""
        self._take_out_controls(at)
        line = self.lines[at]
        bare = line.strip()
        if not bare or bare[0] == "#":
            self.lines[at] = line.replace("\t", " ")
            return at + 1
        if line[0] == "%" or bare == "..." or (line.startswith("---") and bare.strip("-") == ""):
            return self._document_line(at)
        self._straighten(at)
        indent, dashes, rest = _STRUCTURE.findall(self.lines[at])[0]
        if (rest and not rest[0].isalnum()) or "：" in rest:
            rest, dashes = self._without_slip(at, indent, dashes, rest)
            if not rest and not dashes:
                return at + 1
        if not rest:
            self.columns.take_dash(len(indent))
            return at + 1
        return self._content(at, len(indent), dashes, rest)

    def _without_slip(self, at: int, indent: str, dashes: str, rest: str) -> tuple[str, str]:
        """The rest of a line and its dashes as they should be written."""
        slip = None if self.columns.goes_on(len(indent)) else slip_in(rest, dashes, self.words.is_known)
        if slip is None:
            return rest, dashes
        self._tell(at, slip.text, is_form=slip.is_form)
        self.lines[at] = f"{indent}{slip.line}".rstrip()
        _, dashes, rest = _STRUCTURE.findall(self.lines[at])[0]
        return rest, dashes

    def _take_out_controls(self, at: int) -> None:
        found = _CONTROLS.search(self.lines[at])
        if found:
            self._tell(at, f"A character that cannot be seen (number {ord(found[0])}) stands here. Remove it.")
            self.lines[at] = _CONTROLS.sub("", self.lines[at])

    def _document_line(self, at: int) -> int:
        line, self.lines[at] = self.lines[at].strip(), ""
        is_start = line == "---" and not any(found.partition("#")[0].strip() for found in self.lines[:at])
        is_end = line == "..." and not any(found.partition("#")[0].strip() for found in self.lines[at + 1 :])
        if not is_start and not is_end:
            what = "is not for this file" if line[0] == "%" else "begins another document; this file is one"
            self._tell(at, f"The line {line[:20]} {what}. Remove it.")
        return at + 1

    def _straighten(self, at: int) -> None:
        """Make the white space before the text, and after its colon, plain spaces."""
        line = self.lines[at]
        found = _SPACES.match(line)
        lead = found[0] if found else ""
        if lead.strip(" "):
            what = "a Tab" if "\t" in lead else "a space that is not a plain one"
            self._tell(at, f"This line is moved in with {what}. Use spaces: 2 for each step in.")
            width = sum(letter not in _UNSEEN for letter in lead.expandtabs(8))
            line = line[len(found[0] if found else "") :]
            lead = " " * self.columns.column_for(width, is_dash=line.startswith("- "))
        self.lines[at] = lead + line.lstrip().replace("\t", " ")

    def _content(self, at: int, indent: int, dashes: str, rest: str) -> int:
        found = self._key_and_value(at, dashes, rest)
        if found is None:
            return self._bare(at, indent, dashes, rest)
        key, value = found
        if not indent and not dashes:
            if not self.words.is_top(key.strip("\"'")):
                moved = self._left_edge(at, key, value)
                if moved is None:
                    return at + 1
                indent, key = moved
            if not indent:
                self.part = plain(key.strip("\"'"))
        return self._keyed(at, (indent, dashes), key, value)

    def _key_and_value(self, at: int, dashes: str, rest: str) -> tuple[str, str] | None:
        found = _KEY.match(rest)
        if found is None:
            return self._glued(at, dashes, rest)
        key = found["key"]
        if key[0] in "“„":
            self._tell(at, curly_fault(key[0]))
            key = key.strip("“”„")
        return key, (found["value"] or "").strip()

    def _glued(self, at: int, dashes: str, rest: str) -> tuple[str, str] | None:
        """A key whose value begins right after the colon."""
        found = _NO_SPACE.fullmatch(rest)
        # A list item such as "title:foo" may be a plain word; an item of a part begins with its name.
        if not found or (dashes and plain(found["key"]) not in FIRST_KEYS) or not self.words.is_known(found["key"]):
            return None
        key, value = found["key"], found["value"].strip()
        if not is_secret(plain(key)) or value.startswith("from "):
            self._tell(at, f'A space is missing after "{key}:". Write "{key}: {shown(without_note(value))}".')
        return key, value

    def _keyed(self, at: int, start: tuple[int, str], key: str, value: str) -> int:
        indent, dashes = start
        wanted, is_misplaced = self.columns.take_key(indent, len(dashes), has_value=bool(without_note(" " + value)))
        if is_misplaced:
            what = "This list item" if dashes else f'"{shown(key)}"'
            spaces = "1 space" if indent == 1 else f"{indent} spaces"
            where = f"is moved in by {spaces}" if indent else "stands at the left edge"
            told = f"{what} {where}, the lines it belongs to are moved in by {wanted}. Put {wanted} spaces before it."
            self._tell(at, told, is_form=True)
        self.lines[at] = f"{' ' * wanted}{dashes}{key}: {value}".rstrip()
        if not value:
            return at + 1
        return self._value(at, f"{' ' * wanted}{dashes}{key}: ", f"{key}:", value)

    def _bare(self, at: int, indent: int, dashes: str, rest: str) -> int:
        """A list item that is a plain value, or a line that goes on with the text above."""
        if not dashes and rest[0] not in "[{":
            return at + 1
        if dashes:
            self.columns.take_dash(indent)
        return self._value(at, " " * indent + dashes, "-" if dashes else "", rest)

    def _value(self, at: int, before: str, lead: str, value: str) -> int:
        if _BLOCK_TEXT.fullmatch(value):
            return self._past_deeper(at, self.columns.column)
        if value[0] in "[{":
            return self._brackets(at, before, lead, value)
        seen = look_at(value, lead, has_lines=self._has_lines(at, self.columns.column))
        if seen.rest:
            return self._open_quote(at, before, lead, value)
        # A secret is not repeated in a message: the field says what is to do with it.
        if seen.fault and not is_secret(plain(lead.rstrip(":"))):
            self._tell(at, seen.fault, is_form=seen.is_form)
        elif " #" in value and plain(lead.rstrip(":")) in _TITLES and (said := cut_by_note(value, lead)):
            self.faults.append(Fault(at + 1, said, is_warning=True))
        self.lines[at] = before + seen.value
        return at + 1

    def _open_quote(self, at: int, before: str, lead: str, value: str) -> int:
        """A quote that does not end on its line: it goes on further in, or its end was forgotten."""
        end = self._past_deeper(at, self.columns.column)
        for after in range(at + 1, end):
            if value[0] in self.lines[after]:
                return after + 1
        where = f'after "{shown(lead)}" ' if lead.endswith(":") else ""
        self._tell(
            at,
            f"The text {where}begins with {value[0]} and has no closing {value[0]}. Put one at its end.",
            is_form=True,
        )
        self.lines[at] = before + quoted(without_note(value)[1:])
        return at + 1

    def _brackets(self, at: int, before: str, lead: str, value: str) -> int:
        """A list in brackets, which may go on over more lines."""
        brackets = Brackets()
        self.lines[at] = before + self._feed(brackets, at, value)
        more = without_note(" " + brackets.rest)
        if more and not more.startswith(":"):
            text = quoted(without_note(value))
            closing = value[len(value) - len(brackets.rest) - 1 :][:1]
            said = f"More follows after the closing {closing}. Quote all of it: {shown(f'{lead} {text}'.strip())}."
            if not is_secret(plain(lead.rstrip(":"))):
                self._tell(at, said, is_form=True)
            self.lines[at] = before + text
            return at + 1
        last, end = at, at + 1
        while not brackets.is_over and end < len(self.lines):
            line = self.lines[end]
            bare = line.strip()
            if bare and bare[0] != "#":
                if lead and _indent(line) <= self.columns.column and bare[0] not in "]}":
                    break
                self.lines[end] = self._feed(brackets, end, line)
                last = end
            end += 1
        if brackets.is_over or not brackets.open:
            return end
        closing = "".join("]" if letter == "[" else "}" for letter in reversed(brackets.open))
        where = f'after "{shown(lead)}" ' if lead.endswith(":") else ""
        self._tell(
            at,
            f"The list {where}begins with {brackets.open[0]} and has no closing {closing[-1]}. Put one at its end.",
            is_form=True,
        )
        self.lines[last] = _NOTE.sub("", self.lines[last]).rstrip() + closing
        return end

    def _feed(self, brackets: Brackets, at: int, text: str) -> str:
        told = len(brackets.faults)
        mended = brackets.feed(text)
        for fault in brackets.faults[told:]:
            self._tell(at, fault)
        return mended

    def _left_edge(self, at: int, key: str, value: str) -> tuple[int, str] | None:
        """Where a key at the left edge belongs, and its name; None when it is taken out with its lines."""
        has_lines = not without_note(" " + value) and self._has_lines(at, 0) and plain(key) not in ("match", "not")
        if has_lines or (self._meant_part(key) and not self.words.is_known(key)):
            return self._wrong_part(at, key)
        edge = f'"{shown(key)}" stands at the left edge, where only {listed(self.words.top)} may stand.'
        column = self.columns.inner_column
        if not column or not self.part:
            self._tell(at, f"{edge} Put it under one of them.")
            self.lines[at] = ""
            return None
        if self.part in ("sources", "rules"):
            where = "the rule or source above"
        else:
            where = "the section above" if self.part == "sections" else f'"{self.part}" above'
        if self.part == "rules" and self._belongs_to_match(key):
            column += 2
        self._tell(at, f"{edge} It belongs to {where}: put {column} spaces before it.")
        return column, key

    def _belongs_to_match(self, key: str) -> bool:
        return plain(key) in self.words.inner.get("match", ()) and plain(key) not in self.words.inner.get("rules", ())

    def _wrong_part(self, at: int, key: str) -> tuple[int, str] | None:
        meant = self._meant_part(key)
        if meant:
            self._tell(at, f'"{shown(key)}" is not something {self.words.file} can have. Did you mean "{meant}"?')
            if not any(plain(line.partition(":")[0]) == meant for line in self.lines if line[:1].strip()):
                return 0, meant
        else:
            hint = f"It can have: {listed(self.words.top)}."
            self._tell(at, f'"{shown(key)}" is not something {self.words.file} can have. {hint}')
        end = self._past_deeper(at, 0)
        while end < len(self.lines) and self.lines[end].startswith("- "):
            end = self._past_deeper(end, 0)
        self.lines[at:end] = [""] * (end - at)
        return None

    def _meant_part(self, key: str) -> str | None:
        return _SAID_OTHERWISE.get(plain(key)) or nearest(plain(key), (*self.words.top, *self.words.also))

    def _has_lines(self, at: int, column: int) -> bool:
        """Whether lines that belong to line ``at`` follow: further in than ``column``, or a list at it."""
        for after in range(at + 1, len(self.lines)):
            line = self.lines[after]
            bare = line.strip()
            if bare and bare[0] != "#":
                return _indent(line) > column or (_indent(line) == column and bare.startswith("- "))
        return False

    def _past_deeper(self, at: int, column: int) -> int:
        """The first line after ``at`` that does not stand further in than ``column``."""
        for after in range(at + 1, len(self.lines)):
            line = self.lines[after]
            if line.strip() and _indent(line) <= column:
                return after
        return len(self.lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
