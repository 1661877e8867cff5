"""parse_page(): the bytes of a web page become its pieces; pure, so that it can run in a worker process."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from newsletter.errors import NotReadable
from newsletter.fetch.clean import Cleaned, is_bomb
from newsletter.fetch.feed_page import announced_feed
from newsletter.fetch.flat_page import flat_pieces
from newsletter.fetch.json_ld import page_data
from newsletter.fetch.losses import vague_dates
from newsletter.fetch.mail_head import decode_text
from newsletter.fetch.microformats import Thing, find_things, flattened
from newsletter.fetch.page_facts import PageFacts, page_facts
from newsletter.fetch.page_pieces import MOST_PIECES, Piece, main_pieces, make_piece, watched_pieces
from newsletter.fetch.page_things import entry_piece, entry_things, event_pieces

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?:!doctype|!--|\?xml|[a-z])", re.IGNORECASE)
_HEAD = 4_096
_LONGEST = 5_000_000
_FEWEST_LETTERS = 20
_MAIN_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class PageAsked:
    """What is asked of a page: where it lies, what of it is watched, and what time it is."""

    url: str
    watch: str = ""
    now: datetime | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """The page as one piece, the pieces it is made of in its order, and what there is to say about it.

    ``pieces`` is empty for a page without any structure: then its lines tell what is new.
    """

    page: Piece
    pieces: tuple[Piece, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_page(body: bytes, asked: PageAsked) -> ParsedPage:
    """The pieces of the page ``body``. Raises NotReadable when it is no page, or what is watched is not there."""
    media_type = asked.content_type.partition(";")[0].strip().lower()
    if not body.strip():
        raise NotReadable("the page is empty")
    if not _is_text(body, media_type):
        raise NotReadable(f"this is no page that can be read ({media_type or 'binary data'})")
    text = _decoded(body[:_LONGEST], asked.content_type)
    if media_type in ("text/plain", "text/markdown") or (not media_type and not _MARKUP.match(text[:_HEAD])):
        if asked.watch:
            raise NotReadable('the page is plain text: nothing in it has a name that "watch" could give')
        page, *pieces = flat_pieces(text, asked.url)
        return ParsedPage(page, tuple(pieces))
    if is_bomb(text):
        raise NotReadable("the page is nested too deeply to be read")
    return _parsed(LexborHTMLParser(text), body, asked)


def _parsed(tree: LexborHTMLParser, body: bytes, asked: PageAsked) -> ParsedPage:
    now = asked.now
    assert now is not None, "a page is read at some time"
    things, data = find_things(tree, asked.url), page_data(tree, asked.url)
    entries = entry_things(things)
    facts = page_facts(tree, data, entries, now)
    events = tuple(event_pieces(things, data.events, asked.url))
    warnings = _feed_warning(body, asked.url)
    if asked.watch:
        watched, more = watched_pieces(tree, asked.url, asked.watch)
        _, whole = main_pieces(tree, asked.url)
        return ParsedPage(_page_piece(facts, whole, asked.url), (*watched, *events), (*warnings, *more))
    marked = _entries(entries, things, asked.url, now)
    has_script = tree.css_first("script") is not None
    found, whole = main_pieces(tree, asked.url)
    if len(whole.text) < (_FEWEST_LETTERS if has_script else 1) and not marked and not events:
        raise NotReadable("the page holds no text that a program can read; perhaps it is made by a script")
    page = _page_piece(facts, whole, asked.url)
    if marked:
        pieces = (
            marked if len(marked) > 1 or found == () else (replace(marked[0], title=marked[0].title or page.title),)
        )
        return ParsedPage(page, (*pieces, *events), warnings)
    return ParsedPage(page, (*found, *events)[:MOST_PIECES], warnings)


def _entries(entries: tuple[Thing, ...], things: tuple[Thing, ...], url: str, now: datetime) -> tuple[Piece, ...]:
    """The entries that say something, each named once."""
    feed = next((each for each in flattened(things) if "h-feed" in each.types), None)
    found = (entry_piece(each, url, now, feed) for each in entries[:MOST_PIECES])
    return tuple({piece.key: piece for piece in found if piece}.values())


def _page_piece(facts: PageFacts, whole: Cleaned, url: str) -> Piece:
    whole = replace(whole, text=whole.text[:_MAIN_LONGEST])
    piece = make_piece(
        Piece(
            key="page",
            title=facts.title,
            text="",
            url=url,
            author=facts.author,
            published_at=facts.published_at,
            updated_at=facts.updated_at,
            warnings=facts.warnings,
            language=facts.language,
        ),
        whole,
    )
    vague = () if facts.published_at else vague_dates(piece.text)
    return replace(piece, title=facts.title, warnings=tuple(dict.fromkeys((*piece.warnings, *vague))))


def _feed_warning(body: bytes, url: str) -> tuple[str, ...]:
    feed = announced_feed(body, url)
    return (f'this page offers a feed, which says more: {feed} ("kind: feed")',) if feed else ()


def _is_text(body: bytes, media_type: str) -> bool:
    if media_type and not media_type.startswith("text/") and "html" not in media_type and "xml" not in media_type:
        return media_type == "application/octet-stream" and b"\x00" not in body[:_HEAD]
    return b"\x00" not in body[:_HEAD] or body[:2] in (b"\xff\xfe", b"\xfe\xff")


def _decoded(body: bytes, content_type: str) -> str:
    """The letters of the page, by its byte order mark, its header, or what it says itself."""
    for mark, charset in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(charset, "replace")
    said = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", content_type, re.IGNORECASE)
    found = _CHARSET.search(body[:_HEAD])
    return decode_text(body, said[1] if said else found[1].decode("ascii", "replace") if found else "")
