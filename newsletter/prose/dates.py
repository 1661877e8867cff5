"""Dates that stand explicitly in prose: "March 15-17, 2026", "15 – 17 March", "2026-03-15"."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_M = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_D = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\d:])"
_Y = r"(?:,|\sof)?\s*(?P<year>(?:19|20)\d\d)(?![\d-])"
_TO = r"\s*(?:-{1,3}|–|—|−|\bto\b|\bthrough\b|\buntil\b|&|\band\b|/)\s*"
_W = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_WEEKDAY = rf"(?:[,(\s]*(?P<weekday>{_W})[),]*)?"

_ISO = re.compile(
    r"(?<![\d-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"
    r"(?:\s*(?:-{1,3}|–|—|/|\bto\b|\buntil\b)\s*(?P<y2>(?:19|20)\d\d)-(?P<m2>\d\d)-(?P<d2>\d\d)(?!\d))?"
)
_MONTH_FIRST = re.compile(
    rf"(?:(?P<before>{_W}),?\s+(?:the\s+)?)?\b(?P<month>{_M})\s+(?:the\s+)?(?P<day>{_D})"
    rf"(?:,?\s(?P<year1>(?:19|20)\d\d)(?={_TO}{_M}))?"
    rf"(?:{_WEEKDAY}{_TO}(?:{_W},?\s+)?(?:(?P<month2>{_M})\s+)?(?P<day2>{_D}))?(?:,?\s*\(?(?P<after>{_W})\)?)?(?:{_Y})?",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"(?:(?P<before>{_W}),?\s+(?:the\s+)?)?(?<![\d.:/$€£-])(?P<day>{_D}\.?)"
    rf"(?:(?:\s+(?:of\s+)?(?P<month1>{_M}))?(?:\s+(?P<year1>(?:19|20)\d\d))?{_TO}(?:{_W},?\s+)?(?P<day2>{_D}\.?))?"
    rf"\s*(?:of\s+)?-?(?P<month>{_M})(?:{_Y})?",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>20\d\d)(?![\d.])")
_SLASHED = re.compile(r"(?<![\d/])(?P<a>\d{1,4})/(?P<b>\d{1,2})/(?P<c>\d{1,4})(?![\d/])")
_LEADING = re.compile(r"^\s*(?P<m>\d{1,2})/(?P<d>\d{1,2})(?=[.:,]?\s)", re.MULTILINE)
_ANY = re.compile(
    rf"\b(?:19|20)\d\d-\d\d-\d\d|\b{_M}\s+(?:the\s+)?\d|\d(?:st|nd|rd|th)?\.?\s*(?:of\s+)?-?{_M}|"
    r"\d\.\s?\d{1,2}\.\s?20\d\d|\d/\d{1,2}/\d|^\s*\d{1,2}/\d{1,2}[.:,]?\s",
    re.IGNORECASE | re.MULTILINE,
)
_DIGITS = re.compile(r"\d+")
_BESIDE = 36
_MOST = 200
"""A text with more dates is a calendar or a log; its first ones are enough."""
_AHEAD = timedelta(days=335)
_BEHIND = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """One date, or a span of days, and where in the text it stands; ``is_guess``: its year was not given."""

    start: date
    end: date | None
    begin: int
    stop: int
    is_guess: bool = False


def find_dates(text: str, *, anchor: date) -> list[FoundDate]:
    """The dates in ``text`` in their order.

    A missing year is the one that makes the date the next after ``anchor``, within eleven months;
    else the date is left out.
    """
    found: list[FoundDate] = []
    for begin, stop in _places(text):
        found.extend(_in_place(text, begin, stop, anchor))
        if len(found) >= _MOST:
            break
    return sorted(found, key=lambda each: each.begin)[:_MOST]


def _places(text: str) -> list[tuple[int, int]]:
    """Where dates may stand: around digits that have a month or other digits beside them.

    Prose has few digits, so that looking for them first is many times faster.
    """
    places: list[tuple[int, int]] = []
    for match in _DIGITS.finditer(text):
        begin, stop = max(0, match.start() - _BESIDE), match.end() + _BESIDE
        if places and begin <= places[-1][1]:
            places[-1] = (places[-1][0], stop)
        else:
            places.append((begin, stop))
    return [place for place in places if _ANY.search(text, *place)]


def _in_place(text: str, begin: int, stop: int, anchor: date) -> list[FoundDate]:
    found: list[FoundDate] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text, begin, stop):
            start, end = match.span()
            if any(start < each.stop and each.begin < end for each in found):
                continue
            made = read(match, anchor)
            if made:
                found.append(FoundDate(made[0], made[1], start, end, made[2]))
                if len(found) >= _MOST:
                    return found
    return found


_Made = tuple[date, date | None, bool] | None


def _read_iso(match: re.Match[str], anchor: date) -> _Made:
    start = _date(match["y"], match["m"], match["d"])
    end = _date(match["y2"], match["m2"], match["d2"]) if match["y2"] else None
    return None if start is None else (start, _after(start, end), False)


def _read_named(match: re.Match[str], anchor: date) -> _Made:
    """Month first or day first; the last year and month named hold for what has none."""
    parts = match.groupdict()
    month, month2 = parts.get("month1") or parts["month"], parts.get("month2") or parts["month"]
    weekday = parts.get("before") or parts.get("weekday") or (parts.get("after") if not parts["day2"] else None)
    if match["month"] == "may":
        return None  # the verb
    year, is_guess = _year(parts, month, weekday, anchor)
    if year is None:
        return None
    start = _named(year, month, parts["day"])
    if start is None or not parts["day2"]:
        return (start, None, is_guess) if start else None
    end = _named(int(parts["year"] or year), month2, parts["day2"])
    if end is not None and end < start and parts.get("year1") is None:
        # "December 30 – January 2, 2027": the year belongs to the end; without any, the end is in the next.
        start, end = (
            (_named(year - 1, month, parts["day"]) or start, end)
            if parts["year"]
            else (start, _named(year + 1, month2, parts["day2"]))
        )
    return start, _after(start, end), is_guess


def _year(parts: Mapping[str, str | None], month: str, weekday: str | None, anchor: date) -> tuple[int | None, bool]:
    given = parts.get("year1") or parts["year"]
    if given:
        return int(given), False
    day = parts["day"] or ""
    for year in (anchor.year - 1, anchor.year, anchor.year + 1, anchor.year + 2):
        made = _named(year, month, day)
        if made and anchor - _BEHIND <= made <= anchor + _AHEAD and _is_on(made, weekday):
            return year, True
    return None, True


def _is_on(day: date, weekday: str | None) -> bool:
    return weekday is None or _DAYS[day.weekday()] == weekday[:3].casefold()


def _read_dotted(match: re.Match[str], anchor: date) -> _Made:
    made = _date(match["y"], match["m"], match["d"])
    return (made, None, False) if made else None


def _read_slashed(match: re.Match[str], anchor: date) -> _Made:
    """Year first, or a pair that only one order makes a date; "3/4/2026" could be either."""
    first, second, third = match["a"], match["b"], match["c"]
    made = None
    if len(first) == 4:
        made = _date(first, second, third)
    elif len(third) == 4 and int(second) > 12:
        made = _date(third, first, second)
    elif len(third) == 4 and int(first) > 12:
        made = _date(third, second, first)
    return (made, None, False) if made else None


def _read_leading(match: re.Match[str], anchor: date) -> _Made:
    """A month and day in front of a line, as lists of dates have them."""
    for year in (anchor.year, anchor.year + 1):
        made = _date(str(year), match["m"], match["d"])
        if made and anchor - _BEHIND <= made <= anchor + _AHEAD:
            return made, None, True
    return None


_READERS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], _Made]]] = (
    (_ISO, _read_iso),
    (_DAY_FIRST, _read_named),
    (_MONTH_FIRST, _read_named),
    (_DOTTED, _read_dotted),
    (_SLASHED, _read_slashed),
    (_LEADING, _read_leading),
)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _named(year: int, month: str, day: str | None) -> date | None:
    number = _MONTHS.get(month.casefold().rstrip("."))
    digits = re.match(r"\d+", day or "")
    return _date(str(year), str(number), digits[0]) if number and digits else None


def _after(start: date, end: date | None) -> date | None:
    """A span is at most a month long; another end is a second date, not an end."""
    return end if end and start < end <= start + timedelta(days=31) else None
