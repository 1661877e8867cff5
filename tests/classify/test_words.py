import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.classify.words import finder, is_on_host, same


@pytest.mark.parametrize(
    ("word", "text", "holds"),
    [
        ("nomination", "Nominations are open", True),
        ("election", "A selection of cones", False),
        ("release candidate", "Kiln 3.0 RELEASE\n  CANDIDATE", True),
        ("RC1", "kiln-3.0~RC1", True),
        ("RC1", "kiln RC10", False),
        ("*[bot]", "depends[bot]", True),
        ("*wahl", "Die Präsidentschaftswahl", True),
        ("kiln*guide", "The Kiln firing guide", True),
        ("kiln*guide", "A guide to kilns", False),
        ("/\\b(hiring|job opening)\\b/", "We are HIRING", True),
        ("/\\b(hiring|job opening)\\b/", "whirring", False),
        ("/(broken/", "(broken", False),
        ("milestone:", "Next milestone: two", True),
        ("選挙", "会長選挙のお知らせ", True),
        ("c++", "Ported from C++ to clay", True),
        ("Straße", "Die STRASSE und die Straße", True),
        ("", "anything", False),
    ],
)
def test_words_as_editors_write_them(word: str, text: str, holds: bool) -> None:
    assert finder((word,)).finds(text, text.lower()) is holds


def test_one_word_of_a_list_is_enough() -> None:
    looking = finder(("clay", "cone"))
    assert looking.finds("Cones", "cones")
    assert not looking.finds("wheel", "wheel")


def test_a_pattern_sees_the_first_20000_characters_only() -> None:
    text = "a" * 30_000 + " end"
    assert not finder(("/end/",)).finds(text, text)


@given(st.text(max_size=20), st.text(max_size=40))
def test_no_word_and_no_text_is_a_fault(word: str, text: str) -> None:
    assert finder((word,)).finds(text, text.lower()) in (True, False)


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=1, max_size=12))
def test_a_word_finds_itself(word: str) -> None:
    text = f"before {word} after"
    assert finder((word,)).finds(text, text.lower())


def test_equal_means_equal_but_for_case_and_stars() -> None:
    assert same(("Dev List",), "dev list")
    assert not same(("dev",), "dev list", None)
    assert same(("kiln/*",), "kiln/glaze")


def test_hosts_hold_what_lies_below_them() -> None:
    assert is_on_host("https://docs.kiln.example/a", "kiln.example")
    assert not is_on_host("https://otherkiln.example/a", "kiln.example")
