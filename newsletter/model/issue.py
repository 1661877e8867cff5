"""One edition of the newsletter: Issue, Section, Entry, Change, Statistic and the allowed steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from newsletter.model.correction import Correction
from newsletter.model.item import Event
from newsletter.model.period import Period
from newsletter.model.picture import Picture
from newsletter.model.story import DOUBTFUL, Place, ScorePart

IssueState = Literal["draft", "approved", "sending", "stopped", "sent"]

STEPS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"approved"}),
    "approved": frozenset({"draft", "sending"}),
    "sending": frozenset({"stopped", "sent"}),
    "stopped": frozenset({"sending", "sent"}),
    "sent": frozenset(),
}
"""From each state, the states an issue may step to."""


@dataclass(frozen=True, slots=True)
class SectionSettings:
    """A section as feeds.yaml names it."""

    id: str
    title: str
    at_most: int | None = None
    pick: str | None = None
    order: str | None = None
    hide_after: str | None = None
    calendar_file: bool = False
    group_by: str | None = None
    show: tuple[str, ...] = ()
    lines_per_item: int | None = None
    line: int = 0
    quiet_projects: bool | None = None
    """Whether projects without news are named; None: where entries are grouped by project."""
    at_most_per_vendor: int | None = None


@dataclass(frozen=True, slots=True)
class Statistic:
    """A counted figure of the period: ``value``, the one before, and the address that proves it."""

    name: str
    value: int
    last: int | None = None
    high: int | None = None
    """The highest of the last eight periods, this one included."""
    proof: str | None = None
    note: str | None = None
    note_url: str | None = None
    """Where the thing is that the note names."""
    past: tuple[int, ...] = ()
    """The values of the issues before, the oldest first, at most seven."""
    held_because: str | None = None
    """Why no reader sees it until an editor lets it through."""

    @property
    def is_held(self) -> bool:
        """Whether it is held back for a look."""
        return self.held_because is not None


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """The figures of one project."""

    project: str
    contributors: int = 0
    merged: int = 0
    reviews: int = 0
    """Changes put up for review."""
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an issue as readers see it; ``revisions`` are the item revisions it was made from."""

    id: str
    story_id: str
    title: str
    url: str | None
    summary: str = ""
    places: tuple[Place, ...] = ()
    author: str | None = None
    source: str | None = None
    form: str | None = None
    reply_count: int = 0
    people_count: int = 0
    since: datetime | None = None
    project: str | None = None
    event: Event | None = None
    due_on: date | None = None
    task: str = ""
    """What has to be done until then, as a verb: Vote; empty when no word is known for it."""
    score: int = 50
    parts: tuple[ScorePart, ...] = ()
    why: str = ""
    show_as: str | None = None
    picture: Picture | None = None
    """What is shown with it, when it is wished so."""
    language: str | None = None
    labels: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    is_kept: bool = False
    """Whether an editor decided that it stands in the issue."""
    corrections: tuple[Correction, ...] = ()
    """What was corrected in it after the issue was out, the oldest first."""

    @property
    def is_doubtful(self) -> bool:
        """Whether it may be a scam: then it leads nothing."""
        return any(part.name.startswith(DOUBTFUL) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of an issue, with its own period and the entries that did not fit."""

    id: str
    title: str
    period: Period
    entries: tuple[Entry, ...] = ()
    runners_up: tuple[Entry, ...] = ()
    quiet_projects: tuple[str, ...] = ()
    settings: SectionSettings | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something to do soon."""

    on: date
    title: str
    url: str | None
    why: str = ""
    """Why it stands here though its story was told before; empty when the issue tells the story."""
    story_id: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A date that an earlier issue told, as it is known now: what falls due of it is named again."""

    story_id: str
    title: str
    url: str | None
    told_in: int
    event: Event | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A story that did not enter, and why."""

    story_id: str
    title: str
    url: str | None
    reason: str
    score: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing an editor did to an issue; appended, never changed.

    ``action`` is one of edit.changes.ACTIONS; ``target`` is the entry's or section's id; ``value``
    is JSON whose shape the action names. ``revisions`` are the item revisions that the editor had in view.
    Changes made by one act share a ``batch``: the number of its first one.
    """

    number: int
    editor: str
    made_at: datetime
    action: str
    target: str
    value: Any = None
    revisions: tuple[str, ...] = ()
    batch: int = 0


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition: what was drafted, folded with what editors changed."""

    number: int
    title: str
    period: Period
    publish_on: date
    state: IssueState = "draft"
    note: str = ""
    note_by: str = ""
    sections: tuple[Section, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    sources_count: int = 0
    newcomers: tuple[str, ...] = field(default=())
    zone: str | None = None
    """The newsletter's time zone, in which days begin and end."""
    send_at: datetime | None = None
    """When it is sent, in UTC, if an editor changed the hour this once."""
    is_short: bool = False
    """Whether only its highlights, what is due and its dates go out."""
    projects: tuple[ProjectFigures, ...] = ()
    """The figures by project, when a section wants them so."""
    warnings: tuple[str, ...] = ()
    """What an editor should look at before anybody else sees the issue."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries in reading order."""
        return tuple(entry for section in self.sections for entry in section.entries)

    @property
    def is_empty(self) -> bool:
        """Whether it tells nothing: no entry, and no note of an editor."""
        return not self.entries and not self.note.strip()

    @property
    def figures(self) -> tuple[Statistic, ...]:
        """The statistics that readers see: those that are not held back."""
        return tuple(each for each in self.statistics if not each.is_held)
