"""Lists on HyperKitty whose export is refused, read over the API or from the pages, as the kind asks for them."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch import hyperkitty_reading
from newsletter.fetch.http import Reply
from newsletter.fetch.hyperkitty_api import Row
from newsletter.fetch.hyperkitty_reading import SERVER_TIMES, ThreadMemory
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.kinds.hyperkitty import Hyperkitty
from newsletter.fetch.rest import PAGE_REPEATED
from newsletter.model.item import Thread
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

DATA = Path(__file__).parents[1] / "data/hyperkitty"
HOST = "https://lists.gliders.example/"
URL = f"{HOST}archives/list/dev@gliders.example/"
API = f"{HOST}archives/api/list/dev@gliders.example/"
NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.fetch.kinds.hyperkitty._now", lambda: NOW)


def thread_id(number: int) -> str:
    return f"THREAD{number:026}"


@dataclass
class Talk:
    """A thread: when each of its mails was sent."""

    number: int
    sent: list[datetime]

    @property
    def active_at(self) -> datetime:
        return max(self.sent)

    def hash(self, at: int) -> str:
        return f"MAIL{self.number:014}{at:014}"


@dataclass
class Archive(FakeHttp):
    """A list that refuses its export. ``has_api``, ``has_pages``: what else it gives; ``size`` rows in a page."""

    talks: list[Talk] = field(default_factory=list)
    has_api: bool = True
    has_pages: bool = True
    size: int = 2
    robots: str = ""

    def __post_init__(self) -> None:
        super().__init__({URL: DATA / "overview.html"})

    __hash__ = object.__hash__

    async def get(self, url: str, **asked: Any) -> Reply:
        if url != URL:
            parts = urlsplit(url)
            query = {name: each[0] for name, each in parse_qs(parts.query).items()}
            self.answers[url] = self._made(url.partition("?")[0], query)
        return await super().get(url, **asked)

    def _made(self, url: str, query: dict[str, str]) -> Any:
        if url == f"{HOST}robots.txt":
            return self.robots
        if "/export/" in url or url.endswith("/feed/"):
            return BadStatus(403, "no export")
        parts = url.removeprefix(API if url.startswith(API) else URL).rstrip("/").split("/")
        if url.startswith(API) and self.has_api:
            answer = self._api(parts, int(query.get("page", "1")))
            return answer if isinstance(answer, Exception) else json.dumps(answer)
        if url.startswith(URL) and self.has_pages:
            return self._page(parts, query)
        return BadStatus(404, "not there")

    def _api(self, parts: list[str], page: int) -> Any:
        if parts[0] == "threads":
            newest = sorted(self.talks, key=lambda each: each.active_at, reverse=True)
            shown = newest[(page - 1) * self.size : page * self.size]
            more = f"{API}threads/?page={page + 1}" if page * self.size < len(newest) else None
            rows = [
                {"thread_id": thread_id(each.number), "date_active": each.active_at.isoformat(),
                 "replies_count": len(each.sent) - 1} for each in shown
            ]  # fmt: skip
            return {"next": more, "results": rows}
        if parts[0] == "email":
            number, at = int(parts[1][4:18]), int(parts[1][18:])
            return self._record(self._talk(number), at) | {"content": f"Words {number}.{at}"}
        talk = self._talk(int(parts[1][6:]))
        return [self._record(talk, at) for at in range(len(talk.sent))]

    def _talk(self, number: int) -> Talk:
        return next(each for each in self.talks if each.number == number)

    @staticmethod
    def _record(talk: Talk, at: int) -> dict[str, Any]:
        return {
            "message_id": f"m{talk.number}.{at}@x", "message_id_hash": talk.hash(at), "sender_name": "Ada",
            "sender": {"address": "ada (a) x.example"}, "subject": f"Talk {talk.number}",
            "date": talk.sent[at].isoformat(), "parent": f"{API}email/{talk.hash(at - 1)}/" if at else None,
        }  # fmt: skip

    def _page(self, parts: list[str], query: dict[str, str]) -> Any:
        if parts[0].isdigit():
            month, page = (int(parts[0]), int(parts[1])), int(query.get("page", "1"))
            found = [talk for talk in self.talks if any((at.year, at.month) == month for at in talk.sent)]
            found.sort(key=lambda each: each.active_at, reverse=True)
            rows = "".join(
                f'<div class="thread"><a href="/archives/list/dev@x/thread/{thread_id(each.number)}/">x</a>'
                f'<div title="{each.active_at:%A, %d %B %Y %H:%M:%S}"></div>'
                f'<li><i class="fa fa-comment"></i> {len(each.sent) - 1} </li></div>'
                for each in found[(page - 1) * self.size : page * self.size]
            )
            more = f'<a href="?page={page + 1}">next</a>' if page * self.size < len(found) else ""
            return f'<div id="thread-list">{rows}{more}</div>'
        talk = self._talk(int(parts[1][6:]))
        if parts[-1] != "replies":
            return self._shown(talk, 0)
        offset = int(query["offset"])
        some = range(1 + offset, min(len(talk.sent), 7 + offset))
        is_more = len(some) == 6
        html = "".join(self._shown(talk, at) for at in some)
        return {"replies_html": html, "more_pending": is_more, "next_offset": offset + 6 if is_more else None}

    @staticmethod
    def _shown(talk: Talk, at: int) -> str:
        first, time = (" email-first" if not at else ""), talk.sent[at]
        return (
            f'<div class="reply-level-{min(at, 5)}"><div class="email{first}"><div class="email-header" '
            f'id="{talk.hash(at)}"><span class="name">Ada</span><div class="time"><span title="Sender: '
            f'{time:%Y-%m-%d %H:%M}">{time:%H:%M}</span></div></div>'
            f'<div class="email-body">Words {talk.number}.{at}</div>'
            f'<a href="mailto:l@x?Subject=Re%3A%20Talk&amp;In-Reply-To=&lt;m{talk.number}.{at}%40x&gt;">r</a>'
            "</div></div>"
        )

    @property
    def asked(self) -> list[str]:
        short = [url.replace(API, "api:").replace(URL, "").replace(HOST, "/") for url in self.urls]
        return [url.replace("THREAD0000000000000000000000000", "T") for url in short]


def day(month: int, number: int, hour: int = 10) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def talks() -> list[Talk]:
    return [
        Talk(1, [day(2, 3)]),
        Talk(2, [day(2, 5), day(2, 6), day(3, 2)]),
        Talk(3, [day(3, 4)]),
        Talk(4, [day(3, 5) + timedelta(hours=each) for each in range(9)]),
    ]


async def fetched(http: FakeHttp, cursor: Any = None, *, most: int = 99, **asked: Any) -> tuple[list[Batch], Any]:
    """The batches and the cursor, been through JSON; a run that ends after ``most`` batches was killed."""
    http.requests.clear()
    found: list[Batch] = []
    state = FetchState("gliders", cursor=cursor or {}, since=asked.pop("since", datetime(2026, 1, 1, tzinfo=UTC)))
    async for batch in Hyperkitty(URL, **asked).fetch(http, state):
        found.append(batch)
        if len(found) >= most:
            break
    return found, json.loads(json.dumps(found[-1].cursor))


def keys(batches: list[Batch]) -> list[str]:
    return [item.native_keys[0].removesuffix("@x")[1:] for batch in batches for item in batch.items]


FOUR = [f"4.{at}" for at in range(9)]


async def test_the_api_is_read_thread_by_thread_and_mail_by_mail() -> None:
    http = Archive(talks=talks())
    batches, cursor = await fetched(http)
    assert keys(batches) == ["1.0", "2.0", "2.1", "2.2", "3.0", *FOUR]
    items = [item for batch in batches for item in batch.items]
    assert items[2].thread == Thread("m2.0@x", 2, 1, day(2, 5), day(3, 2))
    assert (items[3].in_reply_to, items[3].text) == (("m2.1@x", "m2.0@x"), "Words 2.2")
    assert len(http.urls) == len(set(http.urls))
    assert "/robots.txt" not in http.asked

    again, cursor = await fetched(http, cursor)
    assert [batch.is_unchanged for batch in again] == [True]
    assert http.asked == ["api:threads/"]

    # What has grown is asked for with its new mails alone; an old mail that comes late makes it be read whole.
    http.talks[0].sent.append(day(3, 6))
    later, cursor = await fetched(http, cursor)
    assert keys(later) == ["1.1"]
    assert later[0].items[0].in_reply_to == ("m1.0@x",)
    http.talks[0].sent += [day(3, 7), day(2, 1)]
    assert keys((await fetched(http, cursor))[0]) == ["1.0", "1.1", "1.2", "1.3"]


async def test_the_pages_are_read_month_by_month_where_there_is_no_api() -> None:
    http = Archive(talks=talks(), has_api=False)
    batches, cursor = await fetched(http)
    assert keys(batches) == ["1.0", "2.0", "2.1", "2.2", "3.0", *FOUR]
    assert SERVER_TIMES in {warning for batch in batches for warning in batch.warnings}
    assert http.asked[2:] == [
        "api:threads/", "/robots.txt", "2026/2/?count=200", "thread/T1/", "thread/T2/",
        "thread/T2/replies?sort=thread&offset=0", "2026/3/?count=200", "2026/3/?count=200&page=2", "thread/T3/",
        "thread/T4/", "thread/T4/replies?sort=thread&offset=0", "thread/T4/replies?sort=thread&offset=6",
    ]  # fmt: skip
    items = [item for batch in batches for item in batch.items]
    assert items[3].published_at == day(3, 2)
    assert items[3].in_reply_to == ("m2.1@x", "m2.0@x")

    # February is over; of March the first page tells that nothing is new.
    again, cursor = await fetched(http, cursor)
    assert http.asked == ["2026/3/?count=200"]
    assert again[-1].is_unchanged
    http.talks[2].sent.append(day(3, 9))
    later, cursor = await fetched(http, cursor)
    assert keys(later) == ["3.0", "3.1"]


@pytest.mark.parametrize("has_api", [True, False])
async def test_killed_in_the_middle_it_goes_on_where_it_was(has_api: bool) -> None:
    http = Archive(talks=talks(), has_api=has_api)
    before, cursor = await fetched(http, most=3)
    assert keys(before) == ["1.0", "2.0", "2.1", "2.2"]
    rest, _ = await fetched(http, cursor)
    assert keys(rest) == ["3.0", *FOUR]


async def test_pages_that_robots_txt_closes_are_not_read() -> None:
    http = Archive(talks=talks(), has_api=False, robots="User-agent: *\nDisallow: /archives/\n")
    with pytest.raises(BadStatus, match="no export"):
        await fetched(http)
    assert not [url for url in http.asked if url.startswith("2026")]


async def test_no_further_back_than_the_source_goes() -> None:
    for has_api in (True, False):
        batches, _ = await fetched(Archive(talks=talks(), has_api=has_api), since=day(3, 4))
        assert keys(batches) == ["3.0", *FOUR]


async def test_a_thread_that_cannot_be_read_does_not_spoil_the_others_and_is_asked_for_again() -> None:
    for has_api, broken in ((True, "api:email/"), (False, "thread/T3/")):

        class Broken(Archive):
            is_broken = True

            def _made(self, url: str, query: dict[str, str]) -> Any:
                short = url.replace(API, "api:").replace(URL, "").replace("THREAD0000000000000000000000000", "T")
                is_it = short.startswith(broken) and ("MAIL00000000000003" in url or not self.has_api)  # noqa: B023
                return BadStatus(500, "500") if is_it and self.is_broken else super()._made(url, query)

        http = Broken(talks=talks(), has_api=has_api)
        batches, cursor = await fetched(http)
        assert keys(batches) == ["1.0", "2.0", "2.1", "2.2", *FOUR]
        assert any("could not be read: 500" in warning for batch in batches for warning in batch.warnings)
        http.is_broken = False
        assert keys((await fetched(http, cursor))[0]) == ["3.0"]


async def test_a_record_that_is_no_mail_is_set_aside() -> None:
    class Odd(Archive):
        def _api(self, parts: list[str], page: int) -> Any:
            return [] if parts[0] == "email" and "MAIL00000000000001" in parts[1] else super()._api(parts, page)

    batches, _ = await fetched(Odd(talks=talks()[:1] + talks()[2:3]))
    assert keys(batches) == ["3.0"]
    [aside] = [each for batch in batches for each in batch.aside]
    assert (aside.address, aside.data) == (f"{API}email/{talks()[0].hash(0)}/", b"[]")
    assert "no mail" in aside.reason


async def test_a_record_that_was_set_aside_is_read_again() -> None:
    aside = Aside(f"{API}email/x/", "it was broken", (DATA / "email.json").read_bytes())
    [batch] = [each async for each in Hyperkitty(URL).replay(aside, FetchState("gliders"))]
    [item] = batch.items
    assert (item.native_keys, item.title) == (("three@gliders.example",), "Re: [Dev] Wings of flax?")
    with pytest.raises(NotReadable):
        _ = [each async for each in Hyperkitty(URL).replay(replace(aside, data=b"[]"), FetchState("gliders"))]
    mails = Aside(f"{URL}export/2026-03.mbox.gz", "cut", b"From: Ada <ada@x.example>\nMessage-ID: <m@x>\n\nHello")
    [batch] = [each async for each in Hyperkitty(URL).replay(mails, FetchState("gliders"))]
    assert [item.native_keys for item in batch.items] == [("m@x",)]


async def test_when_every_thread_is_refused_the_next_way_is_asked() -> None:
    class Closed(Archive):
        def _api(self, parts: list[str], page: int) -> Any:
            return BadStatus(403, "403") if parts[0] != "threads" else super()._api(parts, page)

    many = [Talk(number, [day(3, number)]) for number in range(1, 8)]
    batches, _ = await fetched(Closed(talks=many))
    assert keys(batches) == [f"{number}.0" for number in range(1, 8)]


async def test_paging_ends() -> None:
    class Looping(Archive):
        def _api(self, parts: list[str], page: int) -> Any:
            found = super()._api(parts, page)
            return found | {"next": f"{API}threads/?page=1"} if parts[0] == "threads" else found

        def _page(self, parts: list[str], query: dict[str, str]) -> Any:
            found = super()._page(parts, query)
            return f"{found}<a href='?page={int(query.get('page', 1)) + 1}'>" if parts[0].isdigit() else found

    batches, _ = await fetched(Looping(talks=talks()))
    assert PAGE_REPEATED in {warning for batch in batches for warning in batch.warnings}
    http = Looping(talks=talks(), has_api=False)
    assert keys((await fetched(http))[0]) == ["1.0", "2.0", "2.1", "2.2", "3.0", *FOUR]
    assert len(http.urls) < 30


async def test_what_is_remembered_is_bounded() -> None:
    memory = ThreadMemory()
    for number in range(hyperkitty_reading._MOST_KNOWN + 5):
        memory.note(Row(f"T{number}", "s", 1))
    assert len(memory.known) == hyperkitty_reading._MOST_KNOWN
    assert memory.is_read(Row("T9", "s", 1))
    assert not memory.is_read(Row("T9", "s", 2))
    assert not memory.is_read(Row("T4", "s", 1))
    assert ThreadMemory.read(json.loads(json.dumps(memory.as_json()))) == memory


async def test_another_site_is_not_readable() -> None:
    class Other(Archive):
        def _made(self, url: str, query: dict[str, str]) -> Any:
            return BadStatus(403, "403") if "/export/" in url else "" if "robots" in url else "<html>Sign in</html>"

    with pytest.raises((BadStatus, NotReadable), match="403"):
        await fetched(Other())
