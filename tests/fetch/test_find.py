from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch import kinds
from newsletter.fetch.find import Found, LookedAt, NotInThisVersion, find_kind, find_reader, reader_by_shape
from newsletter.fetch.http import Document, Http, Reply
from newsletter.fetch.kinds import Batch, find_kinds, kind
from newsletter.model.source import FetchState, Source
from tests.fakes import FakeHttp

SHAPED = {
    "https://lists.example.org/pipermail/dev/": "pipermail",
    "https://mail.example.org/mailman/listinfo/dev": "pipermail",
    "https://example.org/old.mbox.gz": "mbox",
    "https://example.org/team.ics?week=3": "calendar",
    "https://review.example.org": "gerrit",
    "https://example.org/r/q/status:open": "gerrit",
    "https://github.com/someone/something": "github",
    "https://launchpad.net/nova": "launchpad",
    "https://lists.launchpad.net/nova/": "launchpad list",
    "https://bugzilla.example.org/": "bugzilla",
    "https://example.org/bz/buglist.cgi?product=Lamp": "bugzilla",
    "https://example.org/rest/bug?product=Lamp": "bugzilla",
    "https://example.org/show_bug.cgi?id=3": "bugzilla",
    "https://pagure.io/releng/issues": "pagure",
    "https://src.fedoraproject.org/rpms/bash": "pagure",
    "https://phabricator.example.org/tag/lamp/": "phabricator",
    "https://example.org/maniphest/query/all/": "phabricator",
    "https://example.org/T123": "phabricator",
    "https://phabricator.example.org/phame/blog/feed/1/": None,
    "https://pad.example.org/p/topics": "pad",
    "https://blog.example.org/feed.xml": None,
    "https://github.com/someone/something/releases.atom": None,
    "https://example.org/?see=/pipermail/": None,
}


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A registry with kinds of this test only."""
    monkeypatch.setattr(kinds, "_REGISTERED", {})
    monkeypatch.setattr(kinds.pkgutil, "iter_modules", lambda _: ())
    find_kinds.cache_clear()
    _register()
    yield
    find_kinds.cache_clear()


def _register() -> None:
    class Base:
        async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
            yield Batch()

    @kind("feed")
    @dataclass(frozen=True)
    class Feed(Base):
        url: str

        @classmethod
        def recognises(cls, reply: Reply) -> bool:
            return b"<rss" in reply.body

    @kind("mailing list", reader="pipermail")
    @dataclass(frozen=True)
    class Pipermail(Base):
        url: str
        address_shape = r"/pipermail/"

        @classmethod
        def recognises(cls, reply: Reply) -> bool:
            return b"Archives" in reply.body

    @kind("mailing list", reader="hyperkitty", can_read=False)
    @dataclass(frozen=True)
    class Hyperkitty(Base):
        url: str
        address_shape = r"/archives/list/"

    @kind("pad", can_read=False)
    @dataclass(frozen=True)
    class Pad(Base):
        url: str

    @kind("broken")
    @dataclass(frozen=True)
    class Broken(Base):
        url: str
        address_shape = r"^https://own\."

        @classmethod
        def recognises(cls, reply: Reply) -> bool:
            raise RuntimeError("a mistake in a kind of somebody else")


def source(url: str, kind: str = "") -> Source:
    return Source("a", "A", kind, {"url": url})


@pytest.mark.parametrize(("url", "reader"), SHAPED.items())
def test_shapes_of_addresses(url: str, reader: str | None) -> None:
    assert reader_by_shape(url, find_kinds()) == reader
    assert reader_by_shape(url, {}) is None


@pytest.mark.usefixtures("registered")
async def test_a_word_with_one_reader_needs_no_look() -> None:
    http = FakeHttp()
    found = await find_reader(source("https://blog.example.org/", "feed"), http)
    assert (found.info.reader, found.reply, http.urls) == ("feed", None, [])


@pytest.mark.usefixtures("registered")
async def test_a_word_with_several_readers() -> None:
    http = FakeHttp(
        {"https://old.example.org/dev/": b"<title>The dev Archives</title>", "https://x.example.org/": b"hello"}
    )
    shaped = await find_reader(source("https://lists.example.org/pipermail/dev/", "mailing list"), http)
    assert shaped.info.reader == "pipermail"
    assert http.urls == []
    looked = await find_reader(source("https://old.example.org/dev/", "mailing list"), http)
    assert looked.info.reader == "pipermail"
    assert looked.reply is not None
    again = await find_reader(source("https://old.example.org/dev/", "mailing list"), http, known="pipermail")
    assert (again.info.reader, again.reply) == ("pipermail", None)
    with pytest.raises(NotReadable, match=r"is no mailing list that this version can read \(pipermail\)"):
        await find_reader(source("https://x.example.org/", "mailing list"), http)
    with pytest.raises(NotInThisVersion, match='the reader "hyperkitty", which is not in this version'):
        await find_reader(source("https://lists.example.org/archives/list/a@example.org/", "mailing list"), http)
    direct = await find_reader(source("https://x.example.org/", "pipermail"), http)
    assert direct.info.reader == "pipermail"


@pytest.mark.usefixtures("registered")
async def test_a_kind_that_comes_later_and_one_that_nobody_knows() -> None:
    with pytest.raises(NotInThisVersion, match='"pad" are not readable in this version'):
        await find_reader(source("https://pad.example.org/p/x", "pad"), FakeHttp())
    with pytest.raises(
        NotReadable, match=r"no installed package has the kind “blog”\. Kinds: broken, feed, mailing list, pad\."
    ):
        await find_reader(source("https://x.example.org/", "blog"), FakeHttp())


@pytest.mark.usefixtures("registered")
async def test_without_a_word_the_document_tells() -> None:
    page = Reply("https://page.example.org/", 200, b"hello", {"content-type": "text/html; charset=utf-8"})
    http = FakeHttp({"https://feed.example.org/": b"<rss/>", page.url: page, "https://x.example.org/": b"hello"})
    assert (await find_kind("https://feed.example.org/", http)).info.reader == "feed"
    assert (await find_kind(page.url, http)) == Found(find_kinds()["feed"], page)
    assert (await find_kind("https://own.example.org/x", http)).info.reader == "broken"
    with pytest.raises(NotReadable, match=r'told by looking\. Write its "kind:": broken, feed,'):
        await find_kind("https://x.example.org/", http)
    with pytest.raises(BadStatus):
        await find_kind("https://lost.example.org/", http)
    remembered = await find_reader(source("https://lost.example.org/"), http, known="feed")
    assert remembered.info.reader == "feed"


async def test_the_answer_that_was_looked_at_is_used_once() -> None:
    reply = Reply("https://a.example.org/", 200, b"looked at")
    real = FakeHttp({reply.url: b"real"})
    http = LookedAt(real, reply.url, reply)
    assert (await http.get(reply.url, headers={"Accept": "x"})).body == b"real"
    assert await http.get(reply.url, known=Document("x")) is reply
    assert (await http.get(reply.url)).body == b"real"
    downloaded = await http.download(reply.url)
    assert downloaded.path is not None
    assert downloaded.path.read_bytes() == b"real"
