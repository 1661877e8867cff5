from datetime import UTC, date, datetime

import pytest

from newsletter.errors import BadStatus
from newsletter.fetch.http import Document
from newsletter.fetch.kinds import Batch
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.mail_archive import Progress
from newsletter.fetch.mail_volumes import Volume, VolumeCursor, VolumeReader
from newsletter.model.item import Item
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

BASE = "https://lists.example/kites/"
OLD, NEW = (
    Volume(date(2026, month, 1), date(2026, month + 1, 1), f"2026-0{month}", f"2026-0{month}.txt") for month in (2, 3)
)


class Shelf:
    def url_of(self, volume: Volume) -> str:
        return f"{BASE}{volume.file}"

    def is_open(self, volume: Volume) -> bool:
        return volume == NEW

    async def linked(self, volume: Volume, items: tuple[Item, ...], *, is_end: bool) -> tuple[Item, ...]:
        return items


def mail(number: int) -> bytes:
    return b"From a@b.example Mon Mar  2 10:00:00 2026\nFrom: a@b.example\nSubject: %d\n\nx\n\n" % number


def reader(http: FakeHttp, cursor: object = None, **settings: object) -> VolumeReader:
    state = FetchState("kites", cursor=cursor or {})  # type: ignore[arg-type]
    made = VolumeCursor.read(state)
    made.base = BASE
    return VolumeReader(http, made, MailSettings("kites", "mailing list"), Shelf(), **settings)  # type: ignore[arg-type]


async def read(reading: VolumeReader) -> list[Batch]:
    return [batch async for batch in reading.batches((OLD, NEW))]


def titles(batches: list[Batch]) -> list[str]:
    return [item.title for batch in batches for item in batch.items]


async def test_finished_texts_are_read_once_and_open_ones_as_far_as_they_grew() -> None:
    http = FakeHttp({f"{BASE}2026-02.txt": mail(1), f"{BASE}2026-03.txt": [mail(2), mail(2), mail(2) + mail(3)]})
    first = reader(http)
    assert titles(await read(first)) == ["1", "2"]

    second = reader(http, first.cursor.as_json())
    assert titles(await read(second)) == []
    third = reader(http, second.cursor.as_json())
    assert titles(await read(third)) == ["2", "3"]
    assert (third.found_count, third.read_count) == (2, 1)
    assert http.urls == [f"{BASE}2026-02.txt", *[f"{BASE}2026-03.txt"] * 3]
    assert list(third.cursor.documents) == [f"{BASE}2026-03.txt"]


async def test_statuses_after_which_nothing_else_is_asked_for() -> None:
    http = FakeHttp()
    with pytest.raises(BadStatus):
        await read(reader(http, gives_up_on=(404,)))
    assert len(http.urls) == 1
    with pytest.raises(BadStatus):
        await read(reader(http))
    assert len(http.urls) == 3


def test_the_cursor_and_how_far_back_it_goes() -> None:
    since = datetime(2026, 3, 5, tzinfo=UTC)
    cursor = VolumeCursor.read(FetchState("kites", since=since))
    assert cursor.due((OLD, NEW)) == [NEW]
    cursor.base, cursor.files = BASE, ["2026-03.txt"]
    cursor.progress[NEW.name] = Progress(12, "ab")
    cursor.note(NEW, f"{BASE}2026-03.txt?a", Document("x"))
    cursor.note(NEW, f"{BASE}2026-03.txt?b", Document("y"))
    again = VolumeCursor.read(FetchState("kites", cursor=cursor.as_json()))
    assert again == cursor
    assert list(again.documents) == [f"{BASE}2026-03.txt?b"]
    further = VolumeCursor.read(FetchState("kites", cursor=cursor.as_json(), since=datetime(2026, 2, 1, tzinfo=UTC)))
    assert further.due((OLD, NEW)) == [OLD, NEW]
    again.finish(NEW)
    assert (again.due((OLD, NEW)), again.documents, again.progress) == ([], {}, {})
