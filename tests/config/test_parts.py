import pytest

from newsletter.config.nodes import Block
from newsletter.config.parts import Part, is_empty, item_blocks
from newsletter.config.problems import Report
from newsletter.config.tree import read_tree
from newsletter.config.values import whole

KEYS = ("name", "at most", "words", "more")
NUMBER = whole(0, 9)


def part(text: str) -> tuple[Part, Report]:
    report = Report("f")
    root = read_tree(text).root
    assert isinstance(root, Block)
    return Part(root, report, what="a thing", keys=KEYS), report


def told(report: Report) -> list[str]:
    return [str(problem) for problem in report.mistakes]


def test_values_are_found_under_any_spelling_of_their_key() -> None:
    made, report = part("Name: a b\nat-most: 3\nwords: [c, 'd']\nmore: {x: y}\n")
    assert made.text("name") == "a b"
    assert made.value("at most", NUMBER, 5) == 3
    assert made.many("words", lambda key, text: text) == ("c", "d")
    assert made.block("more") is not None
    assert (made.line, made.line_of("words"), made.line_of("nothing")) == (1, 3, 1)
    assert told(report) == []


def test_what_is_missing_or_wrong_gives_way_to_what_is_usual() -> None:
    made, report = part("at most: 12\nwords: 4\n")
    assert made.text("name") is None
    assert made.value("at most", NUMBER, 5) == 5
    assert made.many("words", NUMBER) == (4,)
    assert made.many("more", NUMBER) == ()
    assert made.block("more") is None
    assert "name" not in made
    assert told(report) == ['f:1: at most must be a whole number from 0 to 9, not "12".']


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nam: a\n", 'f:1: "nam" is not something a thing can have. Did you mean "name"?'),
        ("xyz: a\n", 'f:1: "xyz" is not something a thing can have. It can have: name, at most, words, more.'),
        ("name: a\nNAME: b\n", 'f:2: "name" stands twice in a thing; the first is on line 1. Keep one.'),
        ("? [a]\n: b\n", "f:1: A list cannot be the name of a setting. Write key: value."),
        ("name:\n", 'f:1: "name:" has no value. Write one, or remove the line.'),
        ("name: [a]\n", 'f:1: "name:" takes one value, not a list.'),
        ("name: {a: b}\n", 'f:1: "name:" takes one value, not lines under it.'),
        ("words: [a, ]\nname: ''\n", 'f:2: name is empty: "". Write something, or remove the line.'),
        ("words:\n  - a\n  -\n", 'f:3: An item of "words:" has no value. Write one, or remove the line.'),
        ("words:\n  - a: b\n", 'f:2: The text "a: b" holds a colon. Put quotes around it: "a: b".'),
        ("words:\n  - [a]\n", 'f:2: "words:" takes one value, not a list.'),
        ("more: a\n", 'f:1: "more:" needs lines with "key: value" under it, not "a".'),
        ("more: [a]\n", 'f:1: "more:" needs lines with "key: value" under it, not a list.'),
        ("{name:a}\n", 'f:1: A space is missing after "name:". Write "name: a".'),
    ],
)
def test_what_is_wrong_is_told_once(text: str, said: str) -> None:
    made, report = part(text)
    made.text("name")
    made.many("words", lambda key, text: text)
    made.block("more")
    assert told(report) == [said]


def items(text: str) -> tuple[list[Block], list[str]]:
    report = Report("f")
    found = item_blocks(read_tree(text).root, 7, report, name="things")
    return found, told(report)


def test_items_are_blocks() -> None:
    assert items("") == ([], [])
    found, said = items("- name: a\n- name: b\n  more: c\n")
    assert ([block.line for block in found], said) == ([1, 2], [])
    assert items("name: a\n")[1] == ['f:7: Under "things:" each thing begins with "- " and its lines stand under it.']
    found, said = items("- name: a\n- b\n-\n")
    assert len(found) == 1
    assert said == [
        'f:2: The thing "b" has no lines with "key: value". Begin it with "- name:".',
        'f:3: The thing has no lines with "key: value". Begin it with "- name:".',
    ]


def test_a_forgotten_dash_is_told_once_and_both_items_are_read() -> None:
    found, said = items("- name: a\n  more: b\n  name: c\n  more: d\n")
    assert [block.line for block in found] == [1, 3]
    assert said == [
        'f:3: "name" stands twice in a thing; the first is on line 1. If another thing begins here, put "- " before it.'
    ]


def test_a_name_that_stands_twice_begins_no_other_item() -> None:
    found, said = items("- name: a\n  name: c\n  more: d\n")
    assert ([block.line for block in found], said) == ([1], [])


def test_empty_is_empty() -> None:
    for text in ("a:\n", "a: []\n", "a: {}\n", "a: ''\n"):
        root = read_tree(text).root
        assert isinstance(root, Block)
        assert is_empty(root.pairs[0][1])
