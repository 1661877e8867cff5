"""Events as iCalendar files (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from newsletter.model.issue import Entry, Issue
from newsletter.model.item import CANCELLED, Event
from newsletter.render import words
from newsletter.render.press import Press, safe_url
from newsletter.text import one_line, without_controls

_PRODUCT = "-//newsletter//newsletter//EN"
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_OCTETS = 75


KEPT = timedelta(days=90)
"""How long after its end a date stays in the calendar of all issues."""


@dataclass(frozen=True, slots=True)
class _Dated:
    """A date as the newest issue tells it; how often that changed, in which issue last, and whether it is off."""

    issue: Issue
    entry: Entry
    event: Event
    changes: int = 0
    changed_in: Issue | None = None

    @property
    def is_off(self) -> bool:
        return CANCELLED in self.entry.labels


def issue_calendar(press: Press, issue: Issue) -> bytes:
    """All dates of ``issue``, each once."""
    return _calendar(press, _dated([issue]))


def issues_calendar(press: Press, issues: Iterable[Issue]) -> bytes:
    """All dates of ``issues``; what a newer issue says about an event replaces what an older one said.

    The name of a date stays; each change of it counts, so that calendars take the newer one. What is called off
    stays as cancelled, what is over leaves 90 days after its end, counted to the newest issue.
    """
    told = sorted(issues, key=lambda each: (each.publish_on, each.number))
    over = told[-1].publish_on - KEPT if told else date.min
    return _calendar(press, (each for each in _dated(told) if words.last_day(each.event) >= over))


def entry_calendar(press: Press, issue: Issue, entry: Entry) -> bytes:
    """The date of one entry; without a date an empty calendar."""
    return _calendar(press, [_Dated(issue, entry, entry.event)] if entry.event else [])


def _dated(issues: Iterable[Issue]) -> list[_Dated]:
    found: dict[str, _Dated] = {}
    for issue in issues:
        for entry in issue.entries:
            before = found.get(entry.story_id)
            event = entry.event or (before.event if before and CANCELLED in entry.labels else None)
            if event is not None:
                found[entry.story_id] = _told_anew(before, _Dated(issue, entry, event))
    return sorted(found.values(), key=lambda each: (each.event.starts_at.isoformat(), each.entry.story_id))


def _told_anew(before: _Dated | None, now: _Dated) -> _Dated:
    if before is None or before.issue is now.issue:
        return now if before is None else replace(now, changes=before.changes, changed_in=before.changed_in)
    is_same = (before.event, before.is_off, before.entry.title) == (now.event, now.is_off, now.entry.title)
    if is_same:
        return replace(now, changes=before.changes, changed_in=before.changed_in or before.issue)
    return replace(now, changes=before.changes + 1, changed_in=now.issue)


def _calendar(press: Press, events: Iterable[_Dated]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", f"X-WR-CALNAME:{_text(press.name)}"]
    for event in events:
        lines += ["BEGIN:VEVENT", *_event_lines(press, event), "END:VEVENT"]
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event_lines(press: Press, told: _Dated) -> list[str]:
    issue, entry, event = told.issue, told.entry, told.event
    url = safe_url(event.url) or safe_url(entry.url)
    lines = [
        f"UID:{_text(entry.story_id)}@{press.host}",
        f"DTSTAMP:{press.published_at(issue):%Y%m%dT%H%M%SZ}",
        f"LAST-MODIFIED:{press.published_at(told.changed_in or issue):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{told.changes}",
        *_span(event),
        f"SUMMARY:{_text(one_line(entry.title))}",
    ]
    if event.place:
        lines.append(f"LOCATION:{_text(one_line(event.place))}")
    if url:
        lines.append(f"URL:{url}")
    if description := _description(issue, entry, event):
        lines.append(f"DESCRIPTION:{_text(description)}")
    lines.append(f"STATUS:{'CANCELLED' if told.is_off else 'TENTATIVE' if event.is_guess else 'CONFIRMED'}")
    if not isinstance(event.starts_at, datetime):
        lines.append("TRANSP:TRANSPARENT")
    return lines


def _span(event: Event) -> list[str]:
    """Days as dates (the end is the day after the last), hours in UTC if the zone is known, else floating."""
    start, end = event.starts_at, event.ends_at
    if not isinstance(start, datetime):
        last = max(words.event_day(end, event) if end else start, start)
        return [f"DTSTART;VALUE=DATE:{_day(start)}", f"DTEND;VALUE=DATE:{_day(last + timedelta(days=1))}"]
    lines = [f"DTSTART:{_time(start)}"]
    if isinstance(end, date) and not isinstance(end, datetime):
        # Only the last day is known: the event lasts to its midnight where it takes place.
        midnight = datetime.combine(end + timedelta(days=1), datetime.min.time())
        end = midnight.replace(tzinfo=words.zone_of(event.timezone)) if start.tzinfo else midnight
    if end is not None and (end.tzinfo is None) == (start.tzinfo is None) and end > start:
        lines.append(f"DTEND:{_time(end)}")
    return lines


def _description(issue: Issue, entry: Entry, event: Event) -> str:
    cost, late = words.price(event, issue.publish_on)
    due = words.event_day(event.deadline_at, event) if event.deadline_at else None
    facts = [
        one_line(entry.summary),
        words.sentence([cost, late]),
        words.counted(event.seats, "seat") if event.seats else "",
        f"Sign up by {words.weekday_date(due, year_of=issue.publish_on)}" if due else "",
        "The date was guessed from the text." if event.is_guess else "",
    ]
    return words.sentence(facts, "\n")


def _day(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _time(at: datetime) -> str:
    known = at.astimezone(UTC) if at.tzinfo else at
    return f"{_day(known.date())}T{known:%H%M%S}{'Z' if at.tzinfo else ''}"


def _text(text: str) -> str:
    return without_controls(text).translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """``line`` in pieces of at most 75 octets, never cut inside a letter (RFC 5545, 3.1)."""
    octets = line.encode("utf-8", "replace")
    pieces: list[bytes] = []
    at, size = 0, _OCTETS
    while len(octets) - at > size:
        end = at + size
        while octets[end] & 0xC0 == 0x80:  # in the middle of a letter
            end -= 1
        pieces.append(octets[at:end])
        # The space that begins each further line counts as one of its octets.
        at, size = end, _OCTETS - 1
    return b"\r\n ".join([*pieces, octets[at:]]) + b"\r\n"
