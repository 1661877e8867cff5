"""A Story joins the items that tell one thing; a Verdict says where it goes and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.model.item import Event, Form, Item, Person

PLACE_LABELS: Mapping[Form, str] = {
    "mail": "thread",
    "post": "blog",
    "review": "review",
    "release": "release",
    "ticket": "ticket",
    "event": "event",
    "chat": "chat",
    "page": "page",
}
"""The word for the place where an item of each form is read."""


def place_label(item: Item) -> str:
    """The word for the place where ``item`` is read: a post that is answered in its place is a thread."""
    return PLACE_LABELS["mail" if item.thread and item.form == "post" else item.form]


@dataclass(frozen=True, slots=True)
class Place:
    """One address where the story can be read; ``label`` is the word for it: thread, review, blog."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Story:
    """The items that tell one thing, ``lead`` first.

    ``id`` outlives regrouping: it is kept while one of the items it was made of stays in it.
    Counts are over the thread as far as it was read; ``because`` says why the items are one story.
    """

    id: str
    items: tuple[Item, ...]
    title: str
    url: str | None
    places: tuple[Place, ...] = ()
    author: Person | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    reply_count: int = 0
    people_count: int = 1
    project: str | None = None
    event: Event | None = None
    because: tuple[str, ...] = ()

    @property
    def lead(self) -> Item:
        """The item that speaks for the story: the original, not a copy."""
        return self.items[0]


DOUBTFUL = "looks like a scam"
"""Begins the name of the part of a score by which a story speaks for nobody: it leads no issue."""


@dataclass(frozen=True, slots=True)
class ScorePart:
    """Points, and the words for them; ``line`` is the line of feeds.yaml they come from."""

    name: str
    points: int
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a story goes: ``section`` (None: nowhere), and the parts its score is the sum of.

    ``dropped_by`` and ``told_in`` say why a story does not enter. ``why`` is one sentence.
    """

    section: str | None
    score: int
    parts: tuple[ScorePart, ...] = ()
    why: str = ""
    is_kept: bool = False
    dropped_by: str | None = None
    told_in: int | None = None
    let_go_in: int | None = None
    """The earlier issue out of which an editor dropped it."""
    show_as: str | None = None
    labels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Names of the rules that fired, in their order."""
