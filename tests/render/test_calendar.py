from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from icalendar import Calendar

from newsletter.model.issue import Entry, Issue
from newsletter.model.item import Event
from newsletter.render.calendar import KEPT, _folded, entry_calendar, issue_calendar, issues_calendar
from tests.render import samples


def read(content: bytes) -> list[dict[str, object]]:
    """The events of a calendar as another program reads them."""
    found = []
    for event in Calendar.from_ical(content).walk("VEVENT"):
        assert not event.errors
        found.append({name.lower(): getattr(value, "dt", value) for name, value in event.items()})
    return found


def only(event: Event, **values: object) -> dict[str, object]:
    entry = samples.entry("x", "A date", event=event, **values)
    (found,) = read(issue_calendar(samples.press(), samples.issue(sections=(samples.section("events", (entry,)),))))
    return found


def test_the_dates_of_an_issue_read_back() -> None:
    found = read(issue_calendar(samples.press(), samples.issue()))
    assert [str(each["summary"]) for each in found] == [
        "Open evening in Northholm",
        "Bug day",
        "Lantern Days",
        "Winter sprint",
    ]
    evening, bugs, days, winter = found
    assert evening["dtstart"] == datetime(2027, 4, 21, 16, 30, tzinfo=UTC)
    assert evening["dtend"] == datetime(2027, 4, 21, 19, tzinfo=UTC)
    assert evening["location"] == "Harbour library, Northholm"
    assert evening["url"] == "https://lantern.example/evening"
    assert bugs["dtstart"] == datetime(2027, 4, 24, 9)
    assert (days["dtstart"], days["dtend"]) == (date(2027, 6, 3), date(2027, 6, 7))
    assert days["url"] == "https://days.lantern.example/2027"
    assert "€80 until 30 April, then €110\n350 seats\nSign up by Thursday 20 May" in str(days["description"])
    assert winter["status"] == "TENTATIVE"


def test_stamps_and_names_are_fixed_by_the_issue() -> None:
    first, *_ = read(issue_calendar(samples.press(), samples.issue()))
    assert first["dtstamp"] == datetime(2027, 4, 16, 8, tzinfo=UTC)
    assert first["uid"] == "story-evening@lantern.example"
    assert issue_calendar(samples.press(), samples.issue()) == issue_calendar(samples.press(), samples.issue())


@pytest.mark.parametrize(
    ("event", "start", "end"),
    [
        (Event(date(2027, 6, 3)), date(2027, 6, 3), date(2027, 6, 4)),
        (Event(date(2027, 6, 3), date(2027, 6, 1)), date(2027, 6, 3), date(2027, 6, 4)),
        (
            Event(datetime(2027, 6, 3, 7, tzinfo=UTC), date(2027, 6, 4), "Europe/Oslo"),
            datetime(2027, 6, 3, 7, tzinfo=UTC),
            datetime(2027, 6, 4, 22, tzinfo=UTC),
        ),
        (Event(datetime(2027, 6, 3, 7), date(2027, 6, 4)), datetime(2027, 6, 3, 7), datetime(2027, 6, 5)),
        (Event(datetime(2027, 6, 3, 7), datetime(2027, 6, 3, 6)), datetime(2027, 6, 3, 7), None),
        (Event(datetime(2027, 6, 3, 7), datetime(2027, 6, 3, 9, tzinfo=UTC)), datetime(2027, 6, 3, 7), None),
    ],
)
def test_spans(event: Event, start: date, end: date | None) -> None:
    found = only(event)
    assert (found["dtstart"], found.get("dtend")) == (start, end)


def test_lines_are_folded_at_75_octets_and_end_in_crlf() -> None:
    event = Event(date(2027, 6, 3), place="Zürich, Straße des Ürgüp 図書館 " * 12)
    entry = samples.entry("x", "Ein Abend über Größe " * 6, event=event)
    content = entry_calendar(samples.press(), samples.issue(), entry)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    for line in content.split(b"\r\n"):
        line.decode()  # no letter is cut in two
    assert read(content)[0]["location"] == ("Zürich, Straße des Ürgüp 図書館 " * 12).strip()


@pytest.mark.parametrize("letter", ["x", "ü", "図", "🎉"])
@pytest.mark.parametrize("begin", range(5))
def test_a_folded_line_is_as_long_as_whole_letters_let_it(letter: str, begin: int) -> None:
    found = _folded("y" * begin + letter * 100).removesuffix(b"\r\n").split(b"\r\n ")
    assert b"".join(found).decode() == "y" * begin + letter * 100
    for at, (piece, after) in enumerate(pairwise(found)):
        room = 75 if at == 0 else 74
        assert len(piece) <= room < len(piece) + len(after.decode()[0].encode())


def test_signs_and_lines_cannot_break_out() -> None:
    (found,) = read(issue_calendar(samples.press(), samples.hostile_issue()))
    assert found["summary"] == "Meeting; with, signs\\ and lines"
    assert found["location"] == "Room;1,\\n BEGIN:VEVENT"


def test_a_story_told_twice_is_one_date() -> None:
    entry = samples.EVENTS[0]
    both = (samples.section("highlights", (entry,)), samples.section("events", (replace(entry, id="evening-date"),)))
    assert len(read(issue_calendar(samples.press(), samples.issue(sections=both)))) == 1


def test_a_newer_issue_replaces_what_an_older_one_said() -> None:
    moved = replace(samples.EVENTS[0], event=Event(date(2027, 4, 28)))
    newer = samples.issue(
        number=58,
        publish_on=samples.PUBLISH_ON + timedelta(days=7),
        sections=(samples.section("events", (moved,)),),
    )
    found = {str(each["uid"]): each for each in read(issues_calendar(samples.press(), [newer, samples.issue()]))}
    assert len(found) == 4
    assert found["story-evening@lantern.example"]["dtstart"] == date(2027, 4, 28)


def test_no_date_makes_an_empty_calendar() -> None:
    assert read(issue_calendar(samples.press(), samples.small_issue())) == []


def week(number: int, *entries: Entry) -> Issue:
    """Issue 57 and those after it, a week apart."""
    on = samples.PUBLISH_ON + timedelta(days=7 * (number - 57))
    return samples.issue(number=number, publish_on=on, sections=(samples.section("events", entries),))


def test_a_change_counts_and_says_when_and_what_stays_does_not() -> None:
    entry = samples.EVENTS[0]
    moved = replace(entry, event=replace(entry.event or Event(date.min), place="The quay"))
    told = [week(57, entry), week(58, entry), week(59, moved), week(60, moved)]
    found = [read(issues_calendar(samples.press(), told[:count]))[0] for count in (1, 2, 3, 4)]
    assert [each["sequence"] for each in found] == [0, 0, 1, 1]
    assert len({str(each["uid"]) for each in found}) == 1
    days = [at.day for each in found if isinstance(at := each["last-modified"], datetime)]
    assert days == [16, 16, 30, 30]


def test_what_is_called_off_stays_as_cancelled() -> None:
    entry = samples.EVENTS[0]
    off = replace(entry, labels=("cancelled",))
    for last in (off, replace(off, event=None)):
        (found,) = read(issues_calendar(samples.press(), [week(57, entry), week(58, last)]))
        assert (found["status"], found["sequence"]) == ("CANCELLED", 1)
        assert found["dtstart"] == datetime(2027, 4, 21, 16, 30, tzinfo=UTC)


def test_what_is_over_leaves_after_a_while() -> None:
    on = [Event(samples.PUBLISH_ON - timedelta(days=days)) for days in (KEPT.days, KEPT.days + 1)]
    entries = [samples.entry(f"x{at}", f"Date {at}", event=event) for at, event in enumerate(on)]
    assert [str(each["summary"]) for each in read(issues_calendar(samples.press(), [week(57, *entries)]))] == ["Date 0"]
