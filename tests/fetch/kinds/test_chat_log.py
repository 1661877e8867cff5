import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from newsletter.errors import BadStatus, NotReadable, Unreachable
from newsletter.fetch.find import find_kind, find_reader
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.chat_log import MOST_LOGS, TOO_MANY_LOGS, ChatLog
from newsletter.model.source import FetchState, Source
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data/chat_log"
NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)
PATTERN = "https://irc.kiln.example/%Y/%m/%23kiln.%d.txt"
PAGE = "https://meetings.kiln.example/firing/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


async def fetched(http: FakeHttp, cursor: Any = None, *, since: datetime | None = None, **keys: Any) -> list[Batch]:
    kind = ChatLog(**keys)
    return [batch async for batch in kind.fetch(http, FetchState("kiln", cursor=cursor or {}, since=since))]


def titles(batches: list[Batch]) -> list[str]:
    return [item.title for batch in batches for item in batch.items]


def day(number: int, month: int = 11) -> str:
    return f"https://irc.kiln.example/2026/{month:02d}/%23kiln.{number:02d}.txt"


def chat(*lines: str) -> str:
    return "\n".join(f"[18:{number:02d}] <jo> {line}" for number, line in enumerate(lines))


async def test_days_that_are_over_are_never_asked_for_again(clock: time_machine.Traveller) -> None:
    http = FakeHttp({day(22): chat("a"), day(24): [chat("b"), chat("b", "c"), chat("b", "c", "d")]})
    since = NOW - timedelta(days=2)
    first = await fetched(http, url=PATTERN, since=since)
    assert http.urls == [day(22), day(23), day(24)]
    assert titles(first) == ["Chat in #kiln on 2026-11-22", "Chat in #kiln on 2026-11-24"]
    http.requests.clear()
    second = await fetched(http, first[-1].cursor, url=PATTERN)
    assert http.urls == [day(24)]
    assert http.requests[0].known is not None
    assert [item.id for batch in second for item in batch.items] == [first[-2].items[0].id]
    assert second[-2].items[0].text.startswith("2 messages")
    clock.move_to(datetime(2026, 11, 26, tzinfo=UTC))
    http.requests.clear()
    third = await fetched(http, second[-1].cursor, url=PATTERN)
    fourth = await fetched(http, third[-1].cursor, url=PATTERN)
    assert http.urls == [day(24), day(25), day(26), day(25), day(26)]
    assert (titles(fourth), fourth[-1].is_unchanged) == ([], True)


async def test_a_killed_run_goes_on_with_the_day_after() -> None:
    http = FakeHttp({day(number): chat("x") for number in range(15, 25)})
    batches = await fetched(http, url=PATTERN, since=datetime(2026, 11, 15, tzinfo=UTC))
    assert len(titles(batches)) == 10
    http.requests.clear()
    await fetched(http, batches[3].cursor, url=PATTERN)
    assert http.urls[0] == day(19)


async def test_without_any_log_the_address_is_wrong() -> None:
    with pytest.raises(NotReadable, match="none of the logs"):
        await fetched(FakeHttp(), url=PATTERN)
    with pytest.raises(BadStatus):
        await fetched(FakeHttp({day(24): BadStatus(500, "500")}), url=PATTERN, since=NOW)
    with pytest.raises(Unreachable):
        await fetched(FakeHttp({day(24): Unreachable("no answer")}), url=PATTERN, since=NOW)


async def test_a_long_time_is_read_in_parts() -> None:
    http = FakeHttp({day(1, 1): chat("x")})
    first = await fetched(http, url=PATTERN, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert (len(http.urls), http.urls[-1]) == (101, day(11, 4))
    http.requests.clear()
    await fetched(http, first[-1].cursor, url=PATTERN)
    assert http.urls[0] == day(12, 4)


def links(*names: str) -> str:
    return "<html>" + "".join(f'<a href="{name}">{name}</a>' for name in names)


async def test_a_page_is_followed_for_what_is_new(clock: time_machine.Traveller) -> None:
    meeting = (DATA / "meeting.log.html").read_bytes()
    http = FakeHttp(
        {
            PAGE: [links("2025/", "2026/"), links("2025/", "2026/"), links("2025/", "2026/")],
            f"{PAGE}2025/": links("old.2025-11-24.log.html"),
            f"{PAGE}2026/": [
                links("a.2026-11-17.log.txt", "a.2026-11-17.html", "b.2026-11-24.log.html"),
                links("a.2026-11-17.log.txt", "a.2026-11-17.html", "b.2026-11-24.log.html"),
                links("a.2026-11-17.log.txt", "b.2026-11-24.log.html", "c.2026-11-25.log.html"),
            ],
            f"{PAGE}2025/old.2025-11-24.log.html": meeting,
            f"{PAGE}2026/a.2026-11-17.log.txt": chat("#startmeeting a", "#endmeeting"),
            f"{PAGE}2026/b.2026-11-24.log.html": meeting,
            f"{PAGE}2026/c.2026-11-25.log.html": meeting,
        }
    )
    first = await fetched(http, url=PAGE)
    assert titles(first) == [
        "Meeting: firing team, 2026-11-24",
        "Meeting: a, 2026-11-17",
        "Meeting: firing team, 2026-11-24",
    ]
    assert first[1].items[0].url == f"{PAGE}2026/a.2026-11-17.log.txt"
    http.requests.clear()
    second = await fetched(http, first[-1].cursor, url=PAGE)
    assert titles(second) == []
    assert f"{PAGE}2026/a.2026-11-17.log.txt" not in http.urls
    assert all(request.known for request in http.requests)
    clock.move_to(datetime(2026, 11, 25, 20, tzinfo=UTC))
    http.requests.clear()
    third = await fetched(http, second[-1].cursor, url=PAGE)
    assert len(titles(third)) == 1
    assert [url for url in http.urls if ".log." in url] == [
        f"{PAGE}2026/b.2026-11-24.log.html",
        f"{PAGE}2026/c.2026-11-25.log.html",
    ]


async def test_a_first_reading_goes_back_as_far_as_it_is_to() -> None:
    http = FakeHttp({PAGE: links("a.2026-11-03.log", "b.2026-11-20.log"), f"{PAGE}b.2026-11-20.log": chat("x")})
    first = await fetched(http, url=PAGE, since=datetime(2026, 11, 10, tzinfo=UTC))
    await fetched(http, first[-1].cursor, url=PAGE)
    assert http.urls == [PAGE, f"{PAGE}b.2026-11-20.log", PAGE]


async def test_of_very_many_logs_the_newest() -> None:
    names = [f"a.{datetime(2020, 1, 1) + timedelta(days=n):%Y-%m-%d}.log" for n in range(MOST_LOGS + 5)]
    http = FakeHttp({PAGE: links(*names), **{f"{PAGE}{name}": chat("x") for name in names}})
    batches = await fetched(http, url=PAGE)
    assert len(titles(batches)) == MOST_LOGS
    assert batches[0].warnings == (TOO_MANY_LOGS,)
    assert titles(await fetched(http, batches[-1].cursor, url=PAGE)) == []


async def test_one_log_that_cannot_be_read_does_not_spoil_the_others() -> None:
    http = FakeHttp(
        {
            PAGE: links("a.2026-11-01.log", "b.2026-11-02.log", "c.2026-11-03.log"),
            f"{PAGE}b.2026-11-02.log": "Dear all",
            f"{PAGE}c.2026-11-03.log": chat("x"),
        }
    )
    batches = await fetched(http, url=PAGE)
    assert titles(batches) == ["Chat in c on 2026-11-03"]
    assert [each.address for batch in batches for each in batch.aside] == [f"{PAGE}b.2026-11-02.log"]
    assert any("a.2026-11-01.log could not be read" in text for batch in batches for text in batch.warnings)


async def test_a_single_log() -> None:
    url = "https://kiln.example/glazes.log"
    http = FakeHttp({url: (DATA / "class.txt").read_bytes()})
    first = await fetched(http, url=url)
    assert titles(first) == ["Glazes", "Kilns"]
    assert (await fetched(http, first[-1].cursor, url=url))[-1].is_unchanged
    with pytest.raises(NotReadable):
        await fetched(FakeHttp({url: "<html>nothing"}), url=url)


async def test_a_folder_of_logs(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026/kiln.2026-11-23.log").write_text(chat("x"))
    (tmp_path / "kiln.2026-11-24.log").write_text(chat("y"))
    (tmp_path / "notes.txt").write_text("Dear all")
    (tmp_path / "picture.png").write_bytes(b"x")
    first = await fetched(FakeHttp(), folder=str(tmp_path))
    assert titles(first) == ["Chat in kiln on 2026-11-23", "Chat in kiln on 2026-11-24"]
    assert [each.reason[:9] for batch in first for each in batch.aside] == ["notes.txt"]
    second = await fetched(FakeHttp(), first[-1].cursor, folder=str(tmp_path))
    assert (titles(second), second[-1].is_unchanged) == ([], True)
    (tmp_path / "kiln.2026-11-24.log").write_text(chat("y", "z"))
    os.utime(tmp_path / "kiln.2026-11-24.log", (1, 1))
    third = await fetched(FakeHttp(), second[-1].cursor, folder=str(tmp_path))
    assert [item.id for batch in third for item in batch.items] == [first[2].items[0].id]
    with pytest.raises(NotReadable):
        await fetched(FakeHttp(), folder=str(tmp_path / "none"))
    with pytest.raises(NotReadable):
        await fetched(FakeHttp())


async def test_logs_are_known_by_address_and_by_looking() -> None:
    assert (await find_kind("https://meetings.kiln.example/firing/", FakeHttp())).info.reader == "chat log"
    assert (await find_kind(PATTERN, FakeHttp())).info.reader == "chat log"
    url = "https://kiln.example/notes"
    assert (await find_kind(url, FakeHttp({url: (DATA / "class.txt").read_bytes()}))).info.reader == "chat log"
    page = links("a.2026-11-01.log", "b.2026-11-02.log", "c.2026-11-03.log").encode()
    assert ChatLog.recognises(Reply(PAGE, 200, page))
    assert not ChatLog.recognises(Reply(PAGE, 200, b"<html><a href='a.html'>x</a>"))
    source = Source("kiln", "Kiln", "chat log", {"folder": "logs"})
    assert (await find_reader(source, FakeHttp())).info.reader == "chat log"
    assert source.address == "logs"
