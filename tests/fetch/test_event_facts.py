from datetime import date, datetime

from newsletter.fetch.event_facts import links_in, meeting_link, with_facts
from newsletter.model.item import Event


def test_what_the_calendar_left_open_is_read_from_the_description() -> None:
    text = "Tickets cost $100; late tickets $150 after April 1. Room for 350 people. Register by March 20 at https://a.example/x."
    found = with_facts(Event(date(2011, 4, 26)), text)
    assert (found.cost, found.late_cost, found.late_from) == ("$100", "$150", date(2011, 4, 2))
    assert (found.seats, found.deadline_at, found.url) == (350, date(2011, 3, 20), "https://a.example/x")


def test_what_the_calendar_says_stands() -> None:
    given = Event(datetime(2011, 4, 26, 9), cost="$5", seats=3, url="https://b.example/", deadline_at=date(2011, 4, 1))
    assert with_facts(given, "Tickets cost $100. 350 seats. Register at https://a.example/x by March 20.") == given
    assert with_facts(Event(date.min), "Tickets cost $100.").cost == "$100"


def test_links_and_meetings() -> None:
    assert links_in("See https://a.example/x). And (https://a.example/x), http://b.example/.") == [
        "https://a.example/x",
        "http://b.example/",
    ]
    assert meeting_link(("no", "Join: https://us02web.zoom.us/j/1?pwd=2.")) == "https://us02web.zoom.us/j/1?pwd=2"
    assert meeting_link(("https://a.example/",)) is None
