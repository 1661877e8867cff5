"""Classes held in a chat: questions that a robot repeats, joined with the answers of whoever teaches."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from newsletter.fetch.chat_lines import Line, Log
from newsletter.fetch.chat_robots import is_robot
from newsletter.prose.dates import find_dates
from newsletter.prose.details import place_in
from newsletter.prose.estimates import Estimate, find_estimates
from newsletter.text import one_line

_ASKED = re.compile(r"(?P<nick>\S{1,60}) asked: ?(?P<text>.*)", re.DOTALL)
_SESSION = re.compile(
    r"Current Session:\s*(?P<title>.+?)\s+-\s+Instructors?:\s*(?P<who>.+?)\s*(?:\|\||$)", re.IGNORECASE
)
_NO_SESSION = re.compile(r"changed the topic of #\S+ to:(?!.*Current Session:)", re.IGNORECASE)
_HEADLINE = re.compile(
    r"(?P<title>.{2,120}?)\s+(?:--|–|—)\s+(?P<who>[\w\[\]`|^-]+(?:(?:,|\s+and|\s*&)\s*[\w\[\]`|^-]+){0,4})"
)
_NO_MORE = re.compile(
    r"\b(?:queue is empty|no (?:more|further|other) questions|that was the last question)\b", re.IGNORECASE
)
_OCCASION = re.compile(
    r"\b((?:[A-Za-z][\w'-]*\s){0,2}?(?:summit|conference|conf|meet-?up|sprint|hackathon|workshop|unconference|party|"
    r"hack ?fest|bug day|bug jam|test day|release party|webinar|session|election|elections|release|freeze))\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"^(?:(?:a|an|the|our|your|their|this|that|next|another|have|has|is|are|was|at|for|of|in|on|to|and|about|some|any|we|"
    r"i|it|be|will|do|with|from|open|coming|time|based)\s+)+",
    re.IGNORECASE,
)
_BEFORE = 3
_MOST_QUESTIONS = 300
_MOST_ANSWERS = 80


@dataclass(slots=True)
class Question:
    """What somebody asked, and the lines of the answer."""

    nick: str
    text: str
    number: int
    answers: list[Line] = field(default_factory=list)

    @property
    def answer(self) -> str:
        """The answer in one piece."""
        return one_line(" ".join(each.text for each in self.answers))


@dataclass(frozen=True, slots=True)
class Guess:
    """A date that was only hinted at, and what for."""

    estimate: Estimate
    event: str
    place: str | None


@dataclass(slots=True)
class Class:
    """One session. ``lost`` are the numbers of lines in which a link stood that is not there any more."""

    title: str
    teachers: tuple[str, ...]
    lines: Sequence[Line]
    questions: list[Question] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)


def find_classes(log: Log) -> list[Class]:
    """The sessions in a log, in their order; none when no robot repeats questions and no topic names a session."""
    starts = [at for at, line in enumerate(log.lines) if line.sort == "notice" and _SESSION.search(line.text)]
    starts = [at for n, at in enumerate(starts) if n == 0 or _named(log, at) != _named(log, starts[n - 1])]
    if not starts:
        has_questions = any(_question(line) for line in log.lines)
        headline = next((found for line in log.head if (found := _HEADLINE.fullmatch(line))), None)
        if not has_questions:
            return []
        title, who = (headline["title"], headline["who"]) if headline else ("", "")
        return [_read(title, _people(who), log.lines)]
    parts = zip(starts, [*starts[1:], len(log.lines)], strict=True)
    made = []
    for n, (start, stop) in enumerate(parts):
        title, who = _named(log, start)
        begin = 0 if n == 0 and len(starts) == 1 else start
        made.append(_read(title, _people(who), log.lines[begin : _closed(log.lines, start, stop)]))
    return made


def _named(log: Log, at: int) -> tuple[str, str]:
    found = _SESSION.search(log.lines[at].text)
    return (one_line(found["title"]), one_line(found["who"])) if found else ("", "")


def _closed(lines: Sequence[Line], start: int, stop: int) -> int:
    """Where a session ends: when the topic names none any more, or the next one."""
    ends = (at for at in range(start + 1, stop) if lines[at].sort == "notice" and _NO_SESSION.search(lines[at].text))
    return next(ends, stop)


def _people(who: str) -> tuple[str, ...]:
    return tuple(each for each in re.split(r"\s*(?:,|&|\band\b)\s*|\s+", who) if each)


def _read(title: str, teachers: tuple[str, ...], lines: Sequence[Line]) -> Class:
    made = Class(title, teachers or _most_said(lines), lines)
    known = {each.casefold() for each in made.teachers}
    current: Question | None = None
    for line in lines:
        if line.sort != "said":
            continue
        asked = _question(line)
        if asked is not None:
            current = asked
            if len(made.questions) < _MOST_QUESTIONS:
                made.questions.append(asked)
        elif line.nick.casefold() in known:
            if not line.text:
                made.lost.append(line.number)
            if current is not None and _NO_MORE.search(line.text):
                current = None
            elif current is not None and line.text and len(current.answers) < _MOST_ANSWERS:
                current.answers.append(line)
    return made


def _question(line: Line) -> Question | None:
    """The question that a robot repeats in a line."""
    if line.sort != "said" or not is_robot(line.nick):
        return None
    found = _ASKED.fullmatch(line.text)
    return Question(found["nick"], one_line(found["text"]), line.number) if found else None


def _most_said(lines: Sequence[Line]) -> tuple[str, ...]:
    """Without a name in the topic, the one who speaks most teaches."""
    counts: dict[str, int] = {}
    for line in lines:
        if line.sort == "said" and line.nick and not is_robot(line.nick):
            counts[line.nick] = counts.get(line.nick, 0) + 1
    return (max(counts, key=lambda nick: counts[nick]),) if counts else ()


def find_guesses(lines: Sequence[Line], said_on: date) -> Iterator[Guess]:
    """The dates ahead of occasions that were only hinted at: "in about a month"."""
    spoken = [line for line in lines if line.sort == "said" and line.text and not is_robot(line.nick)]
    for at, line in enumerate(spoken):
        estimates = find_estimates(line.text, anchor=said_on) if " " in line.text else []
        if not estimates or find_dates(line.text, anchor=said_on):
            continue  # a date that stands there is no guess
        for estimate in estimates:
            near = [line, *(each for each in reversed(spoken[max(0, at - _BEFORE) : at]) if each.nick == line.nick)]
            event = next((found for each in near if (found := occasion_in(each.text))), None)
            if event is not None:
                place = place_in(line.text)
                yield Guess(estimate, f"{event} in {place}" if place and place not in event else event, place)


def occasion_in(text: str) -> str | None:
    """The name of an occasion in a sentence: "design summit"."""
    found = _OCCASION.search(text)
    name = _FILLER.sub("", f"{found[1]} ").strip() if found else ""
    return name or None
