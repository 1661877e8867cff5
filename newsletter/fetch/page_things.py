"""Entries and events that a page marks up as such: microformats and schema.org become pieces."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from newsletter.fetch.clean import clean_html, is_safe_url, paragraphs
from newsletter.fetch.dates import DATE_UNREADABLE, believed
from newsletter.fetch.json_ld import SaidEvent
from newsletter.fetch.microformat_dates import moment_of
from newsletter.fetch.microformats import Thing, flattened
from newsletter.fetch.page_facts import time_of
from newsletter.fetch.page_pieces import Piece, make_piece
from newsletter.model.item import Event, Person
from newsletter.text import one_line, shorten

CANCELLED = "cancelled"
_NOTE = 150
"""A name longer than this is the whole text of a note that has no title."""


def entry_things(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """The h-entries among ``things``, wherever they stand."""
    return tuple(each for each in flattened(list(things)) if "h-entry" in each.types)


def entry_piece(thing: Thing, url: str, now: datetime, feed: Thing | None = None) -> Piece | None:
    """The entry as a piece; None when it says nothing."""
    clean = clean_html(thing.html or paragraphs(thing.text("content") or thing.text("summary")), url)
    name = one_line(thing.text("name"))
    if not clean.text:
        clean = clean_html(paragraphs(name), url)
    if not clean.text:
        return None
    published, bad = believed(time_of(thing.text("published") or thing.text("updated")), now)
    updated, _ = believed(time_of(thing.text("updated")), now)
    said = thing.text("published")
    unread = (f"{DATE_UNREADABLE}: {shorten(said, 60)}",) if said and time_of(said) is None else ()
    link = next((each for each in thing.texts("url") if is_safe_url(each)), None)
    is_note = len(name) > _NOTE or (name == one_line(clean.text) and bool(thing.html))
    return make_piece(
        Piece(
            key=one_line(thing.text("uid")) or link or (f"#{thing.id}" if thing.id else ""),
            title="" if is_note else name,
            text="",
            url=link or (f"{url}#{thing.id}" if thing.id else url),
            author=_author(thing) or (_author(feed) if feed else None),
            published_at=published,
            updated_at=updated,
            labels=tuple(dict.fromkeys(shorten(each, 60) for each in thing.texts("category")))[:20],
            warnings=(*((bad,) if bad else ()), *unread),
            form="post",
        ),
        clean,
    )


def event_pieces(things: Iterable[Thing], said: Iterable[SaidEvent], url: str) -> Iterator[Piece]:
    """The events of a page; one that microformats and schema.org both tell is there once."""
    seen: set[tuple[str, str]] = set()
    marked = (_marked_event(each, url) for each in flattened(list(things)) if "h-event" in each.types)
    for found in (*marked, *said):
        if found is None:
            continue
        key = (found.title.casefold(), _day(found))
        if key not in seen:
            seen.add(key)
            yield _event_piece(found, url)


def _day(said: SaidEvent) -> str:
    return said.event.starts_at.isoformat()[:10] if said.event else ""


def _event_piece(said: SaidEvent, url: str) -> Piece:
    link = said.url if said.url and is_safe_url(said.url) else None
    event = replace(said.event, url=link) if said.event else None
    piece = Piece(
        key=f"event {said.key or f'{said.title} {_day(said)}'}",
        title=said.title,
        text="",
        url=link or url,
        event=None if said.is_cancelled else event,
        labels=(CANCELLED,) if said.is_cancelled else (),
        form="event",
    )
    html = said.text if "<" in said.text else paragraphs(said.text)
    return make_piece(piece, clean_html(html or paragraphs(said.title), url))


def _marked_event(thing: Thing, url: str) -> SaidEvent | None:
    starts_at, zone = moment_of(thing.text("start"))
    title = one_line(thing.text("name"))
    if not title:
        return None
    ends_at, _ = moment_of(thing.text("end"))
    link = next((each for each in thing.texts("url") if is_safe_url(each)), None)
    event = None
    if starts_at is not None:
        is_after = ends_at is not None and ends_at.isoformat()[:10] >= starts_at.isoformat()[:10]
        event = Event(starts_at, ends_at if is_after else None, zone, _place(thing), title=title)
    text = thing.text("content") or thing.text("description") or thing.text("summary")
    key = one_line(thing.text("uid")) or link or (f"#{thing.id}" if thing.id else "")
    return SaidEvent(event, title, link, text, key, one_line(thing.text("status")).casefold() == CANCELLED)


def _place(thing: Thing) -> str | None:
    places = thing.things("location")
    if not places:
        return one_line(thing.text("location")) or None
    names = ("name", "street-address", "locality", "region", "country-name")
    inner = (*places, *(each for place in places for each in place.things("adr")))
    parts = (one_line(each.text(name)) for each in inner for name in names)
    return shorten(", ".join(dict.fromkeys(part for part in parts if part)), 300) or None


def _author(thing: Thing) -> Person | None:
    name = one_line(thing.text("author"))
    return Person(shorten(name, 100)) if name and not name.startswith(("http://", "https://")) else None
