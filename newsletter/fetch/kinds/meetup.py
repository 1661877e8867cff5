"""Groups on Meetup."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from newsletter.fetch.event_source import EventSource
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.model.source import FetchState

_GROUP = re.compile(
    r"/(?:(?P<language>[a-z]{2}(?:-[a-z]{2})?)/)?(?P<group>[\w-]{4,80})(?:/(?:events/?(?:ical/?|rss/?)?)?)?",
    re.IGNORECASE,
)


@kind("calendar", reader="meetup")
@dataclass(frozen=True, slots=True)
class Meetup:
    """The events of a group on Meetup: ``url`` is the group's page, or an answer of Meetup's API in JSON.

    A group's page is read through its calendar file. JSON tells more: how many come, how many
    places there are and what it costs. As for every calendar, an item is an event that begins
    within ``look ahead``::

        - name: Potters of Ghent
          kind: calendar
          url: https://www.meetup.com/potters-of-ghent/

    Not read: drafts, events for members only, comments.
    """

    url: str
    look_ahead: timedelta = timedelta(weeks=6)

    address_shape: ClassVar[str] = r"^https?://((www|api|secure)\.)?meetup\.com/"

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the events that came into sight or changed since the last time, by their start."""
        async for batch in self._source.fetch(http, state):
            yield batch

    def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """The dates of one event that could not be read."""
        return self._source.replay(aside, state)

    @property
    def _source(self) -> EventSource:
        return EventSource(self.url, (self.address,), self.look_ahead)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """JSON with events of Meetup."""
        start = reply.body[:8_000]
        has_words = b"meetup" in start and (b'"utc_offset"' in start or b'"yes_rsvp_count"' in start)
        return start.lstrip()[:1] in (b"[", b"{") and has_words

    @property
    def address(self) -> str:
        """The calendar file of the group whose page ``url`` is; another address as it is."""
        url = self.url.strip()
        parts = urlsplit(url)
        found = _GROUP.fullmatch(parts.path)
        if found is None or (parts.hostname or "").removeprefix("www.") != "meetup.com":
            return url
        return f"https://www.meetup.com/{found['group']}/events/ical/"
