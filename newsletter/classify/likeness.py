"""Texts that are nearly the same: found by the whole sentences they share, in time linear in the text."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

_BREAK = re.compile(r"(?<=[.!?:])\s+|\n\s*\n")
_WORD = re.compile(r"\w+")
_LONGEST = 8_000
_LEAST_WORDS = 8
_COMMON_IN = 6
"""A sentence found in more texts than this is a form letter's, and proves nothing."""
_LEAST_SHARED = 3
_LEAST_PART = 0.5


def sentence_keys(text: str) -> frozenset[str]:
    """The longer sentences of ``text`` without their punctuation; quoted lines left out."""
    own = "\n".join(line for line in text[:_LONGEST].split("\n") if not line.lstrip().startswith(">"))
    keys = (_WORD.findall(part.casefold()) for part in _BREAK.split(own))
    return frozenset(" ".join(words) for words in keys if len(words) >= _LEAST_WORDS)


def like_pairs(keys: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, float]]:
    """Pairs of texts that share at least half of the shorter one's sentences, with that part."""
    where = _index(keys)
    for number, own in enumerate(keys):
        counts = Counter(other for key in own for other in where.get(key, ()) if other > number)
        for other, shared in sorted(counts.items()):
            part = shared / min(len(own), len(keys[other]))
            if shared >= _LEAST_SHARED and part >= _LEAST_PART:
                yield number, other, part


def _index(keys: Sequence[frozenset[str]]) -> Mapping[str, list[int]]:
    where: dict[str, list[int]] = {}
    for number, own in enumerate(keys):
        for key in own:
            where.setdefault(key, []).append(number)
    return {key: found for key, found in where.items() if 1 < len(found) <= _COMMON_IN}
