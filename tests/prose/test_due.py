from datetime import date

import pytest

from newsletter.prose.dates import find_dates
from newsletter.prose.due import is_due, sentence_of, sign_up_day

ANCHOR = date(2026, 10, 15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Register by 1 November 2026.", True),
        ("The CFP closes on 1 November 2026.", True),
        ("1 November 2026 is the last day to vote.", True),
        ("Voting runs from 1 November to 8 November 2026.", True),
        ("We meet on 1 November 2026.", False),
        ("It was released on 1 November 2026.", False),
    ],
)
def test_what_ends_on_a_day(text: str, expected: bool) -> None:
    assert is_due(text, find_dates(text, anchor=ANCHOR)[0]) is expected


def test_the_sentence_around_a_date_and_no_more() -> None:
    text = "We bake. Register by 1 November 2026 please. Then we eat."
    (found,) = find_dates(text, anchor=ANCHOR)
    assert sentence_of(text, found).strip() == "Register by 1 November 2026 please"


def test_the_last_day_to_sign_up_lies_before_the_event_and_is_no_change_of_price() -> None:
    text = "Register by 1 November 2026. Submit papers by 20 October 2026. Tickets until 25 October 2026."
    dates = find_dates(text, anchor=ANCHOR)
    assert sign_up_day(text, dates, date(2026, 12, 1)) == date(2026, 10, 25)
    assert sign_up_day(text, dates, date(2026, 12, 1), {date(2026, 10, 25)}) == date(2026, 11, 1)
    assert sign_up_day(text, dates, date(2026, 10, 20)) is None
