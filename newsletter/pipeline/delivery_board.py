"""How all mailings stand: the newest issues first, with what is under way, how fast it goes and how long it takes."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.deliveries import crash_sentence
from newsletter.pipeline.sending import STALE
from newsletter.store import delivery_figures, delivery_reports
from newsletter.store.campaigns import CampaignRow, campaigns_of
from newsletter.store.database import Db
from newsletter.store.delivery_figures import Waiting
from newsletter.store.lanes import LaneRow, lanes
from newsletter.store.mailings import ISSUE, Mailing, count_of_audience, known_mailing, mailing, mailings_of
from newsletter.store.runs import Run, runs_of

AT_ONCE = 20
"""So many issues are on a page: the deliveries of each are counted."""
_ALIVE = timedelta(seconds=60)
"""A process that sends says every few seconds that it does."""
_WINDOW = timedelta(minutes=2)
_LEAST = timedelta(seconds=2)

Known = MutableMapping[tuple[int, datetime | None], dict[str, int]]
"""The counts of mailings that are over and change no more, by number and end; whoever asks often keeps them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a mailing stands. ``per_minute`` and ``minutes_left`` are None while nobody is at it, or nothing is known."""

    mailing: Mailing
    counts: dict[str, int]
    crash: str = ""
    """What a fall of the program did, in a sentence."""
    is_at_work: bool = False
    per_minute: int | None = None
    minutes_left: int | None = None
    next_at: datetime | None = None
    """When the next mail that was put off is tried again."""
    waits: Waiting | None = None
    rests: LaneRow | None = None
    """The way to the mail server while it waits: the server was away, or asked for it."""
    is_late: bool = False
    """Whether its hour passed so long ago that a person has to say what is done."""
    campaigns: tuple[CampaignRow, ...] = ()
    """What a service sends in our place; then no reader of ours is counted."""

    @property
    def service(self) -> str:
        """The service that sends in our place; empty where the program sends itself."""
        return self.campaigns[0].service if self.campaigns else ""

    @property
    def total(self) -> int:
        """How many readers it is for."""
        return sum(self.counts.values())

    @property
    def open_count(self) -> int:
        """How many it did not go to yet."""
        return self.count("queued", "sending", "deferred")

    @property
    def done_count(self) -> int:
        """How many were dealt with."""
        return self.total - self.open_count

    @property
    def has_begun(self) -> bool:
        """Whether a mail of it may have left."""
        return self.mailing.started_at is not None

    @property
    def refused_count(self) -> int:
        """How many get nothing of it: refused, no such address, or left meanwhile."""
        return self.count("failed", "suppressed")

    def count(self, *states: str) -> int:
        """How many are in these states."""
        return sum(self.counts.get(each, 0) for each in states)


@dataclass(frozen=True, slots=True)
class Board:
    """The mailings of a page. ``before`` is the one before the last of them, to compare with; ``older`` leads on."""

    standings: tuple[Standing, ...]
    before: Standing | None = None
    older: int | None = None


def board(app: Newsletter, *, before: int | None = None, known: Known | None = None) -> Board:
    """How the mailings about the newest issues stand, those older than issue ``before``."""
    with app.database.reading() as db:
        numbers = delivery_figures.mailed_issues(db, before=before, count=AT_ONCE + 1)
        found = delivery_figures.mailings_about(db, numbers)
        counts = _counts(db, found, {} if known is None else known)
        made = [_standing(app, db, each, counts[each.id]) for each in found]
    if len(numbers) <= AT_ONCE:
        return Board(tuple(made))
    shown = tuple(each for each in made if each.mailing.issue_number != numbers[-1])
    last = next((each for each in made if each.mailing.issue_number == numbers[-1]), None)
    return Board(shown, last, numbers[-2])


def standing_of_mailing(app: Newsletter, number: int, kind: str = ISSUE) -> Standing:
    """How one mailing stands. Raises NotFound."""
    with app.database.reading() as db:
        found = known_mailing(db, number, kind)
        return _standing(app, db, found, delivery_reports.counts(db, found.id))


def standing_before(app: Newsletter, number: int) -> Standing | None:
    """How the mailing of the issue before ``number`` stands; None when there is none."""
    with app.database.reading() as db:
        numbers = delivery_figures.mailed_issues(db, before=number, count=1)
        found = mailing(db, numbers[0]) if numbers else None
        return None if found is None else Standing(found, delivery_reports.counts(db, found.id))


def errata_of(app: Newsletter, number: int) -> dict[int, Mailing]:
    """The mails about corrections of an issue that were sent, or are, by the number of the correction."""
    with app.database.reading() as db:
        found = mailings_of(db, number)
    return {int(each.kind.rpartition("-")[2]): each for each in found if each.kind != ISSUE}


def got_it(app: Newsletter, number: int) -> int:
    """How many got issue ``number`` by mail and read it still: to them an erratum of it goes."""
    with app.database.reading() as db:
        found = mailing(db, number)
        return 0 if found is None else count_of_audience(db, found.id)


def is_over(app: Newsletter, number: int) -> bool:
    """Whether issue ``number`` went out by mail, and no more of it goes now: an erratum can follow."""
    with app.database.reading() as db:
        found = mailing(db, number)
        return found is not None and found.state in ("done", "stopped")


def _counts(db: Db, found: Sequence[Mailing], known: Known) -> dict[int, dict[str, int]]:
    """The counts of each; what cannot change any more is counted once."""
    made = {each.id: known[_key(each)] for each in found if each.state == "done" and _key(each) in known}
    made |= delivery_figures.counts_of(db, [each.id for each in found if each.id not in made])
    for each in found:
        is_open = any(made[each.id].get(state) for state in ("queued", "sending", "deferred", "unknown"))
        if each.state == "done" and not is_open:
            known[_key(each)] = made[each.id]
    return made


def _key(mailing: Mailing) -> tuple[int, datetime | None]:
    return mailing.id, mailing.finished_at


def _standing(app: Newsletter, db: Db, found: Mailing, counts: dict[str, int]) -> Standing:
    now, runs = app.now(), runs_of(db, found.id)
    is_at_work = found.state == "sending" and bool(runs) and runs[-1].ended_at is None and _is_alive(runs[-1], now)
    pace = _pace(db, found, runs[-1], now) if is_at_work else None
    left = counts.get("queued", 0) + counts.get("sending", 0)
    return Standing(
        found,
        counts,
        crash=crash_sentence(runs, app.config.schedule.zone),
        is_at_work=is_at_work,
        per_minute=None if pace is None else max(1, round(pace)),
        minutes_left=ceil(left / pace) if pace and left else None,
        next_at=delivery_reports.next_try(db, found.id) if counts.get("deferred") else None,
        waits=delivery_figures.waits_for(db, found.id) if counts.get("deferred") else None,
        rests=_resting(app, db) if found.state == "sending" else None,
        is_late=found.state == "asking" or (found.state == "scheduled" and now - found.send_at > STALE),
        campaigns=campaigns_of(db, found.issue_number, found.kind),
    )


def _resting(app: Newsletter, db: Db) -> LaneRow | None:
    relay = lanes(db).get(f"relay {app.config.delivery.server}")
    return relay if relay is not None and relay.not_before is not None and relay.not_before > app.now() else None


def _is_alive(run: Run, now: datetime) -> bool:
    return now - run.seen_at <= _ALIVE


def _pace(db: Db, found: Mailing, run: Run, now: datetime) -> float | None:
    """How many readers a minute were dealt with lately; None while too little is known."""
    since = max(run.began_at, now - _WINDOW)
    if now - since < _LEAST:
        return None
    count = delivery_figures.done_since(db, found.id, since)
    return count / ((now - since) / timedelta(minutes=1)) or None
