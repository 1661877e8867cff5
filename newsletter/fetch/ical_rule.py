"""Rules by which events repeat (RRULE): made fit to be followed, and told in words."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from newsletter.fetch.ical_lines import Property
from newsletter.fetch.ical_times import Zones, as_moment, read_moment

TOO_OFTEN = "repeats more often than anybody can attend; only its first date was read"
NOT_UNDERSTOOD = "repeats by a rule that cannot be read; only its first date was read"

MOST_STEPS = 60_000
"""A daily event since 1900 takes fewer; what takes more is built to cost time."""

_SECONDS = {
    "SECONDLY": 1,
    "MINUTELY": 60,
    "HOURLY": 3_600,
    "DAILY": 86_400,
    "WEEKLY": 604_800,
    "MONTHLY": 2_419_200,
    "YEARLY": 31_536_000,
}
_KNOWN = (
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY",
    "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
)  # fmt: skip
_LISTED = re.compile(r"[+-]?[0-9A-Z]{1,5}(?:,[+-]?[0-9A-Z]{1,5}){0,400}")
_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_UNITS = {"HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_OFTEN = {"HOURLY": "hourly", "DAILY": "daily", "WEEKLY": "weekly", "MONTHLY": "monthly", "YEARLY": "yearly"}

Rule = Mapping[str, str]


def read_rule(found: Property, start: date | datetime, zones: Zones) -> Rule | None:
    """The parts of a rule, each of them such as a follower of rules takes it; None for what is no rule.

    UNTIL becomes a day for events of whole days, a local time for floating ones, and UTC else.
    """
    pairs = (part.partition("=") for part in re.sub(r"\s", "", found.value.upper()).split(";"))
    parts = {name: value for name, _, value in pairs if value and name in (*_KNOWN, "RSCALE")}
    if parts.get("FREQ") not in _SECONDS or parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN":
        return None
    if any(not _LISTED.fullmatch(value) for name, value in parts.items() if name not in ("FREQ", "UNTIL")):
        return None
    for name in ("COUNT", "INTERVAL"):
        if not parts.get(name, "1").isdecimal() or int(parts.get(name, "1")) < 1:
            del parts[name]
    if "UNTIL" in parts:
        until = read_moment(Property("UNTIL", {}, parts.pop("UNTIL")), Zones())
        if until is None:
            return None
        if "COUNT" not in parts:
            parts["UNTIL"] = _until(until.at, start)
    return parts


def _until(until: date | datetime, start: date | datetime) -> str:
    if not isinstance(start, datetime):
        return f"{until:%Y%m%d}"
    if not isinstance(until, datetime):
        until = datetime.combine(until, datetime.max.time().replace(microsecond=0), start.tzinfo)
    if start.tzinfo is None:
        return f"{until:%Y%m%dT%H%M%S}"
    until = until if until.tzinfo else until.replace(tzinfo=start.tzinfo)
    return f"{until.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def steps(rule: Rule, start: date | datetime, end: datetime) -> int:
    """How many dates have to be counted, at most, to follow ``rule`` from ``start`` to ``end``."""
    span = max(timedelta(), end - as_moment(start)).total_seconds()
    unit = _SECONDS[rule["FREQ"]] * int(rule.get("INTERVAL", "1"))
    count = span / unit + 1
    for name, seconds in (("BYHOUR", 3_600), ("BYMINUTE", 60), ("BYSECOND", 1)):
        if name in rule and _SECONDS[rule["FREQ"]] > seconds:
            count *= len(rule[name].split(","))
    return int(min(count, 10**12))


def rule_text(rule: Rule) -> str:
    """The rule as iCalendar writes it."""
    return ";".join(f"{name}={rule[name]}" for name in _KNOWN if name in rule)


def is_dense(rule: Rule) -> bool:
    """Whether it has more than one date in a week."""
    if rule["FREQ"] == "WEEKLY":
        return "," in rule.get("BYDAY", "") and int(rule.get("INTERVAL", "1")) > 0
    if rule["FREQ"] in ("MONTHLY", "YEARLY"):
        return len(rule.get("BYMONTHDAY", "").split(",")) > 4
    return not (rule["FREQ"] == "DAILY" and int(rule.get("INTERVAL", "1")) >= 7)


def often(rule: Rule) -> str:
    """How often, in one word: "weekly"; "" for an interval that has none."""
    return _OFTEN.get(rule["FREQ"], "") if rule.get("INTERVAL", "1") == "1" else ""


def rule_words(rule: Rule) -> str:
    """The rule for readers: "weekly on Monday", "every 2 weeks on Tuesday and Friday"."""
    unit = _UNITS.get(rule["FREQ"])
    if unit is None:
        return ""
    count = rule.get("INTERVAL", "1")
    said = often(rule) if count == "1" else f"every {count} {unit}s"
    days = rule.get("BYDAY", "")
    if rule["FREQ"] in ("WEEKLY", "DAILY") and set(days.split(",")) == {"MO", "TU", "WE", "TH", "FR"} and count == "1":
        return "on every weekday"
    names = [_DAYS[day] for day in days.split(",") if day in _DAYS] if rule["FREQ"] == "WEEKLY" else []
    if names:
        said += " on " + (f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0])
    return said
