from datetime import date

import pytest

from newsletter.prose.dates import find_dates

ANCHOR = date(2026, 10, 15)


def dates(text: str) -> list[tuple[date, date | None, bool]]:
    return [(each.start, each.end, each.is_guess) for each in find_dates(text, anchor=ANCHOR)]


@pytest.mark.parametrize(
    ("text", "start", "end", "is_guess"),
    [
        ("Dec 30 2026 - Jan 2 2027", date(2026, 12, 30), date(2027, 1, 2), False),
        ("30 December - 2 January", date(2026, 12, 30), date(2027, 1, 2), True),
        ("2026-10-20 to 2026-10-22", date(2026, 10, 20), date(2026, 10, 22), False),
        ("2026-10-20/2026-12-22", date(2026, 10, 20), None, False),
        ("2026/10/20", date(2026, 10, 20), None, False),
        ("10/20/2026", date(2026, 10, 20), None, False),
        ("20/10/2026", date(2026, 10, 20), None, False),
        ("20. 10. 2026", date(2026, 10, 20), None, False),
        ("10/27. Dinner", date(2026, 10, 27), None, True),
        ("1/5. Dinner", date(2027, 1, 5), None, True),
        ("Sunday 31 May - Monday 1 June 2026", date(2026, 5, 31), date(2026, 6, 1), False),
        ("the 24th and 25th of October", date(2026, 10, 24), date(2026, 10, 25), True),
        ("October 27 -- 29th", date(2026, 10, 27), date(2026, 10, 29), True),
        ("27th --- 29th October", date(2026, 10, 27), date(2026, 10, 29), True),
        ("2026-10-20 -- 2026-10-22", date(2026, 10, 20), date(2026, 10, 22), False),
        ("May 5", date(2027, 5, 5), None, True),
    ],
)
def test_forms_of_dates(text: str, start: date, end: date | None, is_guess: bool) -> None:
    assert dates(text) == [(start, end, is_guess)]


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2026 could be either", "30 February 2026", "2026-02-30", "it may 5 times fail", "30 February",
        "14/40. Dinner", "9/20. Dinner", "20 September", "Monday 20 October", "March 2027", "version 3.5.2026.1", "",
        "31/13/2026", "99/99/2026", "February 30, 2026",
    ],
)  # fmt: skip
def test_what_is_no_date_or_not_a_sure_one(text: str) -> None:
    assert dates(text) == []


def test_dates_come_in_their_order_and_know_their_place() -> None:
    text = "from 3 November 2026 and again on 2026-10-20"
    assert [text[each.begin : each.stop] for each in find_dates(text, anchor=ANCHOR)] == [
        "3 November 2026",
        "2026-10-20",
    ]


def test_a_calendar_gives_its_first_dates_only() -> None:
    assert len(find_dates("\n\n".join(["2026-10-20 " + "x" * 90] * 300), anchor=ANCHOR)) == 200
