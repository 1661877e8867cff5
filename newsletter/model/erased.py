"""Who was erased: known by keyed hashes alone, found again in any text, and replaced by words that name nobody."""

import hashlib
import hmac
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import unquote

from newsletter.model.codec import from_json, to_json
from newsletter.model.item import Item
from newsletter.model.unnamed import REMOVED

ADDRESS_REMOVED = "[address removed]"
_IN_ADDRESS = "removed"
"""What stands in the address of a page, where brackets and spaces cannot."""
_LONGEST_GAP, _LONGEST_LOCAL, _MOST_LABELS = 12, 80, 8

_OF_FEEDS = frozenset({"id", "source_id", "kind", "form"})
"""Keys of values that name sources and other things of feeds.yaml, which its editor changes."""

WordKind = Literal["name", "address", "account"]

_AT = re.compile(r"@|%40|=40|&#(?:64|x40);|&commat;|[ \t]?[\[(<{]?[ \t]?\bat\b[ \t]?[\])>}]?[ \t]?", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.+'-]+\Z")
_DOT = r"(?:\.|[ \t]?[\[(<{]?[ \t]?\bdot\b[ \t]?[\])>}]?[ \t]?)"
_DOMAIN = re.compile(rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,{_MOST_LABELS}}}", re.IGNORECASE)
_ONE_DOT = re.compile(_DOT, re.IGNORECASE)
_COUNTED = re.compile(r"[\da-fA-F.$_-]*[\d$][\da-fA-F.$_-]*[.$_-]")
_OCTET = re.compile(r"[\da-fA-F]{2}")
_PIECE = re.compile(
    r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});|(?:%[\da-fA-F]{2})+|[^\W_]+|[\u0300-\u036f]+"
)
_HANDLE = re.compile(r"(?<=[/~@=:])[\w.-]{1,64}")
_ADDRESS_PART = re.compile(r"[^\s\"'<>]*\Z")


@dataclass(frozen=True, slots=True)
class Word:
    """One name, address or account of somebody who was erased, as it is kept: none of it can be read."""

    hash: str
    kind: WordKind
    first: str
    """The hash of a name's first word, so that most words of a text are told apart at once."""
    length: int
    person: int
    """Which erasure it belongs to; the same person is the same number everywhere."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where somebody is named in a text, and what stands there instead."""

    start: int
    end: int
    instead: str
    person: int


def words_for(key: bytes, texts: Iterable[str], person: int) -> list[Word]:
    """The words to keep for the names, addresses and accounts in ``texts``."""
    found: dict[str, Word] = {}
    for text in texts:
        for kind, plain in _spellings(text):
            first = plain.split(" ")[0] if kind == "name" else ""
            made = _hash(key, kind, plain)
            length = plain.count(" ") + 1 if kind == "name" else 1
            found[made] = Word(made, kind, _hash(key, "first", first) if first else "", length, person)
    return list(found.values())


def kind_of(text: str) -> WordKind:
    """What ``text`` is: an address, a name of several words, or an account."""
    if "@" in text:
        return "address"
    return "name" if len(words_of(text)) > 1 else "account"


class Erased:
    """Finds those who were erased. Without words it finds nobody, and costs nothing.

    ``may_name`` is a quick look at a text, if there is one: where it says no, nobody is looked for.
    """

    def __init__(self, key: bytes, words: Iterable[Word] = (), may_name: Callable[[str], bool] | None = None) -> None:
        self._key, self._may_name = key, may_name
        self._words = {each.hash: each for each in words}
        self._firsts = {each.first for each in self._words.values() if each.first}
        self._lengths = sorted({each.length for each in self._words.values() if each.kind == "name"}, reverse=True)
        self._kinds = {each.kind for each in self._words.values()}
        self._begins: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._words)

    def may_name(self, text: str) -> bool:
        """Whether a closer look at ``text``, a whole document maybe, is worth it."""
        return bool(self._words and text) and (self._may_name is None or self._may_name(text))

    def spans(self, text: str) -> list[Span]:
        """Where somebody is named in ``text``, in order; none within another."""
        if not self.may_name(text):
            return []
        found: list[Span] = []
        if "address" in self._kinds:
            found += self._addresses(text)
        if "name" in self._kinds:
            found += self._names(text)
        if "account" in self._kinds:
            found += self._accounts(text)
        kept: list[Span] = []
        for span in sorted(found, key=lambda each: (each.start, -each.end)):
            if not kept or span.start >= kept[-1].end:
                kept.append(span)
        return kept

    def may_be_in(self, data: bytes) -> bool:
        """Whether a closer look at a document in an unknown encoding is worth it."""
        return any(self.may_name(each) for each in _readings(data))

    def is_in(self, data: bytes) -> bool:
        """Whether a document in an unknown encoding names somebody."""
        return any(self.spans(each) for each in _readings(data))

    def text(self, text: str) -> str:
        """``text`` without those names."""
        spans = self.spans(text)
        if not spans:
            return text
        made, at = [], 0
        for span in spans:
            made += [text[at : span.start], span.instead]
            at = span.end
        return "".join([*made, text[at:]])

    def value(self, value: Any) -> Any:
        """A JSON value without those names; whoever is meant by name or address is one number throughout."""
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        if set(value) in ({"name"}, {"name", "key"}):
            person = self.person_in(value.get("name"), value.get("key"))
            if person is not None:
                return {"name": REMOVED, "key": key_of(person)}
        return {self.text(name): each if name in _OF_FEEDS else self.value(each) for name, each in value.items()}

    def item(self, item: Item) -> Item:
        """``item`` without those names; the same one when it names none of them."""
        if not self._words:
            return item
        before = to_json(item)
        after = self.value(before)
        return item if after == before else from_json(Item, after)

    def person_in(self, name: object, key: object = None) -> int | None:
        """Which erased person has that name, address or account; None when none has."""
        for each in (key, name):
            if isinstance(each, str) and self.may_name(each):
                for kind, plain in _spellings(each):
                    if word := self._words.get(_hash(self._key, kind, plain)):
                        return word.person
        return None

    def _string(self, value: str) -> str:
        if len(value) <= _LONGEST_LOCAL * 2 and "@" in value:
            person = self.person_in(value)
            if person is not None:
                return key_of(person)
        return self.text(value)

    def _find(self, kind: WordKind, plain: str) -> Word | None:
        return self._words.get(_hash(self._key, kind, plain))

    def _addresses(self, text: str) -> Iterator[Span]:
        for at in _AT.finditer(text):
            domain = _DOMAIN.match(text, at.end())
            local = _LOCAL.search(text, max(0, at.start() - _LONGEST_LOCAL), at.start())
            if domain is None or local is None:
                continue
            ends = [domain.end(), *(each.start() + at.end() for each in reversed(_dots(domain[0])))]
            starts = _starts(local[0], text[local.start() - 1 : local.start()])
            for end in ends:
                host = _ONE_DOT.sub(".", text[at.end() : end]).lower()
                word, start = self._address(local[0].lower(), starts, host)
                if word is not None:
                    begin = local.start() + start
                    yield Span(begin, end, self._instead(text, begin, ADDRESS_REMOVED), word.person)
                    break

    def _address(self, local: str, starts: list[int], host: str) -> tuple[Word | None, int]:
        for start in starts:
            mine = local[start:]
            for each in dict.fromkeys((mine, mine.partition("+")[0])):
                if word := self._find("address", f"{each}@{host}"):
                    return word, start
        return None, 0

    def _names(self, text: str) -> Iterator[Span]:
        tokens = list(_tokens_in(text)) if self._firsts else []
        for at, (start, _, plain) in enumerate(tokens):
            if not self._begins_name(plain):
                continue
            for length in self._lengths:
                run = tokens[at : at + length]
                if len(run) < length or not _is_close(run):
                    continue
                if word := self._find("name", " ".join(each[2] for each in run)):
                    yield Span(start, run[-1][1], self._instead(text, start, REMOVED), word.person)
                    break

    def _begins_name(self, plain: str) -> bool:
        known = self._begins.get(plain)
        if known is None:
            if len(self._begins) > 100_000:
                self._begins.clear()
            known = self._begins[plain] = _hash(self._key, "first", plain) in self._firsts
        return known

    def _accounts(self, text: str) -> Iterator[Span]:
        if word := self._find("account", _plain(text)) if len(text) <= _LONGEST_LOCAL else None:
            yield Span(0, len(text), key_of(word.person), word.person)
        for each in _HANDLE.finditer(text):
            shown = each[0].rstrip(".")
            if word := self._find("account", _plain(shown)):
                yield Span(each.start(), each.start() + len(shown), _IN_ADDRESS, word.person)

    @staticmethod
    def _instead(text: str, start: int, words: str) -> str:
        before = _ADDRESS_PART.search(text, max(0, start - 2_000), start)
        begun = before[0] if before else ""
        return _IN_ADDRESS if "://" in begun or begun.lower().endswith(("mailto:", "acct:", "sip:", "xmpp:")) else words


def _readings(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8", "replace")
    if not data.isascii():
        yield data.decode("latin-1")


def key_of(person: int) -> str:
    """What an erased person is counted by."""
    return f"removed-{person}"


def _spellings(text: str) -> list[tuple[WordKind, str]]:
    text = text.strip().strip("<>")
    if "@" in text:
        return [("address", text.lower())]
    tokens = words_of(text)
    if len(tokens) < 2:
        return [("account", _plain(text))]
    last_first = [tokens[-1], *tokens[:-1]]
    return [("name", " ".join(tokens)), ("name", " ".join(last_first)), ("account", _plain(text))]


def words_of(text: str) -> list[str]:
    """The words of ``text`` as they are compared."""
    return [plain for _, _, plain in _tokens_in(text)]


def _tokens_in(text: str) -> Iterator[tuple[int, int, str]]:
    """The words of ``text`` with their places; references and octets of addresses count as what they stand for."""
    start = end = -1
    parts: list[str] = []
    for piece in _PIECE.finditer(text):
        shown = piece[0]
        if shown[0] in "&%":
            shown = html.unescape(shown) if shown[0] == "&" else unquote(shown)
        is_word = bool(shown) and all(each.isalnum() or unicodedata.combining(each) for each in shown)
        if parts and (piece.start() != end or not is_word):
            yield start, end, folded("".join(parts))
            parts = []
        if is_word:
            start, end = (piece.start() if not parts else start), piece.end()
            parts.append(shown)
    if parts:
        yield start, end, folded("".join(parts))


def folded(text: str) -> str:
    """``text`` as it is compared: small letters without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold()


def _plain(text: str) -> str:
    return folded(text.strip().strip("<>").lstrip("@"))


def _is_close(run: list[tuple[int, int, str]]) -> bool:
    return all(after[0] - before[1] <= _LONGEST_GAP for before, after in pairwise(run))


def _dots(domain: str) -> list[re.Match[str]]:
    """The dots behind which a sentence may go on right after an address; small letters are of the domain."""
    return [each for each in list(_ONE_DOT.finditer(domain))[1:] if domain[each.end()].isupper()]


def _starts(local: str, before: str) -> list[int]:
    """Where an address may begin in what stands before its "@": behind what Message-IDs count, or an octet in a URL."""
    starts = [0]
    if before in ("%", "=") and _OCTET.match(local):
        starts.append(2)
    if (counted := _COUNTED.match(local)) and counted.end() < len(local):
        starts.append(counted.end())
    return starts


def _hash(key: bytes, kind: str, plain: str) -> str:
    return hmac.digest(key, f"{kind}\0{plain}".encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
