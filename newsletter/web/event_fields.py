"""The fields of an event as an editor writes them, and back. Pure; what cannot be read says so at its field."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from newsletter.model.codec import time_text
from newsletter.model.item import Event
from newsletter.render.words import MONTHS, full_date, zone_of
from newsletter.text import is_web_url, one_line

LABELS: Mapping[str, str] = {
    "start": "Start",
    "end": "End",
    "zone": "Zone",
    "place": "Place",
    "cost": "Cost",
    "late_cost": "Late cost",
    "late_from": "Late from",
    "seats": "Seats",
    "register_by": "Register by",
    "link": "Link",
}
"""The fields in their order, each with its label."""
MOST_LETTERS = 500
HOW = "Write it as 14 April 2026, 14 April 2026 18:00 or 2026-04-14T18:00."
_CLOCK = (
    r"(?:(?:T|\s+(?:at\s+)?|,\s*)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_CLOCK}", re.ASCII)
_WORDS = re.compile(
    rf"(?:[A-Za-z]+day,?\s+)?(?P<day>\d{{1,2}})\.?\s+(?P<month>[A-Za-z]{{3,9}})\.?,?\s+(?P<year>\d{{4}}){_CLOCK}",
    re.ASCII,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE | re.ASCII)
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class ReadFields:
    """What was written: the value of an "event" change, and what is wrong, by field."""

    value: Mapping[str, Any]
    errors: Mapping[str, str]


class _Unreadable(ValueError):
    """What is said at the field."""


def field_texts(event: Event | None) -> dict[str, str]:
    """The text of each field for ``event``; all empty without one."""
    if event is None:
        return dict.fromkeys(LABELS, "")
    return {
        "start": moment_text(event.starts_at, event),
        "end": moment_text(event.ends_at, event),
        "zone": one_line(event.timezone) or ("UTC" if _has_zone(event.starts_at) else ""),
        "place": one_line(event.place),
        "cost": one_line(event.cost),
        "late_cost": one_line(event.late_cost),
        "late_from": full_date(event.late_from) if event.late_from else "",
        "seats": str(event.seats) if event.seats is not None else "",
        "register_by": moment_text(event.deadline_at, event),
        "link": event.url or "",
    }


def moment_text(at: date | datetime | None, event: Event) -> str:
    """14 April 2026, or 14 April 2026 18:00 in the event's own zone."""
    if at is None:
        return ""
    if not isinstance(at, datetime):
        return full_date(at)
    local = at.astimezone(zone_of(event.timezone)) if at.tzinfo else at
    return f"{full_date(local.date())} {local:%H:%M}"


def read_fields(texts: Mapping[str, str]) -> ReadFields:
    """The event that ``texts`` describe; every mistake is told at once, at its field."""
    errors: dict[str, str] = {}
    found: dict[str, Any] = {}

    def read(name: str, how: Callable[[str], Any]) -> Any:
        text = one_line(texts.get(name, ""))
        try:
            if len(text) > MOST_LETTERS:
                raise _Unreadable(f"This has {len(text):,} letters; {MOST_LETTERS} is the most. Shorten it.")
            found[name] = how(text) if text else None
        except _Unreadable as fault:
            errors[name] = str(fault)
            found[name] = None
        return found[name]

    zone = read("zone", _zone)
    for name in ("start", "end", "register_by"):
        read(name, lambda text: _moment(text, zone))
    read("late_from", _day)
    read("seats", _seats)
    read("link", _link)
    for name in ("place", "cost", "late_cost"):
        read(name, str)
    _check_together(found, errors)
    return ReadFields(_value(found), errors)


def _value(found: Mapping[str, Any]) -> dict[str, Any]:
    zone = found["zone"]
    return {
        "starts_at": time_text(found["start"]),
        "ends_at": time_text(found["end"]),
        "timezone": zone[0] if zone else None,
        "place": found["place"],
        "cost": found["cost"],
        "late_cost": found["late_cost"],
        "late_from": time_text(found["late_from"]),
        "seats": found["seats"],
        "deadline_at": time_text(found["register_by"]),
        "url": found["link"],
    }


def _check_together(found: dict[str, Any], errors: dict[str, str]) -> None:
    start, end = found["start"], found["end"]
    if start is None:
        errors.setdefault("start", f"When does it begin? {HOW}")
    elif end is not None:
        if _day_of(end, found["zone"]) < _day_of(start, found["zone"]) or _is_before(end, start):
            errors.setdefault("end", "The end lies before the start. Change one of them.")
        elif not isinstance(end, datetime) and isinstance(start, datetime) and end == _day_of(start, found["zone"]):
            found["end"] = None
    if found["late_cost"] and not found["late_from"] and "late_from" not in errors:
        errors["late_from"] = "From which day does the late cost hold? Write it, or empty the late cost."


def _is_before(end: date | datetime, start: date | datetime) -> bool:
    return isinstance(end, datetime) and isinstance(start, datetime) and end < start


def _day_of(at: date | datetime, zone: tuple[str, tzinfo] | None) -> date:
    if not isinstance(at, datetime):
        return at
    return at.astimezone(zone[1] if zone else UTC).date() if at.tzinfo else at.date()


def _has_zone(at: date | datetime) -> bool:
    return isinstance(at, datetime) and at.tzinfo is not None


def _moment(text: str, zone: tuple[str, tzinfo] | None) -> date | datetime:
    """A day; with an hour a moment, in UTC when its zone is known."""
    match = _ISO.fullmatch(text) or _WORDS.fullmatch(text)
    if match is None:
        raise _Unreadable(f"“{text}” is no date. {HOW}")
    day = _date(match, text)
    if match["hour"] is None:
        return day
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise _Unreadable(f"There is no {match['hour']}:{match['minute']} o’clock. Hours go from 00:00 to 23:59.")
    plain = datetime.combine(day, time(hour, minute, second))
    if match["zone"]:
        return plain.replace(tzinfo=UTC if match["zone"] == "Z" else _offset(match["zone"])).astimezone(UTC)
    return _in_zone(plain, zone) if zone else plain


def _in_zone(plain: datetime, zone: tuple[str, tzinfo]) -> datetime:
    at = plain.replace(tzinfo=zone[1]).astimezone(UTC)
    if at.astimezone(zone[1]).replace(tzinfo=None) != plain:
        raise _Unreadable(f"{plain:%H:%M} does not exist on that day in {zone[0]}: clocks are set forward then.")
    return at


def _day(text: str) -> date:
    found = _moment(text, None)
    if isinstance(found, datetime):
        raise _Unreadable("Only the day, without an hour.")
    return found


def _date(match: re.Match[str], text: str) -> date:
    year, month, day = int(match["year"]), _month(match["month"], text), int(match["day"])
    if year not in _YEARS:
        raise _Unreadable(f"The year {year} cannot be meant.")
    try:
        return date(year, month, day)
    except ValueError:
        raise _Unreadable(f"“{text}” is no day of the calendar. {HOW}") from None


def _month(text: str, whole: str) -> int:
    if text.isdigit():
        return int(text)
    found = [number for number, name in enumerate(MONTHS, 1) if _is_month(text.casefold(), name.casefold())]
    if len(found) != 1:
        raise _Unreadable(f"“{text}” in “{whole}” is no month. {HOW}")
    return found[0]


def _is_month(text: str, name: str) -> bool:
    return text in (name, name[:3]) or (text == "sept" and name == "september")


def _zone(text: str) -> tuple[str, tzinfo]:
    """The zone's name and the zone: a name of the zone database, its last part, or a distance from UTC."""
    if text.upper() in ("UTC", "GMT", "Z"):
        return "UTC", UTC
    if found := _OFFSET.fullmatch(text.replace("−", "-")):
        return _offset_name(found), _offset(text.replace("−", "-"))
    wanted = text.partition(",")[0].strip().replace(" ", "_").casefold()
    names = [name for name in _zone_names() if wanted in (name.casefold(), name.rpartition("/")[2].casefold())]
    if len(names) != 1:
        raise _Unreadable(_zone_help(text, names))
    return names[0], ZoneInfo(names[0])


def _zone_help(text: str, names: list[str]) -> str:
    if names:
        return f"“{text}” may be {' or '.join(sorted(names)[:4])}. Write one of them."
    by_last = {name.rpartition("/")[2].casefold(): name for name in _zone_names()}
    near = get_close_matches(text.replace(" ", "_").casefold(), by_last, n=1, cutoff=0.7)
    said = f" Did you mean {by_last[near[0]]}?" if near else ""
    return f"“{text}” is no time zone.{said} Write a name such as Europe/Tallinn, or a distance such as UTC+3."


@cache
def _zone_names() -> frozenset[str]:
    """The names that mean a place; abbreviations such as EST are left out, because they do not know summer time."""
    return frozenset(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )


def _offset(text: str) -> tzinfo:
    found = _OFFSET.fullmatch(text)
    assert found is not None
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        raise _Unreadable(f"“{text}” is no distance from UTC; it goes from -12:00 to +14:00.")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if found[1] == "-" else distance)


def _offset_name(found: re.Match[str]) -> str:
    return f"{found[1]}{int(found[2]):02d}:{found[3] or '00'}"


def _seats(text: str) -> int:
    plain = text.replace(",", "").replace(" ", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 7:
        raise _Unreadable(f"“{text}” is no number of seats. Write digits, such as 40.")
    return int(plain)


def _link(text: str) -> str:
    if not is_web_url(text):
        raise _Unreadable(f"“{text}” is no web address. It begins with https:// or http://.")
    return text
