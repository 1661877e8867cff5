"""How often something new comes, in figures and in words."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.pipeline.rhythm import per_week, rhythm_words

NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)


def ago(*days: float) -> list[datetime]:
    return [NOW - timedelta(days=each) for each in days]


@pytest.mark.parametrize(
    ("days", "rate"),
    [
        ((), None),
        ((-3,), None),
        ((1,), 1.0),
        ((1, 2, 3), 3.0),
        (tuple(range(14)), 7.5),
        ((0, 28), 0.5),
        ((10, 200, 400), 0.1),
        ((100,), 0.0),
    ],
)
def test_items_a_week(days: tuple[float, ...], rate: float | None) -> None:
    assert per_week(ago(*days), NOW) == rate


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (None, "no dates to tell a rhythm"),
        (0.0, "nothing in 8 weeks"),
        (0.1, "1 a month"),
        (0.5, "2 a month"),
        (1.0, "1 a week"),
        (31.4, "31 a week"),
    ],
)
def test_in_words(rate: float | None, words: str) -> None:
    assert rhythm_words(rate) == words
