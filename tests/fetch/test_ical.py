from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.event_window import CalendarRead, Window
from newsletter.fetch.ical import read_calendar
from newsletter.fetch.ical_rule import NOT_UNDERSTOOD, TOO_OFTEN
from newsletter.model.item import Event, Item, Person, item_id

GOOGLE = (Path(__file__).parents[1] / "data/calendar/google.ics").read_bytes()
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
WINDOW = Window(NOW, NOW + timedelta(weeks=6), NOW)
EVER = Window(NOW, NOW + timedelta(days=36_500), datetime(1, 1, 2, tzinfo=UTC))


def read(*events: str, window: Window = WINDOW) -> CalendarRead:
    """The calendar with these events, their lines divided by "|"."""
    blocks = "".join(f"BEGIN:VEVENT\r\n{each.replace('|', chr(10))}\r\nEND:VEVENT\r\n" for each in events)
    return read_calendar(f"BEGIN:VCALENDAR\r\n{blocks}END:VCALENDAR\r\n".encode(), "kiln", window)


def only(*events: str, window: Window = WINDOW) -> tuple[Item, Event]:
    [item] = read(*events, window=window).items
    assert item.event is not None
    return item, item.event


def keys(found: CalendarRead) -> list[str]:
    return [item.native_keys[0] for item in found.items]


def google(key: str) -> Item:
    return next(item for item in read_calendar(GOOGLE, "kiln", WINDOW).items if item.native_keys[0].startswith(key))


def test_everything_an_event_says() -> None:
    item = google("winter")
    assert (item.id, item.source_id, item.kind, item.form) == (
        item_id("kiln", "winter@google.com"),
        "kiln",
        "calendar",
        "event",
    )
    assert (item.title, item.url, item.author) == ("Winter firing", None, None)
    assert item.event == Event(
        starts_at=datetime(2026, 12, 5, 18, tzinfo=UTC),
        ends_at=datetime(2026, 12, 5, 21, tzinfo=UTC),
        timezone="Europe/Brussels",
        place="Pottery House, Clay Street 3, Ghent",
        cost="EUR 20",
        late_cost="EUR 30",
        late_from=date(2026, 12, 2),
        seats=40,
        deadline_at=date(2026, 12, 3),
        url="https://meet.google.com/abc-defg-hij",
    )
    assert item.text.startswith("Our winter firing.\nTickets: EUR 20, late tickets EUR 30")
    assert "<b>winter firing</b>" in item.html
    assert item.links == ("https://meet.google.com/abc-defg-hij", "https://kiln.example/winter")
    assert item.labels == ("firing", "open house")
    assert (item.published_at, item.updated_at) == (None, datetime(2026, 11, 2, 10, tzinfo=UTC))


def test_a_series_is_one_item_a_week_and_its_exceptions_are_told_ahead() -> None:
    found = read_calendar(GOOGLE, "kiln", WINDOW)
    series = [item for item in found.items if item.native_keys[0].startswith("weekly@")]
    assert [item.native_keys for item in series] == [("weekly@google.com/2026-W51",)]
    # 7 December is taken out; the next one is moved from 14 to 15 December.
    [item] = series
    assert item.event is not None
    assert (item.title, item.event.place) == ("Wheel evening with Nives", "Town hall")
    assert item.event.starts_at == datetime(2026, 12, 15, 18, tzinfo=UTC)
    assert item.text.startswith("Repeats weekly on Monday.")
    assert "weekly" in item.labels


def test_whole_days_end_on_the_last_day_itself() -> None:
    assert google("camp").event == Event(date(2026, 12, 19), date(2026, 12, 21), url="https://kiln.example/camp")
    assert google("camp").url == "https://kiln.example/camp"
    _, one = only("DTSTART;VALUE=DATE:20261219|DTEND;VALUE=DATE:20261220|SUMMARY:x")
    _, none = only("DTSTART;VALUE=DATE:20261219|SUMMARY:x")
    _, length = only("DTSTART;VALUE=DATE:20261219|DURATION:P2D|SUMMARY:x")
    assert one == none == Event(date(2026, 12, 19))
    assert length.ends_at == date(2026, 12, 20)


def test_private_events_stay_private_and_cancelled_ones_say_so() -> None:
    found = read_calendar(GOOGLE, "kiln", WINDOW)
    assert found.event_count == 6
    assert "1 private events were left out" in found.warnings
    assert (google("off").title, google("off").labels) == ("Cancelled: Glaze talk", ("cancelled",))
    assert google("off").event == Event(
        datetime(2026, 12, 12, 9, tzinfo=UTC), datetime(2026, 12, 12, 11, tzinfo=UTC), "Europe/Brussels"
    )


def test_a_document_may_call_off_all_its_events() -> None:
    event = b"BEGIN:VEVENT\nUID:1\nDTSTART:20261203T180000Z\nSUMMARY:x\nEND:VEVENT\n"
    data = b"BEGIN:VCALENDAR\nMETHOD:CANCEL\n" + event + b"END:VCALENDAR"
    assert read_calendar(data, "kiln", WINDOW).items[0].labels == ("cancelled",)


def test_times_without_zone_stay_local() -> None:
    item, event = only("UID:1|DTSTART:20261203T180000|DTEND:20261203T190000|SUMMARY:x")
    assert event == Event(datetime(2026, 12, 3, 18), datetime(2026, 12, 3, 19), None)
    assert item.warnings == ()
    item, event = only("UID:1|DTSTART;TZID=Nowhere:20261203T180000|SUMMARY:x")
    assert event == Event(datetime(2026, 12, 3, 18))
    assert item.warnings == ("time zone unknown: Nowhere",)


@pytest.mark.parametrize(
    ("lines", "place", "url"),
    [
        ("LOCATION:Hall 3\\nKai 1\\, Ghent", "Hall 3, Kai 1, Ghent", None),
        ("GEO:51.05;3.72", "51.05, 3.72", None),
        ("GEO:0;0", None, None),
        ("LOCATION:https://zoom.us/j/123", "online", "https://zoom.us/j/123"),
        (
            "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1|CONFERENCE;VALUE=URI:https://chat.example/a",
            "online",
            "https://chat.example/a",
        ),
        (
            "URL:https://kiln.example/x|LOCATION:Hall|DESCRIPTION:https://meet.jit.si/kiln",
            "Hall",
            "https://kiln.example/x",
        ),
        ("X-TICKETS-URL:https://kiln.example/t|URL:https://kiln.example/x", None, "https://kiln.example/t"),
        ("URL:javascript:alert(1)|LOCATION:", None, None),
    ],
)
def test_where_it_is_and_where_to_read_more(lines: str, place: str | None, url: str | None) -> None:
    _, event = only(f"UID:1|DTSTART:20261203T180000Z|SUMMARY:x|{lines}")
    assert (event.place, event.url) == (place, url)


def test_cost_as_plugins_write_it() -> None:
    assert only("UID:1|DTSTART:20261203T180000Z|SUMMARY:x|X-COST-TYPE:free")[1].cost == "free"
    assert only("UID:1|DTSTART:20261203T180000Z|SUMMARY:x|X-COST:$10")[1].cost == "$10"


def test_descriptions_as_html() -> None:
    rich = '<p>Rich <script>x</script><a href="https://a.example/">a</a></p>'
    text = f"UID:1|DTSTART:20261203T180000Z|SUMMARY:x|DESCRIPTION:Plain & simple|X-ALT-DESC;FMTTYPE=text/html:{rich}"
    item, _ = only(text)
    assert (item.text, item.links) == ("Rich a", ("https://a.example/",))
    assert "script" not in item.html
    item, _ = only("UID:1|DTSTART:20261203T180000Z|SUMMARY:x|DESCRIPTION:Plain & simple")
    assert (item.text, item.html) == ("Plain & simple", "<p>Plain &amp; simple</p>")


def test_who_invites() -> None:
    base = "UID:1|DTSTART:20261203T180000Z|SUMMARY:x|"
    assert only(base + "ORGANIZER;CN=Ada Obi:mailto:ada@kiln.example")[0].author == Person(
        "Ada Obi", "ada@kiln.example"
    )
    assert only(base + "ORGANIZER:mailto:ada@kiln.example")[0].author is None


def test_an_event_without_title_is_called_by_what_it_says() -> None:
    item, _ = only("UID:1|DTSTART:20261203T180000Z|DESCRIPTION:Bring clay.\\nAnd water.")
    assert (item.title, item.warnings) == ("Bring clay.", ("no title",))


def test_the_language_and_a_cut_title() -> None:
    item, _ = only("UID:1|DTSTART:20261203T180000Z|SUMMARY;LANGUAGE=de-AT:Töpfern für…")
    assert (item.language, item.warnings) == ("de", ("title cut",))


def test_only_what_lies_in_the_window() -> None:
    found = read(
        "UID:past|DTSTART:20261130T180000Z|DTEND:20261130T190000Z|SUMMARY:x",
        "UID:now|DTSTART:20261201T110000Z|DTEND:20261201T130000Z|SUMMARY:x",
        "UID:today|DTSTART;VALUE=DATE:20261201|SUMMARY:x",
        "UID:far|DTSTART:20270301T180000Z|SUMMARY:x",
        "UID:farther|DTSTART:20270401T180000Z|SUMMARY:x",
    )
    assert keys(found) == ["today", "now"]
    assert found.next_at == datetime(2027, 3, 1, 18, tzinfo=UTC) - timedelta(weeks=6)


def test_a_reading_that_reaches_back_has_past_events_and_when_they_were_written_down() -> None:
    found = read(
        "UID:past|DTSTART:20201130T180000Z|CREATED:20201001T000000Z|SUMMARY:x",
        "UID:over|DTSTART:20200101T180000Z|RRULE:FREQ=DAILY;COUNT=3|CREATED:20201001T000000Z|SUMMARY:y",
        window=EVER,
    )
    assert keys(found) == ["over/2020-W01", "past"]
    assert [item.published_at for item in found.items] == [None, datetime(2020, 10, 1, tzinfo=UTC)]


def test_a_daily_series_is_one_item_a_week_with_its_next_date() -> None:
    daily = "UID:d|DTSTART:20261101T090000Z|DTEND:20261101T091500Z|RRULE:FREQ=DAILY|SUMMARY:Standup"
    seen = []
    for day in range(14):
        now = NOW + timedelta(days=day)
        item, event = only(daily, window=Window(now, now + timedelta(weeks=6), now))
        assert event.starts_at == datetime(2026, 12, 2, 9, tzinfo=UTC) + timedelta(days=day)
        seen.append(item.native_keys[0])
    assert list(dict.fromkeys(seen)) == ["d/2026-W49", "d/2026-W50", "d/2026-W51"]


def test_when_to_look_again_at_a_series() -> None:
    weekly = read("UID:w|DTSTART:20261102T090000Z|DTEND:20261102T100000Z|RRULE:FREQ=WEEKLY|SUMMARY:x")
    assert weekly.next_at == datetime(2026, 12, 7, 10, tzinfo=UTC)
    yearly = read("UID:y|DTSTART:20250601T090000Z|RRULE:FREQ=YEARLY|SUMMARY:x")
    assert (yearly.items, yearly.next_at) == ((), datetime(2027, 6, 1, 9, tzinfo=UTC) - timedelta(weeks=6))
    over = read("UID:o|DTSTART:20250601T090000Z|RRULE:FREQ=DAILY;COUNT=2|SUMMARY:x")
    assert (over.items, over.next_at) == ((), None)


def test_further_dates_and_dates_taken_out() -> None:
    item, event = only(
        "UID:r|DTSTART:20261101T090000Z|RDATE:20261203T090000Z,20261210T090000Z|EXDATE:20261203T090000Z|SUMMARY:x"
    )
    assert (item.native_keys, event.starts_at) == (("r/2026-W50",), datetime(2026, 12, 10, 9, tzinfo=UTC))
    _, event = only("UID:p|DTSTART:20261101T090000Z|RDATE;VALUE=PERIOD:20261203T090000Z/PT3H|SUMMARY:x")
    assert event.ends_at == datetime(2026, 12, 3, 12, tzinfo=UTC)


def test_an_exception_with_a_title_of_its_own_in_a_busy_week_is_an_item_of_its_own() -> None:
    found = read(
        "UID:d|DTSTART:20261101T090000Z|RRULE:FREQ=DAILY|SUMMARY:Standup",
        "UID:d|RECURRENCE-ID:20261204T090000Z|DTSTART:20261204T150000Z|SUMMARY:Demo day",
        "UID:d|RECURRENCE-ID:20261205T090000Z|DTSTART:20261205T100000Z|SUMMARY:Standup",
    )
    assert [(item.native_keys[0], item.title) for item in found.items] == [
        ("d/2026-W49", "Standup"),
        ("d/20261204T090000", "Demo day"),
    ]


def test_from_one_date_on_everything_is_later() -> None:
    _, event = only(
        "UID:f|DTSTART:20261103T090000Z|RRULE:FREQ=WEEKLY|SUMMARY:x",
        "UID:f|RECURRENCE-ID;RANGE=THISANDFUTURE:20261117T090000Z|DTSTART:20261117T110000Z|SUMMARY:x",
    )
    assert event.starts_at == datetime(2026, 12, 8, 11, tzinfo=UTC)


def test_a_date_without_its_series() -> None:
    item, event = only("UID:s|RECURRENCE-ID:20261204T090000Z|DTSTART:20261205T090000Z|SUMMARY:x")
    assert (item.native_keys, event.starts_at) == (("s/20261204T090000",), datetime(2026, 12, 5, 9, tzinfo=UTC))


def test_the_newer_version_holds() -> None:
    item, _ = only(
        "UID:1|SEQUENCE:2|DTSTART:20261203T180000Z|SUMMARY:New", "UID:1|SEQUENCE:1|DTSTART:20261204T180000Z|SUMMARY:Old"
    )
    assert item.title == "New"


def test_different_events_under_one_uid() -> None:
    found = read("UID:1|DTSTART:20261203T180000Z|SUMMARY:One", "UID:1|DTSTART:20261204T180000Z|SUMMARY:Two")
    assert keys(found) == ["1/20261203T180000", "1/20261204T180000"]


def test_events_without_uid_keep_their_names() -> None:
    lines = "DTSTART:20261203T180000Z|SUMMARY:x"
    assert only(lines)[0].id == only(lines)[0].id
    assert len(read(lines, "DTSTART:20261203T180000Z|SUMMARY:y").items) == 2


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=SECONDLY", TOO_OFTEN),
        ("FREQ=MINUTELY;INTERVAL=2", TOO_OFTEN),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", TOO_OFTEN),
        ("FREQ=DAILY;BYDAY=XX", NOT_UNDERSTOOD),
        ("FREQ=NEVER", NOT_UNDERSTOOD),
    ],
)
def test_a_rule_nobody_can_follow_leaves_the_first_date(rule: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.ical_series._SECONDS_A_SERIES", 0.05)
    found = read(
        f"UID:b|DTSTART:20240101T000000Z|RRULE:{rule}|SUMMARY:Every second", "UID:1|DTSTART:20261203T180000Z|SUMMARY:x"
    )
    assert keys(found) == ["1"]
    assert found.warnings == (f"“Every second” {said}",)
    ahead = read(f"UID:b|DTSTART:20261204T000000Z|RRULE:{rule}|SUMMARY:Every second")
    assert [item.event.starts_at for item in ahead.items if item.event] in ([datetime(2026, 12, 4, tzinfo=UTC)], [])


def test_one_broken_event_does_not_spoil_the_others() -> None:
    found = read("UID:1|SUMMARY:No start", "UID:2|DTSTART:NEVER|SUMMARY:x", "UID:3|DTSTART:20261203T180000Z|SUMMARY:y")
    assert keys(found) == ["3"]
    assert [each.reason for each in found.broken] == ["an event without a start", "its start is no time: NEVER"]
    assert b"UID:2" in found.broken[1].data


def test_an_end_before_the_start_is_none() -> None:
    item, event = only("UID:1|DTSTART:20261203T180000Z|DTEND:20261203T170000Z|SUMMARY:x")
    assert (event.ends_at, item.warnings) == (None, ("end before start",))


def test_the_end_is_of_the_sort_of_the_start() -> None:
    _, event = only("UID:1|DTSTART;VALUE=DATE:20261203|DTEND:20261205T120000Z|SUMMARY:x")
    assert event.ends_at == date(2026, 12, 4)
    _, event = only("UID:1|DTSTART:20261203T180000Z|DTEND:20261203T200000|SUMMARY:x")
    assert event.ends_at == datetime(2026, 12, 3, 20, tzinfo=UTC)


def test_what_was_told_and_still_stands() -> None:
    weekly = "UID:w|DTSTART:20261102T090000Z|RRULE:FREQ=WEEKLY|EXDATE:20261221T090000Z|SUMMARY:x"
    known = frozenset(("w/2026-W50", "w/2026-W51", "w/2026-W52", "v/2026-W51"))
    assert read(weekly, window=Window(NOW, NOW + timedelta(weeks=6), NOW, known)).alive == {"w/2026-W51"}


@pytest.mark.parametrize("data", [b"", b"<html>", b"BEGIN:VCARD\nEND:VCARD"])
def test_what_is_no_calendar(data: bytes) -> None:
    with pytest.raises(NotReadable):
        read_calendar(data, "kiln", WINDOW)
