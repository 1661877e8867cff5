"""Subscriber, Consent and Delivery: who gets the newsletter, and what became of each mail."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Rhythm = Literal["weekly", "monthly", "highlights"]
"""How often, and how much: every issue, one mail a month, or of every issue only the highlights."""
SubscriberState = Literal["waiting", "active", "bouncing", "left", "removed", "erased"]
"""``waiting`` has not confirmed yet, ``removed`` had mail come back too often, of an ``erased`` one the row is left."""
MailingState = Literal["scheduled", "asking", "sending", "paused", "stopped", "done"]
"""``asking`` waits for a person's word: its hour passed too long ago."""
DeliveryState = Literal["queued", "sending", "accepted", "deferred", "failed", "suppressed", "unknown"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader wants of an issue; ``sections`` None is all of them."""

    rhythm: Rhythm = "weekly"
    sections: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader. ``address`` is None after erasing."""

    id: int
    address: str | None
    state: SubscriberState
    choice: Choice
    created_at: datetime
    source: str
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    paused_until: date | None = None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Consent:
    """What a reader agreed to or took back, in which words, by which way."""

    at: datetime
    what: Literal["asked", "confirmed", "imported", "changed", "paused", "left", "erased"]
    wording: str
    source: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mailing for one reader; ``code`` and ``answer`` are what the mail server said last."""

    mailing_id: int
    subscriber_id: int
    edition: str
    domain: str
    state: DeliveryState
    attempts: int
    changed_at: datetime
    next_at: datetime | None = None
    first_at: datetime | None = None
    code: int | None = None
    answer: str = ""
