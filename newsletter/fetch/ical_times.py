"""Times of an iCalendar document: days, local times, UTC, and times in a zone that somehow is named."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from newsletter.fetch.ical_lines import Component, Property

ZONE_UNKNOWN = "time zone unknown"

_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.IGNORECASE
)
_OFFSET = re.compile(r"\(?(?:UTC|GMT|Etc/GMT)\s?([+-])(\d{1,2})(?::?(\d\d))?\)?.*", re.IGNORECASE)
_UTC = re.compile(r"\(?(?:UTC|GMT|Z|Zulu|Etc/(?:UTC|GMT)|Coordinated Universal Time)\)?", re.IGNORECASE)
_LONGEST_ZONE = 200
_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone and the name others know it by (IANA), None when it has none."""

    info: tzinfo
    name: str | None


@dataclass(slots=True)
class Zones:
    """The time zones of a document: those it defines, those everybody knows, and its own for times without one."""

    defined: dict[str, Component] = field(default_factory=dict)
    default: Zone | None = None
    """The zone of X-WR-TIMEZONE: that of times without one, and the one in which those in UTC are meant to be shown."""
    _found: dict[str, Zone | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Component) -> "Zones":
        """The zones of the document under ``root``."""
        defined = {each.text("TZID"): each for each in root.walk("VTIMEZONE") if each.text("TZID")}
        zones = cls(defined)
        named = next((each.text("X-WR-TIMEZONE") for each in root.walk("VCALENDAR") if each.text("X-WR-TIMEZONE")), "")
        zones.default = zones.find(named) if named else None
        return zones

    def find(self, tzid: str) -> Zone | None:
        """The zone called ``tzid``; None when neither the document nor the world knows it."""
        tzid = tzid.strip()
        if tzid not in self._found:
            self._found[tzid] = self._look_for(tzid) if len(tzid) <= _LONGEST_ZONE else None
        return self._found[tzid]

    def _look_for(self, tzid: str) -> Zone | None:
        if _UTC.fullmatch(tzid):
            return Zone(UTC, "UTC")
        known = _known(tzid)
        if known is not None:
            return known
        if tzid in self.defined:
            return _made(self.defined[tzid])
        offset = _OFFSET.fullmatch(tzid)
        return _at_offset(offset) if offset else _global(tzid)


def _known(tzid: str) -> Zone | None:
    """An IANA name, or one of Windows and Outlook."""
    plain = tzid.strip("/").removeprefix("posix/").removeprefix("right/")
    name = WINDOWS_TO_OLSON.get(plain, plain)
    return (
        _iana(name)
        if "/" in name or name in ("EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "CET", "EET", "WET", "MET")
        else None
    )


def _iana(name: str) -> Zone | None:
    try:
        return Zone(ZoneInfo(name), name)
    except (ValueError, OSError, KeyError):
        return None


def _global(tzid: str) -> Zone | None:
    """The IANA name at the end of a long one: "/mozilla.org/20070129_1/Europe/Berlin"."""
    parts = tzid.strip("/").split("/")
    tails = ("/".join(parts[start:]) for start in range(1, min(len(parts) - 1, 6)))
    return next((found for tail in tails if (found := _iana(tail))), None)


def _made(component: Component) -> Zone | None:
    """The zone that a VTIMEZONE describes; X-LIC-LOCATION names it for others."""
    location = component.text("X-LIC-LOCATION")
    if location and (known := _known(location)):
        return known
    try:
        lines = [line for line in component.source if not line.upper().startswith(("TZURL", "LAST-MODIFIED", "X-"))]
        info = Timezone.from_ical("\r\n".join(lines) + "\r\n").to_tz(lookup_tzid=False)  # type: ignore[attr-defined]
        datetime(2020, 7, 1, tzinfo=info).utcoffset()
    except Exception:  # whatever a broken description does to the library
        return None
    return Zone(info, None)


def _at_offset(found: re.Match[str]) -> Zone | None:
    length = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if length > timedelta(hours=14):
        return None
    is_west = (found[1] == "-") != found[0].casefold().startswith("etc/")
    return Zone(timezone(-length if is_west else length), None)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day (``date``), a local time (without zone), or a time in a zone; ``zone_name`` if others know one."""

    at: date | datetime
    zone_name: str | None = None
    is_zone_lost: bool = False

    @property
    def is_day(self) -> bool:
        """Whether only the day is told."""
        return not isinstance(self.at, datetime)


def read_moment(found: Property | None, zones: Zones) -> Moment | None:
    """The time in a property such as DTSTART. None when there is none or it cannot be meant."""
    match = _MOMENT.fullmatch(found.value.strip()) if found else None
    if found is None or match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if match[4] is None or found.params.get("VALUE", "").upper() == "DATE":
            return Moment(day)
        clock = time(int(match[4]), int(match[5]), min(int(match[6] or 0), 59))
        return _zoned(datetime.combine(day, clock), match[7], found.params.get("TZID", ""), zones)
    except (ValueError, OverflowError):
        return None


def _zoned(at: datetime, mark: str | None, tzid: str, zones: Zones) -> Moment:
    if mark and mark.upper() == "Z":
        return Moment(at.replace(tzinfo=UTC), zones.default.name if zones.default and zones.default.name else "UTC")
    if mark:
        minutes = int(mark[1:3]) * 60 + int(mark[-2:])
        return Moment(at.replace(tzinfo=timezone(timedelta(minutes=-minutes if mark[0] == "-" else minutes))), "UTC")
    zone = zones.find(tzid) if tzid else zones.default
    if zone is None:
        return Moment(at, None, is_zone_lost=bool(tzid))
    return Moment(at.replace(tzinfo=zone.info), zone.name)


def offset_name(at: datetime) -> str:
    """A name for a zone without one: its hours from UTC at that time (the names of Etc count the other way round)."""
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    if minutes % 60 or not minutes or abs(minutes) > 12 * 60:
        return "UTC"
    return f"Etc/GMT{'-' if minutes > 0 else '+'}{abs(minutes) // 60}"


def read_duration(text: str) -> timedelta | None:
    """A duration ("PT1H30M"); None for one that is negative or longer than a year, which nobody means."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match[1] == "-":
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return length if length <= _LONGEST else None


def in_utc(at: date | datetime) -> date | datetime:
    """``at`` as an Event holds it: in UTC when its zone is known, days and local times as they are."""
    return at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else at


def as_moment(at: date | datetime) -> datetime:
    """``at`` as a time to compare with: days begin at midnight, and what has no zone is read in UTC."""
    if not isinstance(at, datetime):
        return datetime(at.year, at.month, at.day, tzinfo=UTC)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
