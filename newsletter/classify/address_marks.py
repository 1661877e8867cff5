"""What the address of a story says: a change under review, a package, a page of an event. Shapes, not hosts."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_PIECES: Mapping[str, str] = {
    "change address": "pull pulls merge_requests commit commits compare changes patch patches patchwork +",
    "ticket address": "issue issues bug bugs ticket tickets browse show_bug.cgi",
    "proposal address": "rfc rfcs proposal proposals spec specs enhancement enhancements pep peps blueprints adr",
    "package address": "crate crates package packages gem gems project module modules release releases dist download "
    "downloads tags",
    "event address": "event events e meetup meetups conference conferences cfp schedule",
    "article address": "blog blogs post posts article articles news stories story",
    "discussion address": "t r comments forum forums thread threads topic archive archives questions discussions",
    "talk address": "watch playlist podcast podcasts episode episodes video videos",
}
_MARK_OF = {piece: mark for mark, pieces in _PIECES.items() for piece in pieces.split()}
_NEEDS_MORE = frozenset({"change address", "ticket address", "package address", "discussion address"})
"""The piece alone is a list of them; one of them lies below it."""
_HOSTS = {
    "code host": re.compile(r"(?:^|\.)(?:git|code|hg|svn|src|source|cgit|review|gerrit)[\w-]*\."),
    "event host": re.compile(
        r"\b(?:meet|event|conf|summit|camp|ticket|cfp)|(?:meetup|conf|con|events?|camp|summit)s?\d*\."
    ),
    "blog host": re.compile(r"\b(?:blogs?|weblog|journal|diary)\b"),
    "package host": re.compile(r"\b(?:crates|packages?|gems|docs|registry|pkg)\b"),
}
_DIGITS = re.compile(r"\d+")
_MOST_PIECES = 12


class Address(NamedTuple):
    """An address in its parts, in lower case: host without "www.", path, its pieces with each number as 0, query."""

    host: str
    path: str
    pieces: tuple[str, ...]
    query: str


def read_address(url: str) -> Address:
    """The parts of ``url``; of one that cannot be meant, what looks like them."""
    rest = (url.partition("://")[2] or url).lower()
    rest = rest.partition("#")[0]
    rest, _, query = rest.partition("?")
    host, _, path = rest.partition("/")
    pieces = _DIGITS.sub("0", path).split("/", _MOST_PIECES)
    return Address(_plain_host(host), path, tuple(piece for piece in pieces if piece), query)


@lru_cache(maxsize=16_384)
def _plain_host(written: str) -> str:
    return written.rpartition("@")[2].partition(":")[0].removeprefix("www.")


@lru_cache(maxsize=16_384)
def marks_of_host(host: str) -> frozenset[str]:
    """What the name of a host says of what lies on it."""
    return frozenset(mark for mark, pattern in _HOSTS.items() if pattern.search(host))


def address_marks(address: Address) -> set[str]:
    """The marks of an address."""
    found = set(marks_of_host(address.host))
    last = len(address.pieces) - 1
    for at, piece in enumerate(address.pieces):
        mark = _MARK_OF.get(piece)
        if mark is not None and (at < last or mark not in _NEEDS_MORE or address.query):
            found.add(mark)
        elif mark is None and piece == "0" and at < last and address.pieces[at + 1] == "0":
            found.add("article address")  # a year and a month
    if "code host" in found and last == 1:
        found.add("repository")
    return found
