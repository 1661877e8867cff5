"""Line ends and marks of a file go through a form unharmed; mistakes stand at their lines."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Problem
from newsletter.web.feeds_text import BOM, difference_lines, line_views, shown_text, typed_like

ENDS = ("\n", "\r\n", "\r")
WORDS = st.sampled_from(["sources:", "  - name: A", "    kind: feed", "", "# ä note", "  "])
HEADS = st.sampled_from(["", BOM])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A text with line ends of one sort or of several, and perhaps none after its last line."""
    ends = st.sampled_from(draw(st.sampled_from([*((each,) for each in ENDS), ENDS, ENDS[:2]])))
    lines = draw(st.lists(st.tuples(WORDS, ends), max_size=12))
    # A CR and an LF side by side would be one end.
    text = "".join(f"{word or '#'}{end}" for word, end in lines)
    return draw(HEADS) + text + draw(st.sampled_from(["", "last"]))


def by_browser(text: str) -> str:
    """What a browser sends of a form that holds ``text``: it knows one line end only, and writes it as CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(files())
def test_what_nobody_changed_is_the_same_byte_for_byte(text: str) -> None:
    assert typed_like(by_browser(text), text) == text
    assert typed_like(by_browser(shown_text(text)), text) == text


@given(files(), st.integers(0, 12), st.sampled_from(["new: line", "# added", ""]))
def test_a_line_put_in_leaves_all_other_lines_as_they_are(text: str, place: int, line: str) -> None:
    lines = text.removeprefix(BOM).splitlines(keepends=True)
    at = min(place, len(lines) - (bool(lines) and lines[-1] == "last"))
    typed = "".join(map(by_browser, [*lines[:at], f"{line}\n", *lines[at:]]))
    found = typed_like(typed, text)
    assert found.startswith(BOM) == text.startswith(BOM)
    kept = found.removeprefix(BOM).splitlines(keepends=True)
    assert [each.rstrip("\r\n") for each in kept] == [each.rstrip("\r\n") for each in typed.splitlines()]
    ends = {each.removeprefix(each.rstrip("\r\n")) for each in lines} - {""}
    if len(ends) == 1:
        assert kept == [*lines[:at], line + ends.pop(), *lines[at:]]
    elif not ends:
        assert kept[at] == f"{line}\n"


def test_of_several_line_ends_new_lines_get_the_usual_one_and_others_keep_theirs() -> None:
    before = "a: 1\r\nb: 2\nc: 3\r\n"
    assert typed_like("a: 1\r\nnew: 0\r\nb: 2\r\nc: 3\r\n", before) == "a: 1\r\nnew: 0\r\nb: 2\nc: 3\r\n"
    assert typed_like("b: 2\r\nc: 4", before) == "b: 2\nc: 4"


def test_an_end_that_was_typed_at_the_last_line_stays() -> None:
    assert typed_like("a: 1\r\nb: 2\r\n", "a: 1\nb: 2") == "a: 1\nb: 2\n"
    assert typed_like("a: 1\r\nb: 2", "a: 1\nb: 2\n") == "a: 1\nb: 2"
    assert typed_like("a: 1\r\nb: 2\r\n", "") == "a: 1\nb: 2\n"
    assert typed_like("", "a: 1\n") == ""


def test_mistakes_stand_at_their_lines_and_those_of_other_files_do_not() -> None:
    found = line_views(
        f"{BOM}a: 1\r\nb: 2\n",
        [
            Problem("feeds.yaml", 2, "No b."),
            Problem("feeds.yaml", 9, "The end.", is_warning=True),
            Problem("more.yaml", 1, "No."),
        ],
        file="feeds.yaml",
    )
    assert [(each.number, each.text, each.problems, each.warnings) for each in found] == [
        (1, "a: 1", (), ()),
        (2, "b: 2", ("No b.",), ("The end.",)),
    ]
    assert [each.text for each in line_views("", [], file="feeds.yaml")] == [""]


def test_a_difference_says_where_it_is() -> None:
    found = difference_lines(["@@ -1,2 +12,3 @@", " a", "-b", "+c"])
    assert [(each.sign, each.text, each.is_head) for each in found] == [
        ("", "from line 12 on", True),
        ("", "a", False),
        ("-", "b", False),
        ("+", "c", False),
    ]
