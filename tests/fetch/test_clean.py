import json
import time
from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser

from newsletter.fetch.clean import (
    NOTHING,
    TEXT_CUT,
    clean_html,
    html_to_text,
    is_safe_url,
    paragraphs,
    sanitise,
    title_text,
)
from tests.corpus import CORPUS, needs_corpus

BASE = "https://example.org/blog/post"
TAGS = """
html head body a abbr acronym article aside b bdi bdo big blockquote br caption center cite code data dd del details dfn
div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark ol p pre q rp rt ruby s samp
section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
"""
ATTRIBUTES = "href src alt title width height colspan rowspan start datetime dir lang"
SAFE_TAGS, SAFE_ATTRIBUTES = frozenset(TAGS.split()), frozenset(ATTRIBUTES.split())
SAFE_SCHEMES = ("http://", "https://", "mailto:")


def rows(name: str) -> Iterator[tuple[str, str]]:
    with (CORPUS / "hostile" / "html" / name).open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["id"], row["input"]


def dangers(html: str) -> list[str]:
    """Whatever in ``html``, read as a browser would, is not plainly harmless."""
    found = []
    for node in LexborHTMLParser(html).css("*"):
        if node.tag not in SAFE_TAGS:
            found.append(f"<{node.tag}>")
        for name, value in node.attributes.items():
            if name not in SAFE_ATTRIBUTES:
                found.append(f"{node.tag} {name}")
            if name in ("href", "src") and (
                not (value or "").startswith(SAFE_SCHEMES) or any(letter <= " " or letter == "\x7f" for letter in value)
            ):
                found.append(f"{node.tag} {name}={value!r}")
    return found


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["xss.jsonl", "xss_long_list.jsonl", "event_handlers.jsonl", "tokenizer.jsonl", "benign.jsonl"]
)
def test_nothing_dangerous_is_left_and_cleaning_twice_changes_nothing(name: str) -> None:
    count = 0
    for row, html in rows(name):
        cleaned = clean_html(html, BASE)
        assert not dangers(cleaned.html), row
        assert clean_html(cleaned.html, BASE) == cleaned, row
        assert not dangers(f"<p>{title_text(html)}") or "<" in title_text(html), row
        assert "\n" not in title_text(html)
        count += 1
    assert count > 50


def visible(html: str) -> str:
    """The text a browser shows, without white space."""
    tree = LexborHTMLParser(f"<body>{html}")
    hidden = "script, style, template, title, head, iframe, object, embed, noembed, noframes, select, datalist, math, "
    for node in tree.css(hidden + "canvas, audio, video, xml, xmp, plaintext, applet"):
        node.decompose()
    return "".join((tree.body.text() if tree.body else "").split())


@needs_corpus
@pytest.mark.slow
def test_visible_text_is_kept() -> None:
    wrong = []
    for row, html in rows("benign.jsonl"):
        text = "".join(html_to_text(html).split())
        if text.replace("-", "") != visible(html).replace("-", ""):
            wrong.append((row, html, text, visible(html)))
    assert wrong == []


def test_relative_addresses_hang_on_the_base() -> None:
    html = '<a href="../x?a=1&amp;b=2">one</a> <a href="#part">two</a> <img src="/p.png" alt="A picture" onerror=x>'
    cleaned = clean_html(html, BASE)
    assert cleaned.links == ("https://example.org/x?a=1&b=2", "https://example.org/blog/post#part")
    assert cleaned.pictures == ("https://example.org/p.png",)
    assert cleaned.html == (
        '<a href="https://example.org/x?a=1&amp;b=2">one</a> <a href="https://example.org/blog/post#part">two</a> '
        '<img src="https://example.org/p.png" alt="A picture">'
    )


@pytest.mark.parametrize("base", [None, "", "javascript:alert(1)", "file:///etc/passwd", "not an address", "http://[x"])
def test_without_a_base_relative_addresses_go(base: str | None) -> None:
    assert sanitise('<a href="x.html">word</a>', base) == "<a>word</a>"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "http://example.org/\x01x",
        "http://example.org/&#1;x",
        "http://example.org/&#x202e;x",
        "file:///etc/passwd",
        "ftp://example.org/",
    ],
)
def test_an_address_that_must_not_be_linked(url: str) -> None:
    cleaned = clean_html(f'<p>See <a href="{url}">this</a></p>')
    assert (cleaned.html, cleaned.text, cleaned.links) == ("<p>See <a>this</a></p>", "See this", ())


def test_pixels_that_count_readers_go() -> None:
    html = (
        '<img src="https://t.example.org/1" width="1" height="1"><img src="https://e.org/p" width="10" height="2"><img>'
    )
    assert sanitise(html) == '<img src="https://e.org/p" width="10" height="2">'


def test_text_has_blocks_on_lines() -> None:
    html = (
        "<h2>News</h2><p>First <b>bold</b>\n line<br>second</p><div>a</div><div>b</div><ul><li>one<li><p>two</p></ul>"
        "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table><pre>if x:\n    y\n</pre>end<br><br>more"
    )
    assert html_to_text(html) == (
        "News\n\nFirst bold line\nsecond\n\na\nb\n- one\n- two\n\n1 2\n3\n\nif x:\n    y\n\nend\n\nmore"
    )


def test_text_is_not_markup() -> None:
    assert html_to_text("a &amp;lt; b &lt;b&gt; &nbsp;c") == "a &lt; b <b>  c"
    assert html_to_text("a < b & c") == "a < b & c"
    assert html_to_text("plain > text") == "plain > text"
    assert sanitise("plain > text") == "plain &gt; text"
    assert clean_html("<script>x</script> ") == NOTHING


def test_controls_and_direction_marks_go() -> None:
    assert clean_html("<p>a&#27;[31mb\u202ec\x07d&#x202e;</p>").text == "a[31mbcd"


def test_half_letters_become_question_marks() -> None:
    assert clean_html("<p>a\ud800</p>").text == "a?"
    assert title_text("a\udfff") == "a?"


def test_titles_are_one_line() -> None:
    assert title_text("A\r\nB &amp; <i>C</i><br>D") == "A B & C D"
    assert title_text("1 < 2") == "1 < 2"


def test_paragraphs_of_plain_text() -> None:
    assert paragraphs("a <b>\nc\r\n \r\n\n d & e\n") == "<p>a &lt;b&gt;<br>c</p><p>d &amp; e</p>"
    assert paragraphs(" \n") == ""


def test_a_very_long_text_is_cut() -> None:
    cleaned = clean_html("<p>" + "word " * 300_000)
    assert TEXT_CUT in cleaned.warnings
    assert len(cleaned.text) <= 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 150_000,
        "<b>" * 150_000 + "<p>" * 1000,
        "".join(f"<b id={number}>" for number in range(4000)) + "<p>" * 8000,
        "<p>" + "".join(f"<i id={number}>" for number in range(250)) + "<p>x" * 20_000,
        "<p>" + "<b id=1><i id=2><u id=3>" * 3 + "<p>x" * 50_000 + "</b></i></u>" * 3,
        "<b> </b>" * 100_000,
        "a.a" * 300_000 + " [at]",
        "is: " + "<p> </p>" * 60_000,
        "&nbsp;" * 150_000,
        "<pre>" * 150_000,
        "<li>" * 100_000,
    ],
    ids=lambda html: html[:12],
)
def test_torture_takes_bounded_time(html: str) -> None:
    began = time.process_time()
    clean_html(html + "the end")
    assert time.process_time() - began < 2


def test_depth_alone_loses_no_words() -> None:
    assert clean_html("<div>" * 2000 + "deep <a href=x>words</a>" + "</div>" * 2000).text == "deep words"


def test_safe_urls() -> None:
    assert is_safe_url("https://example.org/a?b=c#d")
    assert not is_safe_url("https://example.org/\u202e")
    assert not is_safe_url("javascript:alert(1)")
