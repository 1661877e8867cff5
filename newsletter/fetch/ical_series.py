"""Events that repeat: their dates inside a window, exceptions put in, within limits of time and number."""

import contextlib
import re
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import FrameType
from typing import Any

import icalendar
import recurring_ical_events

from newsletter.fetch.ical_records import Record, listed_moments
from newsletter.fetch.ical_rule import MOST_STEPS, NOT_UNDERSTOOD, TOO_OFTEN, Rule, read_rule, rule_text, steps
from newsletter.fetch.ical_times import Zones, as_moment

MOST_DATES = 1_000
TOO_MANY = f"more than {MOST_DATES} dates in sight; the later ones were left out"

_SECONDS_A_SERIES = 1.0
_SECONDS_A_DOCUMENT = 4.0
_NUMBER = "X-NEWSLETTER-NUMBER"
_AGAIN = 0.01
_FOLLOWER = re.compile(r"\b(?:dateutil|recurring_ical_events|icalendar|x_wr_timezone)\b")


class _TooSlow(Exception):
    """A rule takes longer than its dates are worth."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of an event. ``planned`` is when its rule has it, whatever an exception made of it."""

    record: Record
    start: date | datetime
    end: date | datetime | None
    planned: date | datetime
    is_exception: bool = False

    @property
    def starts_at(self) -> datetime:
        """Its start, to compare with."""
        return as_moment(self.start)

    @property
    def ends_at(self) -> datetime:
        """Its end, to compare with; a day without end is over at midnight."""
        if self.end is not None:
            return as_moment(self.end)
        return self.starts_at if isinstance(self.start, datetime) else self.starts_at + timedelta(days=1)


@dataclass(slots=True)
class Budget:
    """How long the rules of a document may take altogether."""

    seconds: float = _SECONDS_A_DOCUMENT


@dataclass(slots=True)
class Series:
    """All records of one UID: the event, and what is said of single dates of it."""

    master: Record | None
    changes: Sequence[Record] = ()
    zones: Zones = field(default_factory=Zones)
    rules: list[Rule] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, records: Sequence[Record], zones: Zones) -> "Series":
        """The newest version of the event, and of each of its exceptions."""
        masters = [each for each in records if each.recurrence is None]
        changes: dict[datetime, Record] = {}
        for each in sorted((each for each in records if each.recurrence), key=lambda each: each.sequence):
            if each.recurrence is not None:
                changes[as_moment(each.recurrence.at)] = each
        master = None
        for each in masters:
            if master is None or each.sequence >= master.sequence:
                master = each
        made = cls(master, tuple(changes.values()), zones)
        made._read_rules()
        return made

    def _read_rules(self) -> None:
        for found in self.master.component.all("RRULE") if self.master else ():
            rule = read_rule(found, self.master.start.at, self.zones) if self.master else None
            if rule is None:
                self.warnings.append(NOT_UNDERSTOOD)
            else:
                self.rules.append(rule)

    @property
    def repeats(self) -> bool:
        """Whether there may be more than one date."""
        return self.master is not None and (bool(self.rules) or self.master.component.first("RDATE") is not None)

    def between(self, begin: datetime, end: datetime, budget: Budget) -> list[Occurrence]:
        """The dates that touch the time from ``begin`` to ``end``, in their order."""
        found = self.singles() if not self.repeats else self._followed(begin, end, budget)
        seen = (each for each in found if each.starts_at <= end and each.ends_at >= begin)
        ordered = sorted(seen, key=lambda each: each.starts_at)
        if len(ordered) > MOST_DATES:
            self.warnings.append(TOO_MANY)
        return ordered[:MOST_DATES]

    def singles(self) -> list[Occurrence]:
        """The event as it stands, and what is said of dates of an event that is not there itself."""
        records = [each for each in (self.master, *self.changes) if each is not None]
        planned = {each.recurrence.at for each in self.changes if each.recurrence}
        return [
            Occurrence(each, each.start.at, each.end, (each.recurrence or each.start).at, each.recurrence is not None)
            for each in records
            if each.recurrence or each.start.at not in planned
        ]

    def _followed(self, begin: datetime, end: datetime, budget: Budget) -> list[Occurrence]:
        if self.master is None:
            return []
        if any(steps(rule, self.master.start.at, end) > MOST_STEPS for rule in self.rules):
            self.warnings.append(TOO_OFTEN)
            return self.singles()
        try:
            with warnings.catch_warnings(), _at_most(min(_SECONDS_A_SERIES, budget.seconds), budget):
                warnings.simplefilter("ignore")
                query = recurring_ical_events.of(self._calendar(), keep_recurrence_attributes=True)
                return [self._occurrence(each) for each in query.between(begin, end)]
        except _TooSlow:
            self.warnings.append(TOO_OFTEN)
        except Exception:  # whatever odd dates do to the library
            self.warnings.append(NOT_UNDERSTOOD)
        return self.singles()

    def _calendar(self) -> icalendar.Calendar:
        """The series as the library that follows rules wants it, every value checked."""
        calendar = icalendar.Calendar()
        for number, record in enumerate((self.master, *self.changes)):
            if record is not None:
                calendar.add_component(self._event(number, record))
        return calendar

    def _event(self, number: int, record: Record) -> icalendar.Event:
        event = icalendar.Event()
        event.add("UID", "series")
        event.add(_NUMBER, str(number))
        event.add("DTSTART", record.start.at)
        if record.end is not None and record.end > record.start.at:
            event.add("DTEND", record.end)
        if record.recurrence is not None:
            found = record.component.first("RECURRENCE-ID")
            is_range = found is not None and found.params.get("RANGE", "").upper() == "THISANDFUTURE"
            event.add("RECURRENCE-ID", record.recurrence.at, {"RANGE": "THISANDFUTURE"} if is_range else {})
            return event
        for rule in self.rules:
            event.add("RRULE", icalendar.vRecur.from_ical(rule_text(rule)))
        for moment, _ in listed_moments(record.component, "EXDATE", self.zones):
            event.add("EXDATE", moment.at)
        for moment, until in listed_moments(record.component, "RDATE", self.zones):
            is_period = until is not None and isinstance(moment.at, datetime)
            event.add("RDATE", [(moment.at, until)] if is_period else moment.at)
        return event

    def _occurrence(self, found: Any) -> Occurrence:
        """What the library made of one of our records; ``planned`` by the rule."""
        number = int(str(found[_NUMBER]))
        record = self.changes[number - 1] if number else self.master
        assert record is not None
        start, end = found["DTSTART"].dt, found["DTEND"].dt if "DTEND" in found else None
        if record.end is None and (not isinstance(start, datetime) or end == start):
            end = None  # the library's, not the calendar's
        planned = found["RECURRENCE-ID"].dt if "RECURRENCE-ID" in found else start
        return Occurrence(record, start, end, planned, record.recurrence is not None)


@contextlib.contextmanager
def _at_most(seconds: float, budget: Budget) -> Iterator[None]:
    """Raise _TooSlow after that time, where the system lets a process interrupt itself.

    A rule that never fits ("30 February") keeps its follower busy until the year 9999.
    """
    if seconds <= 0:
        raise _TooSlow
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    has_stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal has_stopped
        # What is raised while the interpreter clears something away is lost, so only those who follow rules are
        # stopped; the next alarm, at once, meets them.
        if not has_stopped and frame is not None and _FOLLOWER.search(frame.f_code.co_filename):
            has_stopped = True
            raise _TooSlow

    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, stop)
    outer = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, handler)
        budget.seconds -= time.monotonic() - began
