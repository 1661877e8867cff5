"""What an announcement says of an event beside its date: place, price, late price, seats, where to sign up."""

import re
from datetime import date, timedelta

from newsletter.prose.dates import FoundDate
from newsletter.text import one_line

_LABELLED = re.compile(
    r"^[\s*•·-]*(?:place|where|venue|location|address|ort|lieu|lugar)\s*:\s*(\S.*)$", re.IGNORECASE | re.MULTILINE
)
_LINK = re.compile(r"\s*[(<\[]?https?://\S+")
_PART = r"(?:[A-ZÀ-ÖØ-Þ][\w’'.&-]*|\d+)"
_JOIN = r"(?:\s(?:of|the|in|de|la|le|du|des|del|der|am|an|da|do|di|and|&)(?=\s[A-ZÀ-ÖØ-Þ\d]))*"
_NAME = rf"{_PART}(?:{_JOIN}[ ]{_PART})*(?:,\s?[A-ZÀ-ÖØ-Þ][\w.’'-]*(?:[ ][A-ZÀ-ÖØ-Þ][\w.’'-]*)*){{0,3}}"
_AT = re.compile(
    rf"\b(?:at|in)\s(?:the\s)?({_NAME})(?=\s*(?:[.,;:!?()\n–—-]|$|(?:on|from|at|in|and|for|this|starting|with|to|as)\b))"
)
_NO_PLACE = re.compile(
    r"(?:\d|noon\b|midnight\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|"
    r"UTC\b|https?\b|I\b|GMT\b)",
    re.IGNORECASE,
)
_STREET = re.compile(rf"\d+[a-z]?\s{_PART}(?:\s{_PART})*(?:,.*)?", re.IGNORECASE)
_PIPED = re.compile(r"^\s*\|\s*([^|\n]{2,80}?)\s*\|")
_LISTED = re.compile(r"^[.,:]\s+((?:[A-ZÀ-ÖØ-Þ][\w.’'-]*[ ]?)+(?:, [A-Z][\w .]*)+)\s-\s")

_SIGN = r"(?:US\$|CA?\$|A\$|\$|€|£|¥|₹|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|JPY|INR|AUD|CAD|BRL)"
_DIGITS = r"\d(?:[\d.,]*\d)?"
_MONEY = rf"(?:{_SIGN}\s?{_DIGITS}|{_DIGITS}\s?(?:[€£](?!\d)|{_SIGN}\b|euros?\b|dollars\b|pounds\b|francs\b))"
_PRICE_WORD = re.compile(
    r"\b(?:costs?|prices?|priced|tickets?|fees?|registration|register|admission|entry|entrance|per person|"
    r"attendees|pay|early[ -]bird|late|door)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(_MONEY, re.IGNORECASE)
_FREE = re.compile(
    r"\b(?:free of charge|free (?:entry|entrance|admission|event|to attend|and open)|no charge|"
    r"(?:entry|admission|attendance|registration|participation|attending|it|event|entrance) is (?:completely )?free|"
    r"(?:costs?|price|fee|entry|admission|tickets?)\s*:\s*(?:free|none|nothing))\b",
    re.IGNORECASE,
)
_LATE = re.compile(
    rf"(?:\blate\b[^.\n$€£]{{0,60}}?|\b(?:then|afterwards|thereafter|later)\b[^.\n$€£]{{0,30}}?|"
    rf"\bat the door\b[^.\n$€£]{{0,20}}?|\b(?:after|from|as of|starting)\b[^.\n$€£]{{0,60}}?)({_MONEY})",
    re.IGNORECASE,
)
_AFTER_PRICE = re.compile(
    rf"({_MONEY})[^.\n$€£]{{0,20}}?\b(?:at the door|for late|after\b|from\b|as of\b)", re.IGNORECASE
)
_ROOM = r"(?:seats|places|spots)"
_SEATS = (
    (
        ("seats", "places", "spots", "capacity", "event size", "attendance"),
        rf"\b(?:{_ROOM}|capacity|event size|attendance)\s*(?::|is|of|limited to|for)\s*(?:limited to |up to )?"
        r"(\d[\d,.]*)",
    ),
    (("seats", "places", "spots"), rf"\b(\d[\d,.]*)\s+(?:(?:free|available|more)\s)?{_ROOM}\b"),
    (
        ("room for", "limited to", "up to", "maximum of", "at most", "capacity of"),
        r"\b(?:room for|limited to|up to|maximum of|at most|capacity of)\s+(\d[\d,.]*)\s+"
        r"(?:people|persons|attendees|participants|guests)",
    ),
    (("the maximum",), r"(\d[\d,.]*)\s+(?:people|attendees|participants)\s(?:is|are) the maximum"),
)
_SEAT_WAYS = tuple((pieces, re.compile(pattern, re.IGNORECASE)) for pieces, pattern in _SEATS)
# Every match holds one of these pieces: looking for them first is many times faster.
_PRICE_PIECES = (
    "$", "€", "£", "¥", "₹", "eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "czk", "jpy", "inr", "aud", "cad",
    "brl", "dollar", "pound", "franc", "free", "charge", "none", "nothing",
)  # fmt: skip
_SIGN_UP = re.compile(
    r"\b(?:regist\w+|sign(?:ing)? up|rsvp|tickets?|details|more info\w*)\b[^\n]{0,80}?"
    r"(https?://[^\s<>\"')\]]+)",
    re.IGNORECASE,
)


def find_place(text: str, found: FoundDate) -> str | None:
    """Where it happens: a line that says so, else what stands at the date."""
    if labelled := _LABELLED.search(text):
        return _tidy(labelled[1])
    behind = text[found.stop : found.stop + 240]
    if listed := _PIPED.match(behind) or _LISTED.match(behind):
        return _tidy(listed[1])
    if street := _street_above(text, found):
        return street
    start = max(text.rfind("\n", 0, found.begin), text.rfind(". ", 0, found.begin)) + 1
    sentence = _to_end(text, found.stop)
    near = text[found.stop : sentence] + " \n " + text[start : found.begin]
    return place_in(near)


def place_in(sentence: str) -> str | None:
    """The first place that a sentence names behind "at" or "in"."""
    places = (match[1] for match in _AT.finditer(sentence))
    return next((_tidy(place) for place in places if not _NO_PLACE.match(place)), None)


def _to_end(text: str, start: int) -> int:
    """Where the sentence ends that goes on at ``start``."""
    ends = [at for at in (text.find("\n", start), text.find(". ", start)) if at >= 0]
    return min(ends, default=min(len(text), start + 240))


def _street_above(text: str, found: FoundDate) -> str | None:
    """A poster has one fact a line: name, street, date, hour."""
    lines = text[: found.begin].split("\n")
    is_alone = not lines[-1].strip() and text[found.stop : found.stop + 1] in ("", "\n")
    above = [line.strip() for line in lines[:-1] if line.strip()][-1:]
    return above[0] if is_alone and above and _STREET.fullmatch(above[0]) else None


def _tidy(place: str) -> str | None:
    left = one_line(_LINK.split(place)[0]).rstrip(" .,;:([-–")
    return left[:120] or None


def find_cost(text: str) -> str | None:
    """The first price as it is written, "free" when it says so."""
    folded = text.casefold()
    if not any(word in folded for word in _PRICE_PIECES):
        return None
    parts = re.split(r"\n|(?<=[.!?])\s", text) if _PRICE.search(text) else []
    for sentence in parts:
        if _PRICE_WORD.search(sentence) and (price := _PRICE.search(sentence)) and not _is_late(sentence, price):
            return _money(price[0])
    return "free" if _FREE.search(text) else None


def _is_late(sentence: str, price: re.Match[str]) -> bool:
    late = _LATE.search(sentence)
    return late is not None and late.start(1) == price.start() and re.match(r"late", late[0], re.IGNORECASE) is not None


def _money(written: str) -> str:
    return " ".join(written.rstrip(".,").split())


def find_late_cost(text: str, dates: list[FoundDate], cost: str | None) -> tuple[str | None, date | None]:
    """The price for those who come late, and from which day."""
    if cost is None or cost == "free":
        return None, None
    for match in (*_LATE.finditer(text), *_AFTER_PRICE.finditer(text)):
        late = _money(match[1])
        if late != cost and _PRICE_WORD.search(text[max(0, match.start() - 200) : match.end() + 20]):
            return late, _late_from(text, match, dates)
    return None, None


def _late_from(text: str, match: re.Match[str], dates: list[FoundDate]) -> date | None:
    """The day after "after …" or "until …", the day itself after "from …"."""
    near = [each for each in dates if match.start() - 60 <= each.begin <= match.end() + 30]
    for each in near:
        before = text[max(0, each.begin - 24) : each.begin].casefold()
        if re.search(r"\b(?:after|until|till|through|by|before)\b[^.]*$", before):
            return each.start if re.search(r"\bbefore\b[^.]*$", before) else each.start + timedelta(days=1)
        if re.search(r"\b(?:from|as of|starting)\b[^.]*$", before):
            return each.start
    return None


def find_seats(text: str) -> int | None:
    """For how many there is room."""
    folded = text.casefold()
    ways = (pattern for pieces, pattern in _SEAT_WAYS if any(piece in folded for piece in pieces))
    first = min(filter(None, (pattern.search(text) for pattern in ways)), key=lambda found: found.start(), default=None)
    digits = re.sub(r"\D", "", first[1]) if first else ""
    return int(digits) if digits and int(digits) < 1_000_000 else None


def find_sign_up(text: str) -> str | None:
    """The address under which one signs up or reads more."""
    found = _SIGN_UP.search(text)
    return found[1].rstrip(".,;:!?") if found else None
