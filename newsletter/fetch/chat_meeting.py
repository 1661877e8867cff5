"""Meetings led with MeetBot: topics, decisions, action items and votes, from a log or from the robot's minutes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.fetch.chat_lines import Line
from newsletter.fetch.dates import parse_date
from newsletter.text import one_line

_COMMAND = re.compile(r"\s*#(?P<name>[a-z]+)\b\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_STARTED = re.compile(r"Meeting started (?:\w{3} )?(?P<when>\w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4}) ")
_URL_ONLY = re.compile(r"(?:https?|ftp)://\S+$")
_SORTS = {
    "agreed": "agreed", "agree": "agreed", "accepted": "accepted", "accept": "accepted", "rejected": "rejected",
    "reject": "rejected", "action": "action", "info": "info", "idea": "idea", "link": "link", "help": "help",
    "halp": "help",
}  # fmt: skip
_DECISIONS = ("agreed", "accepted", "rejected", "vote")
_MOST_FACTS = 1_000


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the minutes keep: its ``sort`` (agreed, action, info …), who said it, under which topic."""

    sort: str
    text: str
    nick: str = ""
    topic: str = ""


@dataclass(slots=True)
class Meeting:
    """One meeting. ``lines`` are its part of the log; minutes have none, and tell the people instead."""

    title: str = ""
    channel: str = ""
    chairs: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    lines: Sequence[Line] = ()
    people: dict[str, int] = field(default_factory=dict)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_over: bool = False

    def of(self, *sorts: str) -> list[Fact]:
        """Its facts of these sorts."""
        return [each for each in self.facts if each.sort in sorts]

    @property
    def decisions(self) -> list[Fact]:
        """What was agreed, accepted, rejected or voted."""
        return self.of(*_DECISIONS)

    @property
    def actions(self) -> list[Fact]:
        """What somebody is to do."""
        return [each for each in self.of("action") if each.text]

    def named_in(self, text: str) -> list[str]:
        """Those present whom ``text`` names."""
        words = {word.casefold().strip("@:,.;()") for word in text.split()}
        return [nick for nick in self.people if nick.casefold() in words]


def find_meetings(lines: Sequence[Line]) -> list[Meeting]:
    """The meetings in a log, in their order; the last one may still go on."""
    found = []
    start: int | None = None
    for at, line in enumerate(lines):
        name = _name(line)
        if name == "startmeeting" and start is None:
            start = at
        elif name == "endmeeting" and start is not None:
            found.append(_Meeting(_with_replies(lines, start, at + 1)).read())
            start = None
    if start is not None:
        found.append(_Meeting(lines[start:]).read())
    return found


def _with_replies(lines: Sequence[Line], start: int, stop: int) -> Sequence[Line]:
    """A meeting's lines, and the robot's about its minutes, which follow its end."""
    while stop < len(lines) and lines[stop].text.startswith(("Meeting ended ", "Minutes", "Log:")):
        stop += 1
    return lines[start:stop]


def _name(line: Line) -> str:
    found = _COMMAND.fullmatch(line.text) if line.sort == "said" and line.text.lstrip().startswith("#") else None
    return found["name"].casefold() if found else ""


class _Meeting:
    """Follows the commands of one meeting."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.made = Meeting(lines=lines)
        self._topic = ""
        self._question: str | None = None
        self._votes: dict[str, str] = {}

    def read(self) -> Meeting:
        """The meeting."""
        made = self.made
        for line in made.lines:
            if line.sort == "said":
                self._follow(line)
        made.people = dict(Counter(each.nick for each in made.lines if each.sort == "said" and each.nick).most_common())
        made.started_at = made.started_at or next((each.at for each in made.lines if each.at), None)
        made.ended_at = next((each.at for each in reversed(made.lines) if each.at), None)
        return made

    def _follow(self, line: Line) -> None:
        started = _STARTED.match(line.text)
        if started:
            self.made.started_at = _clock_time(started["when"])
        found = _COMMAND.fullmatch(line.text) if line.text.lstrip().startswith("#") else None
        if found is None:
            if _URL_ONLY.match(line.text.strip()):
                self._add("link", line.text.strip(), line.nick)
            return
        name, rest = found["name"].casefold(), one_line(found["rest"])
        if name in _SORTS:
            self._add(_SORTS[name], rest, line.nick)
        else:
            self._lead(name, rest, line.nick)

    def _lead(self, name: str, rest: str, nick: str) -> None:
        """The commands that lead a meeting."""
        made = self.made
        if name == "startmeeting":
            made.title, made.chairs = rest, [nick] if nick else []
        elif name == "endmeeting":
            made.is_over = True
        elif name in ("meetingname", "meetingtopic"):
            made.title = made.title or rest
        elif name == "topic" and rest:
            self._topic = rest
            made.topics.append(rest)
        elif name == "chair":
            made.chairs += [each for each in re.split(r"[\s,]+", rest) if each and each not in made.chairs]
        elif name == "unchair":
            gone = re.split(r"[\s,]+", rest)
            made.chairs = [each for each in made.chairs if each not in gone]
        elif name == "undo" and made.facts:
            made.facts.pop()
        else:
            self._vote(name, rest, nick)

    def _vote(self, name: str, rest: str, nick: str) -> None:
        if name == "startvote":
            self._question, self._votes = rest.partition("?")[0] + "?" if "?" in rest else rest, {}
        elif name == "vote" and self._question is not None and rest:
            self._votes[nick] = rest
        elif name == "endvote" and self._question is not None:
            counted = Counter(each.casefold() for each in self._votes.values())
            said = ", ".join(f"{count} {choice}" for choice, count in counted.most_common())
            self._add("vote", f"{self._question} {said or 'nobody voted'}", nick)
            self._question = None

    def _add(self, sort: str, text: str, nick: str) -> None:
        if text and len(self.made.facts) < _MOST_FACTS:
            self.made.facts.append(Fact(sort, text, nick, self._topic))


def _clock_time(written: str) -> datetime | None:
    month, day, clock, year = written.split()
    return parse_date(f"{day} {month} {year} {clock}")


_TITLE = re.compile(r"^(?P<channel>#[^\s:]+)(?::\s*(?P<title>.+))?$")
_BY = re.compile(r"Meeting started by (?P<nick>\S+) at (?P<clock>\d\d:\d\d:\d\d)(?: (?P<zone>[A-Z]{2,5}))?")
_ENDED = re.compile(r"Meeting ended at (?P<clock>\d\d:\d\d:\d\d)")
_ENTRY = re.compile(
    r"^(?P<indent>\s*)(?:[-*•]|\d+\.|[a-z]\.)\s+(?:\*{0,2}(?P<sort>[A-Z]{3,9})\*{0,2}:\s+)?(?P<text>.*?)\s+"
    r"\((?P<nick>[^\s,()]+),\s+(?P<clock>\d\d:\d\d(?::\d\d)?)\)$"
)
_PERSON = re.compile(r"^\s*(?:[-*•]|\d+\.)\s+(?P<nick>\S+)\s+\((?P<count>\d+)\)$")
_HEADINGS = re.compile(
    r"^(?:Meeting summary|Action items(?:, by person)?|People present.*|Meeting log|Full log|Generated by.*)$",
    re.IGNORECASE,
)


def looks_like_minutes(text: str) -> bool:
    """Whether it is the minutes that MeetBot writes."""
    return _BY.search(text[:6_000]) is not None and "Meeting summary" in text[:8_000]


def read_minutes(text: str, day: datetime | None = None) -> Meeting:
    """The meeting that MeetBot's minutes tell of; ``day`` is its midnight in UTC if the document's name tells it."""
    made = Meeting(is_over=True)
    heading = topic = ""
    for line in _unwrapped(text):
        if _HEADINGS.match(line.strip()):
            heading = line.strip().casefold()
        elif heading.startswith("meeting summary") and (entry := _ENTRY.match(line)):
            topic = _entry(made, entry, topic)
        elif heading.startswith("people present") and (person := _PERSON.match(line)):
            made.people[person["nick"]] = int(person["count"])
        else:
            _heading(made, line.strip(), day)
    return made


def _entry(made: Meeting, entry: re.Match[str], topic: str) -> str:
    """Keep what an entry of the summary says; the topic that holds from here on."""
    sort, text = (entry["sort"] or "").casefold(), one_line(entry["text"])
    is_topic = sort == "topic" or (not sort and not entry["indent"].strip("\n"))
    if is_topic:
        made.topics.append(text)
        return text
    made.facts.append(Fact(_SORTS.get(sort, "info"), text, entry["nick"], topic))
    return topic


def _heading(made: Meeting, line: str, day: datetime | None) -> None:
    if (title := _TITLE.match(line)) and not made.channel:
        made.channel, made.title = title["channel"], one_line(title["title"] or "")
    elif by := _BY.search(line):
        made.chairs = [by["nick"]]
        made.started_at = _at(day, by["clock"])
    elif ended := _ENDED.search(line):
        made.ended_at = _at(day, ended["clock"])
        if made.started_at and made.ended_at and made.ended_at < made.started_at:
            made.ended_at = None


def _at(day: datetime | None, clock: str) -> datetime | None:
    return parse_date(f"{day:%Y-%m-%d} {clock}") if day else None


def _unwrapped(text: str) -> Iterator[str]:
    """The lines of the minutes; an entry that goes on in the next line is one."""
    held = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        is_new = re.match(r"\s*(?:[-*•]|\d+\.|[a-z]\.)\s", line) or not line.strip() or not line.startswith((" ", "\t"))
        if is_new or not held:
            if held:
                yield held
            held = line
        else:
            held = f"{held} {line.strip()}"
    if held:
        yield held
