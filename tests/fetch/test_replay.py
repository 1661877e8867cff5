"""What was set aside is read again by its kind, from the stored bytes alone."""

import gzip
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from newsletter.errors import BadStatus, FetchError, NotReadable
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.kinds.gerrit import Gerrit
from newsletter.fetch.kinds.mbox import Mbox
from newsletter.fetch.kinds.pipermail import Pipermail
from newsletter.fetch.replay import NOTHING, ReadAgain, Replay, read_again, replay_all
from newsletter.fetch.stored import StoredHttp
from newsletter.model.aside import Aside
from newsletter.model.item import Item, item_id
from newsletter.model.source import FetchState, Source
from tests.loopback import atom

URL = "https://a.example/feed.xml"
FEED = atom(("one", "Café", "2026-10-12T09:00:00Z", "Hello.")).replace("é", "\xe9").encode("latin-1")
MAIL = b"From ada@a.example Mon Mar  2 10:00:00 2026\nFrom: ada@a.example\nSubject: tide\nMessage-ID: <1@a>\n\nHigh.\n"


def source(kind: str, **settings: object) -> Source:
    return Source("a", "A", kind, settings)


def read(cls: type, aside: Aside, **settings: object) -> ReadAgain:
    return read_again(cls, source(cls.reader, **settings), aside)  # type: ignore[attr-defined]


def test_a_document_is_read_as_it_came_with_its_media_type() -> None:
    aside = Aside(URL, "torn", FEED, "application/xml; charset=latin-1", "feed", is_document=True)
    [item] = read(Feed, aside, url=URL).items
    assert (item.id, item.title) == (item_id("a", "one"), "Café")


def test_links_in_a_document_that_was_led_to_begin_where_it_stood() -> None:
    feed = FEED.replace(b"<published>", b"<link href='/one'/><published>").replace(
        b"https://planet.example/one", b"/one"
    )
    media = "application/xml; charset=latin-1"
    aside = Aside(URL, "torn", feed, media, "feed", is_document=True, final_url="https://b.example/feeds/all.xml")
    assert [item.url for item in read(Feed, aside, url=URL).items] == ["https://b.example/one"]
    assert [item.url for item in read(Feed, replace(aside, final_url=""), url=URL).items] == ["https://a.example/one"]


def test_a_download_is_read_from_its_file() -> None:
    url = "https://a.example/m.mbox.gz"
    aside = Aside(url, "torn", gzip.compress(MAIL), is_document=True)
    assert [item.title for item in read(Mbox, aside, url=url).items] == ["tide"]


@pytest.mark.parametrize("cls", [Mbox, Pipermail])
def test_a_mail_is_a_mail_for_every_reader_of_mails(cls: type) -> None:
    url = "https://a.example/pipermail/list/2026-March.txt"
    settings = {"url": "https://a.example/pipermail/list/", "ignore": ("Swap",)}
    [item] = read(cls, Aside(f"{url}#byte=7", "torn", MAIL), **settings).items
    assert (item.title, item.id) == ("tide", item_id("a", item.native_keys[0]))
    assert (item.url, item.kind) == (url, cls.word)  # type: ignore[attr-defined]
    with pytest.raises(NotReadable, match="it is empty"):
        read(cls, Aside(f"{url}#byte=7", "torn", b"\r\n"), **settings)
    assert read(cls, Aside(url, "torn", MAIL.replace(b"High", b"swap")), **settings) == ReadAgain(notes=(NOTHING,))


def test_a_whole_archive_that_was_set_aside_is_read_in_parts() -> None:
    url = "https://a.example/pipermail/list/2026-March.txt.gz"
    data = gzip.compress(MAIL + MAIL.replace(b"<1@a>", b"<2@a>"))
    found = read(Pipermail, Aside(url, "torn", data), url="https://a.example/pipermail/list/")
    assert [item.native_keys for item in found.items] == [("1@a",), ("2@a",)]


def test_a_record_of_a_review_server() -> None:
    aside = Aside("https://review.a.example/changes/?q=x", "no number", b'{"_number": 7, "project": "core"}')
    [item] = read(Gerrit, aside, url="https://review.a.example").items
    assert item.review is not None
    assert item.review.number == 7
    with pytest.raises(NotReadable, match="no number or no project"):
        read(Gerrit, Aside(aside.address, "", b'{"_number": 7}'), url="https://review.a.example")


def test_a_document_behind_another_one_says_what_is_missing() -> None:
    url = "https://a.example/pipermail/list/"
    aside = Aside(url, "torn", b'<a href="2026-March.txt">x</a> by Pipermail', is_document=True)
    with pytest.raises(NotReadable, match=r"asks for \S+/2026-March\.txt, which was not kept; gather the source"):
        read(Pipermail, aside, url=url)


@dataclass(frozen=True)
class Shelf:
    """Asks for a list, and then for what it names."""

    url: str | None = None
    file: str | None = None

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        if self.file:
            return
        reply = await http.get(str(self.url))
        if reply.body.startswith(b"list"):
            reply = await http.get(f"{self.url}/part")
        yield Batch((Item("i", state.source_id, "shelf", "post", ("i",), reply.body.decode()),))


def test_what_lies_behind_the_address_of_the_source_is_read_as_if_it_were_named() -> None:
    aside = Aside("https://a.example/list/part", "torn", b"words", is_document=True)
    read = read_again(Shelf, source("shelf", url="https://a.example/list"), aside)
    assert [item.title for item in read.items] == ["words"]


@pytest.mark.parametrize(
    ("settings", "address", "reason"),
    [
        ({"file": "x"}, "https://a.example/list", "did not ask for it"),
        ({"file": "x"}, "/var/mail/x", "cannot read a record again"),
        ({"shelf": 1}, "https://a.example/list", "settings of its source do not fit its kind"),
        ({"url": "https://a.example/list"}, "https://a.example/list", "asks for https://a.example/list/part"),
    ],
)
def test_what_cannot_be_read_again_says_why(settings: dict[str, object], address: str, reason: str) -> None:
    with pytest.raises(NotReadable, match=reason):
        read_again(Shelf, source("shelf", **settings), Aside(address, "torn", b"list"))


async def test_the_web_is_not_asked(tmp_path: object) -> None:
    secret = source("feed", url=URL, token="a/b c")
    http = StoredHttp(Aside(f"{URL}?key=•••", "torn", b"x"), tmp_path, secret.settings)  # type: ignore[arg-type]
    for key in ("a%2Fb%20c", "a%2Fb+c", "a/b c"):
        assert (await http.get(f"{URL}?key={key}")).body == b"x"
    with pytest.raises(BadStatus, match="is not what was set aside"):
        await http.get("https://b.example/")
    assert http.refused == ["https://b.example/"]


@pytest.mark.slow
async def test_each_is_read_in_a_worker_and_a_bad_one_costs_no_other() -> None:
    asides = [Aside(URL, "torn", data, "", "feed", is_document=True) for data in (b"{", FEED, b"<html>", b"")]
    asides.append(Aside(URL, "torn", FEED, "", "nobody", is_document=True))
    outcomes: dict[str, ReadAgain | FetchError] = {}

    def wanted() -> Iterator[Replay]:
        for number, aside in enumerate(asides):
            kind = "web of nobody" if aside.reader == "nobody" else "feed"
            yield Replay(str(number), source(kind, url=URL), aside)

    await replay_all(wanted(), lambda asked, outcome: outcomes.update({asked.id: outcome}))
    good = outcomes.pop("1")
    assert isinstance(good, ReadAgain)
    assert [item.published_at for item in good.items] == [datetime(2026, 10, 12, 9, tzinfo=UTC)]
    assert [isinstance(outcomes[each], NotReadable) for each in sorted(outcomes)] == [True] * 4
    assert "no installed package has the kind" in str(outcomes["4"])
