"""The part "schedule": the weekly hours, and whether they can follow each other."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from newsletter.config.nodes import Block
from newsletter.config.parts import Part
from newsletter.config.problems import Report, did_you_mean, nearest, shown
from newsletter.config.values import Wrong, day, one_of
from newsletter.model.period import DAYS, WeekTime
from newsletter.model.settings import Schedule

SCHEDULE_KEYS = (
    *("timezone", "collect until", "draft ready", "remind reviewer", "send"),
    "if not approved",
    "approval",
    "skip",
)
IF_NOT_APPROVED = ("hold", "send highlights only")
APPROVAL = ("one person", "two people")
_WEEK = 7 * 1440
_LATEST = 4 * 1440
"""An issue goes out at most so many minutes after its week is collected; beyond, it is meant to go out before."""
_HALF_AN_HOUR = 30
_HOUR = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_NO_SUMMER_TIME = ("EST", "MST", "HST")
_USUAL = {
    "collect until": WeekTime(3, time(18, 0)),
    "draft ready": WeekTime(3, time(18, 30)),
    "remind reviewer": WeekTime(3, time(21, 0)),
    "send": WeekTime(4, time(10, 0)),
}


def read_schedule(block: Block | None, report: Report) -> Schedule:
    """The part "schedule", with what is usual where nothing is said."""
    if block is None:
        return Schedule()
    part = Part(block, report, what='"schedule"', keys=SCHEDULE_KEYS)
    skipped = {each: line for line, each in part.many_lines("skip", day)}
    hours = {key: part.optional(key, week_time) for key in _USUAL}
    collect = hours["collect until"] or _USUAL["collect until"]
    send = hours["send"] or _USUAL["send"]
    draft = hours["draft ready"] or _soon_after(collect, send)
    if all(hours[key] or key not in part for key in _USUAL):
        _check_order(part, _Hours(collect, draft, hours["remind reviewer"], send))
    return Schedule(
        zone=part.value("timezone", zone, ZoneInfo("UTC")),
        collect_until=collect,
        draft_ready=draft,
        remind_reviewer=hours["remind reviewer"],
        send=send,
        if_not_approved=part.value("if not approved", one_of(*IF_NOT_APPROVED), "hold"),
        approval=part.value("approval", one_of(*APPROVAL), "one person"),
        skip=frozenset(skipped),
        skip_lines=skipped,
    )


@dataclass(frozen=True, slots=True)
class _Hours:
    collect: WeekTime
    draft: WeekTime
    remind: WeekTime | None
    send: WeekTime


def days_without_issue(schedule: Schedule, today: date) -> list[tuple[int, str]]:
    """The days to skip from ``today`` on at which no issue would go out anyway, each as a line and what to say."""
    return [
        (line, _no_send_day(schedule, each, today))
        for each, line in sorted(schedule.skip_lines.items())
        if each >= today and each.weekday() != schedule.send.day
    ]


def _no_send_day(schedule: Schedule, skipped: date, today: date) -> str:
    """What is wrong with a day to skip, and the nearest day to come at which an issue goes out."""
    meant = skipped + timedelta(days=(schedule.send.day - skipped.weekday() + 3) % 7 - 3)
    if meant < today:
        meant += timedelta(weeks=1)
    said = f"{skipped} is a {DAYS[skipped.weekday()]}, and issues go out on {DAYS[schedule.send.day]}s"
    return f"{said}; it skips nothing." if meant in schedule.skip else f"{said}; did you mean {meant}?"


def _check_order(part: Part, hours: _Hours) -> None:
    """Tell the first hour that comes too early; each counts from the end of collecting."""
    collected = f'its week is collected ("collect until" is {hours.collect})'
    until_send = _after(hours.collect, hours.send)
    until_draft = _after(hours.collect, hours.draft)
    if until_send > _LATEST:
        line = "send" if "send" in part else "collect until"
        part.tell(line, f"The issue would go out before {collected}. Move one of the two.")
    elif until_draft > _LATEST:
        part.tell("draft ready", f"The draft would be made before {collected}. Move one of the two.")
    elif until_draft > until_send:
        text = f'The issue would go out before its draft is made ("draft ready" is {hours.draft}). Move one of the two.'
        part.tell("send" if "send" in part else "draft ready", text)
    elif hours.remind and not until_draft <= _after(hours.collect, hours.remind) <= until_send:
        text = f"between the draft ({hours.draft}) and the issue ({hours.send})"
        part.tell("remind reviewer", f"The reviewer can only be reminded {text}. Move it there.")


def _after(start: WeekTime, end: WeekTime) -> int:
    return (end.minutes - start.minutes) % _WEEK


def _soon_after(collect: WeekTime, send: WeekTime) -> WeekTime:
    minutes = (collect.minutes + min(_HALF_AN_HOUR, _after(collect, send))) % _WEEK
    return WeekTime(minutes // 1440, time(minutes % 1440 // 60, minutes % 60))


def week_time(key: str, text: str) -> WeekTime | Wrong:
    """A day and an hour: Thursday 18:30."""
    words = text.replace(",", " ").split()
    hour = _HOUR.fullmatch(words[-1]) if words else None
    if len(words) != 2 or not (hour or words[0][0].isalpha()):
        usual = _USUAL.get(key, _USUAL["send"])
        at = f"{int(hour[1]):02}:{hour[2]}" if hour and len(words) == 1 else f"{usual.at:%H:%M}"
        return Wrong(f'"{key}: {shown(text)}" needs a day and a time, for example "{key}: {DAYS[usual.day]} {at}".')
    number = _day_number(words[0])
    if number is None:
        help_text = did_you_mean(words[0], DAYS) or " Write Monday, Tuesday or another."
        return Wrong(f'"{shown(words[0])}" is not a day.{help_text}')
    if hour is None:
        return Wrong(f'"{shown(words[1])}" is not a time of day. Write hours and minutes, for example 18:30.')
    return WeekTime(number, time(int(hour[1]), int(hour[2])))


def _day_number(word: str) -> int | None:
    found = [number for number, name in enumerate(DAYS) if name.lower().startswith(word.lower().rstrip("."))]
    return found[0] if len(found) == 1 and len(word) > 2 else None


def day_name(word: str) -> str | None:
    """The day of the week that ``word`` names, None when it names none."""
    number = _day_number(word)
    return None if number is None else DAYS[number]


def zone(key: str, text: str) -> ZoneInfo | Wrong:
    """A time zone by the name of a city."""
    try:
        if text.upper() in _NO_SUMMER_TIME or not text.isascii():
            raise KeyError(text)
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        cities = tuple(sorted(name for name in available_timezones() if "/" in name))
        meant = _near_city(text, cities)
        hint = f'Did you mean "{meant}"?' if meant else "Name a city, for example Europe/Berlin or America/Chicago."
        return Wrong(f'"{shown(text)}" is not a time zone. {hint}')


def _near_city(text: str, cities: tuple[str, ...]) -> str | None:
    if len(text) < 5:
        return None
    by_city = [name for name in cities if name.rpartition("/")[2].casefold() == text.replace(" ", "_").casefold()]
    area = tuple(name for name in cities if name[:1] == text[:1].upper())
    return by_city[0] if by_city else nearest(text, area)
