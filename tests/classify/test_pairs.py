from datetime import UTC, datetime

import pytest

from newsletter.classify.pairs import judge_pair
from newsletter.model.item import Item


def post(source: str, day: str, title: str, url: str | None) -> Item:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Item(f"{source} {day}", source, "feed", "post", (f"{source} {day}",), title, url, published_at=at)


PAGE = "https://example.org/proposals/7.md"


@pytest.mark.parametrize(
    ("first", "second", "is_same", "why"),
    [
        (
            ("Doors", "http://www.a.example/x/?utm_source=y"),
            ("Doors!", "https://a.example/x"),
            True,
            "the same address",
        ),
        (("DP-7 is under a review", PAGE), ("DP-7 was accepted", PAGE), False, "another version, number or state"),
        (("The review of DP-7 was extended", PAGE), ("DP-7 was rejected", PAGE), False, "number or state"),
        (("Drum 1.2 is out", PAGE), ("Drum 1.3 is out", PAGE), False, "another version"),
        (("Weekly #7", "https://a.example/7"), ("Weekly #8", "https://a.example/8"), False, "another version, number"),
        (("A drum", "https://a.example/"), ("Summer", "https://a.example"), False, "a front page"),
        (("A drum", "https://a.example/1"), ("Summer", "https://a.example/2"), False, "nothing in common"),
        (
            ("Why doors open slowly in winter", "https://a.example/1"),
            ("Why Doors open slowly in winter", "https://b.example/1"),
            True,
            "the same title",
        ),
        (
            ("[video] Slow drums", "https://youtu.be/abc"),
            ("[video] Slow drums, by Asta", "https://www.youtube.com/watch?v=abc&t=5s"),
            True,
            "the same address",
        ),
    ],
)
def test_pairs(first: tuple[str, str], second: tuple[str, str], is_same: bool, why: str) -> None:
    found = judge_pair(post("a", "2024-05-01", *first), post("b", "2024-05-08", *second))
    assert (found.is_same, why in found.why) == (is_same, True), found.why


def test_after_a_long_time_one_address_needs_the_same_headline() -> None:
    url = "https://a.example/notes/slow-drums"
    one = post("a", "2018-05-01", "Directed drums in practice: a report", url)
    assert judge_pair(one, post("b", "2020-09-01", "Directed drums in practice - report", url)).is_same
    found = judge_pair(one, post("b", "2020-09-01", "What we think of doors", url))
    assert found.why == "one address, but told long apart or under unlike titles"
