"""A rule of feeds.yaml: what it looks for and what it does."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Amount:
    """A number asked for: "20 or more", "under 3", "3 to 5"; both ends belong to it."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule looks for: all fields that stand must hold, in a list one word is enough.

    Words are as written: "*" stands for anything, "/…/" is a pattern. ``age`` is in hours,
    ``length`` in words. ``has`` holds picture, date, deadline, question, code or "link to HOST".
    """

    source: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    replies: Amount | None = None
    people: Amount | None = None
    age: Amount | None = None
    length: Amount | None = None
    has: tuple[str, ...] = ()
    none_of: "Match | None" = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of feeds.yaml, in its order; ``line`` is where it stands in ``file``."""

    name: str
    match: Match = field(default_factory=Match)
    section: str | None = None
    boost: int = 0
    drop: bool = False
    keep: bool = False
    merge_with_original: bool = False
    show_as: str | None = None
    pin_until: str | None = None
    """A day of the week or an ISO date."""
    label: str | None = None
    because: str | None = None
    even_many: bool = False
    line: int = 0
    number: int = 0
    file: str = "feeds.yaml"

    @property
    def own_line(self) -> int | None:
        """Its line when that is one of feeds.yaml itself."""
        return (self.line or None) if self.file == "feeds.yaml" else None

    @property
    def place(self) -> str:
        """Where it is written: "feeds.yaml:12"."""
        return f"{self.file}:{self.line}"

    @property
    def pin_date(self) -> date | None:
        """The date ``pin_until`` names, when it names one."""
        try:
            return date.fromisoformat(self.pin_until or "")
        except ValueError:
            return None
