"""Dates people can attend and days by which something is due, read from what an item says.

Dates that stand explicitly come first. Words such as "later this month" give a guess that keeps
the words; "nominations close on Friday" gives the day.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from newsletter.classify.event_facts import event_of
from newsletter.classify.joining import is_reply
from newsletter.model.item import Event, Item
from newsletter.model.story import Story
from newsletter.prose.clock import Hours, find_hours
from newsletter.prose.dates import FoundDate, find_dates
from newsletter.prose.due import is_due, is_due_then, sentence_of, sign_up_day
from newsletter.prose.estimates import Estimate, find_days, find_estimates
from newsletter.prose.tasks import task_in

_LONGEST = 20_000
_NEAR = 1_500
_OCCASION = re.compile(
    r"\b(?:conference|conf|summit|meet-?ups?|hackathon|hack (?:day|night|week|session)|workshop|sprint|unconference|"
    r"camp|party|webinar|seminar|symposium|congress|expo|fair|festival|meeting|gathering|get-together|celebration|"
    r"dinner|talks?|lecture|session|class|course|training|office hours?|call|town hall|user group|days?|evening|"
    r"night|open house|tour|birthday)\b",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"\b(?:join us|come (?:along|and|to)|tak(?:es?|ing) place|will be held|is held|held (?:on|in|at)|host(?:s|ed|ing)?|"
    r"rsvp|register|registration|sign up|tickets?|attend(?:ees|ing)?|see you|invit\w+|meet(?:s|ing)? (?:on|at|in)|"
    r"will be|venue|everyone is welcome|doors open|save the date|is scheduled|we (?:will )?meet)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:^|\n)[\s*•·-]*(?:dates?|when|day|datum|wann)\s*:\s*[^\n]{0,12}$", re.IGNORECASE)
_TASK = re.compile(
    r"\b(?:regist\w+|sign(?:ing)?[ -]?up|rsvp|submi\w+|nominat\w+|c\.?f\.?p\b|call for \w+|proposals?|papers?|"
    r"abstracts?|appl(?:y|ications?)|vot(?:e|es|ing)|ballots?|poll|tickets?|early[ -]bird|feedback|comments?|survey|"
    r"candida\w+|entries|contest|grant|book|freezes?)\b",
    re.IGNORECASE,
)
_PRICE_STEP = re.compile(r"\b(?:after|as of|late|early[ -]bird)\b[^.\n]{0,30}$", re.IGNORECASE)
_PRICE_BEHIND = re.compile(r"^[^.\n\w]{0,4}(?:[$€£]|\d+ ?[€£]|EUR|USD)")
_REPORT = re.compile(
    r"\b(?:released|published|posted|updated|since|ago|wrote|reported|copyright|logged|introduced|fixed|merged|born|"
    r"version|build|archived?|committed)\b[^.\n]{0,20}$",
    re.IGNORECASE,
)
_LOOKS_BACK = re.compile(
    r"\b(?:minutes|recap|report|log|notes|summary|diary|results?|review of|looking back)\b", re.IGNORECASE
)
_HELD = re.compile(
    r"\b(?:elections?|nominations?|conference|summit|meet-?up|hackathon|workshop|sprint|unconference|webinar|symposium|"
    r"congress|expo|festival|gathering|celebration|town hall|bug day|test day)\b[^.!?\n]{0,60}"
    r"\b(?:will (?:be held|be|open|start|begin|run|take place)|is planned|are planned|is scheduled|takes? place|up for|"
    r"(?:opens?|starts?|begins?|is|are))\b",
    re.IGNORECASE,
)
_HELD_WORDS = (
    *("election", "nomination", "conference", "summit", "meetup", "meet-up", "hackathon", "workshop", "sprint"),
    *("conference", "webinar", "symposium", "congress", "expo", "festival", "gathering", "celebration", "town hall"),
    *(" day",),
)
"""One of them is in whatever _HELD finds; to look for them takes a tenth of the time."""
_ENOUGH = 4
# A mail's line that was full goes on in the next, unless that begins a list or names a field.
_SOFT_END = re.compile(r"(?<=[^\n]{50})\n(?=[^\s>*•|-])(?![A-Z][\w ]{0,20}:)")


def find_event(item: Item, *, now: datetime) -> Event | None:
    """The date that ``item`` invites to: structured data first, then what its title and text say."""
    if item.event is not None:
        return None if is_aside(item) else item.event
    if item.form in ("review", "release", "chat", "ticket") or is_reply(item):
        return None
    return _told_event(item, _anchor(item, now))


def forget_dates() -> None:
    """Let go of what was read: rules, stories and deadlines ask for the dates of one item again and again."""
    _told_event.cache_clear()
    _dated.cache_clear()


@lru_cache(8_192)
def _told_event(item: Item, anchor: date) -> Event | None:
    text, dates = _dated(item, anchor)
    scored = [(_score(text, each, anchor, item), -at) for at, each in enumerate(dates)]
    best = max(scored, default=(0, 0))
    if best[0] < _ENOUGH:
        return None if dates else _estimated(text, item, anchor)
    return _event(text, dates[-best[1]], dates)


def is_aside(item: Item) -> bool:
    """Whether its date is only a guess at something that was mentioned in a chat: no date of the chat itself."""
    return item.form == "chat" and item.event is not None and item.event.is_guess


def with_event(story: Story, *, now: datetime) -> Story:
    """``story`` with the date that its lead, else another of its openings, invites to."""
    if story.event is not None:
        return story
    openings = (item for item in story.items if item is story.lead or not is_reply(item))
    found = next((event for item in openings if (event := find_event(item, now=now))), None)
    return replace(story, event=found) if found else story


def find_deadline(item: Item, *, now: datetime) -> date | None:
    """The next day by which readers have something to do: nominations close, proposals are due."""
    return find_task(item, now=now)[0]


def find_task(item: Item, *, now: datetime) -> tuple[date | None, str]:
    """The next day by which readers have something to do, and what that is: "Vote"; "" when no word is known for it."""
    if item.form in ("review", "chat") or is_reply(item):
        return None, ""
    anchor = _anchor(item, now)
    text, dates = _dated(item, anchor)
    said = ((each, sentence_of(text, each)) for each in dates if is_due(text, each))
    due = [(each.end or each.start, task_in(sentence)) for each, sentence in said if _TASK.search(sentence)]
    if not due and item.published_at is not None and _TASK.search(text):
        days = (each for each in find_days(text, anchor=anchor) if is_due_then(text, each))
        named = ((each, sentence_of(text, _at(each))) for each in days)
        due = [(each.start, task_in(sentence)) for each, sentence in named if _TASK.search(sentence)]
    return min((each for each in due if each[0] >= anchor), default=(None, ""), key=lambda each: each[0])


def _at(found: Estimate) -> FoundDate:
    return FoundDate(found.start, found.end, found.begin, found.stop, is_guess=True)


def _estimated(text: str, item: Item, anchor: date) -> Event | None:
    """What is only told for some time: "the elections will be held later this month"."""
    if item.published_at is None or item.form not in ("mail", "post", "page"):
        return None
    folded = text.casefold()
    if not any(word in folded for word in _HELD_WORDS) or not _HELD.search(text):
        return None
    for each in find_estimates(text, anchor=anchor):
        sentence = sentence_of(text, _at(each))
        if _HELD.search(sentence) and not _REPORT.search(text[max(0, each.begin - 70) : each.begin]):
            end = each.end if each.end > each.start else None
            return Event(each.start, end, is_guess=True, words=each.words)
    return None


@lru_cache(8_192)
def _dated(item: Item, anchor: date) -> tuple[str, Sequence[FoundDate]]:
    text = _text(item)
    return text, find_dates(text, anchor=anchor)


def _text(item: Item) -> str:
    own = "\n".join(line for line in item.text[:_LONGEST].split("\n") if not line.lstrip().startswith(">"))
    return f"{item.title}\n\n{_SOFT_END.sub(' ', own) if item.form == 'mail' else own}"


def _anchor(item: Item, now: datetime) -> date:
    return (item.published_at or now).astimezone(UTC).date()


def _score(text: str, found: FoundDate, anchor: date, item: Item) -> int:
    """How much speaks for a date to be the one readers are invited for."""
    before = text[max(0, found.begin - 70) : found.begin]
    is_ahead = (found.end or found.start) >= anchor
    leads = not text[: found.begin].strip(' \n*_-•[(#"')
    if not is_ahead and not (leads or item.form == "event"):
        return 0
    is_other = _PRICE_STEP.search(before) or _PRICE_BEHIND.match(text[found.stop : found.stop + 20])
    if is_other or is_due(text, found) or _REPORT.search(before) or _names_the_past(item, found):
        return 0
    sentence = sentence_of(text, found)
    points = 2 * is_ahead + 4 * leads + 4 * bool(_LABEL.search(before)) + 4 * (item.form == "event")
    points += 2 * bool(_OCCASION.search(sentence)) + 2 * bool(_INVITES.search(sentence))
    points += 1 * bool(_OCCASION.search(item.title)) + bool(_hours_near(text, found)) + (found.end is not None)
    points += 1 * (found.begin < len(item.title))
    return points - 2 * found.is_guess * (not leads)


def _names_the_past(item: Item, found: FoundDate) -> bool:
    """The date in the title of minutes is the day they were taken."""
    return found.begin < len(item.title) and _LOOKS_BACK.search(item.title) is not None


def _hours_near(text: str, found: FoundDate) -> Hours | None:
    """The hour behind the date on its line or the next, else the one before it in the sentence."""
    behind = text[found.stop : found.stop + 90].split("\n\n")[0]
    lines = behind.split("\n")
    for part in [lines[0].split(". ")[0], *lines[1:2]]:
        if hours := find_hours(part):
            return hours
    start = max(text.rfind("\n", 0, found.begin), text.rfind(". ", 0, found.begin), found.begin - 60) + 1
    return find_hours(text[start : found.begin])


def _event(text: str, found: FoundDate, dates: Sequence[FoundDate]) -> Event:
    hours = _hours_near(text, found) if found.end is None else None
    near = text[max(0, found.begin - _NEAR) : found.stop + _NEAR]
    event = event_of(text, found, hours=hours, near=near, dates=dates)
    price_days = {event.late_from - timedelta(days=1), event.late_from} if event.late_from else set()
    return replace(event, deadline_at=sign_up_day(text, dates, found.start, price_days))
