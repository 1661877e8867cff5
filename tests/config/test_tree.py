import pytest

from newsletter.config.nodes import Block, Listing, Text
from newsletter.config.tree import is_parsable, read_tree


def test_every_value_is_text_with_its_line() -> None:
    tree = read_tree("a: no\nb:\n  - 010\n  - 'x'\n  - [y,\n     z]\nc:\n")
    assert tree.faults == ()
    assert tree.root == Block(
        1,
        [
            (Text("a", 1), Text("no", 1)),
            (
                Text("b", 2),
                Listing(3, [Text("010", 3), Text("x", 4, True), Listing(5, [Text("y", 5), Text("z", 6)])]),
            ),
            (Text("c", 7), Text("", 7)),
        ],
    )


def test_nothing_is_nothing() -> None:
    assert read_tree("") == read_tree("# note\n")
    assert read_tree("").root is None


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: &x 1\n", 1, "&x is not for this file"),
        ("a: 1\nb: *x\n", 2, "*x is not for this file"),
        ("a: !!python/name:os.system x\n", 1, "!!python/name:os.system is not for this file"),
        ("a: 1\n---\nb: 2\n", 2, "Another document begins here"),
        ("a:\n  b: 1\n c: 2\n", 3, "another column"),
        ("a: b\n  c: d\n", 2, "does not go with the one above"),
        ("a:\n  'b\n", 2, "no closing quote"),
        ("a: 1\nb\nc: 2\n", 2, 'no "key: value"'),
        ('a: "\\q"\n', 1, "special sign"),
        ('a: "\\xg"\n', 1, "special sign"),
        ("a: [b\nc: d\n", 1, "list in brackets"),
        ("a: - b\n", 1, "cannot begin on the line of its key"),
        ("a: @b\n", 1, "Put quotes around it"),
        ("a: ]\n", 1, "Put quotes around it"),
        ("a: | b\n  c\n", 1, "begins on the next line"),
        ("a: !x!y z\n", 1, "A value cannot begin with !. Put quotes"),
        ("a: " + "[" * 20 + "]" * 20, 1, "nested too deeply"),
        ('a: "\\UFFFFFFFF"\n', 1, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_editors_words(text: str, line: int, part: str) -> None:
    assert not is_parsable(text)
    found = read_tree(text).faults[0]
    assert found[0] == line
    assert part in found[1]


def test_an_item_that_cannot_be_read_is_left_out_and_the_rest_is_read() -> None:
    text = "a: 1\nb:\n  - c: 'x\n    d: y\n  - e: 2\n\nf: 3\n"
    text = text.replace("'x", "- x")
    tree = read_tree(text)
    assert [line for line, _ in tree.faults] == [3]
    assert tree.lost == {"b"}
    assert isinstance(tree.root, Block)
    assert [key.value for key, _ in tree.root.pairs if isinstance(key, Text)] == ["a", "b", "f"]
    assert tree.root.pairs[1][1] == Listing(5, [Block(5, [(Text("e", 5), Text("2", 5))])])


def test_a_part_that_cannot_be_read_is_left_out_and_the_rest_is_read() -> None:
    tree = read_tree("a: - 1\nb:\n- - - x\nc: @d\n\n# note\ne: 3\n")
    assert [line for line, _ in tree.faults] == [1, 4]
    assert tree.lost == {"a", "c"}


def test_reading_gives_up_when_nothing_is_left_or_too_much_is_wrong() -> None:
    assert read_tree("'a").root is None
    assert read_tree("\n  'a").lost == frozenset()
    assert len(read_tree("a: - b\n" * 50).faults) == 10
    long = "a: - b\n" + "# note\n" * 40_000 + "c: - d\n"
    assert [line for line, _ in read_tree(long).faults] == [1]


@pytest.mark.slow
def test_a_file_of_too_many_values_is_refused() -> None:
    found = read_tree("- [" + "a," * 200 + "]\n" + ("- [" + "a," * 200 + "]\n") * 2_100)
    assert found.root is None
    assert found.faults[-1][1] == "This file holds too much to be written by a person."
