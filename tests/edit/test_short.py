from dataclasses import replace
from datetime import date

from newsletter.edit.short import HIGHLIGHTS, short_issue
from newsletter.model.issue import Deadline, Entry, Issue, Section, Statistic
from newsletter.model.settings import DEFAULT_SECTIONS
from tests.edit.samples import PERIOD

SETTINGS = {each.id: each for each in DEFAULT_SECTIONS}


def section(name: str, count: int) -> Section:
    entries = tuple(
        Entry(f"{name}-{number}", f"s-{name}-{number}", f"{name} {number}", None) for number in range(count)
    )
    return Section(name, name, PERIOD, entries, settings=SETTINGS.get(name), quiet_projects=("nova",))


ISSUE = Issue(
    7,
    "Title",
    PERIOD,
    date(2026, 10, 16),
    sections=(section("highlights", 7), section("events", 3), section("developer", 4), section("statistics", 0)),
    statistics=(Statistic("commits", 3),),
    deadlines=(Deadline(date(2026, 10, 20), "Vote", None),),
    newcomers=("Ada",),
)


def test_five_highlights_the_dates_and_what_is_due() -> None:
    short = short_issue(ISSUE)
    assert [len(each.entries) for each in short.sections] == [HIGHLIGHTS, 3, 0, 0]
    assert short.deadlines == ISSUE.deadlines
    assert (short.figures, short.newcomers) == ((), ())
    assert not any(each.quiet_projects for each in short.sections if each.id != "events")


def test_nothing_is_lost() -> None:
    short = short_issue(ISSUE)
    left = {each.id for part in short.sections for each in (*part.entries, *part.runners_up)}
    assert left == {each.id for each in ISSUE.entries}
    assert short_issue(short) == short


def test_without_a_section_that_picks_the_first_with_news_is_it() -> None:
    sections = (section("events", 1), section("news", 7))
    short = short_issue(replace(ISSUE, sections=sections))
    assert [len(each.entries) for each in short.sections] == [1, 5]
    assert short_issue(replace(ISSUE, sections=())).sections == ()
