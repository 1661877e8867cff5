"""Items that look alike without being surely one story: what an editor is asked about."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from math import log, sqrt

from newsletter.classify.joining import Pool
from newsletter.classify.titles import telling_words
from newsletter.model.item import Item

_WORD = re.compile(r"\w+")
_LETTERS = 3_000
_TITLE_WEIGHT = 3.0
_RARE_IN = 10
"""A word that stands in more items than this brings no pair together."""
_LEAST_RARE = 0.1
"""So much of their likeness must lie in such words."""
_ALIKE = 0.5
_ALIKE_IF_LINKED = 0.25
_MOST_PAIRS = 60
_IN_A_ROW = 5
_LEAST_TRAIL = 12
_WORDS_COMPARED = 300

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Alike:
    """Two items (by their places) that may tell one thing: how alike their words are, in percent, and what else."""

    first: int
    second: int
    percent: int
    because: tuple[str, ...] = ()


def alike_items(items: Sequence[Item]) -> tuple[Alike, ...]:
    """The pairs of ``items`` that look alike, the most alike first; those that differ by a number or date left out."""
    pool = Pool(items)
    vectors, trails = _vectors(pool), [_trail(item) for item in items]
    found: list[Alike] = []
    for first, second in sorted(_candidates(pool, vectors)):
        if pool.differ(first, second):
            continue
        likeness = max(_cosine(vectors[first], vectors[second]), _shared(trails[first], trails[second]))
        links = _link(pool, first, second)
        if likeness >= (_ALIKE_IF_LINKED if links else _ALIKE):
            found.append(Alike(first, second, min(100, round(likeness * 100)), _because(pool, first, second, links)))
    return tuple(sorted(found, key=lambda pair: (-pair.percent, pair.first, pair.second))[:_MOST_PAIRS])


def own_words(text: str) -> list[str]:
    """The words of ``text`` as they stand, quoted lines left out."""
    own = "\n".join(line for line in text[:_LETTERS].split("\n") if not line.lstrip().startswith(">"))
    return _WORD.findall(own)


def _vectors(pool: Pool) -> list[Vector]:
    """The words of each item with their weight: what few items say counts most, and headlines more than texts."""
    counts: list[Counter[str]] = []
    for number, item in enumerate(pool.items):
        counted: Counter[str] = Counter(word.casefold() for word in own_words(item.text) if len(word) > 2)
        titled = telling_words(pool.titles[number])
        counts.append(Counter(dict.fromkeys(counted, 1)) + Counter({word: int(_TITLE_WEIGHT) for word in titled}))
    seen_in = Counter(word for counted in counts for word in counted)
    total = len(counts) + 1
    return [
        _of_length_one({word: count * log(total / seen_in[word]) for word, count in each.items()}) for each in counts
    ]


def _of_length_one(vector: Vector) -> Vector:
    length = sqrt(sum(weight * weight for weight in vector.values()))
    return {word: weight / length for word, weight in vector.items()} if length else {}


def _candidates(pool: Pool, vectors: Sequence[Vector]) -> set[tuple[int, int]]:
    """Pairs that share much of what few others say, or an address, or a link."""
    holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, vector in enumerate(vectors):
        for word, weight in vector.items():
            holders[word].append((number, weight))
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for held in holders.values():
        if 1 < len(held) <= _RARE_IN:
            for (one, weight), (other, other_weight) in combinations(held, 2):
                shared[one, other] += weight * other_weight
    found = {pair for pair, likeness in shared.items() if likeness >= _LEAST_RARE}
    for numbers in pool.at_address.values():
        found.update(combinations(numbers, 2))
    for number, targets in enumerate(pool.targets):
        found.update((min(number, other), max(number, other)) for other in targets[:3])
    return found


def _cosine(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * large.get(word, 0.0) for word, weight in small.items())


def _link(pool: Pool, first: int, second: int) -> str:
    if pool.addresses[first] and pool.addresses[first] == pool.addresses[second]:
        return "the same address"
    is_linked = second in pool.targets[first] or first in pool.targets[second]
    return "one links to the other" if is_linked else ""


def _trail(item: Item) -> frozenset[tuple[str, ...]]:
    """The threes of words that follow each other in a text."""
    spoken = [word.casefold() for word in own_words(item.text)]
    return frozenset(zip(spoken, spoken[1:], spoken[2:], strict=False))


def _shared(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Which part of the shorter text stands in the other one, too; 0 for texts too short to say."""
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter >= _LEAST_TRAIL else 0.0


def _because(pool: Pool, first: int, second: int, links: str) -> tuple[str, ...]:
    one, other = pool.items[first], pool.items[second]
    is_one_author = bool(one.author and other.author and one.author.identity == other.author.identity)
    row = _in_a_row(one, other)
    said = ("the same author" if is_one_author else "", links, f"{row} words in a row" if row >= _IN_A_ROW else "")
    return tuple(each for each in said if each)


def _in_a_row(one: Item, other: Item) -> int:
    first, second = ([word.casefold() for word in own_words(each.text)[:_WORDS_COMPARED]] for each in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size
