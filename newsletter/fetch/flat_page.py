"""Pages that come as plain text, a paragraph a line: what flattening a web page left of it."""

import re
from collections.abc import Iterator
from itertools import pairwise

from newsletter.fetch.clean import paragraphs
from newsletter.fetch.dates import parse_date
from newsletter.fetch.losses import (
    CODE_BROKEN_OUT,
    HALF_LETTER,
    PARAGRAPH_TWICE,
    flat_losses,
    title_losses,
    vague_dates,
)
from newsletter.fetch.mending import has_half_letters, mend_lines
from newsletter.fetch.page_pieces import Piece
from newsletter.model.item import Thread
from newsletter.text import is_web_url, one_line, shorten

HEADING_EMPTY = "heading without content"
COPY = "copy of"

_LONGEST_TITLE = 110
_PROSE = 100
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
# "OpenStack Community Newsletter – February 25, 2011": a heading that says when.
_DATED = re.compile(
    rf"(?P<title>[^–—|\n]{{4,90}}?)\s+[–—|-]\s+(?P<date>{_MONTH} \d{{1,2}}, \d{{4}}|\d{{1,2}} {_MONTH} \d{{4}}|"
    r"\d{4}-\d{2}-\d{2})\s*"
)
_POINT = re.compile(r"\s*[•*·‣-]\s+(?P<title>.{8,160}?)\s+[–—]\s+(?P<text>\S.*)", re.DOTALL)
_CAPITALS = re.compile(r"[^a-z]*[A-Z]{3}[^a-z]*")
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_SEE = re.compile(r"\bsee\s+(https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]])", re.IGNORECASE)
_REPLIES = re.compile(
    r"\b(\d{1,4})\+?\s+(?:responses|replies|answers|comments|mails|posts)\b",
    re.IGNORECASE,
)
_COPIED = re.compile(
    r"\b(?:originates? from|(?:copied|reproduced|re-?posted) (?:it )?(?:here|below|from))\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:^|\b(?:from|by)\s+)((?:[A-ZÀ-Þ][\w’'.-]+\s){1,2}[A-ZÀ-Þ][\w’'-]+)(?=\s(?:at|on|in|has|posted|wrote)\b)"
)
_MOST = 400
_COPY_LINE = 400


def flat_pieces(text: str, url: str) -> tuple[Piece, ...]:
    """The page first, then what stands in it under headings with a date, and points with a title and an address."""
    mended = mend_lines(text)
    twice = (PARAGRAPH_TWICE,) if mended.repeated_count else ()
    half = (HALF_LETTER,) if has_half_letters(text) and not has_half_letters(mended.text) else ()
    lines = [line for line in mended.text.split("\n") if line.strip()]
    dated = [at for at, line in enumerate(lines) if _DATED.fullmatch(line.strip())]
    title = "" if dated[:1] == [0] else _title(lines, text)
    page = _page(lines, url, title, (*twice, *half, *(f"{CODE_BROKEN_OUT}: {each}" for each in mended.code)))
    posts = (_post(lines[at:end], url) for at, end in pairwise([*dated, len(lines)]))
    points = (_point(found, url) for line in lines if (found := _POINT.fullmatch(line)))
    return (page, *posts, *(each for each in points if each))[:_MOST]


def _page(lines: list[str], url: str, title: str, warnings: tuple[str, ...]) -> Piece:
    text = "\n\n".join(lines)
    said = (*title_losses(title), *warnings, *flat_losses("\n".join(lines)), *vague_dates(text), *_copies(lines))
    return Piece("page", title, text, paragraphs(text), url, _links(text), warnings=tuple(dict.fromkeys(said)))


def _copies(lines: list[str]) -> Iterator[str]:
    """Where the text says that it shows somebody's words again: their address, and who wrote them."""
    for line in lines:
        if len(line) < _COPY_LINE and _COPIED.search(line) and (links := _links(line)):
            named = _NAMED.search(line)
            yield f"{COPY} {links[0]}" + (f" by {one_line(named[1])}" if named else "")


def _title(lines: list[str], original: str) -> str:
    """The first line when it can be a title: short, no sentence, and not a caption that stands twice."""
    if len(lines) < 2:
        return ""
    first = one_line(lines[0])
    is_title = len(first) <= _LONGEST_TITLE and not re.search(r"[.:;,]$", first) and not _LINK.search(first)
    return first if is_title and original.count(lines[0]) == 1 and not _POINT.match(first) else ""


def _post(lines: list[str], url: str) -> Piece:
    found = _DATED.fullmatch(lines[0].strip())
    assert found is not None, "a post begins with its heading"
    text = "\n\n".join(lines[1:])
    empty = (f"{HEADING_EMPTY}: {line}" for line in _empty_headings(lines[1:]))
    return Piece(
        f"post {one_line(lines[0])}",
        one_line(found["title"]),
        text,
        paragraphs(text),
        url,
        _links(text),
        published_at=parse_date(found["date"]),
        warnings=(*flat_losses("\n".join(lines[1:])), *empty),
        form="post",
    )


def _empty_headings(lines: list[str]) -> Iterator[str]:
    """Lines all in capitals that nothing but the next such line, or the end, follows."""
    heads = [bool(_CAPITALS.fullmatch(line.strip())) and len(line) < _PROSE for line in lines]
    for at, line in enumerate(lines):
        if heads[at] and (at + 1 == len(lines) or heads[at + 1]):
            yield one_line(line)


def _point(found: re.Match[str], url: str) -> Piece | None:
    """A point of a list that has a title and an address: a thing told, not a remark."""
    title, text = one_line(found["title"]), one_line(found["text"])
    links = _links(f"{title} {text}")
    if not links:
        return None
    seen = _SEE.search(text)
    own = seen[1] if seen and is_web_url(seen[1]) else links[-1]
    replies = _REPLIES.search(text)
    return Piece(
        f"point {title}",
        shorten(title, 300),
        text,
        paragraphs(text),
        own,
        links,
        thread=Thread(own, int(replies[1])) if replies else None,
        warnings=flat_losses(text),
    )


def _links(text: str) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(_LINK.findall(text)) if is_web_url(each))[:200]
