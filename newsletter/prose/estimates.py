"""Dates that are only guessed at: "in about a month", "later this month", read against the day it was said."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

DATE_GUESSED = "date guessed"

_NUMBERS = {
    name: number
    for number, names in enumerate(
        ("a an one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
    for name in names.split()
}
_MONTH_NAMES = tuple(calendar.month_name[number].casefold() for number in range(1, 13))
_COUNT = rf"(?P<count>\d{{1,2}}|{'|'.join(_NUMBERS)}|a couple of|a few|several)"
_VAGUE = r"(?:about|around|roughly|approximately|some|another|less than|more than|over|under|the next|the coming)"
_UNITS = "day|week|fortnight|month|year"
_FROM_NOW = re.compile(
    rf"\b(?:in|within)\s+(?:{_VAGUE}\s+)?{_COUNT}\s+(?:(?:or so|more)\s+)?(?P<unit>{_UNITS})s?(?:['’]s?)?"
    r"(?:\s+time|\s+or so|\s+from now)?\b|"
    rf"\b(?:{_VAGUE}\s+)?(?P<count2>\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?P<unit2>{_UNITS})s?\s+from\s+now\b",
    re.IGNORECASE,
)
_ENDS = "the end of|the start of|the beginning of|sometime|some time"
_PART = rf"(?:(?P<part>early|earlier|mid|middle of|late|later|{_ENDS})[\s-]+(?:in\s+)?)"
_SPANS = "week(?:end)?|month|year|spring|summer|autumn|fall|winter|quarter"
_MONTH_BESIDE = rf"(?P<month>{'|'.join(_MONTH_NAMES)})(?:\s+(?P<year>(?:19|20)\d\d))?"
_NAMED = re.compile(
    rf"\b{_PART}?(?P<which>this|next|the coming)\s+(?P<unit>{_SPANS})\b(?:,?\s+\(?{_MONTH_BESIDE}\)?)?",
    re.IGNORECASE,
)
_IN_MONTH = re.compile(
    rf"\b(?P<part>early|mid|late|{_ENDS})[\s-]+(?:in\s+)?{_MONTH_BESIDE}\b(?!\s*\d)",
    re.IGNORECASE,
)
_DAY_NAMES = tuple(name.casefold() for name in calendar.day_name)
_WEEKDAY = re.compile(
    r"\b(?P<which>(?:this|next|coming|on|by|until|till|before|through)\s+(?:this\s+|next\s+|coming\s+)?)"
    rf"(?P<day>{'|'.join(_DAY_NAMES)})\b(?!,?\s+(?:the\s+)?(?:\d|(?:{'|'.join(_MONTH_NAMES)})\b))",
    re.IGNORECASE,
)
_SOON = re.compile(r"\b(?:today|tonight|tomorrow)\b", re.IGNORECASE)
_HINTS = (
    *("this ", "next ", "this\n", "next\n", "coming", "from now", "early", "mid", "late", " of ", "some"),
    *("day", "week", "month", "year", "fortnight"),
)
_DAY_HINTS = (*_DAY_NAMES, "today", "tonight", "tomorrow")
_MOST = 50
_FEW = 3
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What ``words`` in a text mean: some day from ``start`` to ``end``, most likely ``day``."""

    words: str
    day: date
    start: date
    end: date
    begin: int
    stop: int

    @property
    def is_day(self) -> bool:
        """Whether the words mean one certain day: "on Friday", "tomorrow"."""
        return self.start == self.end


def find_estimates(text: str, *, anchor: date | None) -> list[Estimate]:
    """The guesses at dates ahead in ``text``, in their order; ``anchor`` is the day on which it was said.

    When that is unknown, only words that name their month and year say anything. Days of the week are in
    :func:`find_days`.
    """
    return _estimates(text, anchor, _READERS) if _may_hold(text, _HINTS) else []


def find_days(text: str, *, anchor: date) -> list[Estimate]:
    """The days that "on Friday", "by next Tuesday" and "tomorrow" mean, seen from ``anchor``."""
    return _estimates(text, anchor, _DAY_READERS) if _may_hold(text, _DAY_HINTS) else []


def _may_hold(text: str, pieces: tuple[str, ...]) -> bool:
    """Whether a look with the patterns, which takes many times longer, can find anything."""
    folded = text.casefold()
    return any(piece in folded for piece in pieces)


def _estimates(text: str, anchor: date | None, readers: "_Readers") -> list[Estimate]:
    found: list[Estimate] = []
    for pattern, read in readers:
        for match in pattern.finditer(text):
            if len(found) >= _MOST:
                break
            if any(match.start() < each.stop and each.begin < match.end() for each in found):
                continue
            since = anchor or _dated(match)
            if since is None:
                continue
            try:
                span = read(match, since)
            except (ValueError, OverflowError):
                continue
            if span is not None and span[2] >= since:
                words = " ".join(match[0].split())
                found.append(Estimate(words, *span, match.start(), match.end()))
    return sorted(found, key=lambda each: each.begin)


def guess_warning(words: str, what: str = "") -> str:
    """The warning about a date that only ``words`` tell, for the event called ``what``."""
    return f"{DATE_GUESSED}: “{words}”" + (f" ({what})" if what else "")


_Span = tuple[date, date, date] | None


def _from_now(match: re.Match[str], anchor: date) -> _Span:
    count = _number(match["count"] or match["count2"])
    unit = (match["unit"] or match["unit2"]).casefold()
    if unit in ("month", "year"):
        months = count * (12 if unit == "year" else 1)
        slack = timedelta(days=10) if unit == "month" else timedelta(days=60)
        day = _later(anchor, months)
    else:
        days = count * {"day": 1, "week": 7, "fortnight": 14}[unit]
        slack = timedelta(days=max(1, days // 4))
        day = anchor + timedelta(days=days)
    return day, max(anchor, day - slack), day + slack


def _number(words: str) -> int:
    plain = words.casefold()
    if plain.isdigit():
        return int(plain)
    return _NUMBERS.get(plain, 2 if "couple" in plain else _FEW)


def _named(match: re.Match[str], anchor: date) -> _Span:
    """A part of this or the next week, month, season or year; a month that is named beside it goes before."""
    unit, ahead = match["unit"].casefold(), 0 if match["which"].casefold() == "this" else 1
    part = (match["part"] or "").casefold()
    if match["month"]:
        return _part_of(_month_of(match, anchor), part, anchor)
    if unit.startswith("week"):
        monday = anchor - timedelta(days=anchor.weekday()) + timedelta(weeks=ahead)
        first = monday + timedelta(days=5 if unit == "weekend" else 0)
        return _part_of((first, monday + timedelta(days=6)), part, anchor)
    if unit == "month":
        return _part_of(_month(_later(anchor.replace(day=1), ahead)), part, anchor)
    if unit == "year":
        year = anchor.year + ahead
        return _part_of((date(year, 1, 1), date(year, 12, 31)), part, anchor)
    return _part_of(_season(unit, ahead, anchor), part, anchor)


def _season(unit: str, ahead: int, anchor: date) -> tuple[date, date]:
    if unit == "quarter":
        first = _later(date(anchor.year, (anchor.month - 1) // 3 * 3 + 1, 1), 3 * ahead)
    else:
        first = date(anchor.year, _SEASONS[unit], 1)
        if _month(_later(first, 2))[1] < anchor or (ahead and first <= anchor):
            first = first.replace(year=first.year + 1)
    return first, _month(_later(first, 2))[1]


def _in_month(match: re.Match[str], anchor: date) -> _Span:
    return _part_of(_month_of(match, anchor), match["part"].casefold(), anchor)


def _month_of(match: re.Match[str], anchor: date) -> tuple[date, date]:
    """The month that is named: of the year beside it, else the next one of that name."""
    number = _MONTH_NAMES.index(match["month"].casefold()) + 1
    year = int(match["year"]) if match["year"] else anchor.year + (number < anchor.month)
    return _month(date(year, number, 1))


def _part_of(span: tuple[date, date], part: str, anchor: date) -> _Span:
    """The early, middle or late third of ``span``, as far as it lies ahead."""
    start, end = span
    third = (end - start) / 3
    if part.startswith(("early", "earlier", "the start", "the beginning")):
        end = start + third
    elif part.startswith("mid"):
        start, end = start + third, end - third
    elif part in ("late", "the end of"):
        start = end - third
    if end < anchor:
        return None
    start = max(start, anchor)
    return start + (end - start) / 2, start, end


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _later(day: date, months: int) -> date:
    """The same day ``months`` later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _dated(match: re.Match[str]) -> date | None:
    """The first day of the month that the words name together with its year."""
    parts = match.groupdict()
    if not parts.get("month") or not parts.get("year"):
        return None
    return date(int(parts["year"]), _MONTH_NAMES.index(parts["month"].casefold()) + 1, 1)


def _weekday(match: re.Match[str], anchor: date) -> _Span:
    """The next such day; "next Friday" said on a Monday may mean two, and is left to readers."""
    ahead = (_DAY_NAMES.index(match["day"].casefold()) - anchor.weekday()) % 7
    is_next = "next" in match["which"].casefold()
    if is_next and ahead > 2:
        return None
    day = anchor + timedelta(days=ahead + 7 * is_next)
    return day, day, day


def _soon(match: re.Match[str], anchor: date) -> _Span:
    day = anchor + timedelta(days=match[0].casefold() == "tomorrow")
    return day, day, day


_Readers = tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], _Span]], ...]
_READERS: _Readers = ((_FROM_NOW, _from_now), (_NAMED, _named), (_IN_MONTH, _in_month))
_DAY_READERS: _Readers = ((_WEEKDAY, _weekday), (_SOON, _soon))
