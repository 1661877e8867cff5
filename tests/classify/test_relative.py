import re
from datetime import date

import pytest

from newsletter.classify.relative import estimates_of, find_estimates

MONDAY = date(2026, 10, 12)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("later this month", date(2026, 10, 12), date(2026, 10, 31)),
        ("next month", date(2026, 11, 1), date(2026, 11, 30)),
        ("early next month", date(2026, 11, 1), date(2026, 11, 10)),
        ("mid-November", date(2026, 11, 11), date(2026, 11, 20)),
        ("late in December", date(2026, 12, 21), date(2026, 12, 31)),
        ("late December", date(2026, 12, 21), date(2026, 12, 31)),
        ("at the end of May", date(2027, 5, 21), date(2027, 5, 31)),
        ("in about a month", date(2026, 11, 4), date(2026, 11, 18)),
        ("in two weeks", date(2026, 10, 23), date(2026, 10, 29)),
        ("within ten days", None, None),
        ("within 10 days", date(2026, 10, 12), date(2026, 10, 22)),
        ("next week", date(2026, 10, 19), date(2026, 10, 25)),
        ("at the end of next week", date(2026, 10, 22), date(2026, 10, 25)),
        ("this weekend", date(2026, 10, 17), date(2026, 10, 18)),
        ("on Friday", date(2026, 10, 16), date(2026, 10, 16)),
        ("next Tuesday", date(2026, 10, 20), date(2026, 10, 20)),
        ("next Friday", None, None),
        ("on Friday 16 October", None, None),
        ("tomorrow", date(2026, 10, 13), date(2026, 10, 13)),
        ("marching in May", None, None),
    ],
)
def test_words_and_what_they_stand_for(text: str, start: date | None, end: date | None) -> None:
    found = find_estimates(f"We meet {text}.", anchor=MONDAY)
    assert [(each.start, each.end) for each in found] == ([(start, end)] if start else [])


def test_without_a_day_of_writing_a_named_month_is_enough() -> None:
    text = "Elections are held later this month, March 2011, and next week."
    (found,) = find_estimates(text, anchor=None)
    assert (found.start, found.end, found.words) == (
        date(2011, 3, 1),
        date(2011, 3, 31),
        "later this month, March 2011",
    )


def test_only_those_in_a_sentence_about_it() -> None:
    text = "We fire next week. Elections are next month. Nothing else on Friday."
    found = estimates_of(text, anchor=MONDAY, within=re.compile("elections", re.IGNORECASE))
    assert [each.words for each in found] == ["next month"]
