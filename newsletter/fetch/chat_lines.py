"""The lines of a chat log in the formats that clients and robots write: who said what, when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from newsletter.fetch.dates import parse_date
from newsletter.text import without_controls

Sort = Literal["said", "action", "notice"]

_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?"
_HALF = r"(?:[\s\u202f]?[APap]\.?[Mm]\.?)?"
_STAMP = re.compile(
    rf"\s{{0,6}}(?:(?P<number>\d{{1,6}})\s{{1,3}}(?=[\[(\d=*<]))?(?:"
    rf"[\[(]?(?P<day>\d{{4}}[-/.]\d\d[-/.]\d\d)[T ](?P<full>{_CLOCK})"
    r"(?:\s?(?P<zone>Z|UTC|[+-]\d\d:?\d\d))?[\])]?|"
    rf"(?P<slashed>\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}),?\s(?P<clock3>{_CLOCK}{_HALF})(?=\s-\s)|"
    rf"(?P<named>[A-Z][a-z]{{2}}\s+\d{{1,2}})\s(?P<clock2>{_CLOCK})|"
    rf"[\[(]?(?P<clock>{_CLOCK}{_HALF})[\])]?)(?P<gap>[ \t]+(?:-\s)?|$)"
)
_NUMBERED = re.compile(r"\s{0,6}(?P<number>\d{1,6})\s{1,3}(?===|\*|-!-)")
_SAID = re.compile(r"<\s?[@+%&~!*]?(?P<nick>[^<>\s][^<>]{0,80}?)>(?:\s(?P<text>.*))?", re.DOTALL)
_NOTICE = re.compile(
    r"(?:\*\*\*|\*{1,3}\s?(?:Joins|Parts|Quits)\b|-!-|={2,3}|-->|<--|--(?=\s|$)|\*$|-[^\s-][^\s]{0,60}-(?=\s|$))"
)
_NOTICER = re.compile(r"-(?P<nick>[^\s!]{1,60}?)-\s")
_ACTION = re.compile(r"\*\s{0,2}(?P<nick>[^\s*]{1,60})(?:\s(?P<text>.*))?", re.DOTALL)
_COLON = re.compile(r"(?P<nick>[^\s:<>*=][^:<>*=\t]{0,60}?):(?:\s(?P<text>.*)|$)", re.DOTALL)
_TABBED = re.compile(r"(?P<nick>[^\t]{1,60})\t(?P<text>.*)", re.DOTALL)
_OPENED = re.compile(
    r"(?:---|\*{4}|#|===)\s*(?:Day changed|Log opened|BEGIN LOGGING AT|Session Start:?|Date:?)\s*(?:to )?"
    r"(?P<when>.+?)\s*-*$",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"\x03\d{0,2}(?:,\d{1,2})?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")
_BARE = re.compile(r"^#startmeeting\b", re.MULTILINE)
_MOST_LINES = 50_000
_LONGEST_LINE = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log. ``number`` is the one the log prints, else its place in the document."""

    number: int
    nick: str
    text: str
    sort: Sort = "said"
    clock: time | None = None
    at: datetime | None = None
    """The time in UTC, when the day is known; a time without zone is taken as UTC."""


@dataclass(frozen=True, slots=True)
class Log:
    """All lines of a document, and those around them that belong to no chat."""

    lines: tuple[Line, ...]
    head: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[Line, ...]:
        """What people and robots said; no joins, topics and notices."""
        return tuple(each for each in self.lines if each.sort == "said" and each.nick)


def read_lines(text: str, day: date | None = None) -> Log:
    """The chat in ``text``; ``day`` is the day of its first line if the name of the document tells it."""
    raw = _CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LINES]
    found: list[Line] = []
    head: list[str] = []
    foot: list[str] = []
    for number, line in enumerate(raw, start=1):
        opened = _OPENED.match(line)
        if opened:
            day = _day(opened["when"]) or day
        made = None if opened else read_line(line[:_LONGEST_LINE], number)
        if made is not None:
            found.append(_dated(made, day, found))
            foot.clear()
        elif line.strip():
            (foot if found else head).append(line.strip())
    if not found and _BARE.search(text):
        return Log(tuple(_bare(raw)))
    return Log(tuple(found), tuple(head[:20]), tuple(foot[:20]))


def read_line(line: str, number: int) -> Line | None:
    """A line of a log; None for one of another sort."""
    line = without_controls(line)
    stamp = _STAMP.match(line)
    if stamp is None:
        numbered = _NUMBERED.match(line)
        rest = line[numbered.end() :] if numbered else line
        if not numbered and not rest.startswith(("=== ", "-!- ")):
            return None
        return Line(int(numbered["number"]) if numbered else number, "", rest.strip(), "notice")
    clock, at = _times(stamp)
    made = _body(line[stamp.end() :], is_open=bool(stamp["slashed"] or stamp["day"]))
    if made is None or (clock is None and at is None):
        return None
    return replace(made, number=int(stamp["number"] or number), clock=clock, at=at)


def _body(rest: str, *, is_open: bool) -> Line | None:
    """Who said what. ``is_open``: names may hold spaces, as in Matrix."""
    if found := _SAID.fullmatch(rest):
        return Line(0, found["nick"].strip(), (found["text"] or "").strip())
    if "\t" in rest and (found := _TABBED.fullmatch(rest)):
        nick = found["nick"].strip()
        if nick in ("*", "-->", "<--", "--", "=!=", ""):
            return _spoken(found["text"]) if nick == "*" else Line(0, "", found["text"], "notice")
        return Line(0, nick.lstrip("@+%&~").strip("<>"), found["text"].strip())
    if _NOTICE.match(rest):
        noticer = _NOTICER.match(rest)
        return Line(0, noticer["nick"] if noticer else "", rest.strip(), "notice")
    if found := _ACTION.fullmatch(rest):
        return Line(0, found["nick"], (found["text"] or "").strip(), "action")
    if (found := _COLON.fullmatch(rest)) and (is_open or " " not in found["nick"]):
        return Line(0, found["nick"].strip(), (found["text"] or "").strip())
    return None


def _spoken(text: str) -> Line:
    nick, _, rest = text.strip().partition(" ")
    return Line(0, nick, rest, "action")


def _bare(raw: list[str]) -> Iterator[Line]:
    """The lines of a script of a meeting, without times and names."""
    for number, line in enumerate(raw, start=1):
        if line.strip():
            yield Line(number, "", line.strip())


def _times(stamp: re.Match[str]) -> tuple[time | None, datetime | None]:
    if stamp["day"]:
        at = parse_date(
            f"{stamp['day'].replace('/', '-').replace('.', '-')} {stamp['full']} {_zone(stamp['zone'])}".strip()
        )
        return (at.time() if at else None), at
    written = stamp["clock"] or stamp["clock2"] or stamp["clock3"]
    clock = _clock(written)
    if stamp["slashed"] and clock is not None:
        day = _slashed(stamp["slashed"], is_american="m" in written.casefold())
        return clock, datetime.combine(day, clock, UTC) if day else None
    return clock, None


def _zone(written: str | None) -> str:
    return "" if written in (None, "UTC") else written


def _clock(written: str) -> time | None:
    digits = re.findall(r"\d+", written.partition(".")[0] if re.match(r"\d+:\d+:\d+\.", written) else written)
    hour, minute, second = (*(int(each) for each in digits), 0, 0)[:3]
    if re.search("[apAP]", written):
        hour = hour % 12 + (12 if re.search("[pP]", written) else 0)
    try:
        return time(hour, minute, min(second, 59))
    except ValueError:
        return None


def _slashed(written: str, *, is_american: bool) -> date | None:
    """A day as the country writes it; without AM and PM the day stands first, unless it cannot."""
    first, second, year = (int(each) for each in re.split(r"[/.]", written))
    year += 2000 if year < 100 else 0
    month, day = (first, second) if (is_american and first <= 12) or second > 12 else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day(written: str) -> date | None:
    """The day in a line that a client writes when one begins: "Wed Mar 23 19:59:00 2011", "2011-03-23"."""
    found = re.search(r"([A-Z][a-z]{2})\s+(\d{1,2})\s+(?:[\d:]+\s+)?(\d{4})", written)
    at = parse_date(f"{found[2]} {found[1]} {found[3]}") if found else parse_date(written)
    return at.date() if at else None


def _dated(line: Line, day: date | None, before: list[Line]) -> Line:
    """``line`` with its time in UTC; after midnight the next day has begun."""
    if line.at is not None or line.clock is None or day is None:
        return line
    last = next((each.at for each in reversed(before) if each.at), None)
    at = datetime.combine(day, line.clock, UTC)
    while last is not None and last - at > timedelta(hours=12) and at.date() < last.date() + timedelta(days=2):
        at += timedelta(days=1)
    return replace(line, at=at)
