"""How the desk says a card's state, its warnings and what was done to it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from newsletter.edit.desk import Card
from newsletter.model.issue import Change, Entry
from newsletter.model.item import Item
from newsletter.model.period import DAYS
from newsletter.model.robots import is_robot
from newsletter.render import words
from newsletter.text import one_line, shorten

_STATES = {
    "kept": ("✓", "kept", "kept"),
    "open": ("?", "open", "open"),
    "below": ("↓", "below the line", "below"),
}
_WARNINGS: Mapping[str, str] = {
    "list announced and missing": "The text announces a list that did not arrive. Look at the original.",
    "link lost": "A link of the original got lost. Look at the original.",
    "address obfuscated": "An address in the text is obfuscated.",
    "title cut": "The title was cut at its source.",
    "half a letter, perhaps of an emoji": "Half a letter, perhaps of an emoji, was taken out.",
    "paragraph stood twice": "A paragraph stood twice; one was taken out.",
    "code broken out of a sentence": "Code was broken out of a sentence; read it as the original has it.",
    "date in words only": "The date stands in words only.",
}
_GUESSED = re.compile(r"date guessed: (“.*)", re.IGNORECASE | re.DOTALL)
_TOLD = re.compile(r"\btold in issue (\d+)", re.IGNORECASE)
_WAITED = re.compile(r"Put off from issue (\d+)")
_SHOWN_LETTERS = 120
_FULL_LINE = 50
"""From so many letters on a line was most likely ended by a mail program, not by who wrote it."""
_OWN_LINE = re.compile(r"[ \t>|#*+–—-]|\d{1,3}[.)]\s|\[\d")


def state_of(card: Card) -> tuple[str, str, str]:
    """Sign, word and the name of the style: a guessed date warns until somebody said that it is right."""
    if card.is_guess and card.state != "below":
        return "!", f"{_STATES[card.state][1]}, date guessed", "warning"
    return _STATES[card.state]


def warnings_of(entry: Entry, items: Iterable[Item]) -> tuple[str, ...]:
    """What an editor should know before trusting the text, in words."""
    found = [_warning(each) for item in items for each in item.warnings]
    found += [
        f"Written by a robot: {one_line(item.author.name)}." for item in items if item.author and is_by_robot(item)
    ]
    told = told_in(entry)
    return tuple(dict.fromkeys((*found, *([f"Told in issue {told} already."] if told else []))))


def is_by_robot(item: Item) -> bool:
    """Whether a program wrote it."""
    return is_robot(item.author)


def _warning(text: str) -> str:
    guessed = _GUESSED.match(text)
    if guessed:
        return f"A date is guessed from {one_line(guessed[1])}."
    line = one_line(text)
    return _WARNINGS.get(text) or f"{line[:1].upper()}{line[1:]}{'' if line.endswith('.') else '.'}"


def told_in(entry: Entry) -> int | None:
    """The issue that told it, as the sentence about it or a part of its score says."""
    found = next((match for text in (entry.why, *_parts(entry)) if (match := _TOLD.search(text))), None)
    return int(found[1]) if found else None


def _parts(entry: Entry) -> Sequence[str]:
    return [part.name for part in entry.parts]


def waited_since(entry: Entry) -> int | None:
    """The issue out of which it was put off to this one."""
    found = _WAITED.search(entry.why)
    return int(found[1]) if found else None


def clock(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    """21:04 for today, Tuesday 21:04 in this week, else with the date."""
    if at is None:
        return ""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if 0 < (today - local.date()).days < 7:
        return f"{DAYS[local.weekday()]} {local:%H:%M}"
    return f"{words.day_month(local.date(), year_of=today)} {local:%H:%M}"


def day_and_clock(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    """Monday 9 March 14:22, or "" when unknown."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    day = words.weekday_date(local.date(), year_of=now.astimezone(zone).date())
    return day if local.strftime("%H:%M:%S") == "00:00:00" else f"{day} {local:%H:%M}"


def said_in_change(change: Change) -> str:
    """The words a change brought, cut short; "" when it brought none."""
    value = change.value
    if isinstance(value, str) and change.action in (
        "title",
        "summary",
        "drop",
        "snooze",
        "figure note",
        "decline tip",
        "link",
    ):
        return shorten(value, _SHOWN_LETTERS)
    if isinstance(value, Mapping) and change.action in ("remark", "blurb", "note"):
        return shorten(str(value.get("text") or ""), _SHOWN_LETTERS)
    return shorten(_told(change.action, value), _SHOWN_LETTERS) if isinstance(value, Mapping) else ""


def _told(action: str, value: Mapping[str, Any]) -> str:
    """What an act was about beside its target."""
    if action == "event":
        return "" if value.get("none") else _dates(value)
    if action == "say quiet":
        return str(value.get("project") or "")
    others = value.get("entries", ()) if action == "split" else [value.get("other")] if action == "merge" else ()
    return "; ".join(one_line(str(each.get("title") or "")) for each in others if isinstance(each, Mapping))


def _dates(value: Mapping[str, object]) -> str:
    start, end = value.get("starts_at"), value.get("ends_at")
    return words.sentence([str(start or ""), str(end or "")], " to ")


def unwrapped(text: str) -> str:
    """``text`` without the line ends of a mail's 72 columns; short lines, lists, quotes and code keep theirs."""
    found: list[str] = []
    was_full = False
    for line in text.split("\n"):
        if was_full and line.strip() and not _OWN_LINE.match(line):
            found[-1] = f"{found[-1].rstrip()} {line}"
        else:
            found.append(line)
        was_full = len(line.rstrip()) >= _FULL_LINE and not _OWN_LINE.match(found[-1])
    return "\n".join(found)


def cut(text: str, length: int) -> tuple[str, str]:
    """``text`` in two: what is shown at once, at most ``length`` letters to the end of a word, and the rest."""
    if len(text) <= length:
        return text, ""
    at = max(text.rfind(" ", 0, length), text.rfind("\n", 0, length))
    at = at if at > length // 2 else length
    return text[:at].rstrip(), text[at:].lstrip(" ")
