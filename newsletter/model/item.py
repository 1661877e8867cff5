"""What was read from a source: Item, Thread, Review, Event, Person."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from newsletter.model.packing import packed_by_slots

Form = Literal["mail", "post", "review", "release", "ticket", "event", "chat", "page"]
"""What an item is, whatever source it came from."""


CANCELLED = "cancelled"
MOVED = "moved"
"""Labels of an event that was told and is called off, or is at another time or place by now."""


@packed_by_slots
@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named by a source; ``key`` tells two people apart better than the name does."""

    name: str
    key: str = ""

    @property
    def identity(self) -> str:
        """What to count people by: the address or account if known, else the name."""
        return (self.key or self.name).casefold().strip()


@packed_by_slots
@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail stands, and how much was answered as far as it was read."""

    root_id: str
    reply_count: int = 0
    people_count: int = 1
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A change under code review. ``state`` is open, merged or abandoned."""

    state: str
    project: str
    number: int
    created_at: datetime | None = None
    merged_at: datetime | None = None
    lines_added: int | None = None
    lines_removed: int | None = None
    files_count: int | None = None
    is_first_contribution: bool | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A date people can attend.

    ``starts_at``/``ends_at`` are a ``date`` when only the day is known, a ``datetime`` without
    zone when the zone is unknown (then ``timezone`` is None), and a ``datetime`` in UTC when it
    is known. ``ends_at`` of whole days is the last day itself.
    """

    starts_at: date | datetime
    ends_at: date | datetime | None = None
    timezone: str | None = None
    place: str | None = None
    cost: str | None = None
    late_cost: str | None = None
    late_from: date | None = None
    seats: int | None = None
    deadline_at: date | datetime | None = None
    url: str | None = None
    is_guess: bool = False
    title: str | None = None
    words: str | None = None
    """The words of the text that a guess was made from: "later this month"."""


@packed_by_slots
@dataclass(frozen=True, slots=True)
class Item:
    """One thing read from one source: a mail, a post, a review, a date.

    ``id`` comes from :func:`item_id`. ``native_keys`` are all names the source has for it (the
    first is the one ``id`` was made of). ``text`` is plain text, ``html`` is sanitised, ``title``
    is one line. Times are in UTC; what is unknown is None.
    """

    id: str
    source_id: str
    kind: str
    form: Form
    native_keys: tuple[str, ...]
    title: str
    url: str | None = None
    author: Person | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    text: str = ""
    html: str = ""
    links: tuple[str, ...] = ()
    thread: Thread | None = None
    review: Review | None = None
    event: Event | None = None
    project: str | None = None
    language: str | None = None
    labels: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = field(default=())
    """Message-IDs a mail answers, the nearest first."""

    @property
    def is_tip(self) -> bool:
        """Whether somebody sent it to the editors alone: it is shown nowhere until one of them takes it."""
        return self.kind == "inbox"

    @property
    def is_brought(self) -> bool:
        """Whether an editor or a program brought it into an issue: it is shown there alone, as it stands there."""
        return self.kind == "late item"


def item_id(source_id: str, native_key: str) -> str:
    """The id of the item that ``source_id`` calls ``native_key``: 20 hex digits, the same everywhere."""
    return hashlib.sha256(f"{source_id}\0{native_key}".encode("utf-8", "surrogatepass")).hexdigest()[:20]
