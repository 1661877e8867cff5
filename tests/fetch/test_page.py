"""Recorded pages, and what the markup of a page says about it."""

import re
import time
from datetime import UTC, datetime

import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.microformat_dates import moment_of
from newsletter.fetch.page import PageAsked, ParsedPage, parse_page
from tests.corpus import CORPUS, expected, needs_corpus

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAGES = sorted(name for name in expected("html") if name.startswith("pages/"))
SUITE = sorted(name for name in expected("html") if name.startswith("microformats/"))
TEXT = "<p>The harbour is open today for everybody who comes.</p>"


def parsed(html: str | bytes, url: str = "https://example.org/", watch: str = "") -> ParsedPage:
    body = html if isinstance(html, bytes) else html.encode()
    return parse_page(body, PageAsked(url, watch, NOW, "text/html; charset=utf-8"))


@needs_corpus
@pytest.mark.parametrize("name", PAGES)
def test_home_pages_are_read_and_name_their_feed(name: str) -> None:
    expect = expected("html")[name]["expect"]
    found = parsed((CORPUS / "html" / name).read_bytes())
    assert found.page.title == expect["title"].replace("&#39;", "'")
    assert len(found.page.text) > 500
    assert len(found.pieces) >= 3
    href = expect["feeds_announced"][0]["href"]
    url = f"https://example.org{href}" if href.startswith("/") else href
    assert found.warnings == (f'this page offers a feed, which says more: {url} ("kind: feed")',)


@needs_corpus
@pytest.mark.parametrize("name", SUITE)
def test_entries_and_events_of_the_suite(name: str) -> None:
    """Every name, address, time, author and place of an entry or event that an item holds."""
    peers = [
        child
        for peer in expected("html")[name]["expect"]["peer"]["items"]
        for child in (peer, *peer.get("children", ()))
    ]
    found = {piece.form: piece for piece in parsed((CORPUS / "html" / name).read_bytes(), "http://example.com/").pieces}
    for peer in peers:
        said = peer["properties"]
        if peer["type"] == ["h-event"]:
            item = found["event"]
            assert item.title == said["name"][0]
            assert item.url == said.get("url", ["http://example.com/"])[0]
            assert (item.event is not None) == ("start" in said)
        if peer["type"] == ["h-event"] and item.event:
            # Of several times of a start the first holds.
            starts_at, zone = moment_of(said["start"][0])
            assert (item.event.starts_at, item.event.timezone) == (starts_at, zone)
            ends_at = moment_of(said.get("end", [""])[0])[0]
            assert item.event.ends_at == ends_at
            place = said.get("location", [""])[0]
            whole = "Geoloqi, 920 SW 3rd Ave. Suite 400, Portland, Oregon"
            assert (item.event.place or "") == (place if isinstance(place, str) else whole)
        if peer["type"] == ["h-entry"] and "content" in said and "name" in said:
            piece = found["post"]
            assert piece.url == said.get("url", ["http://example.com/"])[0]
            name_said = said["name"][0]
            assert piece.title == name_said


def date_of(head: str, body: str = TEXT) -> tuple[datetime | None, datetime | None]:
    page = parsed(f"<html><head><title>T</title>{head}</head><body>{body}</body></html>").page
    return page.published_at, page.updated_at


DAY = datetime(2026, 2, 3, tzinfo=UTC)
AT = datetime(2026, 2, 3, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "body", "published", "updated"),
    [
        ('<meta property="article:published_time" content="2026-02-03T11:30:00+01:00">', TEXT, AT, None),
        ('<meta name="DC.date" content="2026-02-03">', TEXT, DAY, None),
        ("", f'<p itemprop="datePublished" content="2026-02-03">then</p>{TEXT}', DAY, None),
        ("", f'<p>{TEXT}<time datetime="2026-02-03T10:30Z">then</time></p>', AT, None),
        ("", f'{TEXT}<time datetime="2026-02-03">a</time><time datetime="2026-02-04">b</time>', None, None),
        ("", f"{TEXT}<p>Last modified: 2026-02-03 10:30</p>", None, AT),
        ("", f"{TEXT}<p>This page was last edited on 3 February 2026, at 10:30.</p>", None, AT),
        ("", f"{TEXT}<p>Last updated February 3rd, 2026</p>", None, DAY),
        ('<meta property="article:published_time" content="2099-01-01">', TEXT, None, None),
        ("", TEXT, None, None),
    ],
)
def test_dates(head: str, body: str, published: datetime | None, updated: datetime | None) -> None:
    assert date_of(head, body) == (published, updated)


def test_a_date_that_cannot_be_read_is_told() -> None:
    page = parsed(f"<title>T</title>{TEXT}<p>Last modified: 03/04/2026</p>").page
    assert (page.updated_at, page.warnings) == (None, ("date cannot be read: 03/04/2026",))


def test_the_whole_of_a_cut_title() -> None:
    html = f"<title>A very long story about…</title><h1>A very long story about the harbour</h1>{TEXT}"
    assert parsed(html).page.title == "A very long story about the harbour"
    cut = parsed(f"<title>A very long story about…</title>{TEXT}").page
    assert (cut.title, cut.warnings) == ("A very long story about…", ("title cut",))


def test_a_date_in_words_is_a_warning_only_without_a_date() -> None:
    body = "<p>Elections are held later this month, so they say.</p>"
    assert parsed(f"<title>T</title>{body}").page.warnings == ("date in words only: “later this month”",)
    dated = f'<title>T</title><meta property="article:published_time" content="2026-02-03">{body}'
    assert parsed(dated).page.warnings == ()


def test_code_that_a_page_breaks_out_of_a_sentence() -> None:
    html = "<title>T</title><p>Interestingly the</p><pre>image_type=rbd</pre><p>option lets you boot all of them.</p>"
    assert parsed(html).page.warnings == ("code broken out of a sentence: image_type=rbd",)


def test_a_note_has_no_title_of_its_own_and_entries_come_once() -> None:
    note = '<div class="h-entry"><a class="u-url" href="/1"></a><p class="e-content p-name">A crane fell.</p></div>'
    found = parsed(f"<title>Notes</title>{note}{note}{note.replace('/1', '/2')}")
    assert [(piece.title, piece.url) for piece in found.pieces] == [
        ("A crane fell.", "https://example.org/1"),
        ("A crane fell.", "https://example.org/2"),
    ]


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("folder", ["html", "text", "feed", "bombs"])
def test_hostile_documents_are_read_or_refused_and_leave_nothing_dangerous(folder: str) -> None:
    counts = {"read": 0, "refused": 0}
    for path in sorted((CORPUS / "hostile" / folder).rglob("*.*")):
        began = time.process_time()
        try:
            found = parse_page(path.read_bytes()[: 20 << 20], PageAsked("https://example.org/", "", NOW))
        except NotReadable:
            counts["refused"] += 1
            continue
        finally:
            assert time.process_time() - began < 5, path
        counts["read"] += 1
        for piece in (found.page, *found.pieces):
            assert not re.search(r"<(?:script|iframe|object|style|svg)\b|<\w[^>]*\son\w+=", piece.html, re.I), path
            assert all(link.startswith(("http://", "https://")) for link in piece.links)
            assert "\n" not in piece.title
    assert sum(counts.values()) > 0
