from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.launchpad_list import LaunchpadList
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data/mhonarc"
URL = "https://lists.launchpad.net/kites/"
FIRST = datetime(2026, 1, 1, 9, tzinfo=UTC)
MARK = "<!-- MHonArc v2.6.16 -->"


def page(number: int) -> str:
    """A mail a day, each answering the one before in threads of four."""
    told = f"<!--X-Reference: k{number - 1}@kites.example -->\n" if number % 4 else ""
    return (
        f"{MARK}\n<!--X-Subject: Kite {number - number % 4} -->\n<!--X-From-R13: Mb <mbNxvgrf.rknzcyr> -->\n"
        f"<!--X-Date: {FIRST + timedelta(days=number):%a, %d %b %Y %H:%M:%S +0000} -->\n"
        f"<!--X-Message-Id: k{number}@kites.example -->\n{told}<!--X-Head-End-->\n"
        f"<!--X-Body-of-Message--><pre>It is number {number}.</pre><!--X-Body-of-Message-End-->"
    )


def index(numbers: range, *links: str) -> str:
    rows = "".join(f'<li><a href="msg{number:05}.html">x</a></li>' for number in numbers)
    return MARK + rows + "".join(f'<a href="{link}">x</a>' for link in links)


def archive(count: int, **changes: Any) -> FakeHttp:
    http = FakeHttp({f"{URL}msg{number:05}.html": page(number) for number in range(count)})
    http.answers[URL] = index(range(count))
    http.answers |= {f"{URL}{name}": answer for name, answer in changes.items()}
    return http


async def fetched(http: FakeHttp, cursor: Any = None, *, since: datetime | None = None, **settings: Any) -> list[Batch]:
    http.requests.clear()
    state = FetchState("kites", cursor=cursor or {}, since=since)
    return [batch async for batch in LaunchpadList(settings.pop("url", URL), **settings).fetch(http, state)]


def numbers(batches: list[Batch]) -> list[int]:
    return [int(item.native_keys[0].partition("@")[0][1:]) for batch in batches for item in batch.items]


def asked(http: FakeHttp) -> list[str]:
    return [url.removeprefix(URL) for url in http.urls]


async def test_all_mails_in_the_order_of_their_numbers() -> None:
    http = archive(60)

    batches = await fetched(http)

    assert numbers(batches) == list(range(60))
    assert [len(batch.items) for batch in batches] == [25, 25, 10, 0]
    item = batches[0].items[1]
    assert (item.title, item.text, item.url) == ("Kite 0", "It is number 1.", f"{URL}msg00001.html")
    assert item.thread is not None
    assert (item.thread.root_id, item.thread.reply_count, item.kind) == ("k0@kites.example", 3, "mailing list")
    assert len(asked(http)) == len(set(asked(http)))


async def test_a_second_time_only_what_is_new_is_asked_for() -> None:
    http = archive(5)
    cursor = (await fetched(http))[-1].cursor

    again = await fetched(http, cursor)
    assert (asked(http), [batch.is_unchanged for batch in again]) == ([""], [True])

    grown = archive(7)
    assert numbers(await fetched(grown, again[-1].cursor)) == [5, 6]
    assert asked(grown) == ["", "msg00005.html", "msg00006.html"]


async def test_a_run_that_was_killed_goes_on_where_it_was() -> None:
    http = archive(60)
    first, *rest = await fetched(http)

    assert numbers(await fetched(http, first.cursor)) == numbers(rest)
    assert asked(http)[:2] == ["", "msg00025.html"]


async def test_a_first_reading_goes_back_as_far_as_it_is_told() -> None:
    http = archive(60, **{"msg00030.html": BadStatus(404, "404")})

    batches = await fetched(http, since=FIRST + timedelta(days=50))

    assert numbers(batches) == list(range(49, 60))
    assert len(asked(http)) == len(set(asked(http)))
    assert len(asked(http)) < 20
    assert numbers(await fetched(archive(3), since=FIRST + timedelta(days=50))) == []


@pytest.mark.parametrize(
    ("root", "later", "second_time"),
    [
        # Newest first on the page itself; later pages are older.
        (index(range(20, 30), "maillist.html", "mail3.html"), {"mail3.html": index(range(10), "maillist.html")}, [""]),
        # The index by thread leads to the one by date.
        (
            index(range(5), "maillist.html"),
            {
                "maillist.html": index(range(20, 30), "mail2.html", "mail3.html"),
                "mail3.html": index(range(10), "mail2.html"),
            },
            ["maillist.html"],
        ),
        # Oldest first: the last page grows, and another comes behind it.
        (
            index(range(10), "mail2.html"),
            {"mail2.html": index(range(10, 20), "mail3.html"), "mail3.html": index(range(20, 30), "mail2.html")},
            ["mail3.html"],
        ),
    ],
)
async def test_indexes_of_several_pages(root: str, later: dict[str, str], second_time: list[str]) -> None:
    http = archive(30, **later)
    http.answers[URL] = root

    cursor = (batches := await fetched(http))[-1].cursor
    assert numbers(batches) == list(range(30))
    await fetched(http, cursor)
    assert asked(http) == second_time


async def test_an_index_whose_last_page_is_followed_by_another() -> None:
    http = archive(20, **{"mail2.html": index(range(10, 20))})
    http.answers[URL] = index(range(10), "mail2.html")
    cursor = (await fetched(http))[-1].cursor
    http = archive(25, **{"mail2.html": index(range(10, 20), "mail3.html"), "mail3.html": index(range(20, 25))})

    assert numbers(await fetched(http, cursor)) == [20, 21, 22, 23, 24]
    assert asked(http)[:2] == ["mail2.html", "mail3.html"]


async def test_an_index_page_that_is_missing_and_a_page_that_is_large() -> None:
    large = page(1).replace("number 1.", "number 1. " + "x " * 40_000)
    http = archive(3, **{"msg00001.html": large})
    http.answers[URL] = index(range(3), "mail2.html")

    batches = await fetched(http)

    assert numbers(batches) == [0, 1, 2]
    assert len(batches[0].items[1].text) > 64_000
    assert numbers(await fetched(http, batches[-1].cursor)) == []


async def test_index_pages_that_lead_on_and_on_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.kinds.launchpad_list._MOST_INDEXES", 3)
    http = archive(2, **{f"mail{number}.html": index(range(2), f"mail{number + 1}.html") for number in range(2, 9)})
    http.answers[URL] = index(range(2), "mail2.html")

    assert numbers(await fetched(http)) == [0, 1]
    assert asked(http)[:4] == ["", "mail2.html", "mail3.html", "mail4.html"]


async def test_pages_that_cannot_be_read_cost_no_other() -> None:
    http = archive(
        6, **{"msg00001.html": "<html>gone", "msg00002.html": BadStatus(404, "4"), "msg00003.html": BadStatus(500, "5")}
    )

    batches = await fetched(http)

    assert numbers(batches) == [0, 4, 5]
    assert [(aside.address, aside.data) for aside in batches[0].aside] == [
        (f"{URL}msg00001.html", b"<html>gone"),
        (f"{URL}msg00003.html", b""),
    ]
    assert len(batches[0].warnings) == 2


async def test_a_server_that_gives_no_page_is_failing() -> None:
    http = archive(9, **{f"msg{number:05}.html": BadStatus(503, "503") for number in range(2, 9)})

    with pytest.raises(BadStatus):
        await fetched(http)
    with pytest.raises(NotReadable, match="no page of a mail"):
        await fetched(FakeHttp({URL: b"<html>Please sign in</html>"}))
    [empty] = await fetched(FakeHttp({URL: f"{MARK}<html>No messages yet"}))
    assert empty.is_unchanged


async def test_ignored_words_and_dates_that_nobody_believes() -> None:
    late = page(1).replace("2026", "2226")
    [batch, _] = await fetched(archive(3, **{"msg00001.html": late}), ignore=("NUMBER 2", ""))

    assert numbers([batch]) == [0, 1]
    assert batch.items[1].published_at is None
    assert batch.items[1].warnings


@pytest.mark.parametrize("url", [URL, URL.removesuffix("/"), f"{URL}threads.html", f"{URL}msg00002.html"])
async def test_every_way_to_name_the_archive(url: str) -> None:
    assert numbers(await fetched(archive(3), url=url)) == [0, 1, 2]
    assert reader_by_shape(url, find_kinds()) == "launchpad list"


def test_is_known_by_its_word_and_its_page() -> None:
    info = find_kinds()["launchpad list"]

    assert (info.word, info.cls) == ("mailing list", LaunchpadList)
    assert LaunchpadList.recognises(Reply(URL, 200, (DATA / "index.html").read_bytes()))
    assert not LaunchpadList.recognises(Reply(URL, 200, b"<html>"))
