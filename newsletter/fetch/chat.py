"""A document with a chat in it as items: its meetings, its classes, or the day as a whole."""

import html as entities
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from newsletter.errors import NotReadable
from newsletter.fetch.chat_class import find_classes
from newsletter.fetch.chat_item import Told, class_item, day_item, meeting_item
from newsletter.fetch.chat_lines import Line, Log, read_line, read_lines
from newsletter.fetch.chat_meeting import find_meetings, looks_like_minutes, read_minutes
from newsletter.fetch.chat_places import day_in
from newsletter.fetch.clean import html_to_text
from newsletter.model.item import Item
from newsletter.text import one_line

_PRE = re.compile(r"<pre\b[^>]*>(.*?)(?:</pre>|\Z)", re.IGNORECASE | re.DOTALL)
_MARK = re.compile(r"</?(?:a|span|b|i|u|em|strong|font|br|p|div|tr|td|tt|code)\b[^<>]*>", re.IGNORECASE)
_TOPIC = re.compile(r'<b class="TOPIC">', re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype|html|head|body|pre|table)\b", re.IGNORECASE)
_CHANNEL = re.compile(
    r"(?:has joined|topic of|joined|Joins?:.{0,80}|left|topic for|Channel:?|Now talking (?:in|on)) (#[^\s,:]{1,60})"
)
_ENOUGH = 3
_LOOKED_AT = 6_000


@dataclass(frozen=True, slots=True)
class ChatDocument:
    """Where a document stands: a ``key`` that is the same for ever, its name, and what is to be taken from it."""

    source_id: str
    key: str
    name: str
    take: tuple[str, ...]
    url: str | None = None
    day: date | None = None


def read_chat(data: bytes, document: ChatDocument) -> tuple[Item, ...]:
    """The items of a document, oldest first. Raises NotReadable when there is no chat in it."""
    text = _text(data)
    told = _told(document, document.day or day_in(document.name))
    if looks_like_minutes(text):
        meeting = read_minutes(text, told.day)
        if meeting.started_at or meeting.people or meeting.facts:
            return (meeting_item(meeting, told),)
    log, told = _read(text, document, told)
    if not log.lines:
        start = one_line(text[:60])
        raise NotReadable(f"{document.name} holds no chat that can be read; it begins “{start}”")
    return _items(log, document, told)


def _told(document: ChatDocument, day: date | None) -> Told:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    name = _plain_name(document.name)
    if day is not None:
        name = re.sub(rf"[\s._-]+(?:{day.month:02d}[._-])?{day.day:02d}$", "", name)
    return Told(document.source_id, document.key, document.url, document.take, name, midnight)


def _read(text: str, document: ChatDocument, told: Told) -> tuple[Log, Told]:
    """The lines of the chat, and its day: that of the name, of the first line, or of what stands below it."""
    log = read_lines(text, told.day.date() if told.day else None)
    if told.day is None:
        first = next((line.at.date() for line in log.lines if line.at), None)
        beside = next((day for line in (*log.foot, *log.head) if (day := day_in(line))), None)
        started = next((each.started_at.date() for each in find_meetings(log.lines) if each.started_at), None)
        day = first or beside or started
        told = _told(document, day)
        if day is not None and first is None:
            log = read_lines(text, day)
    return log, told


def _items(log: Log, document: ChatDocument, told: Told) -> tuple[Item, ...]:
    meetings = find_meetings(log.lines)
    if meetings:
        return tuple(meeting_item(each, _numbered(told, n)) for n, each in enumerate(meetings, start=1))
    classes = find_classes(log)
    if classes:
        return tuple(class_item(each, _numbered(told, n)) for n, each in enumerate(classes, start=1))
    if not any(line.nick and line.sort != "notice" for line in log.lines):
        return ()
    return (day_item(log.lines, _channel(log.lines) or told.name, told),)


def _numbered(told: Told, number: int) -> Told:
    """The first meeting of a document is the document's; the others are numbered, and stay so while it grows."""
    return told if number == 1 else replace(told, key=f"{told.key}#{number}")


def _channel(lines: tuple[Line, ...]) -> str:
    notices = (line.text for line in lines if line.sort == "notice")
    return next((found[1] for text in notices if (found := _CHANNEL.search(text))), "")


def _plain_name(name: str) -> str:
    """The name of a file without its date and ending."""
    plain = re.sub(r"(?:\.log)?\.(?:txt|html?|log)$", "", name.rpartition("/")[2])
    return re.sub(r"[\s._-]*(?:19|20)\d\d[-_.]?\d\d[-_.]?\d\d[\s._-]*", " ", plain).strip(" ._-")


def looks_like_chat(data: bytes) -> bool:
    """Whether the beginning of a document is a chat: several lines of one, or MeetBot's minutes."""
    text = _text(data[:_LOOKED_AT])
    if looks_like_minutes(text):
        return True
    lines = [line for line in text.split("\n") if line.strip()][:40]
    found = [made for number, line in enumerate(lines) if (made := read_line(line, number))]
    spoken = [line for line in found if line.nick]
    return len(found) >= _ENOUGH and bool(spoken) and len(found) * 2 > len(lines)


def _text(data: bytes) -> str:
    """The text of a document; of a page, that of its <pre>, or all of it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252" if b"\xc3" not in data else "utf-8", "replace")
    if not _HTML.search(text[:2_000]):
        return text
    kept = _PRE.findall(text)
    if kept:
        return entities.unescape(_MARK.sub("", "\n".join(kept)))
    return html_to_text(_TOPIC.sub('<b class="TOPIC">TOPIC: ', text))
