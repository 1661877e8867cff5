import pytest

from newsletter.config.load import known_words
from newsletter.config.look import Looked, look
from tests.config.sample import EXAMPLE

WORDS = known_words("feeds.yaml")


def seen(*lines: str) -> Looked:
    return look("\n".join(lines), WORDS)


def mended(*lines: str) -> list[str]:
    """The lines after mending; they are as many as before."""
    found = seen(*lines).text.split("\n")
    assert len(found) == len(lines)
    return found


def test_what_may_be_meant_so_does_not_end_the_look() -> None:
    names = [line for at in range(200) for line in (f"  - name: N{at} #x{at}", "    url: https://x.example")]
    found = seen("sources:", *names, "  - name:: Last")
    assert sum(each.is_warning for each in found.faults) == 200
    assert {each.line for each in found.faults if not each.is_warning} == {402}


def test_what_is_well_stays_as_it_is() -> None:
    assert look(EXAMPLE, WORDS).faults == ()


@pytest.mark.parametrize(
    "line",
    [
        "  name: Don't panic “now” # why not?",
        "  name: C# and F#",
        "  name: 'It''s: fine' # ok",
        '  name: "a \\" # b: c"',
        "  name: http://x.example/#top",
        "  name: 12:30",
        "  name: -5",
        "  name: ?",
        "  name:  # nothing yet",
        "  name: #",
        "  name: [a, 'b: c', \"d # e\", f#g, h:i] # ok: yes",
        "  name: {a: b, c: [d, {e: f}]}",
        "  name: [it's, “ok in “here”]".replace("[it's, “ok", "[it's, ok"),
        "  'name': x",
    ],
)
def test_signs_in_their_right_place_are_no_mistake(line: str) -> None:
    assert seen("newsletter:", line).faults == ()


def test_texts_over_several_lines_are_left_alone() -> None:
    lines = [
        "rules:",
        "  - because: |",
        "      Nova: what @all say",
        "",
        "      # not a note: ‘text’",
        "    label: >-",
        "      - x: y: z",
        "    name: 'one",
        "      two: three: @four",
        "      five'",
        "    match:",
        "      title: plain text that",
        "        goes on here",
        "      text: [a,",
        "             b, # note: here",
        "",
        "             'c']",
        "    boost: 1",
    ]
    assert seen(*lines).faults == ()


def test_every_line_is_mended_where_it_stands() -> None:
    assert mended(
        "newsletter:",
        "\tname:Hive: weekly",
        "sources:",
        "  -\tname: x",
        "    url:\thttps://x.example/",
        "   ignore: [@a, “b”, #c, *[d], &e f]",
        "section: news",
        "    watch: '#a' b",
    ) == [
        "newsletter:",
        '  name: "Hive: weekly"',
        "sources:",
        "  - name: x",
        "    url: https://x.example/",
        '    ignore: ["@a", "b", "#c", "*[d]", "&e f"]',
        "    section: news",
        "    watch: \"'#a' b\"",
    ]


def test_lines_that_follow_a_line_in_the_wrong_column_go_with_it() -> None:
    found = seen("sources:", "   - name: a", "     url: b", "  - name: c", "    url: d", "    - name: e")
    assert found.text.split("\n")[3:5] == ["   - name: c", "     url: d"]
    assert [fault.line for fault in found.faults] == [4, 6]


def test_a_rules_field_at_the_left_edge_belongs_under_match() -> None:
    found = seen("rules:", "  - name: a", "    match:", "      title: x", "author: y", "    drop: yes")
    assert found.text.split("\n")[4] == "      author: y"
    assert "put 6 spaces before it" in found.faults[0].text


@pytest.mark.parametrize(
    ("part", "where"),
    [("sections", "the section above: put 4"), ("sources", "the rule or source above: put 4")],
)
def test_a_key_at_the_left_edge_belongs_to_what_is_above(part: str, where: str) -> None:
    found = seen(f"{part}:", "  - name: a", "show as: line")
    assert where in found.faults[0].text


def test_a_key_at_the_left_edge_with_nothing_above() -> None:
    found = seen("section: news", "newsletter:")
    assert found.faults[0].text.endswith("may stand. Put it under one of them.")
    assert found.text == "\nnewsletter:"
    assert seen("sources:", "section: news").text == "sources:\n  section: news"


def test_a_part_by_another_name_is_read_under_its_right_one_unless_that_is_there() -> None:
    assert mended("feeds:", "  - name: a") == ["sources:", "  - name: a"]
    assert mended("sources:", "  - name: a", "feeds:", "- name: b", "  url: c", "# note", "rules:") == [
        *("sources:", "  - name: a", "", "", "", "# note", "rules:"),
    ]
    found = seen("xyz:", "  - name: a", "rules:")
    assert found.text == "\n\nrules:"
    assert found.faults[0].text.startswith('"xyz" is not something feeds.yaml can have. It can have: newsletter, ')


def test_of_two_versions_the_first_is_read() -> None:
    lines = ["a", "<<<<<<< mine", "b", "||||||| base", "c", "=======", "d", ">>>>>>> theirs", "e"]
    found = seen(*lines)
    assert found.text.split("\n") == ["a", "", "b", "", "", "", "", "", "e"]
    assert [fault.line for fault in found.faults] == [2]
    assert [fault.line for fault in seen("=======", "a", ">>>>>>> x", ">>>>>>> y").faults] == [1, 4]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["---", "newsletter:"], []),
        (["# a", "", "---", "newsletter:", "..."], []),
        (["newsletter:", "---", "newsletter:"], [2]),
        (["newsletter:", "...", "rules:"], [2]),
        (["%YAML 1.2", "---", "newsletter:"], [1]),
    ],
)
def test_one_file_is_one_document(lines: list[str], told: list[int]) -> None:
    assert [fault.line for fault in seen(*lines).faults] == told


def test_other_white_space_at_the_start_is_told() -> None:
    found = seen("newsletter:", "\u00a0 name: a")
    assert found.faults[0].text == (
        "This line is moved in with a space that is not a plain one. Use spaces: 2 for each step in."
    )
    assert found.text == "newsletter:\n  name: a"


def test_tabs_before_notes_and_on_empty_lines_are_no_mistake() -> None:
    assert seen("newsletter:", "\t# note", "\t", "  name: a\t# note").faults == ()


def test_curly_quotes_around_a_key() -> None:
    found = seen("newsletter:", "  “name”: a")
    assert (found.text, len(found.faults)) == ("newsletter:\n  name: a", 1)


def test_a_list_item_may_be_a_word_with_a_colon_in_it() -> None:
    assert seen("rules:", "  - match:", "      title:", "        - title:x", "        - a:b").faults == ()
    assert mended("sources:", "  - name:x", "    url:https://x.example/") == [
        *("sources:", "  - name: x", "    url: https://x.example/"),
    ]


def test_a_list_item_may_be_a_word_with_a_wide_colon_in_it() -> None:
    assert seen("rules:", "  - match:", "      title:", "        - text：x", "        - 标题：a").faults == ()


def test_items_on_lines_of_their_own_are_looked_at() -> None:
    found = seen("sources:", "  -", "    name: a", "    ignore:", "      - @b", "      - “c”", '      - "d')
    assert [fault.line for fault in found.faults] == [5, 6, 7]
    assert found.faults[0].text == 'Put quotes around @b: a value may not begin with @. Write - "@b".'
    assert found.faults[2].text == 'The text begins with " and has no closing ". Put one at its end.'


def test_looking_stops_when_enough_is_found() -> None:
    assert len(seen(*["a: @b"] * 1000).faults) < 300
