"""A quick look at a text: whether somebody who is to be erased may be named in it. Pure.

It never says no to a text in which :class:`newsletter.model.erased.Erased` finds that person, and is far cheaper: most
texts hold not even the pieces of a name. It needs the names as they were typed; of hashes no piece is known.
"""

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from newsletter.model.erased import folded, kind_of, words_of

_CODES = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});|(?:%[\da-fA-F]{2})+")
_ESCAPES = re.compile(r"(?:\\u[\da-fA-F]{4})+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_PIECES = re.compile(r"[^\W_]+")
_BEFORE, _AFTER = r"(?:(?<![^\W_])|(?<=\\[bfnrt]))", r"(?![^\W_])"
_GAP, _TAG = 30, 80
"""More letters than may stand between two words of a name, and behind the "+" of an address."""
_LONGEST_HANDLE = 60
"""Longer accounts are cut where a text is searched, so nothing is known of what comes behind them."""


class _Fold(dict[int, str]):
    """How each character is compared; found when it is first met."""

    def __missing__(self, code: int) -> str:
        shown = chr(code)
        is_word = shown.isalnum() or 0x300 <= code <= 0x36F
        self[code] = made = folded(shown) if is_word else " "
        return made


_FOLD = _Fold()


@dataclass(frozen=True, slots=True)
class _Look:
    """What a text that names somebody holds: all ``pieces``, the longest first, and ``shape`` around ``anchor``."""

    pieces: tuple[str, ...]
    anchor: str
    reach: int
    """How far the shape reaches to both sides of the anchor."""
    shape: re.Pattern[str]

    def fits(self, text: str) -> bool:
        """Whether ``text``, folded, holds all of that."""
        return all(piece in text for piece in self.pieces) and self._is_there(text)

    def _is_there(self, text: str) -> bool:
        if not self.anchor:
            return True
        at, size = text.find(self.anchor), len(self.anchor) + self.reach
        while at >= 0:
            start, end = max(0, at - self.reach), at + size
            around = text[start:end]
            if all(piece in around for piece in self.pieces) and self.shape.search(text, start, end):
                return True
            at = text.find(self.anchor, at + 1)
        return False


class Sieve:
    """Whether a text may name whoever goes by ``texts``."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._looks = [_look(each) for each in texts]

    def may_name(self, text: str) -> bool:
        """Whether it may; as a document, too: its JSON may be escaped, its page be coded."""
        if not text:
            return False
        if self._fits(text):
            return True
        shown = _shown(text)
        return shown is not text and self._fits(shown)

    def _fits(self, text: str) -> bool:
        plain = _folded(text)
        return any(each.fits(plain) for each in self._looks)


def _look(text: str) -> _Look:
    kind, plain = kind_of(text), folded(text.strip().strip("<>").lstrip("@")).lower()
    words = [each.lower() for each in words_of(text)] if kind == "name" else _PIECES.findall(plain)
    shape = _name(words) if kind == "name" else _address(plain) if kind == "address" else _account(plain)
    pieces = sorted(set(words), key=len, reverse=True)
    anchor = pieces[0] if kind == "name" else plain.partition("@")[0]
    reach = len(plain) + (_TAG * 3 if kind == "address" else _GAP * len(words))
    return _Look(tuple(pieces), anchor, reach, re.compile(shape, re.DOTALL))


def _name(words: list[str]) -> str:
    """The words of a name side by side, as they were typed or with the last one first, or the first one last."""
    escaped = [re.escape(each) for each in words]
    # What letters of other scripts are made of is no word of its own, so that there are no sure ends of words.
    is_plain = all(each.isascii() for each in words)
    before, after = (_BEFORE, _AFTER) if is_plain else ("", "")
    between = rf"(?:\\[bfnrt]|[\W_]){{{int(is_plain)},{_GAP}}}"
    orders = {tuple(escaped[at:] + escaped[:at]) for at in (0, 1, -1)}
    return "|".join(before + between.join(each) + after for each in sorted(orders))


def _address(plain: str) -> str:
    """What stands before the "@", and soon after it the first piece of the domain."""
    local, _, domain = plain.partition("@")
    first = next(iter(_PIECES.findall(domain)), "")
    return rf"{re.escape(local)}(?:\+[\w.+'-]{{0,{_TAG}}})?(?!\w).{{1,40}}?{re.escape(first)}"


def _account(plain: str) -> str:
    """An account by itself, or a part of an address."""
    after = r"(?!\w)" if len(plain) < _LONGEST_HANDLE else ""
    return rf"(?:(?<![\w.-])|(?<=\\[bfnrt])){re.escape(plain)}{after}"


def _folded(text: str) -> str:
    return (text if text.isascii() else _BEYOND_ASCII.sub(lambda found: found[0].translate(_FOLD), text)).lower()


def _shown(text: str) -> str:
    """``text`` with what is coded in it as it is read."""
    if "\\u" in text:
        text = _ESCAPES.sub(lambda found: str(json.loads(f'"{found[0]}"')), text)
    if "&" in text or "%" in text:
        text = _CODES.sub(_decoded, text)
    return text


def _decoded(found: re.Match[str]) -> str:
    code = found[0]
    if code[0] == "%":
        return unquote(code)
    shown = html.unescape(code)
    return " " if shown == code else shown
