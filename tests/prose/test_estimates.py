from datetime import date

import pytest

from newsletter.prose.estimates import find_days, find_estimates, guess_warning

SAID = date(2011, 3, 23)


@pytest.mark.parametrize(
    ("text", "words", "day", "start", "end"),
    [
        ("An open event in about a month, come.", "in about a month", (2011, 4, 23), (2011, 4, 13), (2011, 5, 3)),
        ("We meet in two weeks.", "in two weeks", (2011, 4, 6), (2011, 4, 3), (2011, 4, 9)),
        ("It is 3 days from now", "3 days from now", (2011, 3, 26), (2011, 3, 25), (2011, 3, 27)),
        ("within a few days", "within a few days", (2011, 3, 26), (2011, 3, 25), (2011, 3, 27)),
        ("elections later this month", "later this month", (2011, 3, 27), (2011, 3, 23), (2011, 3, 31)),
        ("later this month, March 2011", "later this month, March 2011", (2011, 3, 27), (2011, 3, 23), (2011, 3, 31)),
        ("sprint next month", "next month", (2011, 4, 15), (2011, 4, 1), (2011, 4, 30)),
        ("early next month", "early next month", (2011, 4, 5), (2011, 4, 1), (2011, 4, 10)),
        ("this weekend", "this weekend", (2011, 3, 26), (2011, 3, 26), (2011, 3, 27)),
        ("in late January", "late January", (2012, 1, 26), (2012, 1, 21), (2012, 1, 31)),
        ("mid-April 2012", "mid-April 2012", (2012, 4, 15), (2012, 4, 10), (2012, 4, 21)),
        ("next winter", "next winter", (2012, 1, 15), (2011, 12, 1), (2012, 2, 29)),
        ("next year", "next year", (2012, 7, 1), (2012, 1, 1), (2012, 12, 31)),
    ],
)
def test_a_guess_is_a_span_and_its_likeliest_day(
    text: str, words: str, day: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    [found] = find_estimates(text, anchor=SAID)
    assert found.words == words
    assert (found.day, found.start, found.end) == (date(*day), date(*start), date(*end))  # type: ignore[arg-type]
    assert text[found.begin : found.stop] == words


def test_a_month_from_the_last_of_january_is_the_last_of_february() -> None:
    assert find_estimates("in a month", anchor=date(2011, 1, 31))[0].day == date(2011, 2, 28)


@pytest.mark.parametrize(
    "text",
    ["", "In March 2011 we met.", "in a class of its own", "early this month", "late January 2009"],
)
def test_what_is_no_guess_ahead(text: str) -> None:
    assert find_estimates(text, anchor=SAID) == []


def test_the_end_of_time_is_no_date() -> None:
    assert find_estimates("in 99 years", anchor=date(9950, 1, 1)) == []


def test_a_text_full_of_guesses_is_read_in_part() -> None:
    assert len(find_estimates("next month. " * 500, anchor=SAID)) == 50


def test_the_warning_names_words_and_event() -> None:
    assert guess_warning("next month", "sprint") == "date guessed: “next month” (sprint)"
    assert guess_warning("next month") == "date guessed: “next month”"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Freeze on Friday.", date(2026, 10, 16)),
        ("Vote by Sunday, please.", date(2026, 10, 18)),
        ("We meet next Tuesday.", date(2026, 10, 20)),
        ("We meet next Friday.", None),
        ("We meet on Friday 16 October.", None),
        ("It ends tomorrow.", date(2026, 10, 13)),
        ("It ends tonight.", date(2026, 10, 12)),
    ],
)
def test_days_that_are_told_by_their_name(text: str, day: date | None) -> None:
    found = find_days(text, anchor=date(2026, 10, 12))
    assert [each.day for each in found] == ([day] if day else [])
    assert all(each.is_day for each in found)


def test_without_a_day_of_writing_a_named_month_and_year_are_enough() -> None:
    text = "Elections are held later this month, March 2011, and others next week or later this month."
    (found,) = find_estimates(text, anchor=None)
    assert (found.start, found.end, found.words) == (
        date(2011, 3, 1),
        date(2011, 3, 31),
        "later this month, March 2011",
    )
