import gzip
import os
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.mbox import Mbox
from newsletter.model.item import Person
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data/mbox/plain.mbox"
URL = "https://lists.tide.example/users.mbox.gz"
MORE = b"""From jo@tide.example Wed Mar  4 10:00:00 2026
From: Jo Vega <jo@tide.example>
Date: Wed, 04 Mar 2026 10:00:00 +0000
Subject: Re: A patch for the pump
Message-ID: <tide.4@tide.example>
In-Reply-To: <tide.3@tide.example>

Works.
"""


async def fetched(kind: Mbox, http: FakeHttp, cursor: dict[str, object] | None = None) -> list[Batch]:
    return [batch async for batch in kind.fetch(http, FetchState("tide", cursor=cursor or {}))]


def titles(batches: list[Batch]) -> list[str]:
    return [item.title for batch in batches for item in batch.items]


async def test_mails_as_they_were_sent() -> None:
    [batch] = await fetched(Mbox(file=str(DATA)), FakeHttp())

    first, second, third = batch.items
    assert first.title == "Gezeiten für die nächste Woche"
    assert first.author == Person("Obi, Ada", "ada@tide.example")
    assert first.text == "Am Dienstag ist Springflut, bitte räumt die Stege.\nFrom here it looks high already."
    assert first.url == "https://lists.tide.example/archive/tide.1"
    assert (second.title, second.text) == ("Re: Gezeiten für die nächste Woche", "Ist erledigt.")
    assert second.thread == first.thread
    assert second.thread is not None
    assert (second.thread.reply_count, second.thread.people_count) == (1, 2)
    assert third.text == "The patch is below."
    assert {item.kind for item in batch.items} == {"mbox"}


async def test_a_file_is_read_again_only_when_it_grew(tmp_path: Path) -> None:
    path = tmp_path / "users.mbox"
    path.write_bytes(DATA.read_bytes())
    kind = Mbox(file=str(path))

    [first] = await fetched(kind, FakeHttp())
    [same] = await fetched(kind, FakeHttp(), dict(first.cursor))
    path.write_bytes(DATA.read_bytes() + MORE)
    os.utime(path, (1, 1))
    [grown] = await fetched(kind, FakeHttp(), dict(same.cursor))
    [again] = await fetched(kind, FakeHttp(), dict(grown.cursor))

    assert len(first.items) == 3
    assert (same.is_unchanged, same.items) == (True, ())
    assert [item.title for item in grown.items] == ["A patch for the pump", "Re: A patch for the pump"]
    assert again.is_unchanged


async def test_an_archive_at_an_address() -> None:
    data = DATA.read_bytes()
    http = FakeHttp({URL: [gzip.compress(data, mtime=0), gzip.compress(data, mtime=0), gzip.compress(data + MORE)]})
    kind = Mbox(url=URL)

    first = await fetched(kind, http)
    same = await fetched(kind, http, dict(first[-1].cursor))
    grown = await fetched(kind, http, dict(same[-1].cursor))

    assert len(titles(first)) == 3
    assert (same[-1].is_unchanged, titles(same)) == (True, [])
    assert titles(grown) == ["A patch for the pump", "Re: A patch for the pump"]
    assert all(request.is_download for request in http.requests)


async def test_a_run_that_was_killed_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.mbox_split.MAILS_A_PACK", 2)
    http = FakeHttp({URL: DATA.read_bytes() + MORE})

    whole = await fetched(Mbox(url=URL), http)
    rest = await fetched(Mbox(url=URL), http, dict(whole[0].cursor))

    assert [len(batch.items) for batch in whole] == [2, 1, 1]
    assert titles(rest) == titles(whole)[1:]
    assert rest[-1].cursor == whole[-1].cursor


async def test_ignored_words() -> None:
    assert titles(await fetched(Mbox(file=str(DATA), ignore=("PATCH", " ")), FakeHttp())) == [
        "Gezeiten für die nächste Woche",
        "Re: Gezeiten für die nächste Woche",
    ]


async def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "not there"):
        with pytest.raises(NotReadable):
            await fetched(Mbox(file=str(path)), FakeHttp())
    with pytest.raises(NotReadable, match="needs"):
        await fetched(Mbox(), FakeHttp())


def test_is_known_by_its_word_and_its_beginning() -> None:
    info = find_kinds()["mbox"]

    assert (info.word, info.cls) == ("mbox", Mbox)
    assert Mbox.recognises(Reply(URL, 200, DATA.read_bytes()))
    assert not Mbox.recognises(Reply(URL, 200, b"<html>From ada Mon Mar  2 10:00:00 2026</html>"))
