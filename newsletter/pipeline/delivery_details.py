"""What became of one mailing in detail: by domain and by reason, the uncertain ones, and what people decided."""

from dataclasses import dataclass
from datetime import datetime

from newsletter.model.subscriber import Subscriber
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.delivery_board import Standing, standing_of_mailing
from newsletter.store import delivery_figures, delivery_reports, subscribers
from newsletter.store.approvals import Approval, approvals_of
from newsletter.store.delivery_figures import Decision, Refusals, UncertainOne
from newsletter.store.delivery_reports import AnswerCount, DomainCount, Step
from newsletter.store.lanes import LaneRow, lanes
from newsletter.store.mailings import ISSUE, Mailing, known_mailing, mailings_of
from newsletter.store.usefulness import answers as useful_answers

MOST_DOMAINS = 12
UNCERTAIN_PAGE = 50


@dataclass(frozen=True, slots=True)
class Details:
    """One mailing in detail."""

    standing: Standing
    mailings: tuple[Mailing, ...]
    """Everything mailed about the same issue."""
    approvals: tuple[Approval, ...]
    domains: tuple[DomainCount, ...]
    domain_total: int
    lanes: dict[str, LaneRow]
    """Domains that are slowed, by name."""
    answers: tuple[AnswerCount, ...]
    refusals: tuple[Refusals, ...]
    uncertain: tuple[UncertainOne, ...]
    decisions: tuple[Decision, ...]
    useful: tuple[int, int]
    came_back: int


@dataclass(frozen=True, slots=True)
class Trail:
    """What happened with the mail to one reader."""

    reader: Subscriber
    steps: tuple[Step, ...]


def details_of(app: Newsletter, number: int, kind: str = ISSUE, *, after: int = 0) -> Details:
    """One mailing in detail; of the uncertain readers those after the one numbered ``after``. Raises NotFound."""
    standing, now = standing_of_mailing(app, number, kind), app.now()
    with app.database.reading() as db:
        wanted = standing.mailing.id
        slow = lanes(db)
        found = useful_answers(db, number)
        is_uncertain = standing.count("unknown") > 0
        return Details(
            standing=standing,
            mailings=mailings_of(db, number),
            approvals=approvals_of(db, number),
            domains=delivery_figures.largest_domains(db, wanted, MOST_DOMAINS),
            domain_total=delivery_figures.domain_count(db, wanted),
            lanes={name.removeprefix("domain "): each for name, each in slow.items() if _is_slow(each, now)},
            answers=delivery_reports.answers(db, wanted),
            refusals=delivery_figures.refusals(db, wanted) if standing.refused_count else (),
            uncertain=delivery_figures.uncertain_ones(db, wanted, after=after, count=UNCERTAIN_PAGE)
            if is_uncertain
            else (),
            decisions=delivery_figures.decisions(db, wanted),
            useful=(found.get("yes", 0), found.get("no", 0)),
            came_back=delivery_figures.came_back(db, wanted),
        )


def trail_of(app: Newsletter, number: int, kind: str, address: str) -> Trail:
    """What happened with the mail to the reader at ``address``. Raises NotFound when it does not go there."""
    with app.database.reading() as db:
        steps = delivery_reports.trail(db, known_mailing(db, number, kind).id, address)
        reader = subscribers.by_address(db, address)
    assert reader is not None
    return Trail(reader, steps)


def _is_slow(lane: LaneRow, now: datetime) -> bool:
    waits = lane.not_before is not None and lane.not_before > now
    return lane.name.startswith("domain ") and (bool(lane.per_minute) or waits)
