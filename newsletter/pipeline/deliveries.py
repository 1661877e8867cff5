"""What became of a mailing: counts by state and domain, answers word for word, a reader's trail, what a crash did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.pipeline.app import Newsletter
from newsletter.store import delivery_reports
from newsletter.store.campaigns import CampaignRow, campaigns_of
from newsletter.store.delivery_reports import AnswerCount, DomainCount, Step
from newsletter.store.mailings import ISSUE, Mailing, known_mailing, mailings_of
from newsletter.store.runs import CRASHED, Run, runs_of


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What became of a mailing so far; ``crash`` says what a fall of the program did, empty when there was none.

    ``campaigns`` are what a service sends in our place; then no reader of ours is counted.
    """

    mailing: Mailing
    counts: dict[str, int]
    domains: tuple[DomainCount, ...]
    answers: tuple[AnswerCount, ...]
    crash: str
    next_at: datetime | None
    campaigns: tuple[CampaignRow, ...] = ()

    @property
    def total(self) -> int:
        """How many readers it is for."""
        return sum(self.counts.values())

    @property
    def done_count(self) -> int:
        """How many were dealt with."""
        return self.total - sum(self.counts.get(each, 0) for each in ("queued", "sending", "deferred"))

    @property
    def passed_over_count(self) -> int:
        """How many were left out by us, such as readers who were erased meanwhile; no mail server refused them."""
        return sum(each.count for each in self.answers if each.state == "suppressed" and each.code is None)


def deliveries_of(app: Newsletter, number: int, kind: str = ISSUE) -> Deliveries:
    """What became of the mailing of an issue. Raises NotFound."""
    with app.database.reading() as db:
        found = known_mailing(db, number, kind)
        return Deliveries(
            found,
            delivery_reports.counts(db, found.id),
            delivery_reports.domains(db, found.id),
            delivery_reports.answers(db, found.id),
            crash_sentence(runs_of(db, found.id), app.config.schedule.zone),
            delivery_reports.next_try(db, found.id),
            campaigns_of(db, number, kind),
        )


def all_deliveries(app: Newsletter, number: int) -> tuple[Deliveries, ...]:
    """What became of all mailings about an issue, the issue itself first."""
    with app.database.reading() as db:
        kinds = [each.kind for each in mailings_of(db, number)]
    return tuple(deliveries_of(app, number, kind) for kind in kinds)


def trail(app: Newsletter, number: int, address: str, kind: str = ISSUE) -> tuple[Step, ...]:
    """What happened with the mail to one reader, in order. Raises NotFound when the issue does not go there."""
    with app.database.reading() as db:
        return delivery_reports.trail(db, known_mailing(db, number, kind).id, address)


def crash_sentence(runs: Sequence[Run], zone: ZoneInfo) -> str:
    """What a fall of the program did to a mailing, in a sentence; empty when it never fell."""
    falls = [place for place, run in enumerate(runs) if run.outcome == CRASHED and place + 1 < len(runs)]
    if not falls:
        return ""
    fell, back = runs[falls[-1]], runs[falls[-1] + 1]
    hours = [f"{at.astimezone(zone):%H:%M}" for at in (fell.ended_at or fell.seen_at, back.began_at)]
    often = "" if len(falls) == 1 else f" It had stopped {len(falls)} times in all."
    unknown = sum(runs[place + 1].unknown_count for place in falls)
    return (
        f"The program stopped at {hours[0]} and came back at {hours[1]}. It went on at reader {back.began_count + 1:,}."
        f"{often} Nobody was left out, {unknown:,} uncertain."
    )
