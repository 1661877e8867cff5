import re
import time

import pytest

from newsletter.config.patterns import rule_words, slow_part
from newsletter.config.values import Wrong

PLAIN_WORDS = "If you want the plain words, leave the slashes away."


@pytest.mark.parametrize(
    "text",
    ["release candidate", "*[bot]", "milestone:", "/RC[0-9]+/", r"/\b(hiring|job)\b/i", "/", "/blog/post", "C++", "(?"],
)
def test_words_and_patterns_stay_as_they_were_written(text: str) -> None:
    assert rule_words("title", text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/a(b/", 'a ")" is missing for the "(" at letter 2'),
        ("/ab)/", 'the ")" at letter 3 has no "(" before it'),
        ("/[ab/", 'a "]" is missing for the "[" at letter 1'),
        ("/*a/", 'there is nothing to repeat before the "*" at letter 1'),
        ("/a**/", 'the "*" at letter 3 repeats what is repeated already'),
        ("/[z-a]/", "the range at letter 2 runs backwards"),
        (r"/\q/", 'a "\\" at letter 1 stands before a letter that has no such meaning'),
        ("/a\\/", 'it ends with a single "\\"'),
        ("/(?<x/", "it cannot be understood at letter 2"),
        ("/a{99999999999999999999}/", "it counts too far"),
    ],
)
def test_a_broken_pattern_is_told(text: str, said: str) -> None:
    assert rule_words("title", text) == Wrong(f"The pattern {text} is broken: {said}. {PLAIN_WORDS}")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|a)*$",
        "(a|ab)+",
        "(?:x*y*)*",
        "(.*a){25,}",
        "((a)*)*",
        "(a?){0,}(b+)*",
        "(a+){2}!",
        r"\w+\d+",
        "a*a*?",
        "(|a)+",
        ".*.*.*x",
        r"(\w|_)+",
    ],
)
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    found = rule_words("text", f"/{pattern}/")
    assert isinstance(found, Wrong)
    assert "could take for ever" in found.text


@pytest.mark.parametrize(
    "pattern",
    [
        r"\brelease\s+candidate\s+\d+",
        "(foo|bar)+",
        "[(+]+",
        r"\(+\)+",
        ".* and .*",
        "(?i)nova",
        "(ab?c)*",
        "a{2,3}b+",
        r"\s+\d*?",
        "a+b?a",
    ],
)
def test_a_pattern_that_ends_is_taken_and_fast(pattern: str) -> None:
    assert slow_part(pattern) == ""
    began = time.process_time()
    for text in ("a" * 3_000, "ab" * 1_500, "release " * 400, "(" * 3_000):
        re.search(pattern + "!", text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*", 'title "*" would match everything. Say what it looks for.'),
        ("a*b*c*d*e", 'title "a*b*c*d*e" holds more than 3 stars. Make two words of it.'),
        ("", 'title is empty: "". Write something, or remove the line.'),
        ("/" + "ab" * 200 + "/", "The pattern /" + "ab" * 20 + "…/ is longer than 300 letters. Make rules of it."),
    ],
)
def test_words_that_say_nothing_or_too_much_are_told(text: str, told: str) -> None:
    assert rule_words("title", text) == Wrong(told)


def test_a_backslash_that_yaml_ate_is_told() -> None:
    found = rule_words("title", "/\bhiring\b/")
    assert isinstance(found, Wrong)
    assert found.text.endswith("In \"…\" a \\ begins a special sign; write the pattern in '…' instead.")
