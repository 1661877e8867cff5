from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.classify import features
from newsletter.classify.encoding import ROWS, encode
from newsletter.classify.features import Example, example_of_line


def numbers(example: Example) -> set[int]:
    return {number & 0xFFFFFFFF for part in (example.title, example.text, example.other) for number in part}


def test_the_same_line_gives_the_same_numbers_on_every_machine() -> None:
    found = example_of_line("Kiln 2.3 is out", "https://kiln.example/blog/2026/10/kiln", "Kiln 2.3 is out. More heat.")
    assert [number & 0xFFFFFFFF for number in found.title][:2] == [crc32(b"kiln"), crc32(b"#1")]
    assert "a version in the headline" in [rule.name for rule in found.fired]


def test_a_text_that_repeats_the_title_says_nothing_new() -> None:
    title = "Kiln is out"
    assert example_of_line(title, "", title).text == []
    assert len(example_of_line(title, "", title + " with more heat").text) == 3


def test_numbers_count_by_their_length_and_versions_by_their_form() -> None:
    one, other = (example_of_line(title, "", "") for title in ("Issue 12 of r2d2", "Issue 47 of r3d3"))
    assert list(one.title) == list(other.title)


def test_hosts_paths_and_shapes_are_told_apart() -> None:
    here = numbers(example_of_line("x", "https://a.kiln.example/posts/12", ""))
    there = numbers(example_of_line("x", "https://b.kiln.example/posts/77", ""))
    assert here != there
    assert len(here & there) > len(here - there)


def test_a_full_cache_forgets_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = example_of_line("Ovens and wheels", "https://kiln.example/x", "warm clay")
    monkeypatch.setattr(features, "_MOST_WORDS", 2)
    assert example_of_line("Ovens and wheels", "https://kiln.example/x", "warm clay") == before


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=80))
def test_any_text_can_be_read(title: str, url: str, text: str) -> None:
    rows = encode([example_of_line(title, url, text), example_of_line("", "", "")])
    assert rows.counts.sum() == len(rows.features)
    assert rows.counts.min() > 0
    assert rows.features.max() < ROWS


def test_rows_can_be_encoded_together_or_apart() -> None:
    lines = [example_of_line(f"Cone {at} of clay", f"https://kiln.example/{at}", "warm " * at) for at in range(5)]
    together = encode(lines).parts([2, 3])
    for part, those in zip(together, (lines[:2], lines[2:]), strict=True):
        apart = encode(those)
        assert (part.features == apart.features).all()
        assert (part.counts == apart.counts).all()
