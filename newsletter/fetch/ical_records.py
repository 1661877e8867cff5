"""One VEVENT understood: when it is, which repetition of which event it is, whether it is called off."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from newsletter.errors import NotReadable
from newsletter.fetch.ical_lines import Component, Property
from newsletter.fetch.ical_times import Moment, Zones, as_moment, read_duration, read_moment

DATE_WRONG = "end before start"

_MOST_DATES = 5_000
_PRIVATE = ("PRIVATE", "CONFIDENTIAL")


@dataclass(frozen=True, slots=True)
class Record:
    """An event as a calendar states it. ``end`` is exclusive; of whole days it is the day after the last."""

    component: Component
    uid: str
    start: Moment
    end: date | datetime | None
    recurrence: Moment | None = None
    warnings: tuple[str, ...] = ()

    @property
    def sequence(self) -> tuple[int, str]:
        """By which the newer of two versions is told."""
        number = self.component.text("SEQUENCE")
        return (int(number) if number.isdecimal() and len(number) < 10 else 0, self.component.text("LAST-MODIFIED"))

    @property
    def is_cancelled(self) -> bool:
        """Whether it is called off."""
        return self.component.text("STATUS").upper() == "CANCELLED"

    @property
    def is_private(self) -> bool:
        """Whether it is not meant for everybody."""
        return self.component.text("CLASS").upper() in _PRIVATE

    @property
    def repeats(self) -> bool:
        """Whether it has a rule or further dates."""
        return self.component.first("RRULE") is not None or self.component.first("RDATE") is not None


def read_record(component: Component, zones: Zones, *, is_cancelled: bool = False) -> Record:
    """The event in a VEVENT. Raises NotReadable when it does not say when it is.

    ``is_cancelled``: the document as a whole calls its events off (METHOD:CANCEL).
    """
    if is_cancelled:
        component.properties.insert(0, Property("STATUS", {}, "CANCELLED"))
    found = component.last("DTSTART")
    start = read_moment(found, zones)
    if start is None:
        raise NotReadable("an event without a start" if found is None else f"its start is no time: {found.value[:60]}")
    warnings = []
    end = _end(component, start, zones)
    if end is not None and as_moment(end) < as_moment(start.at):
        warnings.append(DATE_WRONG)
        end = None
    recurrence = read_moment(component.first("RECURRENCE-ID"), zones)
    return Record(component, _uid(component, start), start, end, recurrence, tuple(warnings))


def _end(component: Component, start: Moment, zones: Zones) -> date | datetime | None:
    """Its end, of the same sort as its start: a day for days, with a zone if the start has one."""
    end = read_moment(component.first("DTEND"), zones)
    if end is not None:
        return _alike(end.at, start.at)
    duration = read_duration(component.text("DURATION"))
    if duration is None:
        return None
    if start.is_day:
        return start.at + max(timedelta(days=1), timedelta(days=duration.days))
    try:
        return start.at + duration
    except OverflowError:
        return None


def _alike(end: date | datetime, start: date | datetime) -> date | datetime | None:
    if isinstance(start, datetime):
        if not isinstance(end, datetime):
            return datetime.combine(end, datetime.min.time(), start.tzinfo)
        if (end.tzinfo is None) != (start.tzinfo is None):
            return end.replace(tzinfo=start.tzinfo)
        return end
    return end.date() if isinstance(end, datetime) else end


def _uid(component: Component, start: Moment) -> str:
    """Its UID; without one, a name made of what it says."""
    uid = component.text("UID")
    if uid:
        return uid
    words = f"{start.at.isoformat()}\0{component.text('SUMMARY')}\0{component.text('LOCATION')}"
    return "nameless-" + hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=10).hexdigest()


def listed_moments(
    component: Component, name: str, zones: Zones
) -> Iterator[tuple[Moment, date | datetime | timedelta | None]]:
    """The dates of EXDATE or RDATE, and of a period its end or length."""
    count = 0
    for found in component.all(name):
        for part in found.value.split(","):
            start, _, rest = part.strip().partition("/")
            moment = read_moment(Property(name, found.params, start), zones)
            count += 1
            if count > _MOST_DATES:
                return
            if moment is None:
                continue
            until = read_moment(Property(name, found.params, rest), zones)
            yield moment, until.at if until else read_duration(rest) if rest else None
