import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Unreachable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.hyperkitty import Hyperkitty
from newsletter.model.item import Thread
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[2] / "data/hyperkitty"
URL = "https://lists.gliders.example/archives/list/dev@gliders.example/"
FIRST = datetime(2026, 3, 3, 18, tzinfo=UTC)


def mail(day: str, key: str, *, answers: str = "", subject: str = "[Dev] Wings of flax?") -> bytes:
    at = datetime.fromisoformat(f"{day}T10:00:00+00:00")
    told = f"In-Reply-To: <{answers}@gliders.example>\n" if answers else ""
    return (
        f"From ada@gliders.example {at:%a %b %d %H:%M:%S %Y}\nFrom: Ada <ada@gliders.example>\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S +0000}\nSubject: {subject}\nMessage-ID: <{key}@gliders.example>\n{told}"
        "\nIt holds.\n\n\n"
    ).encode()


class Archive(FakeHttp):
    """A list's archive whose export gives, as HyperKitty does, the mails of the days that are asked for."""

    def __init__(self, **answers: Any) -> None:
        super().__init__({URL: DATA / "overview.html"} | {f"{URL}{path}": each for path, each in answers.items()})
        self.mails: list[tuple[date, bytes]] = []
        self.status = 200
        for day, key, answers_to in (
            ("2025-11-20", "a", ""),
            ("2026-02-05", "b", ""),
            ("2026-02-27", "c", "b"),
            ("2026-03-02", "d", "b"),
        ):
            self.add(day, key, answers=answers_to)

    def add(self, day: str, key: str, **said: Any) -> None:
        self.mails.append((date.fromisoformat(day), mail(day, key, **said)))

    async def get(self, url: str, **asked: Any) -> Reply:
        if "/export/" in url:
            self.answers[url] = self._export(url) if self.status == 200 else BadStatus(self.status, f"{self.status}")
        return await super().get(url, **asked)

    def _export(self, url: str) -> bytes:
        asked = parse_qs(urlsplit(url).query)
        begins_on, ends_on = (date.fromisoformat(asked[name][0]) for name in ("start", "end"))
        return gzip.compress(b"".join(text for day, text in self.mails if begins_on <= day < ends_on), mtime=0)

    @property
    def spans(self) -> list[str]:
        """What was asked of the export."""
        return [url.rpartition("?")[2].replace("start=", "").replace("&end=", "..") for url in self.urls if "?" in url]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_clock(day: str) -> None:
        now = datetime.fromisoformat(f"{day}T18:00:00+00:00")
        monkeypatch.setattr("newsletter.fetch.kinds.hyperkitty._now", lambda: now)

    set_clock("2026-03-03")
    return set_clock


async def fetched(http: FakeHttp, cursor: Any = None, *, since: datetime | None = None, **settings: Any) -> list[Batch]:
    http.requests.clear()
    state = FetchState("gliders", cursor=cursor or {}, since=since)
    return [batch async for batch in Hyperkitty(settings.pop("url", URL), **settings).fetch(http, state)]


def keys(batches: list[Batch]) -> list[str]:
    return [item.native_keys[0].partition("@")[0] for batch in batches for item in batch.items]


@pytest.mark.usefixtures("clock")
async def test_the_months_that_the_page_lists_then_the_open_ones_in_pieces() -> None:
    http = Archive()

    batches = await fetched(http)

    assert keys(batches) == ["a", "b", "c", "d"]
    assert http.spans == [
        "2025-11-01..2025-12-01",
        "2026-02-01..2026-03-01",
        "2026-03-01..2026-03-05",
    ]
    assert {item.kind for batch in batches for item in batch.items} == {"mailing list"}


@pytest.mark.usefixtures("clock")
async def test_mails_lead_to_their_pages() -> None:
    http = Archive()
    http.mails.append((date(2026, 3, 2), mail("2026-03-02", "x").replace(b"Message-ID: <x@gliders.example>\n", b"")))

    items = [item for batch in await fetched(http) for item in batch.items]

    # base32 of the SHA-1 of "a@gliders.example", and for a mail without an id the page of its month.
    assert items[0].url == f"{URL}message/AP5ZREAF2SVTKZS6X5MUZXJ4OJJFUVO3/"
    assert items[-1].url == f"{URL}2026/3/"


async def test_what_was_read_is_not_read_again_and_what_comes_is(clock: Any) -> None:
    http = Archive()
    cursor = (await fetched(http))[-1].cursor

    again = await fetched(http, cursor)
    assert [batch.is_unchanged for batch in again] == [True]
    assert len(http.spans) == 1
    assert URL not in http.urls

    http.add("2026-03-04", "e", answers="d")
    clock("2026-03-05")
    later = await fetched(http, again[-1].cursor)
    assert keys(later) == ["d", "e"]
    assert len(http.spans) == 1


async def test_a_month_is_read_once_more_when_it_is_settled_and_then_never(clock: Any) -> None:
    http = Archive()
    cursor = (await fetched(http))[-1].cursor
    http.add("2026-03-20", "f")
    http.add("2026-02-20", "moderated")

    clock("2026-03-21")
    cursor = (batches := await fetched(http, cursor))[-1].cursor
    assert "f" in keys(batches)
    assert http.spans == ["2026-02-01..2026-03-01", "2026-03-01..2026-03-19", "2026-03-19..2026-03-23"]
    assert "moderated" in keys(batches)

    clock("2026-04-09")
    cursor = (batches := await fetched(http, cursor))[-1].cursor
    assert http.spans == ["2026-03-01..2026-04-01", "2026-04-01..2026-04-07", "2026-04-07..2026-04-11"]

    await fetched(http, cursor)
    assert http.spans == ["2026-04-07..2026-04-11"]
    assert set(cursor["months"]) <= {"2026-04-07--"}
    assert all("2026-04-07--" in url for url in cursor["documents"])


@pytest.mark.usefixtures("clock")
async def test_a_run_that_was_killed_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.mbox_split.MAILS_A_PACK", 1)
    http = Archive()
    batches = await fetched(http)

    for number, batch in enumerate(batches[:-1]):
        rest = keys(await fetched(http, batch.cursor))
        assert rest[-len(keys(batches[number + 1 :])) or len(rest) :] == keys(batches[number + 1 :])
        assert len(rest) <= len(keys(batches[number:]))


@pytest.mark.usefixtures("clock")
async def test_a_first_reading_goes_back_as_far_as_it_is_told() -> None:
    assert keys(await fetched(Archive(), since=datetime(2026, 2, 10, tzinfo=UTC))) == ["b", "c", "d"]


@pytest.mark.usefixtures("clock")
async def test_without_the_page_of_the_list_all_years_are_asked_for_or_all_months_since() -> None:
    http = Archive()
    http.answers[URL] = BadStatus(404, "404")

    assert keys(await fetched(http, since=datetime(2026, 1, 10, tzinfo=UTC))) == ["b", "c", "d"]
    assert http.spans[:2] == ["2026-01-01..2026-02-01", "2026-02-01..2026-03-01"]
    assert keys(await fetched(http)) == ["a", "b", "c", "d"]
    assert http.spans[:2] == ["1970-01-01..1990-01-01", "1990-01-01..1991-01-01"]
    assert len(http.spans) < 42


async def test_without_the_export_the_api_and_the_pages_the_feed_is_read(clock: Any) -> None:
    http = Archive(**{"feed/": DATA / "feed.rss"})
    http.status = 403

    batches = await fetched(http, ignore=("out of office",))
    items = [item for batch in batches for item in batch.items]

    assert [(item.title, item.form, item.kind) for item in items] == [
        ("[Dev] Wings of flax?", "mail", "mailing list"),
        ("Re: [Dev] Wings of flax?", "mail", "mailing list"),
    ]
    first, last = (datetime(2026, 3, day, 10, tzinfo=UTC) for day in (2, 3))
    assert {item.thread for item in items} == {Thread("subject wings of flax?", 1, 1, first, last)}
    assert any("could not be read: 403" in warning for batch in batches for warning in batch.warnings)
    assert [url.replace(URL, "").replace("https://lists.gliders.example/", "/") for url in http.urls] == [
        "",
        "export/2025-11.mbox.gz?start=2025-11-01&end=2025-12-01",
        "/archives/api/list/dev@gliders.example/threads/",
        "/robots.txt",
        "2025/11/?count=200",
        "feed/",
    ]

    again = await fetched(http, batches[-1].cursor, ignore=("out of office",))
    assert keys(again) == []
    assert again[-1].is_unchanged
    assert http.urls == [f"{URL}feed/"]

    http.status = 200
    clock("2026-03-12")
    assert keys(await fetched(http, again[-1].cursor)) == ["a", "b", "c", "d"]


@pytest.mark.usefixtures("clock")
async def test_an_archive_that_gives_nothing_is_failing() -> None:
    http = Archive()
    http.status = 403
    with pytest.raises(BadStatus, match="403"):
        await fetched(http)
    http.answers[f"{URL}feed/"] = Unreachable("no answer")
    with pytest.raises(Unreachable):
        await fetched(http)
    http.status = 500
    with pytest.raises(BadStatus, match="500"):
        await fetched(http)
    elsewhere = "https://gliders.example/lists/"
    with pytest.raises(NotReadable, match="/list/NAME@HOST/"):
        await fetched(FakeHttp({elsewhere: "<html>Lists</html>"}), url=elsewhere)
    with pytest.raises(BadStatus):
        await fetched(FakeHttp(), url=elsewhere)


@pytest.mark.usefixtures("clock")
async def test_an_export_that_is_none_is_set_aside() -> None:
    http = Archive()
    http.answers[f"{URL}feed/"] = DATA / "feed.rss"
    http.mails[0] = (http.mails[0][0], b"<html>Please sign in</html>")

    batches = await fetched(http)

    assert keys(batches) == ["b", "c", "d"]
    [aside] = [each for batch in batches for each in batch.aside]
    assert "2025-11" in aside.address
    assert aside.data


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "url",
    [URL, URL.removesuffix("/"), f"{URL}2026/3/", f"{URL}thread/ABC/", "https://lists.gliders.example/about/"],
)
async def test_every_way_to_name_the_list(url: str) -> None:
    http = Archive()
    http.answers["https://lists.gliders.example/about/"] = f'<a href="{URL}">Archives</a>'

    assert keys(await fetched(http, url=url)) == ["a", "b", "c", "d"]


def test_is_known_by_its_address_and_its_page() -> None:
    kinds = find_kinds()

    assert (kinds["hyperkitty"].word, kinds["hyperkitty"].cls) == ("mailing list", Hyperkitty)
    for url in (URL, "https://l.example/hyperkitty/list/a@b.example/", "https://l.example/list/a%40b.example/"):
        assert reader_by_shape(url, kinds) == "hyperkitty"
    assert Hyperkitty.recognises(Reply(URL, 200, (DATA / "overview.html").read_bytes()))
    assert not Hyperkitty.recognises(Reply(URL, 200, b"<html>hyperkitty</html>"))
