"""How dates, distances, counts and prices are said, in English; pure functions, independent of the locale."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsletter.model.item import Event
from newsletter.model.period import DAYS, Period
from newsletter.text import one_line

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SUBJECT_LENGTH = 70
_THOUGHT = re.compile(r"(?<=\w)[,:;]\s|\s(?:[–—(]|-{1,2}\s)")
_ASKS_ON = re.compile(
    r"\s(?:an?|the|of|and|or|for|to|in|on|at|by|with|from|into|is|are|was|will|be|as|its?|our|your|their|this|that|how|"
    r"vs\.?|&|\S{0,2}[#$])$",
    re.IGNORECASE,
)
"""A word that nothing may end with."""
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?")
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})


def number(value: int) -> str:
    """3466 as 3,466."""
    return f"{value:,}"


def number_word(value: int) -> str:
    """Seven, in letters up to twelve."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else number(value)


def counted(value: int, one: str, many: str | None = None) -> str:
    """``value`` with its noun: 1 reply, 23 replies."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def day_month(day: date, *, year_of: date | None = None) -> str:
    """13 March; with the year when it differs from that of ``year_of``."""
    year = f" {day.year}" if year_of and day.year != year_of.year else ""
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def full_date(day: date) -> str:
    """13 March 2026."""
    return f"{day_month(day)} {day.year}"


def weekday_date(day: date, *, year_of: date | None = None) -> str:
    """Friday 13 March; with the year when it differs from that of ``year_of``."""
    return f"{DAYS[day.weekday()]} {day_month(day, year_of=year_of)}"


def date_range(first: date, last: date, *, year_of: date | None = None) -> str:
    """6 – 12 March, 27 February – 5 March; one day stands alone."""
    end = day_month(last, year_of=year_of)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {end}"
    return f"{day_month(first, year_of=last if year_of is None else year_of)} – {end}"


def distance(day: date, seen_on: date) -> str:
    """How far ``day`` lies from ``seen_on``: today, tomorrow, in 4 days, 3 days ago."""
    days = (day - seen_on).days
    if days in (0, 1, -1):
        return {0: "today", 1: "tomorrow", -1: "yesterday"}[days]
    return f"in {counted(days, 'day')}" if days > 0 else f"{counted(-days, 'day')} ago"


def since(at: datetime | None, seen_on: date, zone: tzinfo) -> str:
    """Since Tuesday, since 3 March, or "" when unknown."""
    if at is None:
        return ""
    day = at.astimezone(zone).date()
    if day == seen_on:
        return "since today"
    if 0 < (seen_on - day).days < 7:
        return f"since {DAYS[day.weekday()]}"
    return f"since {day_month(day, year_of=seen_on)}"


def replies(reply_count: int, people_count: int) -> str:
    """23 replies by 9 people, who include the one who began; 1 reply, 2 people; or "" without a reply."""
    if reply_count <= 0:
        return ""
    if people_count > reply_count:
        return f"{counted(reply_count, 'reply', 'replies')}, {counted(people_count, 'person', 'people')}"
    people = f" by {counted(people_count, 'person', 'people')}" if people_count > 0 else ""
    return counted(reply_count, "reply", "replies") + people


def sentence(parts: Iterable[str], between: str = ", ") -> str:
    """The parts that hold something, joined."""
    return between.join(part for part in parts if part)


def enumerate_words(parts: Iterable[str]) -> str:
    """Emre, Thuy and Gwen."""
    found = list(parts)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""


def period_days(period: Period, zone: tzinfo) -> tuple[date, date]:
    """First and last day of ``period``; a day of which only the evening belongs to it is not its first."""
    start = period.start.astimezone(zone)
    first = start.date() + timedelta(days=1 if start.time() >= time(12) else 0)
    last = (period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    return min(first, last), last


def period_range(period: Period, zone: tzinfo) -> str:
    """6 – 12 March."""
    return date_range(*period_days(period, zone))


def is_week(period: Period) -> bool:
    """Whether ``period`` may be called a week, summer time or not."""
    return abs(period.length - timedelta(days=7)) <= timedelta(hours=2)


def period_words(period: Period, zone: tzinfo) -> str:
    """The week of 6 – 12 March; other lengths stand without the week."""
    span = period_range(period, zone)
    return f"the week of {span}" if is_week(period) else span


def subject(title: str, otherwise: str, length: int = SUBJECT_LENGTH) -> str:
    """``title`` in at most ``length`` characters; whole parts (between semicolons) are left out first."""
    parts = _parts(title)
    while len(parts) > 1 and len("; ".join(parts)) > length:
        parts.pop()
    told = "; ".join(parts) or one_line(otherwise)
    return told if len(told) <= length else _cut(told, length)


def whole_subject(title: str, otherwise: str) -> str:
    """What :func:`subject` cuts, whole."""
    return "; ".join(_parts(title)) or one_line(otherwise)


def _parts(title: str) -> list[str]:
    return [one_line(part) for part in title.split(";") if part.strip()]


def _cut(text: str, length: int) -> str:
    """``text`` cut where a thought ends, else behind a word that does not ask for the next; no bracket stays open."""
    head = text[: length - 1]
    breaks = [match.start() for match in _THOUGHT.finditer(text, length // 2, length - 1)]
    if breaks:
        head = text[: breaks[-1]]
    elif " " in head[length // 3 :]:
        head = head[: head.rindex(" ")]
        while (asks := _ASKS_ON.search(head)) and asks.start() > length // 3:
            head = head[: asks.start()]
    for left, right in ("()", "[]", "“”", "«»"):
        at = head.rfind(left)
        if at > length // 3 and right not in head[at:]:
            head = head[:at]
    return head.rstrip(" ,;:.-–—([“") + "…"


def direction(language: str | None) -> str | None:
    """Rtl for languages written from right to left, else None."""
    return "rtl" if language and language.replace("_", "-").split("-")[0].lower() in _RIGHT_TO_LEFT else None


def zone_of(name: str | None) -> tzinfo:
    """The time zone a source named, also as +02:00 or UTC-4; UTC for names nobody knows."""
    found = _OFFSET.fullmatch((name or "").replace("−", "-").strip())
    if found:
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return timezone(timedelta(minutes=min(minutes, 14 * 60) * (-1 if found[1] == "-" else 1)))
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def zone_words(at: datetime) -> str:
    """The zone of a time with zone as " UTC", ", UTC−4" or ", UTC+5:30"; what follows the hour."""
    offset = at.utcoffset()
    minutes = round((offset or timedelta()).total_seconds() / 60)
    if minutes == 0:
        return " UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f", UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02d}' if rest else ''}"


def event_day(at: date | datetime, event: Event) -> date:
    """The day on which ``at`` falls where the event takes place."""
    if not isinstance(at, datetime):
        return at
    return at.astimezone(zone_of(event.timezone)).date() if at.tzinfo else at.date()


def last_day(event: Event) -> date:
    """The day on which ``event`` ends."""
    return max(event_day(each, event) for each in (event.starts_at, event.ends_at) if each is not None)


def event_when(event: Event, *, year_of: date) -> str:
    """Hours with their zone, or the days of an event that lasts longer; "" when the start says it all."""
    first = event_day(event.starts_at, event)
    last = max(event_day(event.ends_at, event), first) if event.ends_at else first
    if not isinstance(event.starts_at, datetime):
        return date_range(first, last, year_of=year_of) if last != first else ""
    start = _local(event.starts_at, event)
    end = _local(event.ends_at, event) if isinstance(event.ends_at, datetime) else None
    zone = zone_words(start) if start.tzinfo else ", local time"
    if end is None or (end.tzinfo is None) != (start.tzinfo is None) or end <= start:
        days = f"{date_range(first, last, year_of=year_of)}, from " if last != first else ""
        return f"{days}{start:%H:%M}{zone}"
    if last == first or end - start <= timedelta(hours=12):
        return f"{start:%H:%M} – {end:%H:%M}{zone}"
    return f"{day_month(first)} {start:%H:%M} – {day_month(last, year_of=year_of)} {end:%H:%M}{zone}"


def _local(at: datetime, event: Event) -> datetime:
    return at.astimezone(zone_of(event.timezone)) if at.tzinfo else at


def price(event: Event, seen_on: date) -> tuple[str, str]:
    """What it costs now, and what after: (€90 until 31 March, then €120)."""
    cost, late = one_line(event.cost), one_line(event.late_cost)
    if not (late and event.late_from):
        return cost or late, ""
    if event.late_from <= seen_on or not cost:
        return late, ""
    return f"{cost} until {day_month(event.late_from - timedelta(days=1), year_of=seen_on)}", f"then {late}"


def project(name: str | None) -> str:
    """A project as a headline: "nova" as Nova, and a name with signs in it, such as python-novaclient, as it is."""
    found = one_line(name)
    return found.capitalize() if found.isalpha() and found.islower() else found
