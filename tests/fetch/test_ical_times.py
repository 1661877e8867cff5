from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.fetch.ical_lines import Property, read_components
from newsletter.fetch.ical_times import Moment, Zones, as_moment, in_utc, offset_name, read_duration, read_moment

CUSTOM = (
    "BEGIN:VTIMEZONE\nTZID:{name}\n{more}BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\n"
    "TZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
)


def zones(text: str = "") -> Zones:
    return Zones.of(read_components(f"BEGIN:VCALENDAR\n{text}END:VCALENDAR\n".encode()))


def moment(value: str, known: Zones | None = None, **params: str) -> Moment | None:
    return read_moment(Property("DTSTART", params, value), known or zones())


@pytest.mark.parametrize(
    ("tzid", "utc_hour", "name"),
    [
        ("Europe/Berlin", 17, "Europe/Berlin"),
        ("/Europe/Berlin", 17, "Europe/Berlin"),
        ("posix/Europe/Berlin", 17, "Europe/Berlin"),
        ("/mozilla.org/20070129_1/Europe/Berlin", 17, "Europe/Berlin"),
        (
            "/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires",
            21,
            "America/Argentina/Buenos_Aires",
        ),
        ("W. Europe Standard Time", 17, "Europe/Berlin"),
        ("Pacific Standard Time", 2, "America/Los_Angeles"),
        ("UTC", 18, "UTC"),
        ("GMT", 18, "UTC"),
        ("Etc/UTC", 18, "UTC"),
        ("UTC+11", 7, None),
        ("(UTC-03:00) Brasília", 21, None),
        ("Etc/GMT+5", 23, "Etc/GMT+5"),
    ],
)
def test_zones_by_name(tzid: str, utc_hour: int, name: str | None) -> None:
    found = moment("20261203T180000", TZID=tzid)
    assert found is not None
    at = in_utc(found.at)
    assert isinstance(at, datetime)
    assert (at.hour, at.tzinfo, found.zone_name) == (utc_hour, UTC, name)


def test_a_zone_that_the_document_defines() -> None:
    known = zones(CUSTOM.format(name="Our town", more=""))
    winter, summer = (moment(value, known, TZID="Our town") for value in ("20261203T180000", "20260703T180000"))
    assert winter is not None
    assert summer is not None
    assert in_utc(winter.at) == datetime(2026, 12, 3, 17, tzinfo=UTC)
    assert in_utc(summer.at) == datetime(2026, 7, 3, 16, tzinfo=UTC)
    assert isinstance(winter.at, datetime)
    assert (winter.zone_name, offset_name(winter.at)) == (None, "Etc/GMT-1")


def test_a_defined_zone_that_names_its_place() -> None:
    known = zones(CUSTOM.format(name="Our town", more="X-LIC-LOCATION:Europe/Ljubljana\n"))
    found = moment("20261203T180000", known, TZID="Our town")
    assert found is not None
    assert found.zone_name == "Europe/Ljubljana"


@pytest.mark.parametrize("broken", ["BEGIN:VTIMEZONE\nTZID:Odd\nEND:VTIMEZONE\n", ""])
def test_a_zone_that_nobody_knows_leaves_the_time_local(broken: str) -> None:
    found = moment("20261203T180000", zones(broken), TZID="Odd")
    assert found == Moment(datetime(2026, 12, 3, 18), None, is_zone_lost=True)


def test_the_zone_of_the_calendar_is_that_of_times_without_one() -> None:
    known = zones("X-WR-TIMEZONE:Europe/Brussels\n")
    local, utc = moment("20261203T180000", known), moment("20261203T180000Z", known)
    assert local is not None
    assert utc is not None
    assert (in_utc(local.at), local.zone_name) == (datetime(2026, 12, 3, 17, tzinfo=UTC), "Europe/Brussels")
    assert (in_utc(utc.at), utc.zone_name) == (datetime(2026, 12, 3, 18, tzinfo=UTC), "Europe/Brussels")


@pytest.mark.parametrize(
    ("value", "params", "at"),
    [
        ("20261203", {}, date(2026, 12, 3)),
        ("20261203T000000", {"VALUE": "DATE"}, date(2026, 12, 3)),
        ("2026-12-03T18:00:00+01:00", {}, datetime(2026, 12, 3, 17, tzinfo=UTC)),
        ("20261203T1800Z", {}, datetime(2026, 12, 3, 18, tzinfo=UTC)),
        ("20261203T180060Z", {}, datetime(2026, 12, 3, 18, 0, 59, tzinfo=UTC)),
        ("20261303", {}, None),
        ("20261203T250000Z", {}, None),
        ("tomorrow", {}, None),
        ("", {}, None),
    ],
)
def test_forms_of_times(value: str, params: dict[str, str], at: date | None) -> None:
    found = moment(value, **params)
    assert (in_utc(found.at) if found else None) == at


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT1H30M", timedelta(minutes=90)),
        ("P1W", timedelta(days=7)),
        ("P1DT12H", timedelta(hours=36)),
        ("-PT1H", None),
        ("P99999D", None),
        ("an hour", None),
        ("", None),
    ],
)
def test_durations(text: str, length: timedelta | None) -> None:
    assert read_duration(text) == length


def test_days_and_local_times_are_compared_as_if_in_utc() -> None:
    assert as_moment(date(2026, 12, 3)) == datetime(2026, 12, 3, tzinfo=UTC)
    assert as_moment(datetime(2026, 12, 3, 4)) == datetime(2026, 12, 3, 4, tzinfo=UTC)
