"""Spans of time: the Period of an issue and the weekly hours an editor names."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open span of time in UTC: ``start`` belongs to it, ``end`` does not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a Period needs times with a zone")
        if self.start >= self.end:
            raise ValueError("a Period must end after it starts")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def length(self) -> timedelta:
        """How long the period is."""
        return self.end - self.start

    def before(self) -> "Period":
        """The period of the same length that ends where this one starts."""
        return Period(self.start - self.length, self.start)


@dataclass(frozen=True, slots=True)
class WeekTime:
    """A day of the week and an hour, such as Thursday 18:30; ``day`` counts from Monday = 0."""

    day: int
    at: time

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {self.at:%H:%M}"

    @property
    def minutes(self) -> int:
        """Minutes since Monday 00:00."""
        return self.day * 1440 + self.at.hour * 60 + self.at.minute

    def on(self, monday: date, zone: ZoneInfo) -> datetime:
        """This hour in the week that begins on ``monday``, in UTC.

        An hour that the change to summer time leaves out counts as one hour later; one that
        comes twice counts the first time (PEP 495, fold=0).
        """
        local = datetime.combine(monday + timedelta(days=self.day), self.at, tzinfo=zone)
        return local.astimezone(UTC)

    def last_before(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The newest such hour at or before ``now``, in UTC."""
        monday = monday_of(now.astimezone(zone).date()) + timedelta(days=7)
        while (found := self.on(monday, zone)) > now:
            monday -= timedelta(days=7)
        return found

    def next_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first such hour after ``now``, in UTC."""
        monday = monday_of(now.astimezone(zone).date()) - timedelta(days=7)
        while (found := self.on(monday, zone)) <= now:
            monday += timedelta(days=7)
        return found


def monday_of(day: date) -> date:
    """The Monday of the week that holds ``day``."""
    return day - timedelta(days=day.weekday())
