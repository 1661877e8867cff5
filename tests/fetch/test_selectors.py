"""CSS selectors of an editor: taken apart where a style sheet would, and told when they cannot be read."""

import pytest

from newsletter.fetch.selectors import broken_selectors, split_selectors


@pytest.mark.parametrize(
    ("watch", "parts"),
    [
        ("h2", ["h2"]),
        ("h2, li.new ,#top > p", ["h2", "li.new", "#top > p"]),
        ("a[title='one, two'], p", ["a[title='one, two']", "p"]),
        ('a[title="it\'s, so"], p', ['a[title="it\'s, so"]', "p"]),
        ("li:is(.a, .b), p", ["li:is(.a, .b)", "p"]),
        ("li:not(:is(.a, [x]), .b), p", ["li:not(:is(.a, [x]), .b)", "p"]),
        (" , ,h2,", ["h2"]),
        ("", []),
    ],
)
def test_commas_in_brackets_and_quotes_do_not_count(watch: str, parts: list[str]) -> None:
    assert split_selectors(watch) == parts


@pytest.mark.parametrize(
    ("watch", "broken"),
    [
        ("h2, li.new, #top > p", []),
        ("h2, li[, p", ["li[, p"]),
        ("h2, ..a, p >> q", ["..a", "p >> q"]),
        ("li:is(.a, .b)", []),
    ],
)
def test_what_cannot_be_read_is_told_alone(watch: str, broken: list[str]) -> None:
    assert broken_selectors(watch) == broken
