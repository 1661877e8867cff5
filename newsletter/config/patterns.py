"""The words of a rule: plain words, "*" for anything, and /patterns/ that must be sound and cheap."""

import re
import warnings
from functools import lru_cache

from newsletter.config.problems import shown
from newsletter.config.values import Wrong, read_text

_LONGEST = 300
_MOST_WIDE = 2
_MOST_STARS = 3
_ENDLESS = 20
_LETTERS = "".join(map(chr, range(9, 127))) + "éß中"
_WRITTEN = re.compile(r"/.+/i?")
_PLAIN_WORDS = "If you want the plain words, leave the slashes away."
_SAID = (
    ("missing ), unterminated", 'a ")" is missing for the "(" at letter {at}'),
    ("unbalanced parenthesis", 'the ")" at letter {at} has no "(" before it'),
    ("unterminated character set", 'a "]" is missing for the "[" at letter {at}'),
    ("nothing to repeat", 'there is nothing to repeat before the "{letter}" at letter {at}'),
    ("multiple repeat", 'the "{letter}" at letter {at} repeats what is repeated already'),
    ("bad escape (end", 'it ends with a single "\\"'),
    ("bad escape", 'a "\\" at letter {at} stands before a letter that has no such meaning'),
    ("bad character range", "the range at letter {at} runs backwards"),
)
_PIECE = re.compile(
    r"(?P<escaped>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]|[aiLmsux-]+[:)]))?)"
    r"|(?P<close>\))|(?P<repeat>[*+?]|\{\d*,\d{0,9}\}|\{\d+\})|(?P<bar>\|)|(?P<one>.)",
    re.DOTALL,
)


def is_pattern(text: str) -> bool:
    """Whether ``text`` is written as a /pattern/."""
    return _WRITTEN.fullmatch(text) is not None


def rule_words(key: str, text: str) -> str | Wrong:
    """What a field of "match:" looks for, as it was written; a /pattern/ must be one that can be used."""
    read = read_text(key, text)
    if isinstance(read, Wrong):
        hint = " In \"…\" a \\ begins a special sign; write the pattern in '…' instead." if text[:1] == "/" else ""
        return Wrong(read.text + hint)
    if _WRITTEN.fullmatch(text):
        return _pattern(text)
    if text.count("*") > _MOST_STARS:
        return Wrong(f'{key} "{shown(text)}" holds more than {_MOST_STARS} stars. Make two words of it.')
    if not text.strip("* "):
        return Wrong(f'{key} "{shown(text)}" would match everything. Say what it looks for.')
    return text


def _pattern(text: str) -> str | Wrong:
    pattern = text[1 : text.rindex("/")]
    if len(pattern) > _LONGEST:
        return Wrong(f"The pattern /{shown(pattern)[:40]}…/ is longer than {_LONGEST} letters. Make rules of it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        said = _broken(error, pattern)
        return Wrong(f"The pattern {shown(text)} is broken: {said}. {_PLAIN_WORDS}")
    except (OverflowError, RecursionError):
        return Wrong(f"The pattern {shown(text)} is broken: it counts too far. {_PLAIN_WORDS}")
    slow = slow_part(pattern)
    if slow:
        return Wrong(f"The pattern {shown(text)} could take for ever: {slow}. Say it more simply.")
    return text


def _broken(error: re.error, pattern: str) -> str:
    at = error.pos or 0
    said = next((words for part, words in _SAID if part in error.msg), "it cannot be understood at letter {at}")
    return said.format(at=at + 1, letter=pattern[at : at + 1])


def slow_part(pattern: str) -> str:
    """Why a search for ``pattern`` could take longer than anybody waits; "" when it is fine.

    Refused are a repeat of something that holds an endless repeat, endlessly repeated alternatives
    that may begin alike, two endless repeats in a row that may match the same, and more than two
    of ".*" and its like: what makes backtracking slow.
    """
    groups = [_Group()]
    wide = 0
    for found in _PIECE.finditer(pattern):
        top = groups[-1]
        if found["open"] and not found["open"].endswith("i)"):
            groups.append(_Group())
        elif found["close"] and len(groups) > 1:
            done = groups.pop()
            groups[-1].take_group(done)
        elif found["repeat"]:
            most = _most(found["repeat"])
            slow = top.repeat(most)
            if slow:
                return slow
            wide += top.is_wide and most >= _ENDLESS
        elif found["bar"]:
            top.bar()
        elif not found["open"]:
            top.take(found[0])
    return f'it holds more than {_MOST_WIDE} times ".*" or its like' if wide > _MOST_WIDE else ""


def _most(repeat: str) -> int:
    """How often at most; what is often enough counts as endless."""
    if len(repeat) == 1:
        return 1 if repeat == "?" else _ENDLESS
    least, comma, most = repeat.strip("{}").partition(",")
    number = (most or _ENDLESS) if comma else least
    return min(int(number), _ENDLESS)


@lru_cache(maxsize=256)
def _may_match_the_same(one: str, other: str) -> bool:
    return any(re.fullmatch(one, letter) and re.fullmatch(other, letter) for letter in _LETTERS)


class _Group:
    """What stands between two parentheses, as far as speed goes."""

    def __init__(self) -> None:
        self.has_endless = False
        self.is_wide = False
        self._last: _Group | None = None
        self._piece = ""
        self._endless = self._endless_before = ""
        self._starts: list[str] = []
        self._is_start = True

    def take(self, piece: str) -> None:
        """Take a letter, an escape or a set."""
        self._last, self._piece = None, piece
        self._endless_before, self._endless = self._endless, ""
        self.is_wide = piece in (".", "\\S", "\\W", "\\D") or piece.startswith("[^")
        self._begin(piece.casefold())

    def take_group(self, group: "_Group") -> None:
        """Take a group that was closed."""
        self._last, self._piece, self.is_wide = group, "", False
        self._endless_before = self._endless = ""
        self.has_endless = self.has_endless or group.has_endless
        self._begin("(")

    def repeat(self, most: int) -> str:
        """Repeat what was taken last; gives what is slow about it."""
        if self._last is not None:
            slow = most > 1 and (self._last.has_endless or (most >= _ENDLESS and self._last.is_ambiguous))
            self.has_endless = self.has_endless or most >= _ENDLESS
            return "it repeats something that repeats already" if slow else ""
        if most < _ENDLESS:
            return ""
        self._endless, self.has_endless = self._piece, True
        slow = bool(self._endless_before) and _may_match_the_same(self._endless_before, self._piece)
        return "it repeats the same twice in a row" if slow else ""

    def bar(self) -> None:
        """Begin another alternative."""
        if self._is_start:
            self._starts.append("")
        self._is_start = True
        self._last, self._piece = None, ""
        self._endless_before = self._endless = ""

    def _begin(self, start: str) -> None:
        if self._is_start:
            self._starts.append(start)
            self._is_start = False

    @property
    def is_ambiguous(self) -> bool:
        """Whether two alternatives may begin alike."""
        starts = [*self._starts, ""] if self._is_start and self._starts else self._starts
        is_plain = all(len(start) == 1 and start.isalnum() for start in starts)
        return len(starts) > 1 and not (is_plain and len(set(starts)) == len(starts))
