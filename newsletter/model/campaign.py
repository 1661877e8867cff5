"""Campaign: an issue as a service sends it in our place, and which of its lists get what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from newsletter.model.subscriber import Choice

CampaignState = Literal["waiting", "draft", "scheduled", "sending", "paused", "sent", "failed"]
"""``waiting`` is not handed over yet; ``paused`` began and is held; ``failed`` ended without being sent."""
BEGUN: frozenset[CampaignState] = frozenset({"sending", "sent", "paused", "failed"})
"""States from which a campaign is not touched any more: readers may have got it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Lists of the service whose members get the same; without lists, everybody there."""

    lists: tuple[str, ...] = ()
    choice: Choice = Choice()


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is handed over; ``name`` is ours, and the campaign is found by it again."""

    name: str
    subject: str
    html: str
    text: str
    sender: tuple[str, str]
    reply_to: str | None = None
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remote:
    """A campaign as the service has it."""

    id: str
    state: CampaignState
    page: str | None = None
    scheduled_at: datetime | None = None
    reader_count: int | None = None
    sent_count: int | None = None
