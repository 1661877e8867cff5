from datetime import UTC, date, datetime

from newsletter.classify.event_facts import event_of
from newsletter.prose.clock import find_hours
from newsletter.prose.dates import find_dates

ANCHOR = date(2026, 10, 15)
TEXT = "KilnCon on 3 November 2026, 18:00 UTC. Tickets are €90, then €120. We have 80 seats."


def test_what_stands_near_a_date_belongs_to_it() -> None:
    (first,) = find_dates(TEXT, anchor=ANCHOR)
    event = event_of(TEXT, first, hours=find_hours("18:00 UTC"), near=TEXT, dates=[first])
    assert event.starts_at == datetime(2026, 11, 3, 18, tzinfo=UTC)
    assert (event.cost, event.seats, event.is_guess) == ("€90", 80, False)
    assert event_of(TEXT, first, hours=None, near="", dates=[]).cost is None


def test_several_days_have_no_hour() -> None:
    (found,) = find_dates("3 – 5 November 2026", anchor=ANCHOR)
    event = event_of("3 – 5 November 2026", found, hours=find_hours("18:00"), near="", dates=[])
    assert (event.starts_at, event.ends_at, event.timezone) == (date(2026, 11, 3), date(2026, 11, 5), None)
