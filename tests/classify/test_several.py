from datetime import UTC, date, datetime
from typing import Any

import pytest

from newsletter.classify.several import find_events
from newsletter.model.item import Event
from tests.classify.samples import NOW, post
from tests.corpus import CORPUS, expected, needs_corpus

FACTS = """Here is what is known of the Kiln Days / Glaze Summit in Turku:
Dates: May 3-6, 2027
Location: Old Brickworks in Turku, Finland
Cost: EUR 80 for all attendees; late registrations will pay EUR 120
Event Size: 90 attendees is the maximum
The Kiln Days will be May 3-4, 2027 for everybody who fires. The Glaze Summit for chemists will be May 4-6, 2027 and has
two rooms."""


def found(text: str, **values: Any) -> tuple[Event, ...]:
    return find_events(post("x", "News", text, **values), now=NOW)


def test_facts_hold_for_the_days_within_their_dates() -> None:
    days, summit = found(FACTS)
    assert (days.title, days.starts_at, days.ends_at) == ("Kiln Days", date(2027, 5, 3), date(2027, 5, 4))
    assert (days.place, days.cost, days.late_cost, days.seats) == (
        "Old Brickworks in Turku, Finland",
        "EUR 80",
        "EUR 120",
        90,
    )
    assert (summit.title, summit.ends_at, summit.place, summit.cost) == (
        "Glaze Summit",
        date(2027, 5, 6),
        "Old Brickworks in Turku, Finland",
        None,
    )


def test_blank_lines_between_facts_part_nothing_when_every_line_is_a_paragraph() -> None:
    assert (
        found(FACTS.replace("\nhas\n", " has ").replace("two rooms.", "x").replace("\n", "\n\n"))[0] == found(FACTS)[0]
    )


def test_a_poster_and_a_sentence() -> None:
    text = (
        "Come for clay and free drinks, everybody is welcome to a long evening with us and with the neighbours!\n"
        "Blue Oven\n12 Brick Street\nMarch 16, 2027\n6pm\nMore information at https://example.org/oven.\n"
        "Next week the guild is hosting a dinner on Tuesday March 9, 2027 at the Works from 7:00 pm – 10:00 pm."
    )
    poster, dinner = found(text)
    assert (poster.title, poster.starts_at, poster.place, poster.url) == (
        "party at Blue Oven",
        datetime(2027, 3, 16, 18),
        "12 Brick Street",
        "https://example.org/oven",
    )
    assert (dinner.title, dinner.starts_at, dinner.ends_at) == (
        "dinner",
        datetime(2027, 3, 9, 19),
        datetime(2027, 3, 9, 22),
    )


def test_what_lies_behind_and_what_is_a_report_is_none() -> None:
    text = "The Glaze Summit was on May 4, 2020.\nThe Clay Workshop page was updated on December 3, 2026."
    assert found(text, published_at=datetime(2026, 10, 12, tzinfo=UTC)) == ()


def test_elections_for_some_time_are_one_guess() -> None:
    text = "Nominations and elections will be held later this month. The elections are for five seats, this month."
    (guess,) = found(text, published_at=datetime(2026, 10, 12, tzinfo=UTC))
    assert (guess.title, guess.words, guess.is_guess) == ("elections and nominations", "later this month", True)
    assert (guess.starts_at, guess.ends_at) == (date(2026, 10, 12), date(2026, 10, 31))


@needs_corpus
def test_the_events_of_a_newsletter_of_2011() -> None:
    (document,) = (each for each in expected("openstack-2011").items() if "events" in each[1]["expect"])
    path, facts = document
    text = (CORPUS / "openstack-2011" / path).read_text(encoding="utf-8")
    by_title = {event.title: event for event in found(text, published_at=None)}
    assert len(by_title) == len(facts["expect"]["events"])
    for want in facts["expect"]["events"]:
        event = by_title[want["title"]]
        for key in ("place", "cost", "late_cost", "seats", "url", "words", "is_guess"):
            if key == "place" and key in want:  # with the state behind it, where the text names it
                assert str(event.place).startswith(want[key])
            elif key in want:
                assert getattr(event, key) == want[key], (want["title"], key)
        for key, value in (("starts_on", event.starts_at), ("ends_on", event.ends_at)):
            assert key not in want or value == date.fromisoformat(want[key])
        for key, value in (("starts_at", event.starts_at), ("ends_at", event.ends_at)):
            assert key not in want or value == datetime.fromisoformat(want[key])


@pytest.mark.parametrize("text", ["", "\n" * 5_000, "Dates: " * 3_000, "May 3-6, 2027 summit " * 2_000])
def test_odd_texts_take_no_time(text: str) -> None:
    assert len(found(text)) < 100
