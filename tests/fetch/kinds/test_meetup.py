from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from newsletter.errors import NotReadable
from newsletter.fetch.event_window import Window
from newsletter.fetch.find import find_kind, find_reader
from newsletter.fetch.kinds.meetup import Meetup
from newsletter.fetch.meetup import read_meetup
from newsletter.model.codec import time_text
from newsletter.model.item import Event, Item, Person
from newsletter.model.source import FetchState, Source
from tests.corpus import CORPUS, expected, needs_corpus
from tests.fakes import FakeHttp

DATA = (Path(__file__).parents[2] / "data/calendar/meetup.json").read_bytes()
GROUP = "https://www.meetup.com/potters-of-ghent/"
FILE = "https://www.meetup.com/potters-of-ghent/events/ical/"
API = "https://api.meetup.com/potters-of-ghent/events"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
WINDOW = Window(NOW, NOW + timedelta(weeks=6), NOW)
EVER = Window(NOW, NOW + timedelta(days=36_500), datetime(1, 1, 2, tzinfo=UTC))
EVENT = b"BEGIN:VEVENT\nUID:event_301@meetup.com\nDTSTART:20261207T190000Z\nSUMMARY:Raku night\nEND:VEVENT\n"
ICS = b"BEGIN:VCALENDAR\n" + EVENT + b"END:VCALENDAR"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


async def items(http: FakeHttp, url: str) -> list[Item]:
    return [item async for batch in Meetup(url).fetch(http, FetchState("g")) for item in batch.items]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (GROUP, FILE),
        ("https://www.meetup.com/potters-of-ghent", FILE),
        ("https://meetup.com/de-DE/potters-of-ghent/events/", FILE),
        (FILE, FILE),
        ("https://www.meetup.com/potters-of-ghent/events/301/", "https://www.meetup.com/potters-of-ghent/events/301/"),
        (API, API),
    ],
)
def test_a_group_is_read_through_its_calendar_file(url: str, asked: str) -> None:
    assert Meetup(url).address == asked


async def test_an_event_has_the_same_id_in_the_file_and_in_json() -> None:
    [from_file] = await items(FakeHttp({FILE: ICS}), GROUP)
    raku, sale = read_meetup(DATA, "g", EVER).items
    assert from_file.title == raku.title == "Raku night"
    assert from_file.id == raku.id
    assert sale.title == "Cancelled: Sale"


def test_everything_that_json_tells() -> None:
    [raku, sale] = read_meetup(DATA, "g", EVER).items
    starts = datetime(2026, 12, 7, 17, tzinfo=UTC)
    assert raku.event == Event(
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        timezone="Europe/Brussels",
        place="Pottery House, Clay Street 3, Ghent",
        cost="12.5 EUR",
        seats=20,
        deadline_at=datetime.fromtimestamp(1796500000, UTC),
        url="https://www.meetup.com/potters-of-ghent/events/301/",
    )
    assert raku.text.startswith("18 going, 2 of 20 places left, 2 waiting for a place.\n\nWritten by hand")
    assert (raku.author, raku.native_keys) == (Person("Nives", "7"), ("event_301@meetup.com", "301"))
    assert raku.links[1] == "https://kiln.example/bowl"
    assert (raku.published_at, raku.updated_at) == tuple(
        datetime.fromtimestamp(n, UTC) for n in (1794000000, 1794100000)
    )
    assert sale.event == Event(datetime(2026, 12, 8, 17, tzinfo=UTC), timezone="UTC", place="online")
    assert sale.labels == ("cancelled",)


def test_only_what_lies_in_the_window() -> None:
    early = Window(NOW - timedelta(weeks=8), NOW - timedelta(weeks=2), NOW - timedelta(weeks=8))
    assert read_meetup(DATA, "g", early).items == ()
    assert read_meetup(DATA, "g", early).next_at == datetime(2026, 12, 7, 17, tzinfo=UTC) - timedelta(weeks=6)
    late = NOW + timedelta(weeks=2)
    assert read_meetup(DATA, "g", Window(late, late + timedelta(weeks=6), late)).items == ()
    assert [item.published_at for item in read_meetup(DATA, "g", WINDOW).items] == [None, None]


async def test_the_cancelled_one_is_told_only_when_it_was_announced() -> None:
    assert [item.title for item in await items(FakeHttp({API: DATA}), API)] == ["Raku night"]


@pytest.mark.parametrize("data", [b"{}", b'{"results": 3}', b'[{"a": 1}]', b"[", b'[{"name": "x", "time": "soon"}]'])
def test_other_json(data: bytes) -> None:
    with pytest.raises(NotReadable):
        read_meetup(data, "g", WINDOW)


async def test_which_reader_serves_an_address() -> None:
    assert (await find_kind(GROUP, FakeHttp())).info.reader == "meetup"
    other = "https://kiln.example/events.json"
    assert (await find_kind(other, FakeHttp({other: DATA}))).info.reader == "meetup"
    named = Source("g", "G", "calendar", {"url": GROUP})
    assert (await find_reader(named, FakeHttp())).info.reader == "meetup"


RECORDED = expected("meetup")


@needs_corpus
@pytest.mark.parametrize("path", RECORDED)
def test_recorded_answers(path: str) -> None:
    want: dict[str, Any] = RECORDED[path]["expect"]
    found = read_meetup((CORPUS / "meetup" / path).read_bytes(), "g", EVER)
    if "events" not in want:
        # Answers to invitations become their event; comments are not read.
        is_answers = "rsvps" in path
        assert len(found.items) == is_answers
        if is_answers:
            [item] = found.items
            assert (item.title, item.text) == ("SQL Saturday Madrid 2016", "21 going.")
            assert time_text(item.updated_at) == max(each["updated_utc"] for each in want["items"])
        return
    assert len(found.items) == want["count"]
    for item, event in zip(found.items, want["events"], strict=True):
        assert item.event is not None
        assert item.event.place is not None
        assert item.native_keys[1] == event["id"]
        assert (item.title, item.url) == (event["title"], event["link"])
        assert time_text(item.event.starts_at) == event["when_utc"]
        assert (time_text(item.published_at), time_text(item.updated_at)) == (
            event["created_utc"],
            event["updated_utc"],
        )
        assert item.event.place.startswith(event["venue"])
        assert item.event.timezone == "Etc/GMT-2"
