"""A place for one connection: the lane in it, the mail it is at, and how long it rests when the server said so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from newsletter.deliver.smtp_lane import Lane
from newsletter.deliver.work import Letter, Work

_FIRST_REST = timedelta(seconds=10)
_LONGEST_REST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail that is due, and its bytes."""

    work: Work
    letter: Letter


@dataclass(slots=True)
class Slot:
    """``stale`` says that an envelope stands at the server which must be taken back before the next one."""

    lane: Lane | None = None
    is_opening: bool = False
    at: Parcel | None = None
    stage: Literal["asked", "data", "body"] = "asked"
    following: Parcel | None = None
    stale: bool = False
    unheard: int = 0
    """So many answers about a stale envelope are still to come."""
    rest_until: datetime | None = None
    failures: int = 0
    reason: str = ""
    taken_count: int = 0
    events: int = 0
    """What the selector watches it for."""

    @property
    def is_idle(self) -> bool:
        """Whether its lane is open and at no mail."""
        return self.lane is not None and self.at is None

    @property
    def numbers(self) -> list[int]:
        """The readers whose mails are here."""
        return [each.work.subscriber_id for each in (self.at, self.following) if each]

    def may_open(self, now: datetime) -> bool:
        """Whether a connection may be opened for it."""
        return self.lane is None and not self.is_opening and (self.rest_until is None or self.rest_until <= now)

    def rest(self, now: datetime, reason: str, *, least: timedelta = _FIRST_REST) -> None:
        """Open no connection for a while; each time in a row for twice as long."""
        wait = min(_FIRST_REST * 2 ** min(self.failures, 6), _LONGEST_REST)
        self.failures += 1
        self.rest_until, self.reason = now + max(wait, least), reason

    def empty(self) -> None:
        """No lane, no mail."""
        if self.lane is not None:
            self.lane.close()
        self.lane = self.at = self.following = None
        self.stale, self.unheard, self.taken_count, self.events = False, 0, 0, 0
