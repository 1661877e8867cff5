import pytest

from newsletter.config.scalars import Brackets, look_at, quoted


@pytest.mark.parametrize(
    ("text", "written"),
    [("a", '"a"'), ('a "b"', "'a \"b\"'"), ("a\\b", "'a\\b'"), ('it\'s "b"', "'it''s \"b\"'")],
)
def test_quotes_keep_every_letter(text: str, written: str) -> None:
    assert quoted(text) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("@a # note", '"@a"'),
        ("#a b # note", '"#a b"'),
        ("a: b # note", '"a: b"'),
        ("a:", '"a:"'),
        ("“a b” # note", '"a b"'),
        ("‘a’", '"a"'),
        ('"a”', '"a"'),
        ("a”", '"a"'),
        ('"a" b', "'\"a\" b'"),
        ("%a", '"%a"'),
    ],
)
def test_a_value_is_written_as_it_was_meant(value: str, written: str) -> None:
    found = look_at(value, "title:")
    assert found.value == written
    assert found.fault


@pytest.mark.parametrize(
    "value", ["a", "a “b” c", '"a: b" # c', "'a'", "a:b", "# note", "#", "## note", "“a” b".strip("“")]
)
def test_what_is_no_mistake(value: str) -> None:
    assert look_at(value, "title:").fault == "" or value == "a” b"


def test_a_note_after_a_key_with_lines_under_it_is_a_note() -> None:
    assert look_at("#note", "match:", has_lines=True).fault == ""


def test_an_open_quote_is_reported_open() -> None:
    assert look_at('"a', "title:").rest == '"'
    assert look_at("'a''", "title:").rest == "'"


def test_a_single_curly_quote_is_answered_with_a_single_plain_one() -> None:
    assert look_at("‘a’", "k:").fault.endswith("Type a plain '.")


@pytest.mark.parametrize(
    ("line", "written", "count"),
    [
        ("[a, @b, c]", '[a, "@b", c]', 1),
        ("[*[bot], *]", '["*[bot]", "*"]', 2),
        ("[#a, b]", '["#a", b]', 1),
        ("[a, #b, c]", '[a, "#b", c]', 1),
        ("[a, “b c”, d]", '[a, "b c", d]', 1),
        ('["a”, b]', '["a", b]', 1),
        ('[a, "b”]', '[a, "b"]', 1),
        ("{a: @b, c: %d}", '{a: "@b", c: "%d"}', 2),
        ("[a, \"b, ]\", 'c''d'] # “e”", "[a, \"b, ]\", 'c''d'] # “e”", 0),
        ("[it's, don't]", "[it's, don't]", 0),
        ("[]", "[]", 0),
        ("[a, [b, {c: d}], e:f, g h]", "[a, [b, {c: d}], e:f, g h]", 0),
        ("[a, 'b]", "[a, 'b]", 0),
        ("[a,, b]", "[a,, b]", 0),
    ],
)
def test_values_in_brackets(line: str, written: str, count: int) -> None:
    brackets = Brackets()
    assert brackets.feed(line) == written
    assert len(brackets.faults) == count
    assert brackets.is_over


def test_brackets_over_several_lines() -> None:
    brackets = Brackets()
    assert [brackets.feed(line) for line in ("[a, # note ]", "  @b,", "  c", "]")] == [
        "[a, # note ]",
        '  "@b",',
        "  c",
        "]",
    ]
    assert brackets.is_over
    assert len(brackets.faults) == 1
