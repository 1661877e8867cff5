from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from newsletter.edit.month import month_of
from newsletter.model.issue import Deadline, Issue
from tests.render import samples

AT = datetime(2027, 4, 23, 8, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")
OLDER = samples.issue(number=56, publish_on=date(2027, 4, 9))
NEWER = samples.issue(sections=(samples.section("general", samples.GENERAL[:1]), samples.section("statistics", ())))


def told(sections: tuple[str, ...] | None = None, *issues: Issue) -> list[tuple[int, list[str]]]:
    found = month_of(issues or (OLDER, NEWER), sections, at=AT, zone=OSLO)
    return [(each.number, [entry.id for entry in each.entries]) for each in found]


def test_the_newest_comes_first_and_tells_a_story_alone() -> None:
    newer, older = told()
    assert newer == (57, ["school"])
    assert older[0] == 56
    assert "school" not in older[1]
    assert {"charter", "arabic", "courier"} <= set(older[1])


def test_what_is_over_when_the_mail_goes_is_left_out() -> None:
    entries = told()[1][1]
    assert "evening" not in entries
    assert {"bugs", "days", "winter"} <= set(entries)


def test_only_the_chosen_sections_are_told_and_what_others_told_of_them_stays() -> None:
    assert told(("general",)) == [(57, ["school"]), (56, ["arabic", "japanese"])]
    assert told(("developer",))[0] == (57, [])
    highlight = samples.issue(sections=(samples.section("highlights", samples.GENERAL[:1]),))
    assert told(("general",), OLDER, highlight)[1][1][0] == "school"


def test_notes_and_the_figures_of_weeks_stay_on_the_web() -> None:
    for each in month_of((OLDER, NEWER), None, at=AT, zone=OSLO):
        assert (each.note, each.statistics, each.newcomers, each.projects) == ("", (), (), ())


def test_what_is_due_stands_once_in_the_newest_without_what_passed() -> None:
    again = replace(NEWER, deadlines=(Deadline(date(2027, 5, 2), "Another", None), OLDER.deadlines[1]))
    newest, older = month_of((OLDER, again), None, at=AT, zone=OSLO)
    assert [each.title for each in newest.deadlines] == ["Last day for Lantern Days at €80 (then €110)", "Another"]
    assert older.deadlines == ()
