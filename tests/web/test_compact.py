"""Style sheets and scripts lose what only people read, and nothing else."""

from pathlib import Path

import pytest

from newsletter.web.assets import find_asset, more_style, style
from newsletter.web.compact import compact_script, compact_style
from tests.web.desk import Desk

_STATIC = Path(__file__).resolve().parents[2] / "newsletter" / "web" / "static"
_OWN = sorted(path for path in _STATIC.rglob("*.js") if path.parent.name != "vendor")


def test_a_style_sheet_without_comments_and_needless_space() -> None:
    css = """
    /* all */ a:hover , a > b { color : red ; margin: 0 calc(1px + 2px) ; }
    @media (min-width: 48em) { .a .b::before { content: "x ; /* y */  { " ', '; --s: 'a : b'; } }
    """
    wanted = "a:hover,a > b{color :red;margin:0 calc(1px + 2px)}"
    wanted += "@media (min-width:48em){.a .b::before{content:\"x ; /* y */  { \" ', ';--s:'a : b'}}"
    assert compact_style(css) == wanted


def test_a_script_keeps_its_lines() -> None:
    script = '// what it is\n\nif (a) {\n  // why\n  b("// c"); // here\n}\n'
    assert compact_script(script) == '\n\nif (a) {\n\nb("// c"); // here\n}\n'


@pytest.mark.parametrize("path", _OWN, ids=lambda path: path.name)
def test_no_script_has_a_text_of_several_lines(path: Path) -> None:
    """Its margin would be taken for indentation."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert line.count("`") % 2 == 0, number
        assert "/*" not in line or "*/" in line, number
    assert len(path.read_text(encoding="utf-8").splitlines()) < 250


def test_a_script_finds_the_one_beside_it_under_the_same_hash(desk: Desk) -> None:
    start, other = find_asset(desk.app, "review/start.js"), find_asset(desk.app, "review/list.js")
    assert start
    assert other
    beside = start.url.rpartition("/")[0] + "/list.js"
    assert beside == other.url
    assert "immutable" in desk.client.get(beside).headers["cache-control"]


def test_the_review_page_carries_no_rules_of_other_pages(desk: Desk) -> None:
    first, more = style(desk.app), more_style(desk.app)
    assert first.content.startswith(b":root{")
    assert b".frames iframe" in more.content
    assert b".frames iframe" not in first.content
    assert b"--accent:" not in more.content
    page = desk.signed_in().get("/desk/me").text
    assert first.url in page
    assert more.url in page
