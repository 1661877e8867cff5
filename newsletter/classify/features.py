"""What the learned model sees of a story, as numbers: words, address, shape, where it was told, rules that hold.

An Example is made once for each story and is all that the model keeps; words are hashed (CRC-32), so that
no list of words has to be stored and a number means the same on every machine.
"""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from zlib import crc32

from newsletter.classify.address_marks import Address, read_address
from newsletter.classify.builtin import BuiltinRule, fired_rules
from newsletter.classify.marks import marks_of_line
from newsletter.classify.title_marks import TOKEN, hints_of, marks_of_title
from newsletter.model.story import Story

VERSION = 1
"""Of the features; a model that learned from others cannot be used any more."""

_TITLE_LENGTH, _TEXT_LENGTH, _PIECES = 300, 600, 5
_TEXT_TOKEN = re.compile(r"\w+")
_MOST_WORDS = 65_536
_DIGITS = re.compile(r"\d+")
_SHAPE = str.maketrans({**dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "a"), **dict.fromkeys("0123456789", "0")})
_LETTER_RUNS, _DIGIT_RUNS = re.compile("aa+"), re.compile("00+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_HINTS_FROM = 32
_HASH = (1 << _HINTS_FROM) - 1
_PRIME = 0x01000193
_ENDS = frozenset(".!?…)")


@dataclass(frozen=True, slots=True)
class Example:
    """A story as numbers: words of its title and of its text in order, everything else, and the rules that hold.

    Of each number the lower 32 bits count.
    """

    title: Sequence[int]
    text: Sequence[int]
    other: Sequence[int]
    fired: Sequence[BuiltinRule]


def example_of(story: Story, marks: AbstractSet[str], *, source: str = "") -> Example:
    """The Example of ``story`` with its ``marks``; ``source`` is the name of the source that told it."""
    lead = story.lead
    words, _ = _title(story.title)
    told = [f"form {lead.form}", f"kind {lead.kind}", f"source {source}", f"project {story.project or ''}"]
    return _example(words, (story.title, lead.text), read_address(story.url or ""), (marks, told))


def example_of_line(title: str, url: str, text: str) -> Example:
    """The Example of a line of an issue of which only title, address and text are known."""
    words, hints = _title(title)
    address = read_address(url)
    marks = marks_of_line(title, address, marks_of_title(title, hints), text)
    return _example(words, (title, text), address, (marks, ()))


def _example(
    words: list[int], said: tuple[str, str], address: Address, seen: tuple[AbstractSet[str], Sequence[str]]
) -> Example:
    title, text = said
    marks, told = seen
    fired = fired_rules(marks)
    rest = text[len(title) :] if text.startswith(title) else text
    more = list(map(_TEXT_WORDS.__getitem__, _TEXT_TOKEN.findall(rest[:_TEXT_LENGTH].lower()))) if rest else []
    # Sorted: a set has another order in each process, and sums of floats depend on the order.
    other = [*map(_NAMED.__getitem__, sorted(marks)), *map(_NAMED.__getitem__, told)]
    other += [_NAMED[rule.name] for rule in fired]
    other += _of_shape(title, words, more)
    other += _of_address(address, words)
    return Example(words, more, other, fired)


class _Words(dict[str, int]):
    """By token: its hash, and above it the marks it may lead to, if asked for. Forgets everything when it is full."""

    def __init__(self, *, with_hints: bool) -> None:
        super().__init__()
        self._with_hints = with_hints

    def __missing__(self, token: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        hints = hints_of(token) if self._with_hints else 0
        made = self[token] = crc32(_spelt(token).encode("utf-8", "surrogatepass")) | hints << _HINTS_FROM
        return made


class _Named(dict[str, int]):
    """By name: its hash. Forgets everything when it is full."""

    def __missing__(self, name: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        made = self[name] = crc32(name.encode("utf-8", "surrogatepass"), 7)
        return made


_TITLE_WORDS, _TEXT_WORDS = _Words(with_hints=True), _Words(with_hints=False)
_NAMED = _Named()


def _spelt(token: str) -> str:
    """Numbers by their length, versions and the like with every number as 0."""
    if token.isalpha():
        return token
    return f"#{min(len(token), 6)}" if token.isdigit() else _DIGITS.sub("0", token)


def _title(title: str) -> tuple[list[int], int]:
    """The tokens of a title, and the marks they may lead to."""
    found = list(map(_TITLE_WORDS.__getitem__, TOKEN.findall(title[:_TITLE_LENGTH].lower())))
    hints = 0
    for each in found:
        hints |= each
    return found, hints >> _HINTS_FROM


_UPPER, _LOWER = _NAMED["upper"], _NAMED["lower"]
_TITLE_LENGTHS = [_NAMED[f"title {bits}"] for bits in range(16)]
_TEXT_LENGTHS = [_NAMED[f"text {bits}"] for bits in range(16)]
_DEPTHS = [_NAMED[f"depth {count}"] for count in range(16)]
_NO_ADDRESS = _NAMED["no address"]


def _of_shape(title: str, words: Sequence[int], more: Sequence[int]) -> Iterable[int]:
    """How the title looks, begins and ends, how long both are."""
    return (
        _hash(words[:2], 3),
        _hash(words[:3], 4),
        _hash(words[-2:], 5),
        _NAMED[_shape(title[:24].lower())[:6]],
        _NAMED[title[-1:]] if title[-1:] in _ENDS else _NO_ADDRESS ^ 1,
        _UPPER if title[:1].isupper() else _LOWER,
        _TITLE_LENGTHS[len(words).bit_length()],
        _TEXT_LENGTHS[len(more).bit_length()],
    )


def _shape(text: str) -> str:
    """Runs of letters as "a", runs of digits as "0", everything else as it is."""
    return _DIGIT_RUNS.sub("0", _LETTER_RUNS.sub("a", text.translate(_SHAPE)))


def _hash(numbers: Iterable[int], start: int) -> int:
    """One number for several in their order."""
    for number in numbers:
        start = (start * _PRIME ^ number) & _HASH
    return start


class _Sites(dict[str, tuple[int, int]]):
    """By host: its hash, and that of the last two parts of its name. Forgets everything when it is full."""

    def __missing__(self, host: str) -> tuple[int, int]:
        if len(self) >= _MOST_WORDS:
            self.clear()
        site = host[host.rfind(".", 0, max(host.rfind("."), 0)) + 1 :]
        made = self[host] = (_NAMED["host " + host], _NAMED["site " + site])
        return made


_SITES = _Sites()


def _of_address(address: Address, words: Sequence[int]) -> list[int]:
    """Host and site, the way down the path, its pieces, words and shape, and what the query asks for."""
    host, path, pieces, query = address
    if not host:
        return [_NO_ADDRESS]
    way, site = _SITES[host]
    shape = _NAMED[_shape(path[:80])]
    first = words[0] if words else 0
    length, depth = len(words).bit_length(), min(len(pieces), 15)
    found = [
        way,
        site,
        shape ^ 6,
        (site * _PRIME ^ shape) & _HASH,
        (site * _PRIME ^ first ^ 8) & _HASH,
        (site * _PRIME ^ length) & _HASH,
        _DEPTHS[depth],
    ]
    for at, piece in enumerate(pieces[:_PIECES]):
        number = _NAMED[piece]
        way = (way * _PRIME ^ number) & _HASH
        found += (way, number ^ 17, number ^ (at + 19) << 8)
    found += [_NAMED[word] ^ 0x17000000 for word in _LETTERS.findall(path[:160])]
    if query:
        found += [_NAMED[part.partition("=")[0][:30]] ^ 0x19000000 for part in query.split("&")[:4]]
    return found
