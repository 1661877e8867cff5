"""Texts that tell several events: a newsletter, a page, a long announcement; each with its title, place and price."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from newsletter.classify.event_facts import event_of
from newsletter.model.item import Event, Item
from newsletter.prose.clock import find_hours
from newsletter.prose.dates import FoundDate, find_dates
from newsletter.prose.details import find_sign_up
from newsletter.prose.estimates import Estimate, find_estimates
from newsletter.text import one_line

_LONGEST = 200_000
_SHORT = 72
"""A line of a poster or of a list of facts is at most this long."""
_OCCASION = (
    r"(?:conference|summit|meet-?up|hackathon|workshop|sprint|unconference|camp|party|webinar|seminar|symposium|congress|"
    r"expo|festival|gathering|celebration|dinner|lecture|training|town hall|barcamp|miniconf|open day|days)"
)
_NAMED = re.compile(
    rf"\b(?:the\s+)?(?P<name>(?:[A-Z][\w&'’.+-]*\s+){{0,5}}{_OCCASION}s?(?:\s+\d{{4}})?)\b(?![^.\n]{{0,3}}\bpage)",
    re.IGNORECASE,
)
_HOSTING = re.compile(
    rf"\b(?:host(?:s|ing)?|hold(?:s|ing)?|organi[sz](?:es?|ing)|throw(?:s|ing)?|have|having)\s+(?:an?|the|our)\s+"
    rf"(?P<name>(?:[\w-]+\s+){{0,3}}{_OCCASION})\b",
    re.IGNORECASE,
)
_HAPPENS = re.compile(
    r"\b(?:will be|is|are|takes? place|will take place|held|host(?:s|ing|ed)?|join us|see you|register|attend\w*|"
    r"from|on|dates?|when|starts?|begins?)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[\s*•·-]*[A-Z][\w ]{1,24}:(?!//)\s*\S")
_FACT = re.compile(r"https?://|^\d{1,2}(?::\d\d)?\s*(?:[ap]m|h)\b|^[\d\s/.-]+$|\bmore information\b", re.IGNORECASE)
_STREET = re.compile(r"^\d+[a-z]?\s+\w")
_FESTIVE = re.compile(r"\b(?:party|celebrat\w+|free (?:food|drinks|beer|pizza)|drinks|fun and)\b", re.IGNORECASE)
_BALLOT = re.compile(r"\b(?:elections?|nominations?|voting|ballot)\b", re.IGNORECASE)
_REPORT = re.compile(
    r"\b(?:released|published|posted|updated|since|ago|introduced|copyright)\b[^.\n]{0,20}$", re.IGNORECASE
)
_BROKEN_LINE = re.compile(r"[^\n]\n[^\n]")
_SLUG_WORD = re.compile(r"[a-z][a-z]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or lines of facts that belong together, and where it stands in the text."""

    begin: int
    stop: int
    is_poster: bool


def find_events(item: Item, *, now: datetime) -> tuple[Event, ...]:
    """Every event that the text of ``item`` announces, each with its title; guesses last.

    A list of facts ("Location: …", "Cost: …") holds for the days within its dates that the text names next.
    """
    text = _by_lines(item.text[:_LONGEST])
    published = item.published_at.astimezone(UTC).date() if item.published_at else None
    dates = find_dates(text, anchor=published or now.astimezone(UTC).date())
    blocks = _blocks(text)
    found: list[tuple[FoundDate, Event]] = []
    for each in dates:
        block = next((one for one in blocks if one.begin <= each.begin < one.stop), None)
        event = _event(text, each, block, blocks) if block else None
        if event is not None and not (published and _day(event.ends_at or event.starts_at) < published):
            found.append((each, event))
    sure = _without_frames(text, found)
    return (*sure, *_ballots(text, published, sure))


def _by_lines(text: str) -> str:
    """``text`` without its blank lines when every line is a paragraph: then they part no fact from the next."""
    return text if _BROKEN_LINE.search(text) else text.replace("\n\n", "\n")


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    at = 0
    for line in text.split("\n"):
        stop = at + len(line)
        is_fact = bool(line.strip()) and (len(line) <= _SHORT or (_LABEL.match(line) is not None and len(line) < 160))
        if is_fact and blocks and blocks[-1].is_poster and blocks[-1].stop == at - 1:
            blocks[-1] = Block(blocks[-1].begin, stop, True)
        elif line.strip():
            blocks.append(Block(at, stop, is_fact))
        at = stop + 1
    return blocks


def _event(text: str, found: FoundDate, block: Block, blocks: Sequence[Block]) -> Event | None:
    """The event of one date; None when the date is about something else."""
    before = text[max(block.begin, found.begin - 60) : found.begin]
    if _REPORT.search(before):
        return None
    near = text[block.begin : block.stop]
    sentence = _sentence(near, found.begin - block.begin)
    title = _poster_title(text, block, blocks) if block.is_poster else _sentence_title(sentence, near)
    if title is None or (not block.is_poster and not _HAPPENS.search(sentence)):
        return None
    inside = FoundDate(found.start, found.end, found.begin - block.begin, found.stop - block.begin)
    return _made(near, inside, title)


def _made(near: str, found: FoundDate, title: str) -> Event:
    hours = None if found.end else find_hours(_sentence(near, found.begin, lines=4))
    return replace(event_of(near, found, hours=hours, near=near, dates=[found]), title=title)


def _sentence(text: str, at: int, *, lines: int = 1) -> str:
    start = max(text.rfind(". ", 0, at) + 1, 0)
    if lines == 1:
        start = max(start, text.rfind("\n", 0, at) + 1)
    stop = at
    for _ in range(lines):
        stop = min(
            (end for end in (text.find("\n", stop + 1), _full_stop(text, stop + 1)) if end >= 0), default=len(text)
        )
    return text[start:stop]


def _full_stop(text: str, at: int) -> int:
    """Where the sentence ends; the dot of "p.m." or of a number ends none."""
    match = re.compile(r"(?<![ap]\.m)(?<!\b\w)\.(?=\s+[A-Z]|\s*$)").search(text, at)
    return match.start() if match else -1


def _sentence_title(sentence: str, near: str) -> str | None:
    """The occasion that the sentence is about: its name, or what a host calls it, or what its address calls it."""
    named = next((one for one in _NAMED.finditer(sentence) if one["name"][:1].isupper() and " " in one["name"]), None)
    if named is not None:
        return _tidy(named["name"])
    hosted = _HOSTING.search(sentence)
    if hosted is None:
        return None
    return _address_title(find_sign_up(near)) or _tidy(hosted["name"])


def _address_title(url: str | None) -> str | None:
    """ "…/summer-spin-celebration/…" names what is celebrated."""
    for piece in (url or "").casefold().split("/")[3:]:
        words = _SLUG_WORD.findall(piece)
        if 2 < len(words) < 9 and "-".join(words) == piece and re.search(rf"\b{_OCCASION}\b", " ".join(words)):
            return " ".join(word.capitalize() for word in words)
    return None


def _poster_title(text: str, block: Block, blocks: Sequence[Block]) -> str | None:
    """What a poster is for: a line of its own, the paragraph above, or the place it names first."""
    lines = [line.strip() for line in text[block.begin : block.stop].split("\n")]
    plain = [line for line in lines if not (_LABEL.match(line) or _FACT.search(line) or _STREET.match(line))]
    names = [line for line in plain if not find_dates(line, anchor=date(2000, 1, 1))]
    occasion = next((line for line in names if re.search(rf"\b{_OCCASION}\b", line, re.IGNORECASE)), None)
    if occasion is not None:
        return _tidy(occasion)
    above = next((one for one in reversed(blocks) if one.stop < block.begin), None)
    told = text[above.begin : above.stop] if above else ""
    if any(_LABEL.match(line) for line in lines):
        named = [one["name"] for one in _NAMED.finditer(told) if one["name"][:1].isupper()]
        return _tidy(named[-1]) if named else None
    if names and _FESTIVE.search(told):
        return f"party at {_tidy(names[0])}"
    return _tidy(names[0]) if names and len(names[0].split()) > 1 else None


def _tidy(title: str) -> str:
    return one_line(re.sub(r"^(?:the|our|a|an|next|second|first)\s+", "", title.strip(), flags=re.IGNORECASE)).strip(
        " .,:;*-"
    )


def _without_frames(text: str, found: Sequence[tuple[FoundDate, Event]]) -> list[Event]:
    """The events without those that only frame others: their place and price hold for what lies within."""
    kept: list[Event] = []
    frames: list[tuple[Event, bool]] = []
    for each, event in found:
        parts = [other for _, other in found if other is not event and _lies_in(other, event)]
        if len(parts) > 1 and _is_facts(text, each):
            frames.append((event, False))
            continue
        kept.append(_framed(event, frames))
    return _each_once(kept)


def _is_facts(text: str, found: FoundDate) -> bool:
    start = text.rfind("\n", 0, found.begin) + 1
    return _LABEL.match(text[start : found.stop]) is not None


def _framed(event: Event, frames: list[tuple[Event, bool]]) -> Event:
    """``event`` with the facts of its frame; the price of a frame is that of the first event within."""
    for at, (frame, is_priced) in enumerate(frames):
        if not _lies_in(event, frame):
            continue
        event = replace(event, place=event.place or frame.place)
        if not is_priced:
            frames[at] = (frame, True)
            event = replace(
                event,
                cost=event.cost or frame.cost,
                late_cost=event.late_cost or frame.late_cost,
                late_from=event.late_from or frame.late_from,
                seats=event.seats or frame.seats,
                url=event.url or frame.url,
            )
    return event


def _lies_in(inner: Event, outer: Event) -> bool:
    first, last = _day(outer.starts_at), _day(outer.ends_at or outer.starts_at)
    return first <= _day(inner.starts_at) and _day(inner.ends_at or inner.starts_at) <= last


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def _each_once(events: Sequence[Event]) -> list[Event]:
    """Each title and day once; the one that says more."""
    found: dict[tuple[str | None, date], Event] = {}
    for event in events:
        key = (event.title and event.title.casefold(), _day(event.starts_at))
        if key not in found or _told(event) > _told(found[key]):
            found[key] = event
    return list(found.values())


def _told(event: Event) -> int:
    return sum(
        value is not None for value in (event.place, event.cost, event.late_cost, event.seats, event.url, event.ends_at)
    )


def _ballots(text: str, published: date | None, sure: Sequence[Event]) -> Iterator[Event]:
    """Elections and nominations that are told for some time only: one guess, from the words that say most."""
    found = [each for each in find_estimates(text, anchor=published) if _BALLOT.search(_sentence(text, each.begin))]
    if not found or any(event.title and _BALLOT.search(event.title) for event in sure):
        return
    best = max(found, key=lambda each: (len(each.words), -each.begin))
    yield Event(
        starts_at=best.start,
        ends_at=best.end if best.end > best.start else None,
        is_guess=True,
        words=best.words,
        title=_ballot_title(text, best),
    )


def _ballot_title(text: str, found: Estimate) -> str:
    start = max(0, found.begin - 2_000)
    words = {word.casefold().rstrip("s") + "s" for word in _BALLOT.findall(text[start : found.stop + 600])}
    return " and ".join(word for word in ("elections", "nominations") if word in words) or "voting"
