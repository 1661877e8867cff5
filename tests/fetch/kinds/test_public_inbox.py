import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable, Throttled, TooLarge, Unreachable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.public_inbox import PublicInbox
from newsletter.fetch.rest import FORM
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

URL = "https://inbox.kites.example/kites/"
FIRST = datetime(2026, 1, 1, 9, tzinfo=UTC)
SINCE = FIRST - timedelta(days=1)
DATA = Path(__file__).parents[2] / "data/public_inbox"


@dataclass
class Sent:
    """A mail of the archive; ``parent`` is the number of the one it answers."""

    number: int
    parent: int | None = None

    @property
    def at(self) -> datetime:
        return FIRST + timedelta(hours=self.number)

    @property
    def mbox(self) -> bytes:
        told = f"In-Reply-To: <k{self.parent}@k.example>\n" if self.parent is not None else ""
        return (
            "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Mo <mo@k.example>\n"
            f"Date: {self.at:%a, %d %b %Y %H:%M:%S +0000}\nSubject: Kite {self.number}\n"
            f"Message-ID: <k{self.number}@k.example>\n{told}\nIt is number {self.number}.\n\n"
        ).encode()

    @property
    def entry(self) -> str:
        told = f'<thr:in-reply-to\nref="x"\nhref="{URL}k{self.parent}@k.example/"/>' if self.parent is not None else ""
        return (
            f"<entry><author><name>Mo</name><email>mo@k.example</email></author><title>Kite {self.number}</title>"
            f'<updated>{self.at:%Y-%m-%dT%H:%M:%SZ}</updated><link\nhref="{URL}k{self.number}@k.example/"/>'
            f'<id>urn:uuid:{self.number}</id>{told}<content\ntype="xhtml"><div\nxmlns="http://www.w3.org/1999/xhtml">'
            f"<pre>As shown: {self.number}.</pre></div></content></entry>"
        )


class Archive(FakeHttp):
    """Answers as public-inbox does: pages of 25 mails in the feed, threads, raw mails, and all of them.

    ``search``: what it answers to a query, the mails that are found when True.
    """

    def __init__(self, mails: list[Sent]) -> None:
        super().__init__()
        self.mails = mails
        self.refused: tuple[str, ...] = ()
        self.search: Any = BadStatus(404, "404")
        self.largest = 1_000

    async def get(self, url: str, **asked: Any) -> Reply:
        self.answers[url] = self._made(url)
        return await super().get(url, **asked)

    async def download(self, url: str, **asked: Any) -> Reply:
        self.answers[url] = self._made(url)
        return await super().download(url, **asked)

    async def post(self, url: str, body: bytes, **asked: Any) -> Reply:
        assert (body, asked["headers"]) == (b"", {"Content-Type": FORM})
        self.answers[url] = self._searched(url) if self.search is True else self.search
        return await super().post(url, body, **asked)

    def _searched(self, url: str) -> Any:
        query = parse_qs(urlsplit(url).query)
        assert query["x"] == ["m"]
        begin, end = query["q"][0].removeprefix("d:").split("..")
        found = [mail for mail in self.mails if begin <= f"{mail.at:%Y%m%d}" <= (end or "9")]
        if len(found) > self.largest:
            return TooLarge("too large")
        # The newest first, as the server's index has them.
        text = b"".join(mail.mbox for mail in reversed(found))
        return gzip.compress(text, mtime=0) if found else BadStatus(404, "nothing found")

    def _made(self, url: str) -> Any:
        path, name = urlsplit(url).path.rpartition("/")[::2]
        if name in self.refused:
            return BadStatus(404, "404")
        if name == "new.atom":
            return self._feed(parse_qs(urlsplit(url).query).get("t", ["99991231235959"])[0])
        if name == "all.mbox.gz":
            return gzip.compress(b"".join(mail.mbox for mail in self.mails), mtime=0)
        number = int(unquote(path).rpartition("/k")[2].partition("@")[0])
        if name == "raw":
            return next(mail.mbox for mail in self.mails if mail.number == number)
        together = {number}
        for _ in self.mails:
            together |= {mail.number for mail in self.mails if mail.parent in together}
            together |= {mail.parent for mail in self.mails if mail.number in together and mail.parent is not None}
        return gzip.compress(b"".join(mail.mbox for mail in self.mails if mail.number in together), mtime=0)

    def _feed(self, before: str) -> str:
        found = [mail for mail in self.mails if f"{mail.at:%Y%m%d%H%M%S}" <= before]
        entries = "".join(mail.entry for mail in sorted(found, key=lambda mail: -mail.number)[:25])
        return (
            '<?xml version="1.0"?><feed\nxmlns="http://www.w3.org/2005/Atom"\n'
            f'xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Kites</title>{entries}</feed>'
        )

    @property
    def asked(self) -> list[str]:
        return [url.removeprefix(URL).replace("@k.example", "") for url in self.urls if "?q=" not in url]

    @property
    def queries(self) -> list[str]:
        return [url.partition("?q=d:")[2].removesuffix("&x=m") for url in self.urls if "?q=" in url]


class Clock(datetime):
    """A clock that can be set."""

    at = FIRST

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return cls.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr("newsletter.fetch.kinds.public_inbox.datetime", Clock)
    return Clock


async def fetched(
    http: FakeHttp, cursor: Any = None, *, since: datetime | None = SINCE, **settings: Any
) -> list[Batch]:
    http.requests.clear()
    state = FetchState("kites", cursor=cursor or {}, since=since)
    return [batch async for batch in PublicInbox(settings.pop("url", URL), **settings).fetch(http, state)]


def numbers(batches: list[Batch]) -> list[int]:
    return [int(item.native_keys[0].partition("@")[0][1:]) for batch in batches for item in batch.items]


async def test_threads_that_are_new_are_read_whole_and_single_mails_alone() -> None:
    http = Archive([Sent(0), Sent(1, 0), Sent(2), Sent(3, 1)])

    batches = await fetched(http)

    assert numbers(batches) == [0, 1, 3, 2]
    assert http.asked == ["new.atom", "k0/t.mbox.gz", "k2/raw"]
    first = batches[0].items[0]
    assert (first.url, first.text, first.kind) == (f"{URL}k0@k.example/", "It is number 0.", "mailing list")
    assert first.thread is not None
    assert (first.thread.root_id, first.thread.reply_count) == ("k0@k.example", 2)


async def test_a_thread_that_grows_is_read_no_further_than_it_grew() -> None:
    http = Archive([Sent(0), Sent(1, 0), Sent(2)])
    cursor = (await fetched(http))[-1].cursor

    again = await fetched(http, cursor)
    assert (http.asked, [batch.is_unchanged for batch in again]) == (["new.atom"], [True])

    http.mails += [Sent(3, 1)]
    later = await fetched(http, again[-1].cursor)
    assert (http.asked, numbers(later)) == (["new.atom", "k3/raw"], [3])
    assert later[0].items[0].in_reply_to == ("k1@k.example",)

    http.mails += [Sent(4, 3), Sent(5, 4)]
    cursor = (later := await fetched(http, later[-1].cursor))[-1].cursor
    assert (http.asked, numbers(later)) == (["new.atom", "k4/t.mbox.gz"], [0, 1, 3, 4, 5])


async def test_what_came_while_nobody_looked_stands_on_further_pages() -> None:
    http = Archive([Sent(0)])
    cursor = (await fetched(http))[-1].cursor
    http.mails += [Sent(number) for number in range(1, 80)]

    batches = await fetched(http, cursor)

    assert numbers(batches) == list(range(1, 80))
    pages = [each for each in http.asked if each.startswith("new.atom")]
    assert len(pages) == 4
    assert len(http.asked) == len(set(http.asked))


async def test_a_first_reading_goes_back_as_far_as_it_is_told() -> None:
    http = Archive([Sent(number) for number in range(100)])

    assert numbers(await fetched(http, since=FIRST + timedelta(hours=89, minutes=30))) == list(range(90, 100))
    assert len(http.asked) == 11


async def test_without_an_end_the_whole_archive_is_taken_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.mbox_split.MAILS_A_PACK", 10)
    http = Archive([Sent(number) for number in range(40)])

    batches = await fetched(http, since=None)
    assert numbers(batches) == list(range(40))
    assert http.asked == ["new.atom", "all.mbox.gz"]
    assert {item.url for batch in batches for item in batch.items} >= {f"{URL}k7@k.example/"}

    rest = await fetched(http, batches[1].cursor, since=None)
    assert numbers(rest) == list(range(19, 40))

    http.mails += [Sent(40)]
    assert numbers(await fetched(http, batches[-1].cursor, since=None)) == [40]
    assert http.asked == ["new.atom", "k40/raw"]


async def test_a_run_that_was_killed_goes_on_where_it_was() -> None:
    http = Archive([Sent(number) for number in range(30)])
    batches = await fetched(http)

    rest = await fetched(http, batches[9].cursor)

    assert numbers(rest) == list(range(10, 30))
    assert "k9/raw" not in http.asked


async def test_an_archive_that_gives_no_mbox_is_read_from_its_feed() -> None:
    http = Archive([Sent(0), Sent(1, 0), Sent(2)])
    http.refused = ("raw", "t.mbox.gz", "all.mbox.gz")

    batches = await fetched(http, since=None)

    assert numbers(batches) == [0, 1, 2]
    item = batches[0].items[1]
    assert (item.text, item.url, item.form) == ("As shown: 1.", f"{URL}k1@k.example/", "mail")
    assert item.in_reply_to == ("k0@k.example",)
    assert "could not be read: 404" in batches[0].warnings[0]
    assert "all.mbox.gz could not be read" in batches[-1].warnings[0]


async def test_pages_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.kinds.public_inbox.MOST_PAGES", 4)

    class Endless(Archive):
        def _feed(self, before: str) -> str:
            return super()._feed("99991231235959")

    batches = await fetched(Endless([Sent(number) for number in range(40)]))
    assert numbers(batches) == list(range(15, 40))
    assert any("repeats a page" in warning for batch in batches for warning in batch.warnings)

    class Growing(Archive):
        def _feed(self, before: str) -> str:
            self.pages = getattr(self, "pages", 10_000) - 25
            self.mails = [Sent(number) for number in range(self.pages, self.pages + 25)]
            return super()._feed("99991231235959")

    growing = Growing([])
    growing.refused = ("raw",)
    assert len(numbers(await fetched(growing))) == 100
    # Five mails are refused, then the feed alone is read.
    assert len(growing.asked) == 4 + 5


async def test_what_is_no_archive() -> None:
    with pytest.raises(NotReadable):
        await fetched(FakeHttp({f"{URL}new.atom": b"<html>Are you a robot?</html>"}))
    with pytest.raises(BadStatus):
        await fetched(FakeHttp())


async def test_ignored_words() -> None:
    assert numbers(await fetched(Archive([Sent(0), Sent(1)]), ignore=("Number 1",))) == [0]


@pytest.mark.parametrize("url", ["https://lore.kernel.org/workflows/", f"{URL}new.atom", "https://inbox.a.example/b/"])
def test_is_known_by_its_address(url: str) -> None:
    assert reader_by_shape(url, find_kinds()) == "public-inbox"


def test_is_known_by_its_word_and_its_page() -> None:
    info = find_kinds()["public-inbox"]

    assert (info.word, info.cls) == ("mailing list", PublicInbox)
    assert PublicInbox.recognises(Reply(URL, 200, b'<a href="new.atom">Atom</a> public-inbox'))
    assert not PublicInbox.recognises(Reply(URL, 200, b"<html>"))


# By query


def single(*numbers: int) -> list[Sent]:
    return [Sent(number) for number in numbers]


async def test_a_first_reading_asks_for_a_week_at_a_time(clock: type[Clock]) -> None:
    http = Archive(single(*range(0, 600, 2)))
    http.search = True
    clock.at = FIRST + timedelta(days=25)

    batches = await fetched(http)

    assert sorted(numbers(batches)) == list(range(0, 600, 2))
    assert http.asked == ["new.atom"]
    assert http.queries == ["20251231..20260107", "20260107..20260114", "20260114..20260121", "20260121.."]
    assert numbers(batches[:1]) == sorted(numbers(batches[:1]))
    assert batches[0].items[1].url == f"{URL}k2@k.example/"

    again = await fetched(http, batches[-1].cursor)
    assert (http.asked, http.queries, again[-1].is_unchanged) == (["new.atom"], [], True)
    http.mails.append(Sent(600))
    assert numbers(await fetched(http, again[-1].cursor)) == [600]
    assert (http.asked, http.queries) == (["new.atom", "k600/raw"], [])


async def test_what_came_while_nobody_looked_is_asked_for_at_once(clock: type[Clock]) -> None:
    http = Archive(single(0))
    cursor = (await fetched(http))[-1].cursor
    http.search = True
    http.mails += single(*range(100, 180))
    clock.at = FIRST + timedelta(days=8)

    batches = await fetched(http, cursor)

    assert sorted(numbers(batches)) == list(range(100, 180))
    assert (http.asked, http.queries) == (["new.atom"], ["20251231..20260107", "20260107.."])


async def test_a_few_mails_are_asked_for_one_by_one(clock: type[Clock]) -> None:
    http = Archive(single(0, 1))
    http.search = True
    clock.at = FIRST + timedelta(days=2)
    assert numbers(await fetched(http)) == [0, 1]
    assert http.queries == []


async def test_weeks_that_are_too_large_are_asked_for_in_parts(clock: type[Clock]) -> None:
    http = Archive(single(*range(0, 240)))
    http.search, http.largest = True, 60
    clock.at = FIRST + timedelta(days=10)
    assert sorted(numbers(await fetched(http))) == list(range(240))
    assert http.asked == ["new.atom"]
    http.largest = 5
    batches = await fetched(http)
    assert sorted(numbers(batches)) == list(range(240))
    assert "k0/raw" in http.asked
    assert any("was not searched" in warning for warning in batches[-1].warnings)


@pytest.mark.parametrize(
    "answer", [BadStatus(403, "403"), BadStatus(404, "404"), b"<html>Are you human?</html>", Unreachable("no answer")]
)
async def test_a_server_that_does_not_search_is_left_alone_with_it_for_a_week(clock: type[Clock], answer: Any) -> None:
    http = Archive(single(*range(30)))
    http.search = answer
    clock.at = FIRST + timedelta(days=40)
    batches = await fetched(http)
    assert numbers(batches) == list(range(30))
    assert 1 <= len(http.queries) <= 3

    http.mails += single(*range(400, 430))
    later = await fetched(http, batches[-1].cursor)
    assert (numbers(later), http.queries) == (list(range(400, 430)), [])
    http.mails += single(*range(800, 830))
    http.search = True
    clock.at += timedelta(days=8)
    assert sorted(numbers(await fetched(http, later[-1].cursor))) == list(range(800, 830))
    assert http.queries


async def test_queries_that_were_cut_off_go_on_with_the_week_that_is_missing(clock: type[Clock]) -> None:
    http = Archive(single(*range(0, 600, 2)))
    http.search = True
    clock.at = FIRST + timedelta(days=25)
    http.requests.clear()
    before = []
    async for batch in PublicInbox(URL).fetch(http, FetchState("kites", cursor={}, since=SINCE)):
        before.append(batch)
        if len(http.queries) == 3:
            break
    rest = await fetched(http, before[-1].cursor)
    assert http.queries == ["20260114..20260121", "20260121.."]
    assert set(numbers(before)) | set(numbers(rest)) == set(range(0, 600, 2))

    http.search = Throttled("later")
    with pytest.raises(Throttled):
        await fetched(http)
