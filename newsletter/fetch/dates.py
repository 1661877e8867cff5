"""Dates as documents write them, as times in UTC; what cannot be read is None, never a guess."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from time import struct_time

DATE_IN_FUTURE = "date in the future"
DATE_NOT_MEANT = "date cannot be meant"
DATE_UNREADABLE = "date cannot be read"

_AHEAD = timedelta(days=2)
_FIRST_YEAR = 1971
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
# Names that nobody knows count as UTC, as everybody's reader has it.
_ZONES = {
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "ast": -4, "adt": -3,
    "et": -5, "ct": -6, "mt": -7, "pt": -8, "at": -4, "akst": -9, "akdt": -8, "hst": -10, "bst": 1, "west": 1,
    "met": 1, "mest": 2, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "aest": 10, "aedt": 11,
    "a": -1, "n": 1, "m": -12, "y": 12,
}  # fmt: skip
_OFFSET = r"(?:(?:gmt|utc)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?|(?:etc/)?(?P<zone>[a-z]{0,4}))"
_MAIL_DATE = re.compile(
    r"(?:[a-z]{2,9}\.?(?:,\s*|\s+))?"
    r"(?:(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]{3})[a-z]*\.?|(?P<month2>[a-z]{3})[a-z]*\.?\s+(?P<day2>\d{1,2})),?"
    r"[\s-]+(?P<year>\d{4}|\d{2})(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
    rf"\s*{_OFFSET}(?:\s*\([^)]*\))?",
    re.IGNORECASE,
)
_NET_DATE = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2}))?|(?P<month2>\d\d)(?P<day2>\d\d))"
    r"(?:(?:T|\s+)(?P<hour>\d{1,2}):?(?P<minute>\d{1,2})(?::?(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
    rf"\s*{_OFFSET}",
    re.IGNORECASE,
)
_CLOCK_DATE = re.compile(
    r"(?:[a-z]{3,9}\.?,?\s+)?(?P<month>[a-z]{3})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    rf"\s+(?:{_OFFSET}\s+)?(?P<year>\d{{4}})",
    re.IGNORECASE,
)


def parse_date(text: str) -> datetime | None:
    """The time in UTC that ``text`` (RFC 5322 or RFC 3339, and what people make of them) names, or None.

    A date without zone is taken as UTC, one without time as midnight.
    """
    text = text.strip()
    if len(text) > 100:
        return None
    if text[:4].isdigit():
        return _made(_NET_DATE.fullmatch(text))
    return _made(_MAIL_DATE.fullmatch(text) or _CLOCK_DATE.fullmatch(text))


def from_parsed(parsed: struct_time | tuple[int, ...] | None) -> datetime | None:
    """The time of a UTC time tuple, as feedparser gives it, or None."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(tuple(parsed)), tz=UTC)
    except (OverflowError, ValueError, OSError):
        return None


def believed(at: datetime | None, now: datetime) -> tuple[datetime | None, str | None]:
    """``at``, or None and a warning when no item can be of that time."""
    if at is None:
        return None, None
    if at.year < _FIRST_YEAR:
        return None, f"{DATE_NOT_MEANT}: {at.date().isoformat()}"
    if at > now + _AHEAD:
        return None, f"{DATE_IN_FUTURE}: {at.date().isoformat()}"
    return at, None


def _made(found: re.Match[str] | None) -> datetime | None:
    if found is None:
        return None
    part = found.groupdict()
    month = part["month"] or part.get("month2") or ""
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    day = int(part["day"] or part.get("day2") or 1)
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if half := part.get("half"):
        hour = hour % 12 + (12 if half in "pP" else 0)
    try:
        fraction = int(f"{part.get('fraction') or '':0<6}"[:6])
        local = datetime(_year(part["year"]), number, day, hour, minute, min(second, 59), fraction, tzinfo=UTC)
        return local - _offset(part)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (1900 if year >= 90 else 2000)


def _offset(part: dict[str, str | None]) -> timedelta:
    if not part["sign"]:
        return timedelta(hours=_ZONES.get((part["zone"] or "").lower(), 0))
    size = timedelta(hours=int(part["hours"] or 0), minutes=int(part["minutes"] or 0))
    return -size if part["sign"] == "-" else size
