from datetime import UTC, datetime
from typing import Any

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.kinds.list_feed import ListFeed
from newsletter.model.item import Thread
from newsletter.model.source import FetchState
from tests.fakes import FakeHttp

GROUP = "https://groups.io/g/builders"
FORUM = "https://forum.example/c/lists/dev/5"


def item(number: int, title: str, link: str) -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><author>Mo {number}</author>"
        f"<pubDate>Mon, 0{number} Mar 2026 10:00:00 +0000</pubDate><description>Number {number}.</description></item>"
    )


def feed(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>Builders</title><link>x</link>{"".join(items)}</channel></rss>'


MAILS = (
    item(3, "Re: [builders] Glue", f"{GROUP}/message/3"),
    item(2, "Wood", f"{GROUP}/message/2"),
    item(1, "[builders] Glue", f"{GROUP}/message/1"),
)


async def fetched(http: FakeHttp, url: str, cursor: Any = None, **settings: Any) -> list[Batch]:
    http.requests.clear()
    state = FetchState("builders", cursor=cursor or {})
    return [batch async for batch in ListFeed(url, **settings).fetch(http, state)]


async def test_mails_of_one_subject_are_a_thread() -> None:
    http = FakeHttp({f"{GROUP}/rss": feed(*MAILS)})

    [batch] = await fetched(http, f"{GROUP}/topics")

    assert [mail.title for mail in batch.items] == ["[builders] Glue", "Wood", "Re: [builders] Glue"]
    assert {(mail.kind, mail.form) for mail in batch.items} == {("mailing list", "mail")}
    first, last = (datetime(2026, 3, day, 10, tzinfo=UTC) for day in (1, 3))
    assert batch.items[0].thread == batch.items[2].thread == Thread("subject glue", 1, 2, first, last)
    assert batch.items[1].thread == Thread(
        "subject wood", 0, 1, batch.items[1].published_at, batch.items[1].published_at
    )


async def test_a_thread_that_grows_keeps_its_name_and_nothing_is_repeated() -> None:
    http = FakeHttp(
        {f"{GROUP}/rss": [feed(*MAILS), feed(*MAILS), feed(item(4, "AW: Glue", f"{GROUP}/message/4"), *MAILS)]}
    )

    cursor = (await fetched(http, GROUP))[-1].cursor
    again = await fetched(http, GROUP, cursor)
    grown = await fetched(http, GROUP, again[-1].cursor)

    assert again[-1].is_unchanged
    assert http.urls == [f"{GROUP}/rss"]
    [mail] = grown[-1].items
    assert mail.thread is not None
    assert mail.thread.root_id == "subject glue"


async def test_topics_of_a_forum_are_threads_whatever_their_posts_are_called() -> None:
    posts = (
        item(2, "Why not", "https://forum.example/t/glue/77/2"),
        item(1, "Glue", "https://forum.example/t/glue/77/1"),
    )
    link = f'<link rel="alternate" type="application/rss+xml" href="{FORUM}.rss">'
    page = f'<meta name="generator" content="Discourse 3">{link}'
    http = FakeHttp({FORUM: page, f"{FORUM}.rss": feed(*posts)})

    [batch] = await fetched(http, FORUM)
    await fetched(http, FORUM, batch.cursor)

    assert {mail.thread.root_id for mail in batch.items if mail.thread} == {"forum.example/t/glue/77"}
    assert http.urls == [f"{FORUM}.rss"]


@pytest.mark.parametrize(
    ("url", "where"),
    [
        (GROUP, f"{GROUP}/rss"),
        (f"{GROUP}/rss", f"{GROUP}/rss"),
        ("https://a.groups.io/g/b/messages?x=1", "https://a.groups.io/g/b/rss"),
        (
            "https://www.mail-archive.com/dev@kites.example/",
            "https://www.mail-archive.com/dev@kites.example/maillist.xml",
        ),
        (f"{FORUM}.rss", f"{FORUM}.rss"),
        ("https://lists.example/feed", "https://lists.example/feed"),
    ],
)
async def test_where_the_feed_is(url: str, where: str) -> None:
    http = FakeHttp({where: feed(*MAILS)})

    assert len((await fetched(http, url))[-1].items) == 3
    assert http.urls == [where]


async def test_a_group_without_a_feed() -> None:
    url = "https://groups.google.com/g/builders"
    with pytest.raises(NotReadable, match="names no feed"):
        await fetched(FakeHttp({url: "<html>Google Groups"}), url)


async def test_ignored_words() -> None:
    [batch] = await fetched(FakeHttp({f"{GROUP}/rss": feed(*MAILS)}), GROUP, ignore=("WOOD",))

    assert len(batch.items) == 2


def test_is_known_by_its_address_and_its_page() -> None:
    kinds = find_kinds()

    assert (kinds["list feed"].word, kinds["list feed"].cls) == ("mailing list", ListFeed)
    for url in (GROUP, "https://www.mail-archive.com/a@b.example/", "https://groups.google.com/forum/#!forum/x"):
        assert reader_by_shape(url, kinds) == "list feed"
    assert ListFeed.recognises(Reply(GROUP, 200, feed().encode()))
    link = b'<link rel="alternate" type="application/atom+xml" href="x.atom">'
    assert ListFeed.recognises(Reply(FORUM, 200, b'<meta name="generator" content="Discourse 3">' + link))
    assert not ListFeed.recognises(Reply(GROUP, 200, b'<html><link rel="alternate" href="x.rss">'))
