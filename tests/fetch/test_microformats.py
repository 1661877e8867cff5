"""Microformats against the suite's own results, and dates as pages write them."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from newsletter.fetch.microformat_dates import join_values, moment_of
from newsletter.fetch.microformats import Thing, find_things, flattened
from tests.corpus import CORPUS, expected, needs_corpus

SUITE = sorted(name for name in expected("html") if name.startswith("microformats/"))


def things(html: str | bytes, url: str = "http://example.com/") -> tuple[Thing, ...]:
    return find_things(LexborHTMLParser(html), url)


def folded(text: str) -> str:
    return " ".join(text.split())


def plain(thing: Thing) -> dict[str, Any]:
    """As the suite writes a result, every value as its text."""
    return {
        "type": list(thing.types),
        "properties": {name: [folded(text) for text in thing.texts(name)] for name in thing.properties},
        "children": [plain(each) for each in thing.children],
    }


def wanted(peer: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": peer["type"],
        "properties": {name: [folded(_text(each)) for each in values] for name, values in peer["properties"].items()},
        "children": [wanted(each) for each in peer.get("children", ())],
    }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    # Of a microformat in a property its name is kept; the suite's "value" of a u-property is its address.
    return str(value["properties"]["name"][0] if "properties" in value else value["value"])


@needs_corpus
@pytest.mark.parametrize("name", SUITE)
def test_the_suite(name: str) -> None:
    peer = expected("html")[name]["expect"]["peer"]["items"]
    assert [plain(each) for each in things((CORPUS / "html" / name).read_bytes())] == [wanted(each) for each in peer]


@needs_corpus
def test_the_suite_is_there() -> None:
    assert len(SUITE) == 20


def test_classic_names() -> None:
    html = (
        '<div class="hfeed"><div class="hentry" id="p1"><a class="entry-title">A</a>'
        '<div class="entry-content"><p>Text</p></div><abbr class="published" title="2011-02-25">then</abbr>'
        '<span class="author vcard"><span class="fn">Ada</span></span></div>'
        '<div class="vevent"><b class="summary">Meeting</b><abbr class="dtstart" title="2011-04-26">x</abbr></div>'
        "</div>"
    )
    (feed,) = things(html)
    entry, event = feed.children
    assert (entry.types, entry.id, entry.text("name"), entry.html) == (("h-entry",), "p1", "A", "<p>Text</p>")
    assert (entry.text("published"), entry.text("author")) == ("2011-02-25", "Ada")
    assert (event.text("name"), event.text("start")) == ("Meeting", "2011-04-26")


def test_a_page_of_nothing_but_nesting_ends() -> None:
    html = '<div class="h-entry">' * 300 + "x"
    assert len(list(flattened(things(html)))) <= 1000
    assert things('<div class="h-x h- H-ENTRY h-entry2">x</div>')[0].types == ("h-x",)


@pytest.mark.parametrize(
    ("text", "at", "zone"),
    [
        ("2009-06-26T19:00-08:00", datetime(2009, 6, 27, 3, 0, tzinfo=UTC), "UTC-08:00"),
        ("2009-06-26T19:00-08", datetime(2009, 6, 27, 3, 0, tzinfo=UTC), "UTC-08:00"),
        ("2009-06-26t19:00+0530", datetime(2009, 6, 26, 13, 30, tzinfo=UTC), "UTC+05:30"),
        ("2009-06-26 19:00:00Z", datetime(2009, 6, 26, 19, 0, tzinfo=UTC), "UTC"),
        ("2009-06-26T19:00:00.123", datetime.fromisoformat("2009-06-26T19:00:00"), None),
        ("2013-034", date(2013, 2, 3), None),
        ("20130203", date(2013, 2, 3), None),
        ("2013-02-03", date(2013, 2, 3), None),
        ("2013-02-31", None, None),
        ("tomorrow", None, None),
        ("2013-02-03T25:00", None, None),
        ("", None, None),
    ],
)
def test_moments(text: str, at: date | datetime | None, zone: str | None) -> None:
    assert moment_of(text) == (at, zone)


def test_values_put_together() -> None:
    assert join_values(["19:00", "2009-06-26", "+01:00"]) == "2009-06-26 19:00+0100"
    assert join_values(["12:15am"], "2009-06-26 19:00") == "2009-06-26 00:15"
    assert join_values(["some day"]) == "some day"
    assert re.fullmatch(r"\d\d:\d\d", join_values(["7pm"], "soon"))
