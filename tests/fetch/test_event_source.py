from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.event_source import EventSource, read_document
from newsletter.fetch.event_window import Window
from newsletter.fetch.kinds import Batch
from newsletter.model.aside import Aside
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

NOW = datetime(2026, 3, 5, 18, tzinfo=UTC)
WEEKS = timedelta(weeks=6)
FIRST, SECOND = "https://a.example.org/c.ics", "http://a.example.org/c.ics"
EVENT = "BEGIN:VEVENT\nUID:{0}\nDTSTART:202603{0}T180000Z\nSUMMARY:Firing {0}\nEND:VEVENT\n"


def calendar(*days: int) -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(map(EVENT.format, days))}END:VCALENDAR\n"


async def fetched(source: EventSource, http: FakeHttp, cursor: object = None) -> list[Batch]:
    state = FetchState("a", dict(cursor or {}))  # type: ignore[call-overload]
    with time_machine.travel(NOW, tick=False):
        return [batch async for batch in source.fetch(http, state)]


async def test_the_first_address_that_answers_is_read() -> None:
    http = FakeHttp({FIRST: BadStatus(404, "none"), SECOND: calendar(12)})
    [batch] = await fetched(EventSource("a", (FIRST, SECOND), WEEKS), http)
    assert [item.title for item in batch.items] == ["Firing 12"]
    with pytest.raises(BadStatus):
        await fetched(EventSource("a", (FIRST,), WEEKS), FakeHttp({FIRST: BadStatus(404, "none")}))
    with pytest.raises(NotReadable, match="needs a"):
        await fetched(EventSource("a", (), WEEKS), http)


async def test_a_file_that_did_not_change_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.ics"
    path.write_text(calendar(12, 20))
    source = EventSource("c.ics", (), WEEKS, str(path))
    [batch] = await fetched(source, FakeHttp())
    assert len(batch.items) == 2
    [again] = await fetched(source, FakeHttp(), batch.cursor)
    assert (again.items, again.is_unchanged) == ((), True)
    path.write_text(calendar(12, 20, 22))
    [grown] = await fetched(source, FakeHttp(), again.cursor)
    assert [item.title for item in grown.items] == ["Firing 12", "Firing 20", "Firing 22"]
    assert {item.id for item in batch.items} < {item.id for item in grown.items}


async def test_a_record_alone_is_read_again() -> None:
    with time_machine.travel(NOW, tick=False):
        aside = Aside(FIRST, "torn", calendar(12).encode())
        found = [batch async for batch in EventSource("a", (FIRST,), WEEKS).replay(aside, FetchState("a"))]
    assert [item.title for batch in found for item in batch.items] == ["Firing 12"]


async def test_looking_ahead_for_ever_ends_with_time() -> None:
    [batch] = await fetched(EventSource("a", (FIRST,), timedelta.max), FakeHttp({FIRST: calendar(12)}))
    assert len(batch.items) == 1


def test_what_is_neither_is_not_readable() -> None:
    window = Window(NOW, NOW + WEEKS, NOW)
    for data in (b"<html>", b"{", b""):
        with pytest.raises(NotReadable):
            read_document(data, "a", window)
