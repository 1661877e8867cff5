"""The picture an item carries, and the words that stand for it."""

import re
from dataclasses import dataclass
from html import unescape

_PICTURE = re.compile(r"<img\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\b(src|alt)="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a picture lies, and what it shows; ``alt`` is never empty."""

    url: str
    alt: str


def first_picture(html: str, title: str) -> Picture | None:
    """The first picture of sanitised ``html``; one without a description of its own is described by ``title``."""
    for found in _PICTURE.finditer(html):
        said = {name.lower(): unescape(value).strip() for name, value in _ATTRIBUTE.findall(found[1])}
        if url := said.get("src"):
            return Picture(url, said.get("alt") or title or "picture")
    return None
