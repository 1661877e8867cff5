import pytest

from newsletter.render import plain


def test_fill_keeps_to_the_width_and_marks_soft_ends() -> None:
    lines = plain.fill("word " * 40).split("\n")
    assert all(len(line) <= 72 for line in lines)
    assert [line.endswith(" ") for line in lines] == [True, True, False]
    assert not any(line.endswith(" ") for line in plain.fill("word " * 40, "  ").split("\n"))


def test_fill_never_cuts_a_word() -> None:
    long = "https://lantern.example/" + "x" * 90
    assert long in plain.fixed(plain.fill(f"See {long} now")).split("\n")


@pytest.mark.parametrize("left", ["Name", "A very long name " * 8])
def test_row_puts_both_ends_on_the_last_line(left: str) -> None:
    lines = plain.row(left, "Issue 57").split("\n")
    assert len(lines[-1]) == 72
    assert lines[-1].endswith(" Issue 57")
    assert all(len(line) <= 72 for line in lines)


def test_dots_line_up() -> None:
    lines = [
        plain.dots(name, 7) for name in ("1  Highlights", "2  Events", "3  A section with a very long name, really")
    ]
    assert lines[0] == "  1  Highlights .........................   7"
    assert len({len(line.split("\n")[-1]) for line in lines}) == 1


@pytest.mark.parametrize(
    ("percent", "shown"), [(0, "." * 20), (50, "#" * 10 + "." * 10), (100, "#" * 20), (140, "#" * 20), (-3, "." * 20)]
)
def test_bar(percent: int, shown: str) -> None:
    assert plain.bar(percent) == shown


def test_fixed_text_has_no_white_space_at_ends_and_few_empty_lines() -> None:
    assert plain.fixed("\n\none \n  \n\n\n\n\ntwo\t\n\n") == "one\n\n\ntwo\n"


def test_flowed_text_keeps_soft_ends_and_stuffs() -> None:
    given = "one \ntwo\n  indented\n> quoted\nFrom me\n-- \nname"
    assert plain.flowed(given) == "one \ntwo\n   indented\n > quoted\n From me\n--\nname\n"
