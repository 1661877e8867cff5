"""What readers have to do soon: votes, sign-ups, prices that end; what was told before is named again in its week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.model.issue import Deadline, Entry, Issue, Reminder, Section
from newsletter.model.item import Event
from newsletter.text import shorten

_AHEAD = timedelta(days=21)
_MOST = 3


@dataclass(frozen=True, slots=True)
class Soon:
    """The day readers get the issue, the day they get the next one, and where days begin."""

    today: date
    next_on: date
    zone: ZoneInfo


def find_deadlines(sections: Sequence[Section], reminders: Iterable[Reminder], soon: Soon) -> tuple[Deadline, ...]:
    """The next few things to do, the soonest first; one for each story and day.

    What an entry tells is named three weeks ahead, what an earlier issue told once more, before it falls due.
    """
    entries = [entry for section in sections for entry in section.entries]
    found: dict[tuple[str, date], Deadline] = {}
    for entry in entries:
        for on, title in _dues(entry, soon.zone):
            if soon.today <= on <= soon.today + _AHEAD:
                found.setdefault((entry.story_id, on), Deadline(on, title, entry.url, story_id=entry.story_id))
    told = {entry.story_id for entry in entries}
    for each in reminders:
        if each.story_id in told:
            continue
        for on, title in _dues(each, soon.zone):
            if soon.today <= on <= soon.next_on:
                why = f"already told in issue {each.told_in}"
                found.setdefault((each.story_id, on), Deadline(on, title, each.url, why, each.story_id))
    return tuple(sorted(found.values(), key=lambda each: (each.on, each.title))[:_MOST])


def refresh_deadlines(issue: Issue) -> tuple[Deadline, ...]:
    """The deadlines of ``issue`` as its entries are by now; those that an earlier issue told stay as they were."""
    if issue.zone is None:
        return issue.deadlines
    soon = Soon(issue.publish_on, issue.publish_on + issue.period.length, ZoneInfo(issue.zone))
    told = {entry.story_id for entry in issue.entries}
    reminders = [each for each in issue.deadlines if each.why and each.story_id not in told]
    found = (*find_deadlines(issue.sections, (), soon), *reminders)
    return tuple(sorted(found, key=lambda each: (each.on, each.title))[:_MOST])


def _dues(told: Entry | Reminder, zone: ZoneInfo) -> list[tuple[date, str]]:
    dues: list[tuple[date, str]] = []
    title = shorten(told.title, 72)
    if told.due_on:
        dues.append((told.due_on, title))
    event = told.event
    if event is None:
        return dues
    name = shorten(event.title or told.title, 60)
    last_day = price_day(event)
    if last_day and event.cost and event.late_cost:
        dues.append((last_day, f"Last day for {name} at {event.cost} (then {event.late_cost})"))
    if event.deadline_at and not (last_day and event.cost and event.late_cost and not _is_later(event, last_day, zone)):
        dues.append((day_of(event.deadline_at, zone), f"Last day to sign up: {name}"))
    return dues


def _is_later(event: Event, last_day: date, zone: ZoneInfo) -> bool:
    """Whether one can still sign up after the price has changed."""
    return event.deadline_at is not None and day_of(event.deadline_at, zone) > last_day


def price_day(event: Event | None) -> date | None:
    """The last day of the lower price: nothing is due by then, it only costs more."""
    return event.late_from - timedelta(days=1) if event and event.late_from else None


def day_of(at: date | datetime, zone: ZoneInfo) -> date:
    """The day of a time where the newsletter lives; a time without zone is read as it stands."""
    if not isinstance(at, datetime):
        return at
    return at.astimezone(zone).date() if at.tzinfo else at.date()
