"""What is new on a page since it was read last: new pieces, changed ones, added lines. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from newsletter.fetch.added import Additions, tell_additions, week_of
from newsletter.fetch.clean import paragraphs
from newsletter.fetch.page import ParsedPage
from newsletter.fetch.page_pieces import Piece

CHANGED = "changed"
MOST_KNOWN = 2_000

_BEGINNING = 120
_LIKE = 0.7


@dataclass(frozen=True, slots=True)
class Known:
    """A piece as it was read last: its name, a hash of it, its first words, and the key of its newest item.

    ``week`` is the week in which that item was told.
    """

    key: str
    hash: str
    begins: str
    item_key: str
    week: str

    def as_json(self) -> list[str]:
        """What to store."""
        return [self.key, self.hash, self.begins, self.item_key, self.week]


@dataclass(frozen=True, slots=True)
class PageMemory:
    """What is remembered of a page: its pieces, or its lines when it has none."""

    pieces: tuple[Known, ...] = ()
    lines: Additions | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "PageMemory | None":
        """What was stored; None for a page that is read for the first time."""
        if value is None:
            return None
        return cls(tuple(Known(*each) for each in value["pieces"]), Additions.from_json(value.get("lines")))

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "pieces": [each.as_json() for each in self.pieces],
            "lines": self.lines.as_json() if self.lines else None,
        }


@dataclass(frozen=True, slots=True)
class News:
    """The pieces to tell, in the order of the page, and what to remember."""

    pieces: tuple[Piece, ...]
    memory: PageMemory


def find_news(parsed: ParsedPage, before: PageMemory | None, now: datetime, *, everything: bool = False) -> News:
    """What of ``parsed`` is to be told.

    The first time that is the page as one piece, and the pieces that have a time of their own;
    ``everything``: all pieces. Later it is each piece that is new or changed.
    """
    lines = tell_additions(parsed.page.text.split("\n"), before.lines if before else None, now)
    if before is None:
        known = _known(parsed.pieces, (), week_of(now))
        told = parsed.pieces if everything else tuple(each for each in parsed.pieces if each.is_dated)
        return News((parsed.page, *told), PageMemory(known, lines.additions))
    if not parsed.pieces:
        added = (_added(parsed.page, lines.paragraphs, now),) if lines.has_news else ()
        return News(added, PageMemory(before.pieces, lines.additions))
    known = _known(parsed.pieces, before.pieces, week_of(now))
    earlier = {each.key: each for each in before.pieces}
    changes: list[Piece] = []
    for piece, found in zip(parsed.pieces, known, strict=False):
        old = earlier.get(found.key)
        if old is None:
            changes.append(piece)
        elif old.hash != found.hash:
            changes.append(_changed(piece, found, now))
    return News(tuple(changes), PageMemory(known, lines.additions))


def _known(pieces: Sequence[Piece], before: Sequence[Known], week: str) -> tuple[Known, ...]:
    """The pieces that are there now, in their order, then those that were there once."""
    earlier = {each.key: each for each in before}
    present = {piece.key for piece in pieces}
    vanished = [each for each in before if each.key not in present]
    found: list[Known] = []
    for piece in pieces:
        old = earlier.get(piece.key)
        if old is None and not piece.is_named:
            old = _like(piece, vanished)
            vanished = [each for each in vanished if each is not old]
        found.append(_known_piece(piece, old, week))
    taken = {each.key for each in found}
    return (*found, *(each for each in vanished if each.key not in taken))[:MOST_KNOWN]


def _known_piece(piece: Piece, old: Known | None, week: str) -> Known:
    digest = _hash(piece)
    if old is None:
        return Known(piece.key, digest, piece.text[:_BEGINNING], piece.key, week)
    if old.hash == digest:
        return old
    # Within a week a piece that changes again is the same item; later it is told anew.
    item_key = old.item_key if old.week == week else f"{old.key} {week}"
    return Known(old.key, digest, piece.text[:_BEGINNING], item_key, week)


def _like(piece: Piece, vanished: Sequence[Known]) -> Known | None:
    """The piece without a name that this one was before somebody changed its words."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(piece.text[:_BEGINNING])
    best: tuple[float, Known] | None = None
    for each in vanished:
        matcher.set_seq1(each.begins)
        if matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE:
            ratio = matcher.ratio()
            if ratio >= _LIKE and (best is None or ratio > best[0]):
                best = (ratio, each)
    return best[1] if best else None


def _changed(piece: Piece, found: Known, now: datetime) -> Piece:
    labels = (*piece.labels, CHANGED)
    return replace(piece, key=found.item_key, labels=labels, updated_at=piece.updated_at or now)


def _added(page: Piece, added: tuple[str, ...], now: datetime) -> Piece:
    """The page as far as it was added this week."""
    text = "\n\n".join(added)
    links = tuple(each for each in page.links if each in text) if "://" in text else ()
    return replace(
        page,
        key=f"page {week_of(now)}",
        text=text,
        html=paragraphs(text),
        links=links,
        published_at=None,
        updated_at=page.updated_at or now,
        labels=(*page.labels, CHANGED),
    )


def _hash(piece: Piece) -> str:
    said = f"{piece.title}\0{' '.join(piece.text.split())}\0{piece.event}\0{piece.published_at}"
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
