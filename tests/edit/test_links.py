from datetime import UTC, date, datetime

from newsletter.edit.links import Link, links_of, replace_link
from newsletter.model.issue import Deadline, Entry, Issue, Section, Statistic
from newsletter.model.item import Event
from newsletter.model.story import Place
from newsletter.text import without_tracking
from tests.edit.samples import PERIOD

EVENT = Event(datetime(2026, 10, 20, tzinfo=UTC), url="https://a.example/event")
ENTRIES = (
    Entry("one", "s1", "One", "https://a.example/one", places=(Place("blog", "https://a.example/one"),)),
    Entry("two", "s2", "Two", "https://a.example/two", places=(Place("thread", "https://a.example/one"),), event=EVENT),
    Entry("odd", "s3", "Odd", "javascript:alert(1)"),
)
ISSUE = Issue(
    7,
    "Title",
    PERIOD,
    date(2026, 10, 16),
    note="See https://a.example/note. And [this](https://a.example/one).",
    sections=(Section("general", "General", PERIOD, ENTRIES),),
    deadlines=(Deadline(date(2026, 10, 20), "Vote", "https://a.example/vote"),),
    statistics=(
        Statistic("commits", 3, proof="https://a.example/log"),
        Statistic("held", 3, proof="https://h.example", held_because="x"),
    ),
)


def test_every_address_once_with_the_entries_that_lead_there() -> None:
    assert links_of(ISSUE) == (
        Link("https://a.example/note"),
        Link("https://a.example/one", ("one", "two")),
        Link("https://a.example/vote"),
        Link("https://a.example/two", ("two",)),
        Link("https://a.example/event", ("two",)),
        Link("https://a.example/log"),
    )


def test_an_address_is_replaced_wherever_it_stands() -> None:
    changed = replace_link(ISSUE, "https://a.example/one", "https://b.example/1")
    assert [each.url for each in links_of(changed) if "/one" in each.url] == []
    first, second, _ = changed.entries
    assert (first.url, first.places[0].url) == ("https://b.example/1", "https://b.example/1")
    assert second.url == "https://a.example/two"
    assert changed.note == "See https://a.example/note. And [this](https://b.example/1)."
    assert (
        replace_link(ISSUE, "https://a.example/vote", "https://b.example/v").deadlines[0].url == "https://b.example/v"
    )
    assert replace_link(ISSUE, "https://a.example/event", "https://b.example/e").entries[1].event != EVENT


def test_a_longer_address_that_begins_so_stays() -> None:
    assert replace_link(ISSUE, "https://a.example/no", "https://b.example/x") == ISSUE


def test_what_is_no_address_replaces_nothing() -> None:
    assert replace_link(ISSUE, "https://a.example/one", "javascript:alert(1)") == ISSUE


def test_two_places_that_become_one_are_shown_once() -> None:
    places = (Place("blog", "https://a.example/x"), Place("page", "https://a.example/y"))
    issue = Issue(
        1,
        "T",
        PERIOD,
        date(2026, 10, 16),
        sections=(Section("g", "G", PERIOD, (Entry("e", "s", "E", None, places=places),)),),
    )
    assert replace_link(issue, "https://a.example/x", "https://a.example/y").entries[0].places == (
        Place("blog", "https://a.example/y"),
    )


def test_tracking_goes_and_the_rest_stays_letter_for_letter() -> None:
    assert without_tracking("https://a.example/x?utm_source=a&b=%20c&fbclid=1#top") == "https://a.example/x?b=%20c#top"
    assert without_tracking("https://a.example/x?utm_source=a") == "https://a.example/x"
    for url in ("https://a.example/x?ref=1&source=rss", "https://a.example/x", "https://a.example/?"):
        assert without_tracking(url) == url
