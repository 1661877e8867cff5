"""Days by which something is due, in prose: "register by 1 March", "the CFP closes on 2026-03-01"."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from newsletter.prose.dates import FoundDate
from newsletter.prose.estimates import Estimate

_DUE = re.compile(
    r"\b(?:by|until|till|before|clos(?:es?|ing)|ends?|due(?: by)?|deadline\b[^.\n]{0,40}|no later than|through|"
    r"extended to|freezes?(?: is| starts| begins)?|"
    r"last day\b[^.\n]{0,30})[\s:,]*(?:(?:the end of|midnight on|on|is|the|[a-z]{3,6}day),?\s){0,3}$",
    re.IGNORECASE,
)
_DUE_BEHIND = re.compile(r"^[^.\n]{0,12}\b(?:is the (?:deadline|last day|closing date)|deadline)\b", re.IGNORECASE)
_RUNS = re.compile(
    r"\b(?:vot(?:e|ing)|elections?|nominations?|polls?|ballots?|submissions?|registration|applications?|survey|cfp)\b"
    r"[^.\n]{0,50}\b(?:runs?|open|happening|held|place|from|between)\b[^.\n]{0,24}$",
    re.IGNORECASE,
)
_SIGN_UP = re.compile(r"\b(?:regist\w+|sign(?:ing)?[ -]?up|rsvp|tickets?|book)\b", re.IGNORECASE)


def sentence_of(text: str, found: FoundDate) -> str:
    """The sentence, or the lines of a small block, around a date."""
    starts = [text.rfind(mark, 0, found.begin) for mark in ("\n\n", ". ", "! ", "? ")]
    ends = [at for mark in ("\n\n", ". ", "! ", "? ", ".\n") if (at := text.find(mark, found.stop)) >= 0]
    start = max(max(starts) + 1, found.begin - 240)
    return text[max(0, start) : min([*ends, found.stop + 240, len(text)])]


def is_due(text: str, found: FoundDate) -> bool:
    """Whether something ends or has to be done by that date."""
    before = text[max(0, found.begin - 90) : found.begin]
    if found.end and _RUNS.search(before):
        return True
    return bool(_DUE.search(before) or _DUE_BEHIND.match(text[found.stop : found.stop + 40]))


def is_due_then(text: str, found: Estimate) -> bool:
    """Whether something ends on a day that is told by its name: "nominations close on Friday", "vote by Sunday"."""
    if found.words.casefold().startswith(("by ", "until ", "till ", "before ", "through ")):
        return True
    return _DUE.search(text[max(0, found.begin - 90) : found.begin]) is not None


def sign_up_day(
    text: str, dates: Sequence[FoundDate], starts_on: date, price_days: AbstractSet[date] = frozenset()
) -> date | None:
    """The last day to sign up: it lies before the event, and is not just the day on which the price rises."""
    due = (each.start for each in dates if is_due(text, each) and _SIGN_UP.search(sentence_of(text, each)))
    return min((day for day in due if day <= starts_on and day not in price_days), default=None)
