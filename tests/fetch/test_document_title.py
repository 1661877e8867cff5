"""What documents call themselves."""

import pytest

from newsletter.fetch.document_title import document_title
from newsletter.fetch.http import Reply


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<rss><channel><title>A &amp;amp; B</title><item><title>x</title></item></channel></rss>", "A & B"),
        ("<rss><channel><title><![CDATA[ The\n blog ]]></title></channel></rss>", "The blog"),
        ("<feed><title type='html'>&lt;b&gt;Bold&lt;/b&gt;</title></feed>", "<b>Bold</b>"),
        ("<rss><channel><item><title>x</title></item></channel></rss>", ""),
        ("<a:feed xmlns:a='x'><a:title>P</a:title></a:feed>", "P"),
        ("<!doctype html><html><head><title>Página — x</title></head>", "Página — x"),
        ('{"version": "https://jsonfeed.org/version/1", "title": "J"}', "J"),
        ('{"title": 5}', ""),
        ("{broken", ""),
        ("[" * 9, ""),
        ("BEGIN:VCALENDAR\r\nX-WR-CALNAME;VALUE=TEXT:Dates of ours\r\n", "Dates of ours"),
        ("BEGIN:VCALENDAR\r\n", ""),
        ("", ""),
    ],
)
def test_titles(body: str, title: str) -> None:
    assert document_title(Reply("https://x.example/", 200, body.encode())) == title


def test_a_long_title_is_cut_and_odd_bytes_do_no_harm() -> None:
    assert len(document_title(Reply("u", 200, b"<title>" + b"word " * 100 + b"</title>"))) <= 80
    assert document_title(Reply("u", 200, b"<title>caf\xe9</title>")) == "caf"
