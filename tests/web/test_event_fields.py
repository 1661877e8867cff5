from datetime import UTC, date, datetime
from typing import Any

import pytest

from newsletter.model.codec import from_json
from newsletter.model.item import Event
from newsletter.web.event_fields import LABELS, field_texts, read_fields


def read(**texts: str) -> Any:
    return read_fields({**dict.fromkeys(LABELS, ""), **texts})


def event_of(**texts: str) -> Event:
    found = read(**texts)
    assert found.errors == {}
    return from_json(Event, found.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-14", date(2026, 4, 14)),
        ("14 April 2026", date(2026, 4, 14)),
        ("Tuesday 14 April 2026", date(2026, 4, 14)),
        ("14. Apr 2026", date(2026, 4, 14)),
        ("1 sept 2026", date(2026, 9, 1)),
        ("14 April 2026 18:00", datetime(2026, 4, 14, 18, 0)),
        ("14 April 2026, 18:00", datetime(2026, 4, 14, 18, 0)),
        ("2026-04-14 18:00", datetime(2026, 4, 14, 18, 0)),
        ("2026-04-14T18:00Z", datetime(2026, 4, 14, 18, 0, tzinfo=UTC)),
        ("2026-04-14T18:00:00+02:00", datetime(2026, 4, 14, 16, 0, tzinfo=UTC)),
        ("  14  April   2026 ", date(2026, 4, 14)),
    ],
)
def test_a_date_is_read(text: str, expected: date | datetime) -> None:
    assert event_of(start=text).starts_at == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "When does it begin"),
        ("next week", "no date"),
        ("14 April", "no date"),
        ("31 April 2026", "no day of the calendar"),
        ("2026-02-30", "no day of the calendar"),
        ("2026-13-01", "no day of the calendar"),
        ("14 Foo 2026", "no month"),
        ("14 ju 2026", "no date"),
        ("14 April 2026 25:00", "no 25:00"),
        ("14 April 2026 18:75", "no 18:75"),
        ("14 April 2026 18", "no date"),
        ("4 April 0206", "cannot be meant"),
        ("2026-04-14T18:00+25:00", "no distance from UTC"),
        ("14 April 2026<script>", "no date"),
        ("١٤ April 2026", "no day|no date"),
    ],
)
def test_what_is_no_date_says_so_at_its_field(text: str, said: str) -> None:
    errors = read(start=text).errors
    assert list(errors) == ["start"]
    assert any(part in errors["start"] for part in said.split("|")), errors


@pytest.mark.parametrize(
    ("zone", "name", "hour"),
    [
        ("Europe/Tallinn", "Europe/Tallinn", 15),
        ("Tallinn", "Europe/Tallinn", 15),
        ("tallinn, UTC+3", "Europe/Tallinn", 15),
        ("New York", "America/New_York", 22),
        ("UTC", "UTC", 18),
        ("UTC+3", "+03:00", 15),
        ("-03:30", "-03:30", 21),
    ],
)
def test_a_zone_is_a_name_or_a_distance(zone: str, name: str, hour: int) -> None:
    event = event_of(start="14 April 2026 18:00", zone=zone)
    assert isinstance(event.starts_at, datetime)
    assert (event.timezone, event.starts_at.tzinfo, event.starts_at.hour) == (name, UTC, hour)


def test_a_zone_nobody_knows_offers_a_near_one() -> None:
    assert "Did you mean Europe/Tallinn?" in read(start="14 April 2026", zone="Talinn").errors["zone"]
    assert "no time zone" in read(start="14 April 2026", zone="EST").errors["zone"]
    assert "no time zone" in read(start="14 April 2026", zone="../../etc/passwd").errors["zone"]


def test_an_hour_that_clocks_leave_out_is_refused() -> None:
    errors = read(start="29 March 2026 02:30", zone="Europe/Oslo").errors
    assert errors["start"].startswith("02:30 does not exist")


def test_the_end_comes_after_the_start() -> None:
    assert "before the start" in read(start="14 April 2026", end="13 April 2026").errors["end"]
    assert "before the start" in read(start="14 April 2026 18:00", end="14 April 2026 17:00").errors["end"]
    assert event_of(start="14 April 2026 18:00", end="14 April 2026").ends_at is None
    assert event_of(start="14 April 2026", end="16 April 2026").ends_at == date(2026, 4, 16)
    late = event_of(start="14 April 2026 23:30", end="15 April 2026", zone="New York")
    assert late.ends_at == date(2026, 4, 15)


def test_every_mistake_is_told_at_once() -> None:
    errors = read(
        start="soon", zone="Nowhere", late_cost="€120", seats="many", link="javascript:alert(1)", place="x" * 501
    ).errors
    assert set(errors) == {"start", "zone", "late_from", "seats", "link", "place"}
    assert "no web address" in errors["link"]


def test_what_is_shown_is_read_back_as_the_same_event() -> None:
    event = Event(
        datetime(2026, 4, 14, 15, 0, tzinfo=UTC),
        datetime(2026, 4, 14, 17, 30, tzinfo=UTC),
        timezone="Europe/Tallinn",
        place="Tallinn",
        cost="€90",
        late_cost="€120",
        late_from=date(2026, 4, 1),
        seats=1200,
        deadline_at=date(2026, 4, 10),
        url="https://sprint.example/",
    )
    texts = field_texts(event)
    assert texts["start"] == "14 April 2026 18:00"
    assert from_json(Event, read_fields(texts).value) == event
    plain = Event(datetime(2026, 4, 14, 18, 0), deadline_at=datetime(2026, 4, 10, 12, 0))
    assert from_json(Event, read_fields(field_texts(plain)).value) == plain
    assert set(field_texts(None).values()) == {""}
