"""Words of a rule as something that can be looked for: plain words, "*" for anything, /…/ for a pattern."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from newsletter.text import host_of

_LONGEST = 20_000
"""Characters of a text that are looked at; a pattern may take time that grows faster than the text."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for any of some words in a text, without regard to case.

    Each way is a pattern with a piece that every match holds in lower case: looking for the piece
    first is many times faster.
    """

    ways: tuple[tuple[str, re.Pattern[str]], ...]

    def finds(self, text: str, folded: str) -> bool:
        """Whether ``text``, which is ``folded`` in lower case, holds one of the words."""
        for piece, pattern in self.ways:  # noqa: SIM110 - "any" costs more than looking
            if piece in folded and pattern.search(text, 0, _LONGEST):
                return True
        return False


@lru_cache(maxsize=1_024)
def finder(words: Sequence[str], *, anywhere: bool = False) -> Finder:
    """The Finder of ``words``: whole words, a plural too; with ``anywhere``, parts of words as well."""
    return Finder(tuple(way for word in words if (way := _way(word, anywhere)) is not None))


def _way(word: str, anywhere: bool) -> tuple[str, re.Pattern[str]] | None:
    written = re.fullmatch(r"/(.+)/i?", word.strip(), re.DOTALL)
    if written:
        try:
            return "", re.compile(written[1], re.IGNORECASE)
        except re.error:
            return None  # feeds.yaml is checked before; what slipped through finds nothing
    pieces = [piece for piece in word.strip().split("*") if piece.strip()]
    if not pieces:
        return ("", re.compile("")) if "*" in word else None
    pattern = r".*?".join(_piece(piece) for piece in pieces)
    if not anywhere:
        starts, ends = not word.startswith("*"), not word.endswith("*")
        pattern = _edge(pieces[0][:1], starts) + pattern + _end(pieces[-1][-1:], ends)
    return _sure(pieces), re.compile(pattern, re.IGNORECASE)


def _piece(piece: str) -> str:
    """White space in a rule is any white space in a text: lines are broken anywhere."""
    return r"\s+".join(re.escape(part) for part in re.split(r"\s+", piece))


def _sure(pieces: Sequence[str]) -> str:
    """The longest part without white space; "" where lower case changes its length."""
    parts = [part for piece in pieces for part in piece.split()]
    longest = max(parts, key=len)
    return longest.lower() if longest.isascii() else ""


def _has_words(letter: str) -> bool:
    """Whether the letter's script sets words apart: it has upper case, or it is a digit."""
    return letter.isdigit() or letter.lower() != letter.upper()


def _edge(letter: str, counts: bool) -> str:
    return r"(?<!\w)" if counts and _has_words(letter) else ""


def _end(letter: str, counts: bool) -> str:
    if not counts or not _has_words(letter):
        return ""
    return r"(?!\w)" if letter.isdigit() else r"(?:e?s|['’]s)?(?!\w)"


def same(wanted: Sequence[str], *names: str | None) -> bool:
    """Whether one of ``names`` is one of the words; case does not count, "*" stands for anything."""
    given = {name.casefold() for name in names if name}
    return any(_fits(word.casefold(), given) for word in wanted)


def _fits(word: str, given: set[str]) -> bool:
    if "*" not in word:
        return word in given
    pattern = ".*".join(re.escape(part) for part in word.split("*"))
    return any(re.fullmatch(pattern, name, re.DOTALL) for name in given)


def is_on_host(url: str, host: str) -> bool:
    """Whether ``url`` lies on ``host`` or below it."""
    found, wanted = host_of(url), host_of("//" + host) or host.casefold()
    return found == wanted or found.endswith("." + wanted)
