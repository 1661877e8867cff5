from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.mail import MailSettings
from newsletter.fetch.public_inbox import (
    Entry,
    archive_address,
    feed_url,
    looks_like_archive,
    mail_url,
    mails_of_feed,
    needs_thread,
    read_entries,
    threads_of,
)
from newsletter.model.item import Person

FEED = (Path(__file__).parents[1] / "data/public_inbox/new.atom").read_bytes()
BASE = "https://inbox.kites.example/kites/"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def entry(key: str, parent: str = "", hour: int = 9) -> Entry:
    return Entry(key, AT.replace(hour=hour), parent)


def test_the_mails_that_a_feed_names() -> None:
    assert read_entries(FEED) == (
        Entry("line/two@kites.example", datetime(2026, 3, 3, 12, tzinfo=UTC), "line.1@kites.example"),
        Entry("line.1@kites.example", AT),
    )
    assert read_entries(b"<feed><entry><title>no link and no date</title></entry></feed>") == ()
    with pytest.raises(NotReadable):
        read_entries(b"<html>Please prove that you are no robot</html>")


def test_the_mails_as_the_feed_shows_them() -> None:
    first, second = mails_of_feed(FEED, BASE, MailSettings("kites", "mailing list"))

    assert (first.key, first.title, first.text) == ("line.1@kites.example", "Längere Leine", "Who flies with 200 m?")
    assert first.author == Person("Zoë Brandt", "zoe@kites.example")
    assert (second.key, second.text) == ("line/two@kites.example", "I do; it holds 40 kg.")
    assert second.answered == ("line.1@kites.example",)
    assert second.published_at == datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (BASE, BASE),
        (BASE.removesuffix("/"), BASE),
        (f"{BASE}new.atom", BASE),
        (f"{BASE}?q=x", BASE),
        (f"{BASE}line.1@kites.example/t.mbox.gz", BASE),
        (f"{BASE}line%401/T/#u", BASE),
        ("https://yhbt.example/lore/git/all.mbox.gz", "https://yhbt.example/lore/git/"),
        ("https://inbox.kites.example", "https://inbox.kites.example/"),
    ],
)
def test_every_way_to_name_an_archive(url: str, base: str) -> None:
    assert archive_address(url) == base


def test_addresses() -> None:
    assert mail_url(BASE, "a/b+c@x.example", "raw") == f"{BASE}a%2Fb+c@x.example/raw"
    assert mail_url(BASE, "news:a@x.example") == f"{BASE}news:a@x.example/"
    assert feed_url(BASE) == f"{BASE}new.atom"
    assert feed_url(BASE, AT) == f"{BASE}new.atom?t=20260302090000"


def test_new_mails_that_belong_together() -> None:
    groups = threads_of(
        [entry("c", "b", 12), entry("a", "", 9), entry("b", "a", 10), entry("e", "old", 14), entry("d", "old", 13)]
    )

    assert groups == [("a", "b", "c"), ("d", "e")]
    assert threads_of([entry("x", "y", 9), entry("y", "x", 10)]) == [("x", "y")]
    assert threads_of([entry("x", "x")]) == [("x",)]


def test_a_single_answer_to_what_is_known_needs_no_thread() -> None:
    assert needs_thread(["a", "b"], {}, {})
    assert needs_thread(["a"], {"a": "old"}, {})
    assert not needs_thread(["a"], {"a": "old"}, {"old"})
    assert not needs_thread(["a"], {"a": ""}, {})


def test_the_index_of_an_archive() -> None:
    page = b'<html><a\nhref="new.atom">Atom feed</a> <a href="_/text/help/">help</a></html>'
    assert looks_like_archive(page)
    assert not looks_like_archive(page.replace(b"_/text", b"text"))
    assert not looks_like_archive(b"<html>public-inbox</html>")
