"""Copies: where an item says that it was taken from, and by whom it was written."""

import re
from dataclasses import dataclass

from newsletter.model.item import Item

_HEAD = 1_500
_NAME = r"((?:[A-ZÀ-ÖØ-Þ][\w’'.-]*\s){1,2}(?:(?:van|von|de|der|da|di|del|la|al|bin)\s)*[A-ZÀ-ÖØ-Þ][\w’'-]+)"
_URL = r"<?(https?://[^\s<>\"')\]]+)"
_SAYS_FROM = (
    r"(?i:originates? from|originally (?:posted|published|appeared|written)(?: by| on| at| in)?|"
    r"(?:re|cross-?)posted from|copied (?:here )?from|taken from|reproduced from)"
)
_FROM = re.compile(rf"{_SAYS_FROM}\s+(?:{_NAME}\b)?[^.!?\n]{{0,80}}?{_URL}")
_BY_FIRST = re.compile(rf"{_NAME}\s+(?:has\s+)?(?:posted|published|wrote|announced)\b[^!?\n]{{0,200}}?{_URL}")
_HERE = r" (?:(?:it|this|the (?:post|text|mail)) )?(?:here|below|from)"
# Searched in lower case, each way with a letter of its own in front: then re skips what cannot begin one.
_COPIED = re.compile(
    rf"copy{_HERE}|copied{_HERE}|reproduc\w+{_HERE}|re-?post\w*{_HERE}|cross-?post\w*{_HERE}|"
    r"complete (?:posting|text) (?:is )?(?:also )?(?:here|below)|originates? from|"
    r"originally (?:posted|published|appeared)"
)
_SIGNS = (
    "copied",
    "copy",
    "reproduc",
    "repost",
    "re-post",
    "crosspost",
    "cross-post",
    "originate",
    "originally",
    "complete ",
)
"""One of them stands in whatever _COPIED finds; to look for them first is many times faster."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a copy says about its original: the address and, when it is named, the author."""

    url: str | None = None
    author: str | None = None


def origin_of(item: Item) -> Origin | None:
    """Where ``item`` says it was copied from; None when it does not look like a copy."""
    head = item.text[:_HEAD]
    lowered = head.lower()
    if not any(sign in lowered for sign in _SIGNS) or not _COPIED.search(lowered):
        return None
    found = _FROM.search(head) or _BY_FIRST.search(head)
    if found is None:
        return Origin()
    author = " ".join(found[1].split()) if found[1] else None
    return Origin(found[2].rstrip(".,;:"), author)
