"""Amounts and spans of time in an editor's words: "20 or more", "older than 10 days", "2 hours"."""

import re
from datetime import timedelta

from newsletter.config.problems import plain, shown
from newsletter.config.values import Reader, Wrong
from newsletter.model.rule import Amount

_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "month": 43200, "year": 525600}
_UNIT = r"(minute|hour|day|week|month|year)s?"
_ALONE = {"hourly": 60, "daily": 1440, "weekly": 10080}
_NUMBER = r"([0-9]{1,6})"
_SHAPES = (
    (r"(more|older|longer) than N|over N|above N", "over"),
    (r"(less|fewer|younger|newer|shorter) than N|under N|below N", "under"),
    (r"at least N|from N|N (or|and) (more|older|longer)", "least"),
    (r"at most N|up to N|N or (fewer|less|younger|newer|shorter)", "most"),
    (r"(between )?N (to |and )?N|(exactly )?N", "both"),
)


def _words(text: str) -> str:
    """``text`` in its plain spelling; a sign before a number is no hyphen between words."""
    return "" if re.search(r"(^|\s)-\s*\d", text) else plain(text)


def span(least: timedelta, most: timedelta, example: str) -> Reader[timedelta]:
    """A reader of spans of time within bounds."""

    def read(key: str, text: str) -> timedelta | Wrong:
        word = _words(text)
        found = re.fullmatch(rf"(?:every )?(?:{_NUMBER}|an?|one) ?{_UNIT}", word)
        minutes = _ALONE.get(word)
        if found:
            minutes = int(found[1] or 1) * _UNITS[found[2]]
        if minutes is not None and least <= timedelta(minutes=minutes) <= most:
            return timedelta(minutes=minutes)
        bounds = f" from {span_text(least)} to {span_text(most)}"
        return Wrong(f'{key} must be a time{bounds}, for example "{example}", not "{shown(text)}".')

    return read


def span_text(length: timedelta) -> str:
    """A span in words: "2 hours"."""
    minutes = int(length.total_seconds() // 60)
    unit = next(name for name in ("week", "day", "hour", "minute") if minutes % _UNITS[name] == 0)
    count = minutes // _UNITS[unit]
    return f"{count} {unit}" + ("" if count == 1 else "s")


def amount(*units: str) -> Reader[Amount]:
    """A reader of amounts; ``units`` are words that may follow the number ("replies")."""
    ending = "|".join(re.escape(unit) for unit in units) or "(?!)"

    def read(key: str, text: str) -> Amount | Wrong:
        word = " ".join(re.sub(rf"\b({ending})\b", " ", _words(text)).split())
        numbers = [int(found) for found in re.findall(_NUMBER, word)]
        return _amount(re.sub(_NUMBER, "N", word), numbers, step=1) or Wrong(
            f'{key} must be an amount such as "20 or more", "under 3" or "3 to 5", not "{shown(text)}".'
        )

    return read


def age(key: str, text: str) -> Amount | Wrong:
    """An age in hours: "older than 10 days"."""
    said = _words(text)
    word = re.sub(rf"{_NUMBER} (to|and) (?={_NUMBER} {_UNIT})", _with_unit_of(said), said)
    numbers = [int(found[1]) * _UNITS[found[2]] // 60 for found in re.finditer(rf"{_NUMBER} ?{_UNIT}", word)]
    return _amount(re.sub(rf"{_NUMBER} ?{_UNIT}", "N", word), numbers, step=0) or Wrong(
        f'{key} must be a time such as "older than 10 days" or "2 to 5 days", not "{shown(text)}".'
    )


def _with_unit_of(word: str) -> str:
    unit = re.search(_UNIT, word)
    return rf"\1 {unit[1]}s \2 " if unit else r"\g<0>"


def _amount(shape: str, numbers: list[int], *, step: int) -> Amount | None:
    """The amount that ``shape`` says, with "N" where ``numbers`` stood; ``step`` parts "over 3" from "at least 3"."""
    sort = next((sort for pattern, sort in _SHAPES if re.fullmatch(pattern, shape)), "")
    if not sort:
        return None
    least, most = min(numbers), max(numbers)
    made = {
        "over": Amount(least=least + step),
        "under": Amount(most=most - step),
        "least": Amount(least=least),
        "most": Amount(most=most),
        "both": Amount(least, most),
    }[sort]
    return None if made.most is not None and made.most < 0 else made
