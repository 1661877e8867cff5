from dataclasses import replace
from datetime import date, datetime

from newsletter.model.issue import Entry, SectionSettings, Statistic
from newsletter.model.item import Event
from newsletter.model.story import Place
from newsletter.render.contexts import EntryView, IssueContext, LinkView, SectionView
from newsletter.render.entries import EntryViews
from newsletter.render.figures import statistic_view
from newsletter.render.views import issue_context
from tests.render import samples


def context(**values: object) -> IssueContext:
    return issue_context(samples.press(), samples.issue(**values))


def sections() -> dict[str, SectionView]:
    return {section.id: section for section in context().sections}


def view(entry: Entry) -> EntryView:
    return EntryViews(samples.press(), samples.issue()).entry(entry)


def test_sections_are_shown_by_what_they_hold() -> None:
    found = [(each.id, each.kind, each.count) for each in context().sections]
    assert found == [
        ("highlights", "entries", "4"),
        ("events", "events", "4 dates"),
        ("developer", "entries", "4"),
        ("general", "entries", "3"),
        ("statistics", "statistics", "5 figures"),
        ("news", "lines", "2"),
    ]
    assert sections()["statistics"].span == "9 – 15 April"


def test_empty_sections_are_named_once() -> None:
    found = issue_context(samples.press(), samples.small_issue())
    assert [each.id for each in found.sections] == ["general"]
    assert found.quiet_sections == ("Highlights", "Events", "Community Statistics")


def test_a_section_of_figures_may_have_another_name() -> None:
    settings = SectionSettings("numbers", "Numbers", show=("contributors",))
    section = replace(samples.section("news", ()), id="numbers", title="Numbers", settings=settings)
    (found,) = context(sections=(section,)).sections
    assert (found.kind, found.size) == ("statistics", 5)


def test_projects_stand_together_and_the_rest_comes_last() -> None:
    groups = sections()["developer"].groups
    assert [(group.title, len(group.entries)) for group in groups] == [("Wick", 2), ("Shelf", 1), ("All projects", 1)]
    assert [group.title for group in sections()["general"].groups] == [""]


def test_only_the_first_entry_of_all_leads() -> None:
    leads = [entry.is_lead for section in context().sections for group in section.groups for entry in group.entries]
    assert leads == [True] + [False] * (len(leads) - 1)


def test_names_inside_the_page_are_its_own() -> None:
    twice = samples.section("general", (samples.GENERAL[0], samples.GENERAL[0]))
    found = context(sections=(samples.section("highlights", samples.GENERAL), twice))
    names = [entry.id for section in found.sections for group in section.groups for entry in group.entries]
    assert names == ["e-school", "e-arabic", "e-japanese", "e-school-2", "e-school-3"]


def test_languages_are_said_when_they_differ() -> None:
    found = sections()["general"].groups[0].entries
    assert [(each.language, each.direction) for each in found] == [(None, None), ("ar", "rtl"), ("ja", None)]
    assert view(replace(samples.HIGHLIGHTS[0], language="en_GB")).language is None
    assert view(replace(samples.HIGHLIGHTS[0], language='"><x')).language is None


def test_the_title_leads_to_one_of_the_places() -> None:
    given = samples.entry(
        "a", "A", places=(Place("thread", "https://l.example/1"), Place("thread", "https://l.example/2"))
    )
    assert view(replace(given, form="release")).places == (
        LinkView("release", "https://lantern.example/a"),
        LinkView("thread", "https://l.example/1"),
        LinkView("thread 2", "https://l.example/2"),
    )


def test_what_is_past_is_not_due() -> None:
    assert view(replace(samples.HIGHLIGHTS[0], due_on=date(2027, 4, 15))).due == ""
    assert view(replace(samples.HIGHLIGHTS[0], due_on=samples.PUBLISH_ON)).due == "By Friday 16 April, today"
    gone = Event(date(2027, 5, 1), deadline_at=datetime(2027, 4, 10, 12))
    found = view(replace(samples.HIGHLIGHTS[0], event=gone)).event
    assert found is not None
    assert found.due == ""


def test_an_event_in_words() -> None:
    found = sections()["events"].groups[0].entries
    evening, bugs, days, winter = (each.event for each in found)
    assert evening is not None
    assert (evening.weekday, evening.day, evening.month, evening.has_zone) == ("Wed", "21", "Apr", True)
    assert evening.starts_at == "2027-04-21T16:30:00Z"
    assert bugs is not None
    assert (bugs.starts_at, bugs.has_zone) == ("2027-04-24T09:00", False)
    assert days is not None
    assert (days.starts_at, days.seats, days.later_price) == ("2027-06-03", "350 seats", "then €110")
    assert winter is not None
    assert (winter.month, winter.is_guess) == ("Jan 2028", True)


def test_figures_know_the_length_of_their_bars() -> None:
    found = statistic_view(Statistic("list threads", 20, 40, 30, "https://a.example/", past=(10, 40)))
    assert (found.name, found.bar, found.mark) == ("List threads", 50, 100)
    assert (statistic_view(Statistic("x", -4, past=(1, 2))).bar, statistic_view(Statistic("x", 0)).bar) == (0, None)
    assert statistic_view(Statistic("x", 0, past=(1, 2))).mark is None
    assert statistic_view(Statistic("x", 3, None, 12)).before == ""


def test_the_first_line_says_the_news_and_what_is_countable() -> None:
    assert context().preview == (
        "The new charter goes to a vote. Wick 4 reads a whole catalogue in a minute. "
        "A fault in Shelf lets guests see loans: update today. Also 4 dates and 5 figures."
    )
    assert issue_context(samples.press(), samples.small_issue()).preview == "A single piece of news."
    assert len(issue_context(samples.press(), samples.hostile_issue()).preview) < 200


def test_an_issue_without_anything_is_still_one() -> None:
    found = context(sections=(), statistics=(), deadlines=(), newcomers=(), title="", note="")
    assert (found.title, found.preview, found.minutes) == ("Lantern Letter", "", 1)
