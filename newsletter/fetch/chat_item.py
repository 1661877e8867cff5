"""A meeting, a class or a day of a chat as an Item, its text written from its facts."""

import html as entities
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from newsletter.fetch.chat_class import Class, Question, find_guesses
from newsletter.fetch.chat_lines import Line
from newsletter.fetch.chat_meeting import Meeting
from newsletter.fetch.chat_questions import find_answered, lost_links_of
from newsletter.fetch.chat_robots import is_robot, robots_in
from newsletter.fetch.event_facts import links_in
from newsletter.fetch.losses import LINK_LOST
from newsletter.model.item import Event, Item, Person, Thread, item_id
from newsletter.prose.estimates import guess_warning
from newsletter.text import one_line, shorten

DECISIONS, ACTIONS, QUESTIONS = "decisions", "action items", "questions with answers"

_MOST_LINKS = 50
_MOST_LINES = 60
_MOST_NAMES = 8
_LONGEST = 600
_MOST_GUESSES = 5
_DECIDED = {"accepted": "Accepted: ", "rejected": "Rejected: ", "vote": "Voted: "}


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a chat, and where it stands."""

    source_id: str
    key: str
    url: str | None
    take: tuple[str, ...]
    name: str = ""
    day: datetime | None = None
    """Midnight (UTC) of its day, when that is known."""


Block = tuple[str, list[str]]
"""A heading, and lines under it."""


def meeting_item(meeting: Meeting, told: Told) -> Item:
    """One meeting led with MeetBot."""
    title = meeting.title or meeting.channel or told.name
    day = meeting.started_at or told.day
    warnings, event, guessed = _guessed(meeting.lines, day)
    blocks: list[Block] = [("", _facts_of(meeting))]
    if meeting.topics:
        blocks.append(("Topics", meeting.topics))
    if DECISIONS in told.take:
        blocks.append(("Decisions", [f"{_DECIDED.get(each.sort, '')}{each.text}" for each in meeting.decisions]))
        blocks.append(("Noted", [each.text for each in meeting.of("info", "idea", "help")]))
    if ACTIONS in told.take:
        blocks.append(("Action items", [each.text for each in meeting.actions]))
    asked = find_answered(meeting.lines) if QUESTIONS in told.take else []
    blocks += _asked(asked)
    return _item(
        told,
        _Made(
            title=f"Meeting: {title}" + (f", {day:%Y-%m-%d}" if day else ""),
            kind="meeting",
            blocks=[*blocks, guessed],
            counts={nick: count for nick, count in meeting.people.items() if not is_robot(nick)},
            span=(meeting.started_at, meeting.ended_at),
            author=meeting.chairs[0] if meeting.chairs else "",
            links=[url for each in meeting.of("link") for url in links_in(each.text)] + _links(meeting.lines),
            warnings=(*_lost(lost_links_of(asked)), *warnings),
            event=event,
            answered=_answers(asked),
        ),
    )


def _answers(questions: Sequence[Question]) -> int:
    return sum(1 for each in questions if each.answers)


def _facts_of(meeting: Meeting) -> list[str]:
    people = [nick for nick in meeting.people if not is_robot(nick)]
    said = [f"Chair: {', '.join(meeting.chairs)}."] if meeting.chairs else []
    if people:
        said.append(f"{len(people)} {'person' if len(people) == 1 else 'people'} spoke: {_names(people)}.")
    if not meeting.is_over:
        said.append("It was not over when the log was read.")
    robots = robots_in(meeting.lines)
    if robots:
        said.append(f"Robots: {', '.join(robots)}.")
    return [" ".join(said)] if said else []


def class_item(session: Class, told: Told) -> Item:
    """One class: what was asked, and what was answered."""
    robots = robots_in(session.lines)
    facts = [f"Taught by {' and '.join(session.teachers)}."] if session.teachers else []
    facts.append(f"{_counted(len(session.questions), 'question')}.")
    if robots:
        facts.append(f"Robots: {', '.join(robots)}.")
    blocks: list[Block] = [("", [" ".join(facts)])]
    asked = session.questions if QUESTIONS in told.take else []
    blocks += _asked(asked)
    warnings, event, guessed = _guessed(session.lines, told.day)
    counts = Counter(_people(session.lines)) + Counter(each.nick for each in session.questions)
    return _item(
        told,
        _Made(
            title=session.title or "Class",
            kind="class",
            blocks=[*blocks, guessed],
            counts=counts,
            span=_span(session.lines),
            author=session.teachers[0] if session.teachers else "",
            links=_links(session.lines),
            warnings=(*_lost(session.lost), *warnings),
            event=event,
            answered=_answers(asked),
        ),
    )


def _guessed(lines: Sequence[Line], day: datetime | None) -> tuple[list[str], Event | None, Block]:
    """Warnings about dates that were only hinted at, the first of them as an Event, and what is told of them."""
    guesses = list(islice(find_guesses(lines, day.date()), _MOST_GUESSES)) if day else []
    events = [Event(each.estimate.day, place=each.place, is_guess=True, title=each.event) for each in guesses]
    said = [f"{each.event}: “{each.estimate.words}”, about {each.estimate.day}" for each in guesses]
    warnings = [guess_warning(each.estimate.words, each.event) for each in guesses]
    return warnings, next(iter(events), None), ("Dates that are guessed", said)


def day_item(lines: Sequence[Line], channel: str, told: Told) -> Item:
    """A day, or another piece, of a channel's log without a meeting."""
    counts = _people(lines)
    most = [nick for nick, _ in Counter(counts).most_common(_MOST_NAMES)]
    said = f"{_counted(sum(counts.values()), 'message')} by {_counted(len(counts), 'person', 'people')}"
    blocks: list[Block] = [("", [f"{said}: {_names(most, len(counts))}." if most else f"{said}."])]
    robots = robots_in(lines)
    if robots:
        blocks.append(("", [f"Robots: {', '.join(robots)}."]))
    asked = find_answered(lines) if QUESTIONS in told.take else []
    blocks += _asked(asked)
    links = _links(lines)
    if links:
        blocks.append(("Links", links[:_MOST_LINES]))
    when = f" on {told.day:%Y-%m-%d}" if told.day else ""
    title = f"Chat in {channel}{when}" if channel else f"Chat{when}"
    lost = _lost(lost_links_of(asked))
    made = _Made(title, "log", blocks, counts, _span(lines), links=links, warnings=lost, answered=_answers(asked))
    return _item(told, made)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is written of a chat; ``counts`` are its people and how often they spoke."""

    title: str
    kind: str
    blocks: Sequence[Block]
    counts: Mapping[str, int]
    span: tuple[datetime | None, datetime | None]
    author: str = ""
    links: Sequence[str] = ()
    warnings: Sequence[str] = ()
    event: Event | None = None
    answered: int = 0
    """How many questions have their answer in it."""


def _item(told: Told, made: _Made) -> Item:
    shown = [block for block in made.blocks if block[1]]
    first, last = made.span
    count = sum(made.counts.values())
    return Item(
        id=item_id(told.source_id, told.key),
        source_id=told.source_id,
        kind="chat log",
        form="chat",
        native_keys=(told.key,),
        title=one_line(made.title),
        url=told.url,
        author=Person(made.author) if made.author else None,
        published_at=first or told.day,
        updated_at=last,
        text="\n\n".join(_text(block) for block in shown),
        html="".join(_html(block) for block in shown),
        links=tuple(dict.fromkeys(made.links))[:_MOST_LINKS],
        thread=Thread(told.key, max(0, count - 1), max(1, len(made.counts)), first, last),
        event=made.event,
        labels=(made.kind, *((f"{_counted(made.answered, 'question')} answered",) if made.answered else ())),
        warnings=tuple(dict.fromkeys(made.warnings)),
    )


def _lost(numbers: Iterable[int]) -> list[str]:
    """A warning for each of the lines that have lost a link."""
    return [f"{LINK_LOST} at line {number}" for number in numbers]


def _text(block: Block) -> str:
    heading, lines = block
    if not heading:
        return "\n".join(lines)
    return "\n".join([f"{heading}:", *(f"- {line}" for line in lines[:_MOST_LINES])])


def _html(block: Block) -> str:
    heading, lines = block
    shown = [entities.escape(line, quote=False) for line in lines[:_MOST_LINES]]
    if not heading:
        return f"<p>{'<br>'.join(shown)}</p>"
    entries = "".join(f"<li>{line}</li>" for line in shown)
    return f"<p><b>{entities.escape(heading, quote=False)}</b></p><ul>{entries}</ul>"


def _asked(questions: Sequence[Question]) -> list[Block]:
    """Questions, each with its answer behind it."""
    lines = [f"{each.nick}: {each.text} — {_answered(each)}" for each in questions]
    return [("Questions", lines)] if lines else []


def _answered(question: Question) -> str:
    if not question.answers:
        return "no answer in the log"
    return f"{question.answers[0].nick}: {shorten(question.answer, _LONGEST)}"


def _links(lines: Sequence[Line]) -> list[str]:
    spoken = (line.text for line in lines if line.sort != "notice" and "://" in line.text and not is_robot(line.nick))
    return list(dict.fromkeys(url for text in spoken for url in links_in(text)))


def _people(lines: Sequence[Line]) -> dict[str, int]:
    """How often each of the people spoke; robots are none."""
    counts: dict[str, int] = {}
    for line in lines:
        if line.sort == "said" and line.nick and not is_robot(line.nick):
            counts[line.nick] = counts.get(line.nick, 0) + 1
    return counts


def _span(lines: Sequence[Line]) -> tuple[datetime | None, datetime | None]:
    times = [line.at for line in lines if line.at]
    return (times[0], times[-1]) if times else (None, None)


def _names(names: Sequence[str], count: int | None = None) -> str:
    more = (count if count is not None else len(names)) - len(names[:_MOST_NAMES])
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
