"""Two changes of one text: both where they don't touch, a clash where they do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.config.merge import Clash, merge

BASE = "a\nb\nc\nd\ne\nf\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("A\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\nF\n", "A\nb\nc\nd\ne\nF\n"),
        (BASE, "x\n" + BASE, "x\n" + BASE),
        ("a\nc\nd\ne\nf\n", "a\nb\nc\nd\nnew\ne\nf\n", "a\nc\nd\nnew\ne\nf\n"),
        ("a\nb\nX\nd\ne\nf\n", "a\nb\nX\nd\ne\nf\nlast", "a\nb\nX\nd\ne\nf\nlast"),
        ("a\r\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\nf", "a\r\nb\nc\nd\ne\nf"),
    ],
)
def test_both_are_taken(mine: str, theirs: str, both: str) -> None:
    assert merge(BASE, mine, theirs).text == both
    assert merge(BASE, theirs, mine).text == both


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("a\nX\nc\nd\ne\nf\n", "a\nY\nc\nd\ne\nf\n"),
        ("a\nX\nc\nd\ne\nf\n", "a\nb\nY\nd\ne\nf\n"),
        (BASE + "x\n", BASE + "y\n"),
        ("a\nf\n", "a\nb\nc\nD\ne\nf\n"),
    ],
)
def test_lines_that_touch_are_told(mine: str, theirs: str) -> None:
    merged = merge(BASE, mine, theirs)
    assert merged.text is None
    assert len(merged.clashes) == 1


def test_a_clash_says_what_stood_there() -> None:
    merged = merge(BASE, "a\nX\nc\nd\ne\nf\n", "a\nY\nc\nd\ne\nf\n")
    assert merged.clashes == (Clash(2, ("b\n",), ("X\n",), ("Y\n",)),)


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=8).map("".join)


@given(LINES, LINES)
def test_with_one_change_alone_the_merge_is_that_change(base: str, mine: str) -> None:
    assert merge(base, mine, base).text == mine
    assert merge(base, base, mine).text == mine
    assert merge(base, mine, mine).text == mine


@given(LINES, LINES, LINES)
def test_who_is_first_makes_no_difference(base: str, mine: str, theirs: str) -> None:
    assert merge(base, mine, theirs).text == merge(base, theirs, mine).text
