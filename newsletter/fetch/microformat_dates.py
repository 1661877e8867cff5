"""Dates as pages mark them up: put together from pieces, and read as the times of an Event or an Item."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone

_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\d{4}-\d{3}")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?\s*(?P<half>[ap]\.?m\.?)?\s*"
    r"(?P<zone>z|[+-]\d{1,2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_ZONE = re.compile(r"z|[+-]\d{1,2}:?\d{0,2}", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}|\d{4}-\d{3}|\d{8})"
    r"(?:[T\s]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})?(?::?(?P<second>\d{2})(?:[.,]\d+)?)?\s*"
    r"(?P<zone>Z|[+-]\d{1,2}:?(?:\d{2})?)?(?:\[[^\]]*\])?)?",
    re.IGNORECASE,
)


def join_values(values: Iterable[str], before: str = "") -> str:
    """The date, time and zone among ``values`` as one; the date of ``before`` when they have none."""
    day = clock = zone = ""
    for value in (each.strip() for each in values):
        if not day and _DATE.fullmatch(value):
            day = value
        elif not clock and (found := _CLOCK.fullmatch(value)) and not _ZONE.fullmatch(value):
            clock = _spelt(found)
        elif not zone and _ZONE.fullmatch(value):
            zone = value.replace(":", "")
        elif not day and not clock:
            return value
    if not day and clock:
        day = before[:10] if _MOMENT.match(before) else ""
    return " ".join(part for part in (day, clock + zone) if part)


def _spelt(found: re.Match[str]) -> str:
    """A time of day by 24 hours."""
    hour = int(found["hour"])
    if half := (found["half"] or "").lower():
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    clock = f"{hour:02}:{found['minute'] or '00'}" + (f":{found['second']}" if found["second"] else "")
    return clock + (found["zone"] or "").replace(":", "")


def moment_of(text: str) -> tuple[date | datetime | None, str | None]:
    """The time that ``text`` (ISO 8601 and what pages make of it) names, and its zone.

    A day is a date, a time without a zone has none, one with a zone is in UTC. (None, None) for
    what cannot be read.
    """
    found = _MOMENT.fullmatch(text.strip()[:60])
    if found is None:
        return None, None
    try:
        day = _day(found["date"])
        if found["hour"] is None:
            return day, None
        clock = time(int(found["hour"]), int(found["minute"] or 0), min(int(found["second"] or 0), 59))
        at = datetime.combine(day, clock)
        if not found["zone"]:
            return at, None
        offset = _offset(found["zone"])
        return at.replace(tzinfo=timezone(offset)).astimezone(UTC), _name(offset)
    except (ValueError, OverflowError):
        return None, None


def _day(text: str) -> date:
    if len(text) == 8 and "-" not in text:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if len(text) == 8:
        return date(int(text[:4]), 1, 1) + timedelta(days=int(text[5:]) - 1)
    return date.fromisoformat(text)


def _offset(zone: str) -> timedelta:
    if zone in "zZ":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0") if len(zone) > 2 else f"0{zone[1]}00"
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return -size if zone[0] == "-" else size


def _name(offset: timedelta) -> str:
    if not offset:
        return "UTC"
    minutes = int(offset.total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
