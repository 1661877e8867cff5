"""The shapes of everything the API takes and gives, as other programs may rely on them.

The same shapes hold for issue.json beside an issue, for ``newsletter sources --json`` and for ``preview --json``.
pydantic makes the OpenAPI document of them and checks what is posted; it is imported when that is first needed.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

Utc = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", examples=["2026-10-15T18:35:00Z"])]
"""A moment in UTC."""
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-10-15"])]
When = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?$",
        description="A day; a moment in UTC, with Z; or, where the time zone is unknown, local time without Z.",
    ),
]
SourceWord = Literal[
    "ok", "unchanged", "failing", "gone", "moved", "throttled", "paused", "not readable in this version"
]
_CLOSED = ConfigDict(extra="forbid")


class Thread(TypedDict):
    """Where a mail stands, and how much was answered."""

    root_id: str
    reply_count: int
    people_count: int
    first_at: Utc | None
    last_at: Utc | None


class Review(TypedDict):
    """A change under code review."""

    state: str
    project: str
    number: int
    created_at: Utc | None
    merged_at: Utc | None
    lines_added: int | None
    lines_removed: int | None
    files_count: int | None
    is_first_contribution: bool | None


class Event(TypedDict):
    """A date people can attend; `is_guess` when it was read from prose."""

    starts_at: When
    ends_at: When | None
    timezone: str | None
    place: str | None
    cost: str | None
    late_cost: str | None
    late_from: Day | None
    seats: int | None
    deadline_at: When | None
    url: str | None
    is_guess: bool


class ToldEvent(Event):
    """One of several dates that a text announces."""

    title: str | None
    words: str | None


class Item(TypedDict):
    """One thing read from a source. Without a token `text` is cut, and `html`, `links` and `warnings` are empty."""

    id: str
    source: str
    kind: str
    url: str | None
    title: str | None
    author: str | None
    published_at: Utc | None
    updated_at: Utc | None
    text: str
    html: str
    links: list[str]
    thread: Thread | None
    review: Review | None
    event: Event | None
    warnings: list[str]
    events: NotRequired[list[ToldEvent]]


class ItemList(TypedDict):
    """A page of items, the newest first. `next` is the address of the next page, null at the end."""

    items: list[Item]
    next: str | None


class Period(TypedDict):
    """A span of time; its end does not belong to it."""

    start: Utc
    end: Utc


class ScorePart(TypedDict):
    """Points, and what for; `line` is one of feeds.yaml. Without a token there is one part, the sum."""

    name: str
    points: int
    line: int | None


class LabelledLink(TypedDict):
    """A link and its words."""

    label: str
    url: str


class Correction(TypedDict):
    """What was set right in an entry after the issue was out."""

    number: int
    made_at: Utc | None
    note: str | None
    changed: list[str]


class Entry(TypedDict):
    """One line of an issue as readers see it. The parts of its score add up to it."""

    story: str
    title: str
    summary: str
    url: str | None
    links: list[LabelledLink]
    source: str | None
    author: str | None
    project: str | None
    language: str | None
    replies: int
    people: int
    due_on: Day | None
    score: int
    parts: list[ScorePart]
    why: str
    event: Event | None
    corrections: NotRequired[list[Correction]]


class RunnerUp(TypedDict):
    """A story that did not fit. Without a token there are none."""

    story: str
    title: str
    score: int


class Section(TypedDict):
    """A named part of an issue."""

    id: str
    title: str
    period: Period
    entries: list[Entry]
    runners_up: list[RunnerUp]
    quiet_projects: list[str]


class Statistic(TypedDict):
    """A counted figure. Those that are held back are given with a token only."""

    name: str
    value: int
    last: int | None
    proof: str | None
    note: str | None
    past: list[int]
    is_held: bool
    held_because: str | None


class ProjectFigures(TypedDict):
    """The figures of one project."""

    project: str
    contributors: int
    merged: int
    reviews: int
    proof: str | None


class Deadline(TypedDict):
    """Something to do soon."""

    on: Day
    title: str
    url: str | None
    why: str | None


class Dropped(TypedDict):
    """A story that is not in the issue, and why. Without a token there are none."""

    story: str
    title: str
    url: str | None
    reason: str
    score: int


IssueState = Literal["draft", "approved", "sending", "stopped", "sent"]


class Issue(TypedDict):
    """An issue, as issue.json beside it has it."""

    number: int
    title: str
    period: Period
    publish_on: Day
    state: IssueState
    note: str | None
    sections: list[Section]
    statistics: list[Statistic]
    projects: list[ProjectFigures]
    warnings: list[str]
    deadlines: list[Deadline]
    newcomers: list[str]
    dropped: list[Dropped]


class IssueLine(TypedDict):
    """An issue in a list; `url` is where the API has it whole, `page` where people read it."""

    number: int
    title: str
    state: IssueState
    publish_on: Day
    entries_count: int
    corrections_count: int
    url: str
    page: str


class IssueList(TypedDict):
    """A page of issues, the newest first. `next` is the address of the next page, null at the end."""

    issues: list[IssueLine]
    next: str | None


class SourceHealth(TypedDict):
    """How a source is. Without a token `state_reason` says only whether it was read at all, or is paused."""

    name: str
    kind: str | None
    reader: str | None
    state: SourceWord
    state_reason: str | None
    items_count: int
    last_new_at: Utc | None
    checked_at: Utc | None
    next_at: Utc | None


_Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S", description="What happened, as a headline.")]
_Link = Annotated[str, Field(max_length=2_000, pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s]+$", description="Where it is.")]


@with_config(_CLOSED)
class TipPost(TypedDict):
    """A tip for the editors. The same address within four weeks is the same tip; without one, the same words are."""

    title: _Title
    url: NotRequired[_Link | None]
    text: NotRequired[Annotated[str, Field(max_length=3_000)] | None]
    name: NotRequired[Annotated[str, Field(max_length=80, description="Printed as who sent it.")] | None]


@with_config(_CLOSED)
class HotPost(TypedDict):
    """A late item for the draft under review. An address that stands in the draft already changes nothing."""

    title: _Title
    url: _Link
    text: NotRequired[Annotated[str, Field(max_length=3_000)] | None]
    section: NotRequired[Annotated[str, Field(max_length=60, description="The id of a section.")] | None]
    credit: NotRequired[Annotated[str, Field(max_length=80, description="Printed as who told it.")] | None]


class Tip(TypedDict):
    """A tip that was sent, and what became of it; `issue` is the one in which an editor decided."""

    id: str
    came_at: Utc
    state: Literal["new", "taken", "declined"]
    issue: int | None


class HotItem(TypedDict):
    """Where a late item stands: the issue, its entry, and the card on the desk. `is_new`: it did not stand there."""

    issue: int
    entry: str
    card: str
    is_new: bool


class Mistake(TypedDict):
    """One thing to mend: where it is, what is wrong, and how to mend it."""

    where: str
    what: str
    how: str


class Problem(TypedDict):
    """Why a request was not answered as asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Mistake]


ANSWERS = (Item, ItemList, Issue, IssueList, SourceHealth, Tip, HotItem, Problem)
