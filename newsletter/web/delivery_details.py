"""What the page of one mailing shows beside how it stands: domains, answers, uncertain readers, a reader's trail."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.model.address import masked, masked_in
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.delivery_details import UNCERTAIN_PAGE, Details, Trail
from newsletter.render.words import counted, enumerate_words, number
from newsletter.store.delivery_reports import DomainCount
from newsletter.store.lanes import LaneRow
from newsletter.store.mailings import ISSUE
from newsletter.web import delivery_words as words
from newsletter.web.delivery_views import mailing_url


@dataclass(frozen=True, slots=True)
class DomainRow:
    """How it went with a domain."""

    domain: str
    accepted: str
    again: str
    refused: str
    waiting: str
    speed: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What was answered word for word, how often, and what that made of the mails."""

    count: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class UncertainRow:
    """A reader whose mail may have been taken."""

    id: int
    address: str
    url: str
    at: str
    answer: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """What happened with one mail."""

    at: str
    what: str
    answer: str
    by: str


@dataclass(frozen=True, slots=True)
class TrailView:
    """What happened with the mail to one reader."""

    address: str
    url: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class DetailsView:
    """What ``desk/delivery.html`` shows below how the mailing stands."""

    happened: tuple[str, ...]
    domains: tuple[DomainRow, ...]
    answers: tuple[AnswerRow, ...]
    reasons: tuple[tuple[str, str], ...]
    """How many, and why."""
    uncertain_count: int
    uncertain: tuple[UncertainRow, ...]
    more_url: str
    useful: str
    others: tuple[tuple[str, str], ...]
    """Other mailings about the issue: name and page."""

    @property
    def has_speed(self) -> bool:
        """Whether a domain is slowed."""
        return any(each.speed for each in self.domains)


def details_view(app: Newsletter, found: Details, *, is_manager: bool, is_whole: bool) -> DetailsView:
    """All of it. Who the readers are is for managers, whole addresses for those who ask for them."""
    now, zone, mailing = app.now(), app.config.schedule.zone, found.standing.mailing
    rows = tuple(
        UncertainRow(
            each.subscriber_id,
            each.address or "erased" if is_whole else masked(each.address),
            f"/desk/subscribers/{each.subscriber_id}",
            words.hour(each.at, now, zone),
            each.answer if is_whole else masked_in(each.answer),
        )
        for each in found.uncertain
    )
    more = {"after": str(rows[-1].id), "show": "1" if is_whole else ""} if len(rows) == UNCERTAIN_PAGE else {}
    return DetailsView(
        happened=happened(found, now, zone),
        domains=domain_rows(found, now, zone) if found.standing.has_begun else (),
        answers=answer_rows(found, is_whole=is_whole),
        reasons=reasons_of(found),
        uncertain_count=found.standing.count("unknown"),
        uncertain=rows if is_manager else (),
        more_url=f"{mailing_url(mailing, **more)}#uncertain" if more else "",
        useful=useful_words(found),
        others=tuple((words.name_of(each), mailing_url(each)) for each in found.mailings if each.kind != mailing.kind),
    )


def happened(found: Details, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """What happened so far, in sentences, the newest first."""
    standing, mailing = found.standing, found.standing.mailing
    by = enumerate_words(each.editor for each in found.approvals)
    frozen = words.at_hour(mailing.frozen_at, now, zone)
    who = words.whom(standing, standing.total)
    how = f", approved by {by}" if by and mailing.kind == ISSUE else ""
    began = f"It began {words.at_hour(mailing.started_at, now, zone)}." if mailing.started_at else ""
    back = f"{counted(found.came_back, 'mail')} came back later." if found.came_back else ""
    decided = (words.decision_words(each, now, zone) for each in reversed(found.decisions))
    fixed = f"{who[0].upper()}{who[1:]}, fixed {frozen}{how}."
    return tuple(filter(None, (back, *decided, standing.crash, began, fixed)))


def domain_rows(found: Details, now: datetime, zone: ZoneInfo) -> tuple[DomainRow, ...]:
    """The domains with trouble and the largest ones, and all others in one row."""
    rows = [_domain(each.domain, each, found.lanes.get(each.domain), now, zone) for each in found.domains]
    others = found.domain_total - len(found.domains)
    if others > 0:
        rest = Counter(found.standing.counts)
        for each in found.domains:
            rest.subtract(each.counts)
        left = DomainCount("", rest.total(), dict(rest))
        rows.append(_domain(counted(others, "other domain"), left, None, now, zone))
    return tuple(rows)


def _domain(name: str, found: DomainCount, lane: LaneRow | None, now: datetime, zone: ZoneInfo) -> DomainRow:
    counts = found.counts
    refused = counts.get("failed", 0) + counts.get("suppressed", 0)
    waiting = counts.get("queued", 0) + counts.get("sending", 0) + counts.get("unknown", 0)
    return DomainRow(
        name,
        accepted=number(counts.get("accepted", 0)),
        again=number(counts.get("deferred", 0)),
        refused=number(refused),
        waiting=number(waiting),
        speed=_speed(lane, now, zone),
    )


def _speed(lane: LaneRow | None, now: datetime, zone: ZoneInfo) -> str:
    if lane is None:
        return ""
    if lane.not_before is not None and lane.not_before > now:
        return f"waits until {words.hour(lane.not_before, now, zone)}"
    return f"{number(lane.per_minute)} a minute" if lane.per_minute else ""


def answer_rows(found: Details, *, is_whole: bool) -> tuple[AnswerRow, ...]:
    """The answers word for word; what differs only in whose address it names is one, unless addresses are shown."""
    counts: dict[tuple[str, str], int] = {}
    for each in found.answers:
        said = f"{each.code or ''} {each.answer if is_whole else masked_in(each.answer)}".strip()
        key = (words.step_words(each.state), said)
        counts[key] = counts.get(key, 0) + each.count
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return tuple(AnswerRow(number(count), state, said) for (state, said), count in ordered)


def reasons_of(found: Details) -> tuple[tuple[str, str], ...]:
    """Why readers did not get it, the most frequent reason first."""
    counts: Counter[str] = Counter()
    for each in found.refusals:
        counts[words.reason_of(each)] += each.count
    return tuple((number(count), reason) for reason, count in counts.most_common(20))


def useful_words(found: Details) -> str:
    """31 found it useful, 2 did not."""
    yes, no = found.useful
    if found.standing.mailing.kind != ISSUE or not yes + no:
        return ""
    return f"{number(yes)} found it useful, {number(no)} did not. Nobody knows who."


def trail_view(app: Newsletter, found: Trail, *, is_whole: bool) -> TrailView:
    """One reader's trail."""
    now, zone, reader = app.now(), app.config.schedule.zone, found.reader
    steps = tuple(
        StepRow(
            words.hour(each.at, now, zone),
            words.step_words(each.state),
            f"{each.code or ''} {each.answer if is_whole else masked_in(each.answer)}".strip(),
            each.said_by,
        )
        for each in found.steps
    )
    shown = reader.address or "erased" if is_whole else masked(reader.address)
    return TrailView(shown, f"/desk/subscribers/{reader.id}", steps)
