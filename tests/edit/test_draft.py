from dataclasses import replace
from datetime import date

from newsletter.edit.draft import draft_issue
from newsletter.model.issue import Reminder
from newsletter.model.item import Event
from newsletter.model.picture import Picture
from newsletter.model.story import DOUBTFUL, ScorePart
from tests.edit.samples import judged, plan


def test_a_draft_holds_every_section_in_order_with_its_entries() -> None:
    issue = draft_issue([judged("one"), judged("two", "developer", project="core")], plan(quiet_projects=("docs",)))
    assert [section.id for section in issue.sections] == [
        "highlights", "events", "developer", "general", "statistics", "news",
    ]  # fmt: skip
    developer = issue.sections[2]
    assert developer.entries[0].title == "two"
    assert developer.entries[0].source == "dev list"
    assert developer.quiet_projects == ("docs",)
    assert issue.publish_on == date(2026, 10, 16)


def test_the_same_input_gives_the_same_draft_in_any_order() -> None:
    found = [judged(f"s{number}", score=50 + number % 3) for number in range(20)]
    assert draft_issue(found, plan()) == draft_issue(found[::-1], plan())


def test_an_event_told_as_a_highlight_stands_among_the_dates_too() -> None:
    event = Event(date(2026, 11, 3), title="Meeting of the ways", url="https://a.example/meet")
    issue = draft_issue([judged("big news", "highlights", 80, event=event)], plan())
    highlight, dated = issue.sections[0].entries[0], issue.sections[1].entries[0]
    assert (highlight.title, dated.title) == ("big news", "Meeting of the ways")
    assert dated.id == highlight.id + "-date"
    assert dated.url == "https://a.example/meet"


def test_the_next_deadlines_are_named_the_soonest_first() -> None:
    event = Event(date(2026, 12, 1), cost="€90", late_cost="€120", late_from=date(2026, 11, 1), title="Conference")
    issue = draft_issue(
        [
            judged("Nominations close", due_on=date(2026, 10, 20)),
            judged("conference", "events", event=event, due_on=date(2026, 10, 31)),
            judged("far", due_on=date(2026, 12, 24)),
            judged("past", due_on=date(2026, 10, 1)),
            judged("signup", "events", event=Event(date(2026, 12, 2), deadline_at=date(2026, 10, 25))),
        ],
        plan(),
    )
    assert [(each.on.isoformat(), each.title) for each in issue.deadlines] == [
        ("2026-10-20", "Nominations close"),
        ("2026-10-25", "Last day to sign up: signup"),
        ("2026-10-31", "Last day for Conference at €90 (then €120)"),
    ]


def test_what_an_earlier_issue_told_is_named_again_in_the_week_it_falls_due() -> None:
    conference = Event(
        date(2026, 12, 1), cost="€90", late_cost="€120", late_from=date(2026, 10, 20), deadline_at=date(2026, 11, 20)
    )
    reminders = (
        Reminder("a", "Conference", "https://a.example/c", 4, conference),
        Reminder("b", "Votes", None, 6, due_on=date(2026, 10, 23)),
        Reminder("c", "In a later week", None, 6, due_on=date(2026, 10, 24)),
        Reminder("d", "Over", None, 6, due_on=date(2026, 10, 15)),
    )
    issue = draft_issue([], plan(reminders=reminders))
    assert [(each.on.isoformat(), each.title, each.why) for each in issue.deadlines] == [
        ("2026-10-19", "Last day for Conference at €90 (then €120)", "already told in issue 4"),
        ("2026-10-23", "Votes", "already told in issue 6"),
    ]


def test_what_the_issue_tells_itself_needs_no_reminder() -> None:
    told = judged("Votes", due_on=date(2026, 10, 20))
    reminder = Reminder(told.story.id, "Votes", None, 6, due_on=date(2026, 10, 20))
    (found,) = draft_issue([told], plan(reminders=(reminder,))).deadlines
    assert found.why == ""


def test_both_a_change_of_price_and_a_later_sign_up_are_named() -> None:
    event = Event(
        date(2026, 12, 1), cost="€9", late_cost="€12", late_from=date(2026, 10, 20), deadline_at=date(2026, 10, 30)
    )
    issue = draft_issue([judged("camp", "events", event=event)], plan())
    assert [each.title for each in issue.deadlines] == [
        "Last day for camp at €9 (then €12)",
        "Last day to sign up: camp",
    ]


def test_what_is_called_off_says_so() -> None:
    issue = draft_issue([judged("camp", "events", item_labels=("cancelled", "x"))], plan())
    assert issue.entries[0].labels == ("cancelled",)
    assert issue.entries[0].title.startswith("Called off: ")
    moved = draft_issue([judged("camp", "events", item_labels=("moved",))], plan())
    assert moved.entries[0].title.startswith("Moved: ")


def test_press_lines_have_no_summary_and_name_who_wrote_them() -> None:
    issue = draft_issue([judged("press", "news")], plan())
    entry = issue.sections[5].entries[0]
    assert (entry.summary, entry.source) == ("", "a.example")


def test_the_title_is_made_of_the_best_stories() -> None:
    issue = draft_issue(
        [
            judged("Council elections: nominations close on Tuesday the seventeenth", "highlights", 90),
            judged("Heron 3.0 is out", "highlights", 80),
        ],
        plan(),
    )
    assert issue.title == "Council elections; Heron 3.0 is out"
    assert draft_issue([], plan()).title == "Weekly"


def test_a_long_headline_alone_is_the_whole_title() -> None:
    long = "How we taught the large kiln to cool without a single crack over eleven evenings of one long winter"
    issue = draft_issue([judged(long, "highlights", 90), judged("Heron 3.0 is out", "highlights", 80)], plan())
    assert issue.title == long


def test_what_may_be_a_scam_gives_no_title() -> None:
    doubtful = judged("A LARGE SUM FOR YOU", "highlights", 90)
    parts = (ScorePart(f"{DOUBTFUL}: a large sum", -45),)
    doubtful = replace(doubtful, verdict=replace(doubtful.verdict, parts=parts))
    assert draft_issue([doubtful, judged("Heron 3.0 is out", score=40)], plan()).title == "Heron 3.0 is out"
    assert draft_issue([doubtful], plan()).title == "Weekly"


def test_a_picture_is_taken_when_it_is_wished_and_from_whatever_item_has_one() -> None:
    shown, plain = (judged(name, show_as=word) for name, word in (("one", "picture with link"), ("two", "short")))
    bare = shown.story.items[0]
    pictured = replace(bare, id="x", html='<p><img src="https://a.example/lamp.png"></p>')
    shown = replace(shown, story=replace(shown.story, items=(bare, pictured)))
    plain = replace(plain, story=replace(plain.story, items=(pictured,)))
    entries = {each.title: each.picture for each in draft_issue([shown, plain], plan()).entries}
    assert entries["one"] == Picture("https://a.example/lamp.png", "one")
    assert entries["two"] is None
