"""What a reader of dates is asked for, and what it gives."""

from dataclasses import dataclass
from datetime import datetime

from newsletter.model.item import Item


@dataclass(frozen=True, slots=True)
class Window:
    """Which dates are wanted: those not over at ``now`` that begin before ``end``.

    ``begin`` lies before ``now`` on a first reading that reaches back; then past events come as well.
    """

    now: datetime
    end: datetime
    begin: datetime
    known: frozenset[str] = frozenset()
    """Keys of dates that were told before and are still ahead."""

    @property
    def reaches_back(self) -> bool:
        """Whether past events are wanted."""
        return self.begin < self.now


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that could not be read: why, and its lines."""

    reason: str
    data: bytes


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What a calendar holds: its items by start; ``next_at`` is when the same document would give others."""

    items: tuple[Item, ...] = ()
    broken: tuple[Broken, ...] = ()
    warnings: tuple[str, ...] = ()
    next_at: datetime | None = None
    event_count: int = 0
    name: str = ""
    alive: frozenset[str] = frozenset()
    """Known dates that still stand, though there is no item for them."""
