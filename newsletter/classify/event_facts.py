"""An Event from a date that was found in a text, with what stands near it: hours, place, price, seats, address."""

from collections.abc import Sequence
from datetime import date, datetime

from newsletter.model.item import Event
from newsletter.prose.clock import Hours, at_hours
from newsletter.prose.dates import FoundDate
from newsletter.prose.details import find_cost, find_late_cost, find_place, find_seats, find_sign_up


def event_of(text: str, found: FoundDate, *, hours: Hours | None, near: str, dates: Sequence[FoundDate]) -> Event:
    """The event on the date ``found`` in ``text``: price, seats and address from ``near`` it.

    ``dates`` are those from which the price may rise. Hours of several days are not told.
    """
    start: date | datetime = found.start
    end: date | datetime | None = found.end
    if hours and found.end is None:
        start, end = at_hours(found.start, hours)
    else:
        hours = None
    cost = find_cost(near)
    late_cost, late_from = find_late_cost(text, list(dates), cost)
    return Event(
        starts_at=start,
        ends_at=end,
        timezone=hours.zone_name if hours else None,
        place=find_place(text, found),
        cost=cost,
        late_cost=late_cost,
        late_from=late_from,
        seats=find_seats(near),
        url=find_sign_up(near),
        is_guess=found.is_guess,
    )
