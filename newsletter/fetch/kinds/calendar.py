"""Calendars in the iCalendar format."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from newsletter.fetch.event_source import EventSource
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.model.source import FetchState

_WEBCAL = re.compile(r"webcals?:(?://)?", re.IGNORECASE)


@kind("calendar")
@dataclass(frozen=True, slots=True)
class Calendar:
    """The dates of an iCalendar file, at the address ``url`` or in a ``file`` beside feeds.yaml.

    An item is an event that begins within ``look ahead``; of events that repeat, the next date
    in a week, once a week. A date that was announced and is moved or called off is told again.
    Times keep their zone; a time without zone stays local. Price, late price, seats and the last
    day to sign up are read from the description where they stand plainly. Addresses that begin
    with webcal:, and pages of Google's calendar, are read as the file behind them::

        - name: Community calendar
          kind: calendar
          url: https://calendar.example.org/community.ics
          look ahead: 6 weeks

    Not read: private events, tasks, alarms, and what repeats more often than people can meet.
    """

    url: str | None = None
    file: str | None = None
    look_ahead: timedelta = timedelta(weeks=6)

    one_of: ClassVar[tuple[str, ...]] = ("url", "file")
    address_shape: ClassVar[str] = r"\.ics$|^webcals?:|^https?://calendar\.google\.com/calendar/"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the dates that came into sight or changed since the last time, by their start."""
        async for batch in self._source.fetch(http, state):
            yield batch

    def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """The dates of one event that could not be read."""
        return self._source.replay(aside, state)

    @property
    def _source(self) -> EventSource:
        return EventSource(self.url or self.file or "", self.addresses, self.look_ahead, self.file)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A document that begins as calendars do."""
        start = reply.body[:400].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
        return reply.media_type == "text/calendar" or start.startswith(b"BEGIN:VCALENDAR")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where to ask, the likeliest first."""
        if not self.url:
            return ()
        url = self.url.strip()
        if _WEBCAL.match(url):
            rest = _WEBCAL.sub("", url, count=1)
            return f"https://{rest}", f"http://{rest}"
        name = _google_name(url)
        if name:
            return (f"https://calendar.google.com/calendar/ical/{quote(name, safe='')}/public/basic.ics",)
        return (url,)


def _google_name(url: str) -> str | None:
    """The calendar that a page of Google's calendar shows: its "src", or "cid" in base 64."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.hostname != "calendar.google.com" or "/ical/" in parts.path:
        return None
    asked = parse_qs(parts.query)
    if "src" in asked:
        return asked["src"][0]
    cid = asked.get("cid", [""])[0]
    if "@" in cid:
        return cid
    try:
        name = base64.urlsafe_b64decode(cid + "=" * (-len(cid) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return name if "@" in name else None
