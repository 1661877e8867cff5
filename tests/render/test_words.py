from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from newsletter.model.item import Event
from newsletter.model.period import Period
from newsletter.render import words

OSLO = ZoneInfo("Europe/Oslo")
SEEN = date(2027, 4, 16)


@pytest.mark.parametrize(
    ("day", "said"),
    [(0, "today"), (1, "tomorrow"), (4, "in 4 days"), (18, "in 18 days"), (-1, "yesterday"), (-5, "5 days ago")],
)
def test_distance(day: int, said: str) -> None:
    assert words.distance(SEEN + timedelta(days=day), SEEN) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2027, 3, 6), date(2027, 3, 12), "6 – 12 March"),
        (date(2027, 2, 27), date(2027, 3, 5), "27 February – 5 March"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 – 3 January"),
        (date(2027, 3, 6), date(2027, 3, 6), "6 March"),
    ],
)
def test_date_range(first: date, last: date, said: str) -> None:
    assert words.date_range(first, last) == said


def test_dates_say_the_weekday_and_another_year() -> None:
    assert words.weekday_date(date(2027, 4, 20), year_of=SEEN) == "Tuesday 20 April"
    assert words.weekday_date(date(2028, 1, 12), year_of=SEEN) == "Wednesday 12 January 2028"
    assert words.full_date(SEEN) == "16 April 2027"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2027, 4, 13, 23, 30, tzinfo=UTC), "since Wednesday"),  # already the 14th in Oslo
        (datetime(2027, 4, 16, 5, tzinfo=UTC), "since today"),
        (datetime(2027, 4, 9, 5, tzinfo=UTC), "since 9 April"),
        (datetime(2026, 12, 9, tzinfo=UTC), "since 9 December 2026"),
        (None, ""),
    ],
)
def test_since(at: datetime | None, said: str) -> None:
    assert words.since(at, SEEN, OSLO) == said


@pytest.mark.parametrize(
    ("reply_count", "people_count", "said"),
    [(23, 9, "23 replies by 9 people"), (1, 1, "1 reply by 1 person"), (0, 4, ""), (1200, 0, "1,200 replies")],
)
def test_replies(reply_count: int, people_count: int, said: str) -> None:
    assert words.replies(reply_count, people_count) == said


def test_a_period_that_begins_in_the_evening_begins_the_next_day() -> None:
    week = Period(datetime(2027, 4, 8, 16, tzinfo=UTC), datetime(2027, 4, 15, 16, tzinfo=UTC))
    assert words.period_words(week, OSLO) == "the week of 9 – 15 April"
    days = Period(datetime(2027, 4, 7, 22, tzinfo=UTC), datetime(2027, 4, 9, 22, tzinfo=UTC))
    assert words.period_words(days, OSLO) == "8 – 9 April"
    hours = Period(datetime(2027, 4, 8, 16, tzinfo=UTC), datetime(2027, 4, 8, 19, tzinfo=UTC))
    assert words.period_words(hours, OSLO) == "8 April"


def test_a_week_with_a_change_of_the_clock_is_a_week() -> None:
    start = datetime(2027, 3, 25, 17, tzinfo=UTC)
    assert words.is_week(Period(start, start + timedelta(hours=167)))
    assert not words.is_week(Period(start, start + timedelta(days=14)))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Nominations close; Heron 3.0", "Nominations close; Heron 3.0"),
        ("a" * 40 + "; " + "b" * 40 + "; c", "a" * 40),
        (
            "The society of the lantern keepers elects a new council in the hall of the old harbour",
            "The society of the lantern keepers elects a new council in the hall…",
        ),
        (
            "Which of the two drafts of the charter shall we send to the members of the council",
            "Which of the two drafts of the charter shall we send to the members…",
        ),
        (
            "A proposal to change how loans are counted, with thanks to everybody who wrote to us",
            "A proposal to change how loans are counted…",
        ),
        (
            "A fault in Shelf lets guests see what others borrow now (and how long they keep it all)",
            "A fault in Shelf lets guests see what others borrow now…",
        ),
        ("", "Lantern, issue 7"),
        (" ; ", "Lantern, issue 7"),
        ("One\r\nBcc: x", "One Bcc: x"),
    ],
)
def test_subject(title: str, said: str) -> None:
    assert words.subject(title, "Lantern, issue 7") == said


def test_a_subject_is_never_longer_than_seventy() -> None:
    assert len(words.subject("word " * 40, "x")) <= 70
    assert len(words.subject("w" * 90, "x")) <= 70


@pytest.mark.parametrize(
    ("language", "said"), [("ar", "rtl"), ("he-IL", "rtl"), ("fa_IR", "rtl"), ("de", None), (None, None)]
)
def test_direction(language: str | None, said: str | None) -> None:
    assert words.direction(language) == said


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("Europe/Oslo", 2),
        ("+02:00", 2),
        ("UTC-4", -4),
        ("UTC−4", -4),
        ("Nowhere/None", 0),
        ("../etc", 0),
        (None, 0),
        ("+99", 14),
    ],
)
def test_zone_of(name: str | None, offset: int) -> None:
    assert datetime(2027, 6, 1, tzinfo=words.zone_of(name)).utcoffset() == timedelta(hours=offset)


def test_zone_words() -> None:
    noon = datetime(2027, 6, 1, 12)
    assert words.zone_words(noon.replace(tzinfo=UTC)) == " UTC"
    assert words.zone_words(noon.replace(tzinfo=timezone(timedelta(hours=-4)))) == ", UTC−4"
    assert words.zone_words(noon.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))) == ", UTC+5:30"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 4, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(at(21, 16, 30), at(21, 19), "Europe/Oslo"), "18:30 – 21:00, UTC+2"),
        (Event(at(21, 9), at(21, 21), "UTC"), "09:00 – 21:00 UTC"),
        (Event(at(21, 22), at(22, 2)), "22:00 – 02:00 UTC"),
        (Event(at(21, 9), at(23, 17)), "21 April 09:00 – 23 April 17:00 UTC"),
        (Event(at(21, 9)), "09:00 UTC"),
        (Event(at(21, 9), date(2027, 4, 23)), "21 – 23 April, from 09:00 UTC"),
        (Event(at(21, 9), at(20, 9)), "09:00 UTC"),
        (Event(at(21, 9), datetime(2027, 4, 21, 12)), "09:00 UTC"),
        (Event(datetime(2027, 4, 21, 9), datetime(2027, 4, 21, 12)), "09:00 – 12:00, local time"),
        (Event(date(2027, 6, 3), date(2027, 6, 6)), "3 – 6 June"),
        (Event(date(2027, 12, 30), date(2028, 1, 2)), "30 December – 2 January 2028"),
        (Event(date(2027, 6, 3)), ""),
        (Event(date(2027, 6, 3), date(2027, 6, 1)), ""),
    ],
)
def test_event_when(event: Event, said: str) -> None:
    assert words.event_when(event, year_of=SEEN) == said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(SEEN, cost="Free"), ("Free", "")),
        (Event(SEEN), ("", "")),
        (Event(SEEN, cost="€90", late_cost="€120", late_from=date(2027, 5, 1)), ("€90 until 30 April", "then €120")),
        (Event(SEEN, cost="€90", late_cost="€120", late_from=SEEN), ("€120", "")),
        (Event(SEEN, cost="€90", late_cost="€120"), ("€90", "")),
    ],
)
def test_price(event: Event, said: tuple[str, str]) -> None:
    assert words.price(event, SEEN) == said


def test_lists_and_numbers() -> None:
    assert words.enumerate_words(["Ama", "Thuy", "Iker"]) == "Ama, Thuy and Iker"
    assert words.enumerate_words(["Ama"]) == "Ama"
    assert words.enumerate_words([]) == ""
    assert [words.number_word(each) for each in (1, 7, 12, 13, 1300)] == ["one", "seven", "twelve", "13", "1,300"]


def test_a_project_is_named_as_a_headline() -> None:
    assert [words.project(name) for name in ("nova", "python-novaclient", "OpenStack", None)] == [
        "Nova", "python-novaclient", "OpenStack", "",
    ]  # fmt: skip


def test_the_one_who_asked_is_no_replier() -> None:
    assert words.replies(23, 9) == "23 replies by 9 people"
    assert words.replies(1, 2) == "1 reply, 2 people"
