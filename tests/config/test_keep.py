"""The part "keep" of feeds.yaml: what is usual, what can be written, and what is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.config.keep import FOREVER, KEEP_KEYS, KeepSettings
from newsletter.config.load import read_config
from newsletter.errors import ConfigError

HEAD = "newsletter:\n  name: Test\n  from: Test <test@example.org>\n"


def read(text: str) -> KeepSettings:
    return read_config((HEAD + text).encode(), file="feeds.yaml", environ={}, base=Path()).keep


def test_what_is_usual_is_careful() -> None:
    assert read("") == KeepSettings()
    assert KeepSettings().items == FOREVER
    assert KeepSettings().readers_who_left == timedelta(days=730)


def test_each_key_is_read() -> None:
    spans = {"documents set aside": "30 days"} | dict.fromkeys(KEEP_KEYS[1:], "1 year")
    found = read("keep:\n" + "".join(f"  {key}: {text}\n" for key, text in spans.items()))
    year = timedelta(days=365)
    assert found == KeepSettings(timedelta(days=30), year, year, year, year, year, year)
    assert read("keep:\n  tips: forever\n").tips == FOREVER


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "  items: 3 days",
            'items must be "forever" or a time of at least 180 days, for example "3 years"',
        ),
        ("  readers who left: soon", 'at least 1 day, for example "2 years", not "soon"'),
        ("  documents set aside: 2 years", 'a time from 1 day to 90 days, for example "30 days"'),
        ("  item: 3 years", 'Did you mean "items"'),
        ("  tips: 1 year\n  tips: 1 year", '"tips" stands twice'),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(f"keep:\n{text}\n")
    assert said in str(raised.value)
    assert str(raised.value).startswith("feeds.yaml:")
