"""parse_feed() on feeds of our own, one trait each."""

import json
import pickle
import time
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from newsletter.errors import NotReadable
from newsletter.fetch.feed import ParsedFeed, looks_like_json, looks_like_page, parse_feed, parse_quickly
from newsletter.fetch.feed_items import ITEMS_AT_MOST, Naming
from newsletter.model.item import Item, Person, item_id
from tests.corpus import CORPUS, needs_corpus
from tests.fetch.test_clean import dangers

DATA = Path(__file__).parents[1] / "data" / "feed"
NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
URL = "https://blog.example.org/feeds/all.xml"


def parsed(
    data: bytes | str, url: str = URL, real: str | None = None, known: frozenset[str] = frozenset()
) -> ParsedFeed:
    return parse_feed(data.encode() if isinstance(data, str) else data, Naming("blog", url, NOW, real), "", known)


def items(data: bytes | str, url: str = URL, real: str | None = None) -> tuple[Item, ...]:
    return parsed(data, url, real).items


def rss(*inside: str, head: str = "") -> str:
    entries = "".join(f"<item>{item}</item>" for item in inside)
    return f'{head}<rss version="2.0"><channel><title>t</title>{entries}</channel></rss>'


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_atom() -> None:
    second, first = items((DATA / "planet.atom").read_bytes(), "https://planet.example.org/atom.xml")
    assert first == Item(
        id=item_id("blog", "tag:marsh.example.org,2026:nesting"),
        source_id="blog",
        kind="feed",
        form="post",
        native_keys=("tag:marsh.example.org,2026:nesting",),
        title="Ada Marsh: Nesting faster & safer",
        url="https://marsh.example.org/nesting?a=1&b=2",
        author=Person("Ada Marsh", "ada@marsh.example.org"),
        published_at=at("2026-03-05T08:30"),
        updated_at=at("2026-03-05T11:00"),
        text="We nest twice as fast. See the graphs.\nMore soon.\n\nThe following people helped:",
        html=first.html,
        links=("https://marsh.example.org/graphs", "https://marsh.example.org/nesting.ogg"),
        language="en",
        labels=("Storage", "storage"),
        warnings=("list announced and missing",),
    )
    assert "steal" not in first.html
    assert '<a href="https://marsh.example.org/graphs">the graphs</a>' in first.html
    assert second.title == "Ein Nachmittag im Schilf mit Freunden…"
    assert second.url == "https://planet.example.org/schilf"
    assert second.author == Person("Jürgen Reed")
    assert second.published_at == second.updated_at == at("2026-03-04T08:00")
    assert (second.language, second.warnings) == ("de", ("title cut", "address obfuscated"))


def test_rss() -> None:
    first, undated, second = items((DATA / "blog.rss").read_bytes())
    assert (second.title, second.native_keys, second.author) == (
        "Heron 2.0 is out & ready",
        ("post-2",),
        Person("Mira Teal"),
    )
    assert second.text == "Heron 2.0 is here."
    assert second.links == ("https://blog.example.org/download", "https://blog.example.org/two.mp3")
    assert (second.language, second.labels) == ("en", ("Releases",))
    assert undated.url is None
    assert undated.published_at is None
    assert undated.author == Person("Mira Teal", "mira@example.org")
    assert undated.warnings == ("date cannot be read: some day",)
    assert first.title == "A post without a title has the first words of its text…"
    assert first.url == "https://blog.example.org/first"
    assert first.published_at == at("2026-03-02T14:00")


def test_json() -> None:
    feed = parsed((DATA / "notes.json").read_bytes())
    first, second = feed.items
    assert feed.title == "Notes from the reeds"
    assert (second.native_keys, second.title, second.text) == (("2",), "Two", "Second note")
    assert second.author == Person("Noor Sedge", "noor@example.org")
    assert second.published_at == at("2026-03-03T08:00")
    assert (second.links, second.labels) == (("https://notes.example.org/2.mp3",), ("reeds",))
    assert (first.url, first.author) == ("https://elsewhere.example.org/", Person("Wren Bul"))
    assert first.html == "<p>First note<br>with &lt;brackets&gt;</p>"
    assert first.published_at == at("2026-03-01T10:00")


def test_rdf_and_old_letters() -> None:
    document = """<?xml version="1.0" encoding="iso-8859-1"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
             xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="https://e.org/"><title>Ä</title></channel>
    <item rdf:about="https://e.org/1"><title>Grüße</title><link>https://e.org/1</link><dc:date>2026-03-01</dc:date></item>
    </rdf:RDF>"""
    (item,) = items(document.encode("iso-8859-1"))
    assert (item.title, item.native_keys, item.published_at) == ("Grüße", ("https://e.org/1",), at("2026-03-01"))


def test_broken_feeds_are_read_all_the_same() -> None:
    broken = "<rss><channel><item><title>One &nbsp; <b>two</title><link>https://e.org/1</link></item><item><title>Three</title>"
    assert [item.title for item in items(broken)] == ["Three", "One two"]
    prefixed = "<rss rss:version=2.0><rss:channel><rss:item><rss:title>A</rss:title></rss:item></rss:channel></rss>"
    assert [item.title for item in items(prefixed)] == ["A"]
    sixteen = rss("<title>Wide</title>", head='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16")
    assert [item.title for item in items(sixteen)] == ["Wide"]


def test_letters_that_there_are_none_of_cost_no_feed() -> None:
    odd = rss(
        "<title>Smile &#xD83D;&#xDE00; &#55357;&#56832; &#xD83D; &#x110000; &#99999999999; &#0; &amp;#65;</title>"
    )
    assert items(odd)[0].title == "Smile 😀 😀 \ufffd \ufffd \ufffd \ufffd A"


def test_what_even_feedparser_gives_up_on_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise AssertionError("a bug in somebody else's library")

    monkeypatch.setattr(feedparser, "parse", give_up)
    with pytest.raises(NotReadable, match="too broken to be read: AssertionError"):
        parsed("<rss><channel><item><title>open")


def test_rss_written_as_json() -> None:
    entry = {"title": "One &amp; two", "guid": {"#value": "1"}, "pubDate": "2026-03-01", "description": "<b>Hi</b>"}
    feed = {"rss": {"channel": {"title": "t", "item": {**entry, "enclosure": {"url": "https://e.org/1.mp3"}}}}}
    (item,) = items(json.dumps(feed))
    assert (item.title, item.native_keys, item.published_at) == ("One & two", ("1",), at("2026-03-01"))
    assert (item.html, item.links) == ("<b>Hi</b>", ("https://e.org/1.mp3",))


def test_broken_addresses_are_none() -> None:
    text = '<description>&lt;a href="//[bad"&gt;x&lt;/a&gt;</description>'
    (item,) = items(rss(f"<title>t</title><link>//[bad</link><guid isPermaLink='false'>1</guid>{text}"))
    assert (item.url, item.links, item.text) == (None, (), "x")
    assert items(rss("<title>t</title>"), "https://[bad")[0].form == "post"


def test_titles_are_one_line_of_plain_text() -> None:
    data = rss(
        "<title>A&#13;\nB\t &amp;lt;c&amp;gt; &lt;i&gt;d&lt;/i&gt;</title>", "<title>AT&amp;T > 1 &lt; 2</title>"
    )
    assert [item.title for item in items(data)] == ["AT&T > 1 < 2", "A B <c> d"]


def test_bad_dates_are_unknown_and_told() -> None:
    dates = ("Thu, 01 Jan 1970 00:00:00 GMT", "2030-01-01T00:00:00Z")
    old, late = items(rss(*(f"<guid>{date}</guid><pubDate>{date}</pubDate>" for date in dates)))
    assert (old.published_at, old.warnings) == (None, ("date cannot be meant: 1970-01-01",))
    assert (late.published_at, late.warnings) == (None, ("date in the future: 2030-01-01",))


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "https://e.org/a&#10;b", "https://e.org/&#x202e;", "data:text/html,x", "ftp://e.org/"],
)
def test_a_link_that_must_not_be_followed_is_none(link: str) -> None:
    assert items(rss(f"<title>t</title><link>{link}</link>"))[0].url is None


def test_an_id_that_is_no_address_is_not_followed() -> None:
    (item,) = items(rss("<guid>1234</guid><title>t</title>"))
    assert (item.url, item.native_keys) == (None, ("1234",))


def test_oldest_first_whichever_way_round_the_feed_stands() -> None:
    dated = [f"<title>{day}</title><pubDate>2026-03-0{day}</pubDate>" for day in (1, 2, 3)]
    assert [item.title for item in items(rss(*dated))] == ["1", "2", "3"]
    assert [item.title for item in items(rss(*dated[::-1]))] == ["1", "2", "3"]


def test_only_new_entries_become_items() -> None:
    before = parsed(rss("<guid>1</guid><title>One</title>", "<guid>2</guid><title>Two</title>"))
    known = frozenset(before.entry_hashes)
    assert len(known) == 2
    same = parsed(rss("<guid>2</guid><title>Two</title>", "<guid>1</guid><title>One</title>"), known=known)
    assert (same.items, frozenset(same.entry_hashes)) == ((), known)
    changed = parsed(rss("<guid>3</guid><title>New</title>", "<guid>2</guid><title>Two!</title>"), known=known)
    assert [item.title for item in changed.items] == ["Two!", "New"]
    assert changed.items[0].id == before.items[0].id
    assert len(changed.entry_hashes) == 2


def test_entries_that_share_an_id() -> None:
    one, two = "<guid>1</guid><title>One</title>", "<guid>1</guid><title>Two</title>"
    assert len(items(rss(one, one))) == 1
    older, newer = items(rss(two, one))
    assert (older.title, older.native_keys) == ("One", ("1",))
    assert newer.title == "Two"
    assert newer.native_keys[0].startswith("1#")
    assert items(rss(one))[0].id == older.id
    many = parsed(rss(*(f"<guid>1</guid><title>{number}</title>" for number in range(101))))
    assert [item.title for item in many.items] == ["0"]
    assert many.warnings == ("101 entries share one id, only the first is taken: 1",)


def test_a_feed_that_breaks_off_is_told() -> None:
    whole = rss("<title>One</title>", "<title>Two</title>")
    cut = parsed(whole[: whole.index("Two")])
    assert cut.items[-1].title == "One"
    assert cut.warnings == ("the feed breaks off in the middle; what comes after is not there",)
    with pytest.raises(NotReadable, match="the feed breaks off before its first entry"):
        parsed("<rss><channel><title>Br")
    for well in (whole, rss(), rss() + "<!-- made by us -->", "<rss version='2.0'><channel/></rss>", "<feed/>"):
        assert parsed(well).warnings == ()
    wide = rss("<title>A</title>", head='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16")
    assert parsed(wide).warnings == ()


def test_entries_without_id_or_link_are_told_apart_by_what_they_say() -> None:
    first, second = items(rss("<title>One</title>", "<title>Two</title>"))
    assert first.id != second.id
    assert items(rss("<title>One</title>"))[0].id == second.id


def test_a_great_many_entries_come_in_parts() -> None:
    data = rss(*(f"<guid>{number}</guid>" for number in range(ITEMS_AT_MOST + 5)))
    first = parsed(data)
    assert (len(first.items), first.is_partial, len(first.entry_hashes)) == (ITEMS_AT_MOST, True, ITEMS_AT_MOST)
    rest = parsed(data, known=first.entry_hashes)
    assert (len(rest.items), rest.is_partial, len(rest.entry_hashes)) == (5, False, ITEMS_AT_MOST + 5)
    assert [item.native_keys[0] for item in (first.items[0], rest.items[-1])] == [str(ITEMS_AT_MOST + 4), "0"]


@pytest.mark.parametrize(
    ("real", "title", "name", "left"),
    [
        ("title", "Eric Day: Building a service", "Eric Day", "Building a service"),
        ("title", "Eric Day - Building: a service", "Eric Day", "Building: a service"),
        ("title", "No name here", "Robot", "No name here"),
        ("author", "Eric Day: Building a service", "Robot", "Eric Day: Building a service"),
        ("body", "Building a service", "Ada Marsh", "Building a service"),
        (None, "Eric Day: Building a service", "Robot", "Eric Day: Building a service"),
    ],
)
def test_the_real_author(real: str | None, title: str, name: str, left: str) -> None:
    text = "<description>&lt;p&gt;By Ada Marsh&lt;/p&gt;Text</description>"
    (item,) = items(rss(f"<title>{title}</title><author>Robot</author>{text}"), real=real)
    assert (item.author, item.title) == (Person(name), left)


def test_addresses_tell_people_apart_and_are_not_shown() -> None:
    assert items(rss("<author>Mira@Example.org</author>"))[0].author == Person("Mira", "mira@example.org")
    assert items(rss("<author></author>"))[0].author is None


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://github.com/heron/heron/releases.atom", "release"),
        ("https://git.example.org/heron/-/tags?format=atom", "release"),
        ("https://blog.example.org/releases-and-more.atom", "post"),
    ],
)
def test_feeds_of_forges_give_releases(url: str, form: str) -> None:
    assert items(rss("<title>2.0</title>"), url)[0].form == form


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!DOCTYPE html><html><body>Hi", "a web page"),
        (b"<?xml version='1.0'?><!-- x --><html xmlns='http://www.w3.org/1999/xhtml'/>", "a web page"),
        (b"<note><to>you</to></note>", "neither RSS, Atom nor JSON Feed"),
        (b"just words", "neither RSS, Atom nor JSON Feed"),
        (b'{"a": 1}', "JSON, but not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "begins like JSON"),
        (b"[" * 100_000, "begins like JSON"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "neither RSS, Atom nor JSON Feed"),
    ],
)
def test_what_is_no_feed_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NotReadable, match=message):
        parsed(data)


def test_an_empty_feed_is_a_feed() -> None:
    assert parsed(rss()) == ParsedFeed((), (), "t")


def test_a_feed_behind_the_document_type_of_a_page_is_no_page() -> None:
    assert not looks_like_page(b"<!DOCTYPE html><rss version='2.0'>")
    assert looks_like_page(b"\xef\xbb\xbf<!doctype HTML><head>") is False
    assert looks_like_page(b"<!doctype HTML><head>")
    assert looks_like_json(b'\xef\xbb\xbf {"a"')


def test_quick_reading_leaves_alone_what_is_odd() -> None:
    naming = Naming("blog", URL, NOW)
    assert parse_quickly(rss("<title>t</title>").encode(), naming) == parsed(rss("<title>t</title>"))
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + rss("<title>&b;</title>")
    assert parse_quickly(bomb.encode(), naming) is None
    assert "aaaa" not in items(bomb)[0].title
    assert parse_quickly(b"<rss><channel><item>", naming) is None


def test_half_letters_do_no_harm() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": "\ud800", "title": "a\udfff", "content_html": "\ud800"}],
    }
    (item,) = items(json.dumps(feed))
    assert (item.title, item.text) == ("a?", "?")


def test_everything_survives_the_way_back_from_a_worker() -> None:
    found = parsed((DATA / "blog.rss").read_bytes())
    assert pickle.loads(pickle.dumps(found)) == found


@needs_corpus
@pytest.mark.slow
def test_hostile_feeds_are_read_or_refused_and_leave_nothing_dangerous() -> None:
    counts = {"read": 0, "refused": 0}
    for path in sorted((CORPUS / "hostile" / "feed").rglob("*.*")):
        if path.suffix == ".jsonl":
            continue
        began = time.process_time()
        try:
            found = parsed(path.read_bytes())
        except NotReadable:
            counts["refused"] += 1
            continue
        counts["read"] += 1
        assert time.process_time() - began < 5, path
        for item in found.items:
            assert not dangers(item.html), path
            assert len(item.text) < 2_000_000, path
            assert "\n" not in item.title, path
            assert item.url is None or item.url.startswith("http"), path
            assert "root:" not in item.text + item.title, path
    assert counts["read"] > 400
    assert counts["refused"] < 30


@needs_corpus
def test_external_entities_are_not_read() -> None:
    for line in (CORPUS / "hostile" / "feed" / "xxe_lines.jsonl").read_text(encoding="utf-8").splitlines():
        with pytest.raises(NotReadable):
            parsed(json.loads(line)["input"])
