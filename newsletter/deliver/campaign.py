"""fulfil: a campaign is at the service once, as it was approved, and waits or goes as it should."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from newsletter.errors import ServiceFault
from newsletter.model.campaign import BEGUN, Campaign, CampaignState, Remote

Aim = Literal["draft", "scheduled", "now"]
Note = Callable[[Remote, bool], None]
"""Writes down how a campaign is; true when it holds what was approved."""
SOON = timedelta(minutes=2)
"""An hour that is so near is left to the service."""
_TRIES = 3
_LONGEST_WAIT = 30.0


class Service(Protocol):
    """What is asked of a service. Every method may raise ServiceFault."""

    @property
    def name(self) -> str:
        """What people call it."""

    def find(self, campaign: Campaign, since: datetime) -> Remote | None:
        """The campaign of that name, made after ``since``; None when there is none."""

    def look(self, remote_id: str) -> Remote | None:
        """How a campaign is; None when it is gone."""

    def create(self, campaign: Campaign) -> Remote:
        """A new draft. It is said once: see ``ServiceFault.may_be_done``."""

    def update(self, remote: Remote, campaign: Campaign) -> Remote:
        """Make the draft what ``campaign`` is."""

    def schedule(self, remote: Remote, campaign: Campaign, at: datetime) -> Remote:
        """Let the draft go out at an hour that has not come."""

    def send(self, remote: Remote, campaign: Campaign) -> Remote:
        """Let the draft go out now, or go on with what is paused."""

    def hold(self, remote: Remote) -> Remote:
        """Begin no mail of it any more: a scheduled one is a draft again, one that goes out is paused."""

    def delete(self, remote: Remote) -> None:
        """Take a draft away."""

    def hour(self, at: datetime) -> datetime:
        """The hour that it can keep: ``at``, or the next one after it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What should be: ``campaign`` as ``aim`` says, at ``at``.

    ``known_id`` and ``known_state`` are what was written down last; ``is_handed`` that it holds this very content.
    """

    campaign: Campaign
    aim: Aim
    at: datetime
    since: datetime
    known_id: str | None = None
    known_state: CampaignState = "waiting"
    is_handed: bool = False


def fulfil(
    service: Service,
    wish: Wish,
    *,
    note: Note,
    now: Callable[[], datetime],
    may_go: Callable[[], bool],
    rest: Callable[[float], None],
) -> Remote:
    """Bring the campaign to what is wished; said twice it is done once. Raises ServiceFault.

    One that began to go out is never touched. It is looked for before it is made, and written down before anything
    else is done to it. ``may_go`` is asked last: somebody may have stopped it.
    """
    remote = _looked_up(service, wish)
    if remote is None:
        remote = _created(service, wish, rest)
        note(remote, True)
    elif remote.state in BEGUN and not (wish.aim == "now" and remote.state == "paused"):
        note(remote, wish.is_handed)
        return remote
    elif not wish.is_handed and remote.state != "paused":
        note(remote, False)
        if remote.state == "scheduled":
            remote = service.hold(remote)
        remote = service.update(remote, wish.campaign)
        note(remote, True)
    remote = _brought(service, wish, remote, now(), may_go)
    note(remote, True)
    return remote


def _brought(service: Service, wish: Wish, remote: Remote, now: datetime, may_go: Callable[[], bool]) -> Remote:
    """The same campaign as it should wait or go."""
    if wish.aim == "draft" or not may_go():
        return service.hold(remote) if remote.state == "scheduled" else remote
    hour = service.hour(wish.at)
    if remote.state == "scheduled":
        known = remote.scheduled_at
        if known is not None and (known == hour if wish.aim == "scheduled" else known <= now + SOON):
            return remote
        remote = service.hold(remote)
    if wish.aim == "now" or hour <= now + SOON:
        return service.send(remote, wish.campaign)
    return service.schedule(remote, wish.campaign, hour)


def _looked_up(service: Service, wish: Wish) -> Remote | None:
    """The campaign as it is there; a fault when somebody took it away or held it there."""
    if wish.known_id is None:
        return service.find(wish.campaign, wish.since)
    remote = service.look(wish.known_id)
    if remote is None:
        text = f"Somebody deleted the campaign at {service.name}. Sending the issue again makes a new one."
        raise ServiceFault(text, is_final=True)
    if wish.known_state == "scheduled" and remote.state == "draft":
        text = f"Somebody took the campaign from its hour at {service.name}. Sending the issue again lets it go."
        raise ServiceFault(text, is_final=True)
    return remote


def _created(service: Service, wish: Wish, rest: Callable[[float], None]) -> Remote:
    """A new draft, and never two: after each trouble it is looked for before it is made again."""
    for attempt in range(_TRIES):
        try:
            return service.create(wish.campaign)
        except ServiceFault as fault:
            wait = 2.0**attempt if fault.wait is None else fault.wait
            if fault.is_final or wait > _LONGEST_WAIT or attempt + 1 == _TRIES:
                raise
            rest(wait)
            if (found := service.find(wish.campaign, wish.since)) is not None:
                # What it holds may be half of it.
                return service.update(found, wish.campaign) if found.state == "draft" else found
            if fault.may_be_done:
                raise
    raise AssertionError("unreachable")
