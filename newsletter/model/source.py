"""A Source, as the editor wrote it, and its FetchState, as the fetcher left it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

SourceState = Literal[
    "new", "ok", "unchanged", "failing", "gone", "moved", "throttled", "paused", "not readable in this version"
]

EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a back catalogue that was not read yet."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a source is due that was never read."""


@dataclass(frozen=True, slots=True)
class Source:
    """One configured place to read.

    ``id`` is the slug of ``name`` unless a rename kept an older one. ``kind`` is the editor's
    word, or "" to find it by looking. ``settings`` holds the values of the kind's own keys, by
    field name of the kind's dataclass (url included).
    """

    id: str
    name: str
    kind: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    section: str | None = None
    weight: int = 0
    check_every: timedelta = timedelta(hours=2)
    check_at_least_every: timedelta = timedelta(hours=12)
    """How seldom it is read when it has been quiet for long."""
    at_most_per_week: int | None = 25
    quote_at_most: int = 60
    """Words a summary may quote from one item of this source."""
    broken_for: timedelta = timedelta(days=3)
    then: str = "tell the editor"
    """What is done once it was ``broken_for`` so long, beside telling it: nothing, "pause" or "drop"."""
    show_as: str | None = None
    vendor: str | None = None
    """The company it speaks for; what lies on ``vendor_hosts``, or was written from there, is the company's as well."""
    vendor_hosts: tuple[str, ...] = ()
    at_most_per_vendor: int | None = 5
    paused: bool = False
    hold_bursts: bool = True
    """Whether most of its items wait for an editor when it brings far more than usual."""
    line: int = 0
    """Line of ``file`` where the source begins; ``address_line`` is that of its url."""
    address_line: int = 0
    file: str = "feeds.yaml"
    """feeds.yaml, or the file that it includes."""

    @property
    def own_line(self) -> int | None:
        """Its line when that is one of feeds.yaml itself."""
        return (self.line or None) if self.file == "feeds.yaml" else None

    @property
    def place(self) -> str:
        """Where its address is written: "feeds.yaml:12"."""
        return f"{self.file}:{self.address_line or self.line}"

    @property
    def address(self) -> str:
        """What the source reads, for messages and for noticing a rename: url, file or the like."""
        for key in ("url", "file", "folder", "address", "mailbox"):
            if self.settings.get(key):
                return str(self.settings[key])
        for key in ("repositories", "organisation", "projects"):
            if self.settings.get(key):
                found = self.settings[key]
                return found if isinstance(found, str) else ", ".join(found)
        return ""


@dataclass(frozen=True, slots=True)
class FetchState:
    """What is remembered between two fetches of one source.

    ``cursor`` is JSON that belongs to the kind alone: validators of its documents, hashes of
    bodies and entries, months done. It is stored together with the items it stands for.
    ``since`` is how far back a first fetch should reach, None for everything.
    """

    source_id: str
    cursor: Mapping[str, Any] = field(default_factory=dict)
    state: SourceState = "new"
    state_reason: str = ""
    reader: str = ""
    checked_at: datetime | None = None
    next_at: datetime | None = None
    last_new_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    items_count: int = 0
    moved_to: str | None = None
    since: datetime | None = None
    seen_until: datetime | None = None
    """What was first seen until then is the back catalogue, which no draft offers; EVER until a first reading is done.

    What is dated from ``fresh_from`` on is offered all the same."""
    fresh_from: datetime | None = None
    moved_count: int = 0
    """At how many readings in a row the address had moved to ``moved_to``."""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """The last answer of its server: a :class:`LastAnswer` as JSON."""
    warned: Mapping[str, Any] = field(default_factory=dict)
    """What was said about the source as a whole at its last reading, each with the time since when."""
    fresh_seconds: int | None = None
    """For how long its server last said that nothing will change."""


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """What a server answered last: its status (None when there was no answer), bytes, seconds, and its words.

    ``words`` are those of the error, and what the server said itself, at most 500 characters.
    """

    at: datetime
    status: int | None = None
    size: int = 0
    seconds: float = 0.0
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        values = {"at": self.at.isoformat(), "status": self.status, "size": self.size}
        return {**values, "seconds": round(self.seconds, 3), "words": self.words}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "LastAnswer | None":
        """The answer stored as ``value``; None when nobody was asked yet."""
        return cls(**{**value, "at": datetime.fromisoformat(value["at"])}) if value else None


def is_stopped(state: FetchState) -> bool:
    """Whether a source is not asked any more until an editor says so: it is gone, or broken so long that it rests."""
    return state.state == "gone" or (state.state == "paused" and state.failing_since is not None)


def due_from(source: Source, state: FetchState) -> datetime | None:
    """From when on ``source`` is to be read without being named: the past for one never read, None when nobody asks it.

    Nobody asks one that is paused, gone or at rest.
    """
    if source.paused or is_stopped(state):
        return None
    return state.next_at or LONG_AGO


def is_due(source: Source, state: FetchState, now: datetime) -> bool:
    """Whether ``source`` is to be read now without being named."""
    at = due_from(source, state)
    return at is not None and at <= now
