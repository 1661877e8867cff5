"""What a mail weighs and where: bytes by section, links, the longest lines of its text."""

import html as entities
import re

from newsletter.render.plain import WIDTH
from newsletter.text import one_line

_SECTION = re.compile(r"<h2\b[^>]*>(.*?)</h2>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"<a\b[^>]*\bhref=\"(https?:[^\"]*)\"", re.IGNORECASE)


def words_of(markup: str) -> str:
    """What a piece of HTML says, on one line."""
    return one_line(entities.unescape(_TAG.sub("", markup)))


def section_sizes(html: str) -> tuple[tuple[str, int], ...]:
    """Bytes of each part of a mail by the heading it stands under; what comes before the first stands under ""."""
    found = list(_SECTION.finditer(html))
    starts = [0, *(each.start() for each in found)]
    ends = [*starts[1:], len(html)]
    names = ["", *(words_of(each[1]) for each in found)]
    return tuple((name, len(html[start:end].encode())) for name, start, end in zip(names, starts, ends, strict=True))


def link_count(html: str) -> int:
    """How many different web addresses a mail leads to."""
    return len({entities.unescape(each) for each in _LINK.findall(html)})


def longest_lines(text: str, *, count: int = 3) -> tuple[str, ...]:
    """The longest lines of a plain text that are too wide though no address is in them."""
    wide = [line for line in text.splitlines() if len(line) > WIDTH and "://" not in line]
    return tuple(sorted(wide, key=len, reverse=True)[:count])
