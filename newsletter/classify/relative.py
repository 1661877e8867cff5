"""Dates told relative to the day of writing: "later this month", "next Friday", "in about a month". All are guesses."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)})"
_YEAR = r"(?:19|20)\d\d"
_WEEK = timedelta(days=7)

_IN_MONTH = re.compile(
    rf"\b(?:(?P<part>early|mid|late|later|the (?:beginning|start|middle|end) of|end of|beginning of|sometime)[\s-]+)?"
    rf"(?:in\s+)?(?P<which>this month|next month)(?:\s*[,(]\s*(?P<month>{_MONTH})(?:\s+(?P<year>{_YEAR}))?\)?)?",
    re.IGNORECASE,
)
_PART_OF_MONTH = re.compile(
    rf"\b(?P<part>early|mid|late|the (?:beginning|start|middle|end) of|end of|beginning of)(?:\s+|-)(?:in\s+)?"
    rf"(?P<month>{_MONTH})(?!\s+\d{{1,2}}\b)(?:,?\s+(?P<year>{_YEAR}))?",
    re.IGNORECASE,
)
_IN_WEEK = re.compile(
    r"\b(?:(?P<part>early|mid|late|later|the (?:beginning|start|middle|end) of|end of)\s+)?"
    r"(?P<which>this week|next week|this weekend|next weekend|over the weekend)\b",
    re.IGNORECASE,
)
_FROM_NOW = re.compile(
    r"\b(?P<lead>in|within)\s+(?:(?P<about>about|around|roughly|some|the next)\s+)?"
    rf"(?P<count>{'|'.join(_NUMBERS)}|\d{{1,2}})\s+(?P<unit>days?|weeks?|months?)(?:['’] time)?\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(?P<which>(?:this|next|coming|on|by|until|till|before|through)\s+(?:this\s+|next\s+|coming\s+)?)"
    rf"(?P<day>{'|'.join(_DAY_NAMES)})\b(?!,?\s+(?:the\s+)?(?:\d|{_MONTH}))",
    re.IGNORECASE,
)
_SOON = re.compile(r"\b(?P<which>today|tonight|tomorrow)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A span of days that ``words`` of the text stand for; ``is_day``: it is one certain day of the week."""

    start: date
    end: date
    words: str
    begin: int
    stop: int
    is_day: bool = False


def find_estimates(text: str, *, anchor: date | None) -> list[Estimate]:
    """What relative words in ``text`` stand for, seen from ``anchor``, the day of writing; in their order.

    Without an anchor only words that name their month and year say anything.
    """
    found: list[Estimate] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if any(match.start() < each.stop and each.begin < match.end() for each in found):
                continue
            span = read(match, anchor)
            if span:
                words = " ".join(match[0].split())
                is_day = pattern is _WEEKDAY or pattern is _SOON
                found.append(Estimate(*span, words, match.start(), match.end(), is_day))
    return sorted(found, key=lambda each: each.begin)


_Span = tuple[date, date] | None


def _in_month(match: re.Match[str], anchor: date | None) -> _Span:
    month = _named_month(match, anchor)
    if month is None:
        if anchor is None:
            return None
        month = anchor.replace(day=1)
        if match["which"].casefold() == "next month":
            month = _next_month(month)
    start, end = _part(month, match["part"])
    if anchor and start <= anchor <= end:
        start = anchor
    return start, end


def _part_of_month(match: re.Match[str], anchor: date | None) -> _Span:
    month = _named_month(match, anchor)
    return _part(month, match["part"]) if month else None


def _named_month(match: re.Match[str], anchor: date | None) -> date | None:
    """The first day of the month that is named; without year the next such month."""
    if not match["month"]:
        return None
    number = _MONTH_NAMES.index(match["month"].casefold()) + 1
    if match["year"]:
        return date(int(match["year"]), number, 1)
    if anchor is None:
        return None
    return date(anchor.year + (number < anchor.month), number, 1)


def _next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _part(month: date, words: str | None) -> tuple[date, date]:
    """The days of ``month`` that "early", "mid" or "the end of" leave."""
    last = monthrange(month.year, month.month)[1]
    word = (words or "").casefold()
    if word.startswith("early") or "beginning" in word or "start" in word:
        return month, month.replace(day=10)
    if word.startswith("mid") or "middle" in word:
        return month.replace(day=11), month.replace(day=20)
    if word == "late" or "end" in word:
        return month.replace(day=21), month.replace(day=last)
    return month, month.replace(day=last)


def _in_week(match: re.Match[str], anchor: date | None) -> _Span:
    if anchor is None:
        return None
    which, part = match["which"].casefold(), (match["part"] or "").casefold()
    monday = anchor - timedelta(days=anchor.weekday()) + (_WEEK if which.startswith("next") else timedelta())
    if "weekend" in which:
        return max(anchor, monday + timedelta(days=5)), monday + timedelta(days=6)
    first, last = monday, monday + timedelta(days=6)
    if "beginning" in part or "start" in part or part == "early":
        last = monday + timedelta(days=1)
    elif "mid" in part:
        first, last = monday + timedelta(days=1), monday + timedelta(days=3)
    elif "end" in part or part == "late":
        first = monday + timedelta(days=3)
    return (max(first, anchor), last) if last >= anchor else None


def _from_now(match: re.Match[str], anchor: date | None) -> _Span:
    if anchor is None:
        return None
    count = _NUMBERS.get(match["count"].casefold()) or int(match["count"])
    unit = match["unit"].casefold()
    days = count * (1 if unit.startswith("day") else 7 if unit.startswith("week") else 30)
    if match["lead"].casefold() == "within" or (match["about"] or "").casefold() == "the next":
        return anchor, anchor + timedelta(days=days)
    middle = anchor + timedelta(days=days)
    slack = timedelta(days=0 if unit.startswith("day") else 3 if unit.startswith("week") else 7)
    return middle - slack, middle + slack


def _weekday(match: re.Match[str], anchor: date | None) -> _Span:
    """The next such day; "next Friday" said on a Monday could be two days, and is left to readers."""
    if anchor is None:
        return None
    ahead = (_DAY_NAMES.index(match["day"].casefold()) - anchor.weekday()) % 7
    if "next" in match["which"].casefold() and ahead > 2:
        return None
    day = anchor + timedelta(days=ahead)
    if "next" in match["which"].casefold():
        day += _WEEK
    return day, day


def _soon(match: re.Match[str], anchor: date | None) -> _Span:
    if anchor is None:
        return None
    day = anchor + timedelta(days=match["which"].casefold() == "tomorrow")
    return day, day


_READERS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], _Span]]] = (
    (_IN_MONTH, _in_month),
    (_PART_OF_MONTH, _part_of_month),
    (_IN_WEEK, _in_week),
    (_FROM_NOW, _from_now),
    (_WEEKDAY, _weekday),
    (_SOON, _soon),
)


def estimates_of(text: str, *, anchor: date | None, within: re.Pattern[str]) -> Iterator[Estimate]:
    """The estimates that share a sentence with ``within``."""
    for each in find_estimates(text, anchor=anchor):
        start = max(text.rfind("\n", 0, each.begin), text.rfind(". ", 0, each.begin)) + 1
        ends = [at for at in (text.find("\n", each.stop), text.find(". ", each.stop)) if at >= 0]
        if within.search(text, start, min(ends, default=len(text))):
            yield each
