from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.config.problems import Report, closing_line, did_you_mean, nearest, plain, shown
from newsletter.errors import Problem

ONE = (Problem("feeds.yaml", 3, "Mend it."),)
AT = datetime(2026, 10, 15, 20, 12, tzinfo=ZoneInfo("Europe/Ljubljana"))


def test_the_closing_line_counts_and_names_the_version_that_holds() -> None:
    assert closing_line(ONE, AT) == "1 to mend; the newsletter keeps running on the last good version of 20:12."
    warned = (*ONE, *ONE, Problem("feeds.yaml", 4, "Look at it.", is_warning=True))
    assert closing_line(warned, None) == "2 to mend; there is no good version yet, so nothing runs until then."


def test_the_closing_line_says_how_many_are_not_shown() -> None:
    said = closing_line(ONE, None, total=17)
    assert said == "17 to mend, 1 of 17 shown; there is no good version yet, so nothing runs until then."


def test_the_closing_line_names_the_day_when_it_is_another() -> None:
    same_day = datetime(2026, 10, 15, 21, 59, tzinfo=UTC)
    next_day = datetime(2026, 10, 15, 22, 1, tzinfo=UTC)
    assert closing_line(ONE, AT, now=same_day).endswith("last good version of 20:12.")
    assert closing_line(ONE, AT, now=next_day).endswith("last good version of 2026-10-15 20:12.")


def test_a_line_that_was_spoken_about_is_not_spoken_about_again() -> None:
    report = Report("f")
    report.tell_form([(2, "A tab."), (2, "A quote.")])
    report.tell_form([(2, "Cannot be read.")])
    report.tell(2, "There is no such section.")
    report.tell(1, "Another.")
    assert [str(found) for found in report.mistakes] == ["f:1: Another.", "f:2: A quote.", "f:2: A tab."]


def test_mistakes_and_warnings_come_in_file_order_and_at_most_ten() -> None:
    report = Report("f")
    for line in range(300, 0, -1):
        report.tell(line, "x")
    report.warn(0, "Look.")
    assert report.is_full
    assert [found.line for found in report.mistakes] == list(range(101, 111))
    assert report.warnings == (Problem("f", 1, "Look.", is_warning=True),)


@pytest.mark.parametrize("key", ["at most per week", "At_most-per  week", " AT MOST PER WEEK "])
def test_a_key_has_one_plain_spelling(key: str) -> None:
    assert plain(key) == "at most per week"


def test_the_nearest_word_is_found_and_nothing_far_away() -> None:
    days = ("Monday", "Tuesday", "Thursday")
    assert nearest("Thurday", days) == "Thursday"
    assert did_you_mean("xyz", days) == ""
    assert did_you_mean("monday ", days) == ' Did you mean "Monday"?'


def test_what_an_editor_wrote_is_shown_on_one_short_line() -> None:
    assert shown("a\r\nb\x1b[31m") == "a b[31m"
    assert len(shown("x" * 1000)) <= 80


def test_warnings_leave_room_for_mistakes() -> None:
    report = Report("feeds.yaml")
    for line in range(1, 301):
        report.warn(line, "Look at it.")
    assert not report.is_full
    report.tell(301, "Mend it.")
    assert [each.line for each in report.mistakes] == [301]
    assert report.total == 1
