"""What the review page shows: frozen plain values, which the templates write out as they are."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RailItem:
    """A section in the rail."""

    key: str
    """The digit that moves an item here, empty from the tenth section on."""
    id: str
    title: str
    said: str
    """How it stands, with its sign: ✓ full, ? 4 open, ! 1 to check."""
    count: str
    """Kept of the most, or how many there are."""
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Outside:
    """A list of what is not in the issue."""

    title: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item of the list: small, with one act."""

    id: str
    style: str
    """The name of its state in the style sheet."""
    sign: str
    state: str
    """The state in a word."""
    title: str
    facts: str
    url: str
    """Where its card is open."""
    act: str
    """The word on its button, empty when nothing can be done."""
    does: str
    """What the button sends: an action and what it is done to."""
    at: str = ""
    """The initials of another editor who is at its card."""
    is_open_card: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one head; without a title they stand alone."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """A project of which nothing is heard; ``is_said``: readers are told so."""

    project: str
    is_said: bool


@dataclass(frozen=True, slots=True)
class Due:
    """Something readers have to do soon."""

    distance: str
    day: str
    title: str


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """A title of the issue so far."""

    title: str
    url: str
    before: str = ""
    """The day of a date."""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """A section of the issue so far; ``more`` says how many lines are not shown."""

    title: str
    lines: tuple[OutlineLine, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a mail is used; ``text`` is empty until it is known."""

    text: str
    """56 of 80 KB."""
    percent: int
    minutes: str
    is_current: bool
    url: str
    """Where the script asks again."""


@dataclass(frozen=True, slots=True)
class LastAct:
    """What this editor did last, which can be taken back."""

    text: str
    batch: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nothing can be decided any more, and where to go."""

    text: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What ``desk/review.html`` shows."""

    number: int
    base: str
    """The address under which all pages of the issue lie, with "/" at its end."""
    section: str
    """The id of the section that is shown."""
    title: str
    about: str
    place: str
    """Section 3 of 6."""
    seen: int
    """The number of the last change this page knows."""
    at: str
    """The entry whose card is open, empty when there is none."""
    rail: tuple[RailItem, ...]
    outside: tuple[Outside, ...]
    short: str
    """What the short way asks for, or leaves out; empty when it cannot be taken."""
    is_short: bool
    groups: tuple[Group, ...]
    below: tuple[Row, ...]
    below_text: str
    below_url: str
    """The same page with what lies below the line, empty when it is shown."""
    gone: tuple[Row, ...]
    quiet: tuple[Quiet, ...]
    more_url: str
    """The same page with more rows, empty when all are shown."""
    enough: str
    is_enough: bool
    deadlines: tuple[Due, ...]
    outline: tuple[OutlineSection, ...]
    meter: Meter
    closed: Closed | None
    last: LastAct | None
    open_ids: tuple[str, ...]
    """What is left to decide, in order of worth."""
    sortable_url: str
    """Where the script for dragging lies."""
    said: str = ""
    """What happened to the last form, when the page does not show it."""
    sections: tuple[tuple[str, str], ...] = field(default=())
    """Id and title of the sections an item can be moved to."""
