import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import BadStatus, NotReadable, TooLarge, Unreachable
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.pipermail import Pipermail
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data/pipermail"
URL = "https://lists.kites.example/pipermail/kites-dev/"
APRIL = b"""From obi at kites.example  Wed Apr  1 09:00:00 2026
From: obi at kites.example (Obi Nwosu)
Date: Wed, 1 Apr 2026 09:00:00 +0000
Subject: [Kites-dev] 2.0 is out
Message-ID: <out.1@kites.example>

It is.

"""
MORE = b"""From zoe at kites.example  Mon Mar  2 09:00:00 2026
From: zoe at kites.example (Zoe Brandt)
Date: Mon, 2 Mar 2026 09:00:00 +0000
Subject: [Kites-dev] Thanks
Message-ID: <thanks.1@kites.example>

Thank you.

"""


def text(month: str) -> bytes:
    return (DATA / f"{month}.txt").read_bytes()


def archive(**changes: Any) -> FakeHttp:
    return FakeHttp(
        {
            URL: DATA / "index.html",
            f"{URL}2025-December.txt.gz": gzip.compress(text("2025-December"), mtime=0),
            f"{URL}2026-February.txt.gz": gzip.compress(text("2026-February"), mtime=0),
            f"{URL}2026-March.txt": text("2026-March"),
            f"{URL}2026-March/thread.html": DATA / "2026-March-thread.html",
        }
        | {f"{URL}{path}": answer for path, answer in changes.items()}
    )


async def fetched(http: FakeHttp, cursor: Any = None, *, since: datetime | None = None, **settings: Any) -> list[Batch]:
    http.requests.clear()
    state = FetchState("kites", cursor=cursor or {}, since=since)
    return [batch async for batch in Pipermail(settings.pop("url", URL), **settings).fetch(http, state)]


def keys(batches: list[Batch]) -> list[str]:
    return [item.native_keys[0].partition("@")[0] for batch in batches for item in batch.items]


def asked(http: FakeHttp) -> list[str]:
    return [url.removeprefix(URL) for url in http.urls]


async def test_all_months_oldest_first_with_their_pages() -> None:
    http = archive()

    batches = await fetched(http)

    assert keys(batches) == ["long.1", "long.2", "rc.1", "robot.1", "rc.2", "rc.3"]
    assert [item.url for batch in batches for item in batch.items] == [
        f"{URL}{page}"
        for page in (
            *["2025-December/thread.html"] * 2,
            *["2026-February/thread.html"] * 2,
            "2026-March/000007.html",
            "2026-March/000008.html",
        )
    ]
    assert {item.kind for batch in batches for item in batch.items} == {"mailing list"}


async def test_the_pages_of_the_mails_of_a_year_are_asked_for_and_of_no_more() -> None:
    months = [
        f"{year}-{month}"
        for year in (2024, 2025)
        for month in ("January", "March", "April", "May", "June", "July", "August")
    ]
    index = "<html>Pipermail thread.html " + "".join(f'<a href="{name}.txt">x</a>' for name in months)
    answers = {f"{URL}{name}.txt": text("2025-December").replace(b"long.", f"{name}.".encode()) for name in months}
    http = FakeHttp({URL: index.encode(), **answers})
    await fetched(http)
    pages = [path for path in asked(http) if path.endswith("thread.html")]
    assert pages == [f"{name}/thread.html" for name in months[2:]]


async def test_finished_months_are_not_asked_again() -> None:
    http = archive()
    cursor = (await fetched(http))[-1].cursor

    batches = await fetched(http, cursor)

    assert asked(http) == ["", "2026-February.txt.gz", "2026-March.txt"]
    assert [batch.is_unchanged for batch in batches] == [True]
    assert all(request.known and request.known.body_hash for request in http.requests)


async def test_new_mails_of_a_month_are_read_and_the_one_before_them_once_more() -> None:
    http = archive()
    cursor = (await fetched(http))[-1].cursor
    http.answers[f"{URL}2026-March.txt"] = text("2026-March") + MORE

    batches = await fetched(http, cursor)

    assert keys(batches) == ["rc.3", "thanks.1"]
    assert [item.url for item in batches[0].items] == [f"{URL}2026-March/000008.html", f"{URL}2026-March/thread.html"]


async def test_a_month_that_was_open_is_asked_once_more_when_a_newer_one_comes() -> None:
    http = archive()
    cursor = (await fetched(http))[-1].cursor
    index = (DATA / "index.html").read_bytes()
    http.answers[URL] = index.replace(
        b"<tr><td>March 2026", b'<tr><td><a href="2026-April.txt">x</a></td></tr><tr><td>March 2026'
    )
    http.answers[f"{URL}2026-April.txt"] = APRIL

    batches = await fetched(http, cursor)
    after = batches[-1].cursor
    assert asked(http) == ["", "2026-February.txt.gz", "2026-March.txt", "2026-April.txt", "2026-April/thread.html"]
    assert keys(batches) == ["out.1"]

    await fetched(http, after)
    assert asked(http) == ["", "2026-March.txt", "2026-April.txt"]


async def test_a_month_that_was_packed_meanwhile_is_the_same_month() -> None:
    http = archive()
    cursor = (await fetched(http))[-1].cursor
    http.answers[URL] = (DATA / "index.html").read_bytes().replace(b"2026-March.txt", b"2026-March.txt.gz")
    http.answers[f"{URL}2026-March.txt.gz"] = gzip.compress(text("2026-March") + MORE)

    assert keys(await fetched(http, cursor)) == ["rc.3", "thanks.1"]


async def test_a_first_reading_goes_back_as_far_as_it_is_told_and_later_ones_no_further() -> None:
    http = archive()

    batches = await fetched(http, since=datetime(2026, 2, 20, tzinfo=UTC))
    later = await fetched(http, batches[-1].cursor)
    further = await fetched(http, batches[-1].cursor, since=datetime(2025, 12, 24, tzinfo=UTC))

    assert keys(batches) == ["rc.1", "robot.1", "rc.2", "rc.3"]
    assert keys(later) == []
    assert keys(further) == ["long.1", "long.2"]


async def test_a_run_that_was_killed_goes_on_at_its_month() -> None:
    http = archive()
    first, *_ = await fetched(http)

    rest = await fetched(http, first.cursor)

    assert keys(rest) == ["rc.1", "robot.1", "rc.2", "rc.3"]


async def test_a_run_that_was_killed_inside_a_month_goes_on_inside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.mbox_split.MAILS_A_PACK", 1)
    http = archive()
    batches = await fetched(http)

    for number, batch in enumerate(batches[:-1]):
        rest = keys(await fetched(http, batch.cursor))
        assert rest[-len(keys(batches[number + 1 :])) :] == keys(batches[number + 1 :])
        assert len(rest) <= len(keys(batches[number:]))


async def test_servers_that_name_gzip_twice_send_it_unpacked() -> None:
    assert "long.1" in keys(await fetched(archive(**{"2025-December.txt.gz": text("2025-December")})))


async def test_a_month_too_large_for_memory_is_downloaded() -> None:
    march = text("2026-March")

    def large(request: Any) -> Any:
        return march if request.is_download else TooLarge("the document is larger than 20 MiB")

    http = archive(**{"2026-March.txt": large})

    assert keys(await fetched(http))[-2:] == ["rc.2", "rc.3"]


async def test_a_month_that_cannot_be_read_is_set_aside() -> None:
    page = b"<html>Please sign in</html>"
    batches = await fetched(archive(**{"2025-December.txt.gz": page}))

    [aside] = [each for batch in batches for each in batch.aside]
    assert (aside.address, aside.data) == (f"{URL}2025-December.txt.gz", page)


async def test_a_missing_month_costs_no_other_and_is_asked_no_more() -> None:
    http = archive(**{"2025-December.txt.gz": BadStatus(404, "lists.kites.example answers 404 Not Found")})

    batches = await fetched(http)
    warnings = [warning for batch in batches for warning in batch.warnings]
    assert keys(batches) == ["rc.1", "robot.1", "rc.2", "rc.3"]
    assert warnings == ["2025-December.txt.gz could not be read: lists.kites.example answers 404 Not Found"]

    await fetched(http, batches[-1].cursor)
    assert "2025-December.txt.gz" not in asked(http)


async def test_a_month_that_is_no_text_is_set_aside_and_asked_no_more() -> None:
    http = archive(**{"2025-December.txt.gz": b"<html>It moved</html>"})

    batches = await fetched(http)
    [aside] = [each for batch in batches for each in batch.aside]
    assert keys(batches) == ["rc.1", "robot.1", "rc.2", "rc.3"]
    assert (aside.address, aside.data) == (f"{URL}2025-December.txt.gz", b"<html>It moved</html>")
    assert "no mail begins in it" in aside.reason

    await fetched(http, batches[-1].cursor)
    assert "2025-December.txt.gz" not in asked(http)


@pytest.mark.parametrize(
    "trouble", [BadStatus(502, "502"), gzip.compress(text("2025-December"), mtime=0)[:20]], ids=["502", "cut"]
)
async def test_a_month_that_may_be_well_next_time_is_asked_again(trouble: Any) -> None:
    http = archive(**{"2025-December.txt.gz": trouble})
    cursor = (await fetched(http))[-1].cursor
    http.answers[f"{URL}2025-December.txt.gz"] = gzip.compress(text("2025-December"))

    assert keys(await fetched(http, cursor)) == ["long.1", "long.2"]


async def test_an_archive_of_which_no_month_can_be_read_is_failing() -> None:
    gone = {path: BadStatus(403, "403") for path in ("2025-December.txt.gz", "2026-February.txt.gz", "2026-March.txt")}

    with pytest.raises(BadStatus):
        await fetched(archive(**gone))
    with pytest.raises(Unreachable):
        await fetched(archive(**{"2026-March.txt": Unreachable("no answer")}))


async def test_without_the_page_of_the_month_the_mails_are_there() -> None:
    batches = await fetched(archive(**{"2026-March/thread.html": Unreachable("no answer")}))

    assert batches[-2].items[-1].url == f"{URL}2026-March/thread.html"


async def test_ignored_words() -> None:
    assert "robot.1" not in keys(await fetched(archive(), ignore=("out of office",)))


@pytest.mark.parametrize("url", [URL, URL.removesuffix("/"), f"{URL}index.html"])
async def test_every_way_to_name_the_index(url: str) -> None:
    http = archive()
    http.answers[url] = DATA / "index.html"

    assert len(keys(await fetched(http, url=url))) == 6


async def test_the_page_about_the_list_leads_to_its_archive() -> None:
    about = "https://lists.kites.example/mailman/listinfo/kites-dev"
    http = archive()
    http.answers[about] = '<html>mailman <a href="/pipermail/kites-dev/">Kites-dev Archives</a></html>'

    first = await fetched(http, url=about)
    again = await fetched(http, first[-1].cursor, url=about)

    assert len(keys(first)) == 6
    assert [batch.is_unchanged for batch in again] == [True]


async def test_an_empty_archive_and_a_page_that_is_none() -> None:
    empty = b"<html><h1>The Kites Archives</h1><table><td>View by:</td><td>Downloadable version</td></table></html>"

    [batch] = await fetched(FakeHttp({URL: empty}))
    assert (batch.items, batch.is_unchanged) == ((), True)
    with pytest.raises(NotReadable, match="names no text of a month"):
        await fetched(FakeHttp({URL: b"<html>Please sign in</html>"}))


def test_is_known_by_its_word_and_its_page() -> None:
    info = find_kinds()["pipermail"]

    assert (info.word, info.cls) == ("mailing list", Pipermail)
    assert Pipermail.recognises(Reply(URL, 200, (DATA / "index.html").read_bytes()))
    assert not Pipermail.recognises(Reply(URL, 200, text("2026-March")))
