"""Hours of the day in prose: "19:00 UTC", "7:00 pm – 10:00 pm", "from 6pm", with the zones that are known."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_PLACES = {
    "ET": "America/New_York",
    "CET": "Europe/Paris",
    "EET": "Europe/Helsinki",
    "WET": "Europe/Lisbon",
    "PT": "America/Los_Angeles",
    "MT": "America/Denver",
    "BST": "Europe/London",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "SGT": "Asia/Singapore",
    "AEST": "Australia/Brisbane",
    "AEDT": "Australia/Sydney",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
}
_ALIKE = {
    "EST": "ET", "EDT": "ET", "PST": "PT", "PDT": "PT", "MST": "MT", "MDT": "MT",
    "CEST": "CET", "EEST": "EET", "WEST": "WET",
}  # fmt: skip
_ZONE = (
    r"(?P<zone>(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d\d)?|UTC|GMT|Z\b|[+-]\d\d:?\d\d\b|"
    rf"(?:{'|'.join([*_PLACES, *_ALIKE])})\b|(?:Africa|America|Asia|Australia|Europe|Pacific)/[A-Z]\w+(?:/\w+)?|"
    r"Eastern\b|Pacific\b|Central European\b)"
)
_NAMED = {"EASTERN": "ET", "PACIFIC": "PT", "CENTRAL EUROPEAN": "CET"}
_HALF = r"(?:\s?(?P<{0}>[ap])\.?m\b\.?)"
_END = r"\s*(?:-|–|—|\bto\b|\buntil\b|\btill\b)\s*"
_TIME = re.compile(
    rf"(?<![\d.:/$€£-])(?P<hour>[01]?\d|2[0-4])(?:[:h](?P<minute>[0-5]\d)(?::[0-5]\d)?)?{_HALF.format('half')}?"
    rf"(?:{_END}(?P<hour2>[01]?\d|2[0-4])(?:[:h](?P<minute2>[0-5]\d))?(?!\d){_HALF.format('half2')}?)?"
    rf"(?:\s?(?:h|hrs|hours|Uhr)\b)?(?![\d%/])(?:\s*\(?{_ZONE})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when; ``zone`` is None when none was named or the name has several meanings."""

    start: time
    end: time | None = None
    zone: tzinfo | None = None
    zone_name: str | None = None


def find_hours(text: str) -> Hours | None:
    """The first time of day in ``text``; a bare number is none."""
    for match in _TIME.finditer(text):
        has_form = match["minute"] or match["half"] or match["half2"]
        if has_form and (made := _hours(match)):
            return made
    return None


def _hours(match: re.Match[str]) -> Hours | None:
    half, half2 = match["half"], match["half2"]
    start = _time(match["hour"], match["minute"], half or (half2 if _shares_half(match) else None))
    end = _time(match["hour2"], match["minute2"], half2 or half) if match["hour2"] else None
    if start is None:
        return None
    zone, name = find_zone(match["zone"])
    return Hours(start, end, zone, name)


def _shares_half(match: re.Match[str]) -> bool:
    """In "7-10 pm" both are evening, in "11-2 pm" they are not."""
    return match["hour2"] is not None and int(match["hour"]) % 12 < int(match["hour2"]) % 12


def _time(hour: str, minute: str | None, half: str | None) -> time | None:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half.casefold() == "p" else 0)
    return time(number % 24, int(minute or 0)) if number <= 24 else None


def find_zone(written: str | None) -> tuple[tzinfo | None, str | None]:
    """The zone that ``written`` means, with the name others know it by (IANA)."""
    if not written:
        return None, None
    word = " ".join(written.upper().split())
    if word in ("UTC", "GMT", "Z"):
        return UTC, "UTC"
    if offset := re.fullmatch(r"(?:UTC|GMT)?\s?([+-])(\d{1,2}?):?(\d\d)?", word):
        return _offset(offset)
    if "/" in written:
        return _place(written)
    word = _NAMED.get(word, word)
    return _place(_PLACES[_ALIKE.get(word, word)])


def _offset(match: re.Match[str]) -> tuple[tzinfo | None, str | None]:
    hours, minutes = int(match[2]), int(match[3] or 0)
    if hours > 14:
        return None, None
    length = timedelta(hours=hours, minutes=minutes)
    zone = timezone(length if match[1] == "+" else -length)
    # The names of Etc count the other way round (POSIX).
    name = f"Etc/GMT{'-' if match[1] == '+' else '+'}{hours}" if not minutes and hours <= 12 else "UTC"
    return zone, name


def _place(name: str) -> tuple[tzinfo | None, str | None]:
    try:
        return ZoneInfo(name), name
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None, None


def at_hours(day: date, hours: Hours) -> tuple[datetime, datetime | None]:
    """Start and end on ``day``: in UTC when the zone is known, else as local times without zone."""
    start = datetime.combine(day, hours.start, hours.zone)
    end = datetime.combine(day, hours.end, hours.zone) if hours.end else None
    if end is not None and end <= start:
        end += timedelta(days=1)
    return _utc(start), _utc(end) if end else None


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at
