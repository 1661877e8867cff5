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
    """What a text that names somebody holds: all of ``pieces``, the longest first, and then ``shape``."""

    pieces: tuple[str, ...]
    shape: re.Pattern[str]


class Sieve:
    """Whether a text may name whoever goes by ``texts``."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._looks = [_look(each) for each in texts]

    def may_name(self, text: str) -> bool:
        """Whether it may; as a document, too: its JSON may be escaped, its page be coded."""
        if not text:
            return False
        plain = _folded(text)
        looks = [each for each in self._looks if all(piece in plain for piece in each.pieces)]
        if any(each.shape.search(plain) for each in looks):
            return True
        shown = _shown(text)
        if shown == text:
            return False
        shown = _folded(shown)
        return any(_fits(each, shown) for each in self._looks)


def _fits(look: _Look, text: str) -> bool:
    return all(piece in text for piece in look.pieces) and look.shape.search(text) is not None


def _look(text: str) -> _Look:
    kind, plain = kind_of(text), folded(text.strip().strip("<>").lstrip("@")).lower()
    words = [each.lower() for each in words_of(text)] if kind == "name" else _PIECES.findall(plain)
    shape = _name(words) if kind == "name" else _address(plain) if kind == "address" else _account(plain)
    return _Look(tuple(sorted(set(words), key=len, reverse=True)), re.compile(shape, re.DOTALL))


def _name(words: list[str]) -> str:
    """The words of a name side by side, as they were typed or with the last one first, or the first one last."""
    escaped = [re.escape(each) for each in words]
    # What letters of other scripts are made of is no word of its own, so that there are no sure ends of words.
    is_plain = all(each.isascii() for each in words)
    before, after = (_BEFORE, _AFTER) if is_plain else ("", "")
    between = rf"{after}.{{0,80}}?{before}"
    orders = {tuple(escaped[at:] + escaped[:at]) for at in (0, 1, -1)}
    return "|".join(before + between.join(each) + after for each in sorted(orders))


def _address(plain: str) -> str:
    """What stands before the "@", and soon after it the first piece of the domain."""
    local, _, domain = plain.partition("@")
    first = next(iter(_PIECES.findall(domain)), "")
    return rf"{re.escape(local)}(?:\+[\w.+'-]{{0,80}})?.{{1,40}}?{re.escape(first)}"


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
        text = _CODES.sub(lambda found: html.unescape(found[0]) if found[0][0] == "&" else unquote(found[0]), text)
    return text
