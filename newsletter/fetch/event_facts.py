"""What an event's description says plainly beside its date: price, late price, seats, the day to sign up by."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from newsletter.model.item import Event
from newsletter.prose.dates import find_dates
from newsletter.prose.details import find_cost, find_late_cost, find_seats, find_sign_up
from newsletter.prose.due import sign_up_day
from newsletter.text import is_web_url

_LONGEST = 20_000
_BEFORE = timedelta(days=300)
"""An undated year of a deadline is that of the last such day before the event."""
_URL = re.compile(r"https?://[^\s<>\"\\]+")
_MEETING = re.compile(
    r"https://(?:meet\.google\.com|(?:[\w-]+\.)?zoom\.us|teams\.(?:microsoft|live)\.com|meet\.jit\.si|"
    r"(?:[\w-]+\.)?webex\.com|bbb\.[\w.-]+|whereby\.com|app\.gather\.town)/[^\s<>\"\\)\]]+",
    re.IGNORECASE,
)


def with_facts(event: Event, text: str) -> Event:
    """``event`` with what ``text`` says of it, as far as its calendar left that open."""
    text = text[:_LONGEST]
    starts_on = event.starts_at.date() if isinstance(event.starts_at, datetime) else event.starts_at
    dates = find_dates(text, anchor=_before(starts_on))
    cost = event.cost or find_cost(text)
    late_cost, late_from = find_late_cost(text, dates, cost)
    price_days = {late_from, late_from - timedelta(days=1)} if late_from else set()
    return replace(
        event,
        cost=cost,
        late_cost=event.late_cost or late_cost,
        late_from=event.late_from or late_from,
        seats=event.seats if event.seats is not None else find_seats(text),
        deadline_at=event.deadline_at or sign_up_day(text, dates, starts_on, price_days),
        url=event.url or find_sign_up(text),
    )


def _before(day: date) -> date:
    return day - _BEFORE if day > date.min + _BEFORE else day


def links_in(text: str) -> list[str]:
    """The web addresses in plain text, each once."""
    found = (each.rstrip(".,;:!?)]}*_>'") for each in _URL.findall(text))
    return [url for url in dict.fromkeys(found) if is_web_url(url)]


def meeting_link(texts: Iterable[str]) -> str | None:
    """The first address of a video meeting in ``texts``."""
    return next((match[0].rstrip(".,;:") for text in texts for match in _MEETING.finditer(text)), None)
