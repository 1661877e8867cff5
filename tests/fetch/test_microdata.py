"""Microdata as records: what belongs to a thing, in which form, and where it ends."""

from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from newsletter.fetch.microdata import microdata_things

URL = "https://quay.example/a/"


def things(html: str) -> list[dict[str, Any]]:
    return microdata_things(LexborHTMLParser(html), URL)


def thing(inner: str) -> dict[str, Any]:
    (found,) = things(f'<div itemscope itemtype="https://schema.org/Event">{inner}</div>')
    return found


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("<b itemprop=x> a <i>b</i> </b>", "a b"),
        ('<meta itemprop=x content="c">', "c"),
        ('<span itemprop=x content="c">d</span>', "c"),
        ('<a itemprop=x href="../b">d</a>', "https://quay.example/b"),
        ('<img itemprop=x src="//other.example/p.png">', "https://other.example/p.png"),
        ('<time itemprop=x datetime="2026-03-01">now</time>', "2026-03-01"),
        ("<time itemprop=x>2026-03-01</time>", "2026-03-01"),
        ('<data itemprop=x value="7">seven</data>', "7"),
        ('<a itemprop=x href="http://[">d</a>', ""),
        ("<b itemprop=x>first</b><b itemprop=x>second</b>", "first"),
        ('<b itemprop="y x">both</b>', "both"),
        ('<b itemprop="https://schema.org/x">long</b>', "long"),
    ],
)
def test_a_value_is_what_its_element_says(inner: str, value: str) -> None:
    assert thing(inner)["x"] == value


def test_things_within_are_theirs_alone() -> None:
    found = thing('<p itemprop=a itemscope itemtype="t:A"><b itemprop=name>in</b></p><b itemprop=name>out</b>')
    assert (found["name"], found["a"]["name"], found["a"]["@type"]) == ("out", "in", ["t:A"])
    twice = thing("<p itemprop=a itemscope><b itemprop=n>1</b></p><p itemprop=a itemscope><b itemprop=n>2</b></p>")
    assert [each["n"] for each in twice["a"]] == ["1", "2"]


def test_names_and_depth() -> None:
    (found,) = things('<div itemscope itemtype="a b" itemid="#x"></div>')
    assert (found["@type"], found["@id"]) == (["a", "b"], URL + "#x")
    deep = thing("<div itemprop=a itemscope>" * 12)
    for _ in range(9):
        deep = deep["a"]
    assert deep == {}
