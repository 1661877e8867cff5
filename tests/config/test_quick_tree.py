"""The quick reader reads what the parser reads, line for line, or nothing at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.config.nodes import Node, Unreadable
from newsletter.config.quick_tree import TooOdd, read_quickly
from newsletter.config.yaml_events import parse
from tests.config.feeds_drawn import files

PLAIN = """# a note
newsletter:
  name: A large one   # why
  from: Us <us@example.org>
  reply to:

sections:
- id: a
  title: 'It''s "quoted"'
- id: b
  title: "two # words"  # note

sources:
  # put away
  - name: One
    url: https://s.example.org/feed.xml?a=b#c
    take: [merged, "waiting: more", 'x y', first-time contributor]
    ignore: []
    weight: -5
  - name: Two
    take:
      - a
      - "b"
    list:
    - c
    - d e: f
    paused:
rules:
"""
ODD_VALUES = """schedule:
  skip: [2011-12-30,
         2012-07-06]
  note: |
    two lines
      # no note

    more
  fold: >-
    a
    b

  long: one
    two
  quoted: "a \\u00e9
    b"
  pairs: {a: 1, b: [c, d]}
  star: "*"
  empty: ''
rules:
  - name: x
    match: {source: a}
  - - nested
    - list
  - "a
    b"
last: end
"""


def whole(text: str) -> Node | str | None:
    """What the parser says of the text."""
    try:
        return parse(text)
    except Unreadable:
        return "unreadable"


def quick(text: str) -> Node | str | None:
    """What the quick reader says of it."""
    try:
        return read_quickly(text)
    except TooOdd:
        return "too odd"


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "# note", "a:", "a: b", "- a\n- b\n", "  a: 1\n  b: 2\n", PLAIN, PLAIN.rstrip("\n"), ODD_VALUES),
        *("a:\n- b\n- c\nd: e\n", "a:\n  - b: 1\n    c:\n    - d\n  -   e: 1\n      f: 2\n", "a: x:y\n", "a: -1\n"),
        *(f"a: {'x y ' * 700}\nb: [{'long word, ' * 400}c]\n", "a:   # note\n  b: c\n", "a: b#c\n", "a: b  #\n"),
        *("a:\n  b:\nc:\n", "a: |+\n  x\n\n\nb: c\n", "a: |\n  x", "a: 'b\n\n  c'\nd: e\n", "ä b/c (d): é – “x”\n"),
        *("- a: |\n    x\n  b: c\n- >-\n  x\n  y\n- [a,\n   b]\n", "a: <b>\nc: =d\ne: ~\nf: ;g\n", "a: \xa0b\xa0\n"),
    ],
)
def test_what_is_written_plainly_is_read_as_by_the_parser(text: str) -> None:
    assert quick(text) == whole(text) != "unreadable"


@pytest.mark.parametrize(
    "text",
    [
        *("a: b\n  c: d\n", "a: 1\n- b\n", "a:\n  b: 1\n c: 2\n", "a: b: c\n", "a: @b\n", "a: [b\nc: d\n", "a\n", "'a"),
        *("a: &x b\n", "a: *b\n", "a: !!x b\n", "---\na: b\n", "a: b\n---\nc: d\n", "? a\n", "%x\n", "-\n  a: b\n"),
        *("a:\tb\n", "a: b\x85c\n", "a: \x07\n", "a: 'b\nc: d\n", "a: b\n\n# note\n  c\n", "- a: 1\n b: 2\n", "- \n"),
        *('"a": b\n', "- a\nb: c\n", "a : b\n", "a:\n  b\n", "a: ]\n", "a: | b\n  c\n", "a: " + "[" * 20 + "]" * 20),
        *("".join(f"{'  ' * deep}a:\n" for deep in range(20)), "a: b\n" + "c: {d: e}\n" * 201),
    ],
)
def test_what_is_not_is_left_to_the_parser(text: str) -> None:
    assert quick(text) == "too odd"


def test_pieces_are_as_deep_as_the_whole_lets_them_be() -> None:
    inside = "".join(f"{'  ' * deep}a:\n" for deep in range(10)) + " " * 20 + "b: "
    assert quick(inside + "{c: 1}\n") == whole(inside + "{c: 1}\n") != "unreadable"
    assert quick(inside + "{c: {d: 1}}\n") == "too odd"
    assert whole(inside + "{c: {d: 1}}\n") == "unreadable"


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(files())
@pytest.mark.slow
def test_drawn_files_are_read_as_by_the_parser(drawn: object) -> None:
    text = drawn.text  # type: ignore[attr-defined]
    assert quick(text) in (whole(text), "too odd")


PIECES = st.sampled_from(
    [
        *(
            "a",
            "key",
            "x y",
            "é",
            "1",
            "-5",
            ".",
            "/",
            "(",
            ")",
            "+",
            "~",
            "<<",
            "=",
            "\\",
            "%",
            "@",
            "*",
            "&",
            "!",
            "|",
        ),
        *(">", "?", ":", ": ", ":\n", "- ", "-", "\n", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", " ", "  ", "#", " #"),
        *(" # note", "[", "]", ", ", ",", "{", "}", '"', "'", "''", '"b c"', "'d'", "[a, b]", "key: value", "\nkey: "),
        *(
            "\n  key: ",
            "\n  - name: ",
            "---",
            "...",
            "\xa0",
            "\t",
            "|\n    ",
            ">-\n  ",
            "\n\n",
            "url: https://x/?a=b#c",
        ),
    ]
)


@settings(max_examples=800, deadline=None, derandomize=True, database=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@pytest.mark.slow
def test_any_signs_are_read_as_by_the_parser_or_not_at_all(text: str) -> None:
    found = quick(text)
    assert found in (whole(text), "too odd")


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.sampled_from([PLAIN, ODD_VALUES]), st.lists(st.tuples(st.integers(0, 700), PIECES), min_size=1, max_size=3))
@pytest.mark.slow
def test_an_example_with_anything_put_into_it(text: str, changes: list[tuple[int, str]]) -> None:
    for place, piece in changes:
        at = place % len(text)
        text = text[:at] + piece + text[at:]
    assert quick(text) in (whole(text), "too odd")
