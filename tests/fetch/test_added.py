from datetime import UTC, datetime

from newsletter.fetch.added import Additions, line_hash, tell_additions, week_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_week_of_new_year() -> None:
    assert week_of(NOW) == "2026-W01"
    assert week_of(datetime(2027, 1, 1, tzinfo=UTC)) == "2026-W53"


def test_marks_before_a_line_do_not_count_and_lines_without_words_say_nothing() -> None:
    assert line_hash("  * [x] A  bridge") == line_hash("1. a bridge") == line_hash("## A bridge")
    assert line_hash("A bridge") != line_hash("A bridge!")
    assert line_hash("----") == line_hash("") == ""


def test_groups_of_added_lines() -> None:
    before = tell_additions(["a", "b"], None, NOW).additions
    told = tell_additions(["x", "y", "", "z", "a", "q", "b", "x"], before, NOW)
    assert told.paragraphs == ("x\ny", "z", "q")
    assert told.has_news


def test_what_is_remembered_survives_and_is_bounded() -> None:
    told = tell_additions([f"line {number}" for number in range(25_000)], Additions(("k" * 16,)), NOW)
    assert len(told.additions.known) == 20_000
    assert Additions.from_json(told.additions.as_json()) == told.additions
    assert Additions.from_json(None) is None
