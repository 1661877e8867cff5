from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.mhonarc import (
    index_name,
    index_place,
    last_index,
    looks_like_archive,
    mail_numbers,
    page_name,
    read_page,
)
from newsletter.model.item import Person

DATA = Path(__file__).parents[1] / "data/mhonarc"
INDEX = (DATA / "index.html").read_bytes()
PAGE = (DATA / "msg00003.html").read_bytes()
URL = "https://lists.kites.example/kites/msg00003.html"


def test_a_page_of_a_mail() -> None:
    mail = read_page(PAGE, URL, "kites")

    assert mail.key == "line.3-x@kites.example"
    assert mail.title == "Re: [Kites] Längere Leine"
    assert mail.author == Person("Obi Nwosu", "obi@kites.example")
    assert mail.published_at == datetime(2026, 3, 3, 11, tzinfo=UTC)
    assert mail.answered == ("line.2@kites.example", "line.1@kites.example")
    assert mail.text == "I do; see https://kites.example/200m for it.\nIt holds 40 < 50 kg."
    assert mail.url == URL


def test_without_comments_the_page_itself_tells() -> None:
    page = b"""<html><!--X-MsgBody--><ul><li><em>Subject</em>: High &amp; low</li>
    <li><em>From</em>: Zo <a href="mailto:zo@kites.example">zo@kites.example</a></li><li><em>Date</em>: Mon, 2 Mar 2026
    09:00:00 +0000</li><li><em>Message-id</em>: &lt;<a href="msg00001.html">one@kites.example</a>&gt;</li></ul>
    <!--X-Body-of-Message--><p>Hello.<blockquote>Was it high?</blockquote></p><!--X-MsgBody-End-->after"""
    mail = read_page(page, URL)

    assert (mail.key, mail.title, mail.text) == ("one@kites.example", "High & low", "Hello.")
    assert mail.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_addresses_that_the_page_hides_are_no_addresses() -> None:
    page = b"""<ul><li><b>From</b>: Zo Brandt &lt;zo@xxxxxxxx&gt;</li><li><b>Subject</b>: x</li>
    <li><b>In-reply-to</b>: &lt;one@xxxxx&gt;</li></ul><!--X-Body-of-Message--><pre>Hello.</pre>"""
    mail = read_page(page, URL)

    assert (mail.author, mail.answered) == (Person("Zo Brandt", ""), ())


@pytest.mark.parametrize("page", [b"", b"<html>Not here</html>", b"<!--X-Body-of-Message-->x", PAGE[:900]])
def test_a_page_that_shows_no_mail(page: bytes) -> None:
    with pytest.raises(NotReadable):
        read_page(page, URL)


def test_indexes() -> None:
    assert list(mail_numbers(INDEX)) == [3, 2]
    assert last_index(INDEX) == 3
    assert last_index(b"") == 0
    assert looks_like_archive(INDEX)
    assert not looks_like_archive(INDEX.replace(b"msg", b"x"))
    assert not looks_like_archive(INDEX.replace(b"MHonArc", b"x"))
    assert [index_place(f"https://a.example/l/{index_name(number)}") for number in (1, 2, 12)] == [1, 2, 12]
    assert index_place("https://a.example/l/") == 0
    assert page_name(12) == "msg00012.html"
