"""Bugs of a query on a Bugzilla server."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from newsletter.fetch.bugzilla import KIND, SEVERITIES, bug_ticket
from newsletter.fetch.bugzilla_server import Bugs, PageBugs, Query, RestBugs, has_rest
from newsletter.fetch.bugzilla_xml import read_bugs
from newsletter.fetch.http import Http, Reply
from newsletter.fetch.kinds import Aside, Batch, kind
from newsletter.fetch.progress import Progress
from newsletter.fetch.records import made_again
from newsletter.fetch.tracker import Ticket, comments_wanted, told_items
from newsletter.fetch.tracker_reading import Part, Reading, new_tickets
from newsletter.fetch.tracker_week import Weeks, Words
from newsletter.model.source import FetchState

_BUGS, _SUMMARY = "bugs", "bug summary"
_WORDS = Words(KIND, "bug", "bugs", SEVERITIES)
_PAGE = re.compile(r"/(?:(?:buglist|show_bug|query|index|describecomponents|report)\.cgi|rest(?:\.cgi)?(?:/|$)).*$")
_SHOWN = re.compile(r"/rest(?:\.cgi)?/bug/([0-9]{1,12})$")
_HOW_TO_SHOW = frozenset(
    (
        *("columnlist", "ctype", "order", "list_id", "limit", "offset", "query_format", "query_based_on", "known_name"),
        *("human", "title", "include_fields", "exclude_fields", "last_change_time", "format"),
        *("api_key", "bugzilla_api_key"),
    )
)


@kind("bugzilla")
@dataclass(frozen=True, slots=True)
class Bugzilla:
    """The bugs that a query on a Bugzilla server finds.

    ``url`` is the address of the query as the browser shows it (/buglist.cgi?product=…), a
    question to the REST API (/rest/bug?product=…), one bug (/show_bug.cgi?id=…), or the page of
    the server for all its bugs. ``take`` says what to read: "bug summary" (for each week that is
    over one item that says how many bugs were opened and fixed, how grave they are and which
    they are), "bugs with N comments" (each that is discussed so much), "bugs" (each that
    changed). ``token`` is an API key, for servers that ask for one.

    ::

        - name: Lamp bugs
          kind: bugzilla
          url: https://bugzilla.example.org/buglist.cgi?product=Lamp
          take: [bug summary, bugs with 10 comments]

    Servers too old for the REST API (before 5.0) are read as CSV, XML and tables. Bugs that only
    a group may see and private comments are never read; nor are attachments.
    """

    url: str
    take: tuple[str, ...] = (_SUMMARY, "bugs with 10 comments")
    token: str | None = None

    take_words: ClassVar[tuple[str, ...]] = (_SUMMARY, "bugs with N comments", _BUGS)
    address_shape: ClassVar[str] = (
        r"/(?:buglist|show_bug)\.cgi$|/rest(?:\.cgi)?/bug(?:/[0-9]{1,12})?$|^https?://bugzilla\.[^/]+/?"
        r"(?:(?:query|index)\.cgi)?$"
    )

    async def fetch(self, http: Http, state: FetchState) -> AsyncIterator[Batch]:
        """Yield the bugs that changed since the last time, oldest first, then the weeks that are over."""
        reading = Reading.of(state.cursor)
        bugs = await self._way(http, reading)
        async for batch in reading.batches(self._parts(bugs, reading, state)):
            yield batch

    async def replay(self, aside: Aside, state: FetchState) -> AsyncIterator[Batch]:
        """One bug, without comments if the REST API told of it."""
        if aside.data.lstrip().startswith(b"<"):
            found, _ = read_bugs(aside.data, self.base)
        else:
            found = [made_again(aside, lambda each: bug_ticket(each, self.base))]
        count, is_all = comments_wanted(self.take), _BUGS in self.take
        said = Weeks.read(state.cursor.get("weeks"), state.since).said_of(found) if _SUMMARY in self.take else ()
        yield Batch(told_items(found, count, state.source_id, kind=KIND, is_all=is_all), warnings=said)

    @classmethod
    def recognises(cls, reply: Reply) -> bool:
        """A page of a Bugzilla server, its XML, or an answer of its REST API."""
        start = reply.body[:20_000].lower()
        if reply.media_type.endswith("json"):
            return b'"bugs"' in start and b'"last_change_time"' in start
        return b"<bugzilla " in start or b'id="bugzilla-body"' in start or b"enter_bug.cgi" in start

    @property
    def base(self) -> str:
        """The address of the server, whichever of its pages ``url`` shows."""
        parts = urlsplit(self.url.strip())
        return f"{parts.scheme}://{parts.netloc}{_PAGE.sub('', parts.path)}".rstrip("/")

    @property
    def query(self) -> Query:
        """What the address asks for, without how it is to be shown."""
        parts = urlsplit(self.url.strip())
        if shown := _SHOWN.search(parts.path):
            return (("id", shown[1]),)
        pairs = parse_qsl(parts.query)
        return tuple((name, value) for name, value in pairs if name.lower() not in _HOW_TO_SHOW)

    async def _way(self, http: Http, reading: Reading) -> Bugs:
        """How the server may be read; what was found out once is remembered."""
        way = "rest" if "/rest" in urlsplit(self.url).path else reading.cursor.get("way")
        if way is None:
            way = "rest" if await has_rest(http, self.base) else "pages"
            reading.cursor["way"] = way
        if way == "rest":
            api = "rest.cgi" if "/rest.cgi" in urlsplit(self.url).path else "rest"
            return RestBugs(http, self.base, self.token, reading.warnings, reading.aside, api)
        return PageBugs(http, self.base, reading.warnings, reading.aside)

    def _parts(self, bugs: Bugs, reading: Reading, state: FetchState) -> Iterator[Part]:
        now = datetime.now(UTC)
        if _BUGS in self.take or comments_wanted(self.take) is not None:
            yield self._changed(bugs, reading.memory("bugs"), state, now)
        if _SUMMARY in self.take:
            yield self._weeks(bugs, reading, state, now)

    async def _changed(self, bugs: Bugs, memory: dict[str, Any], state: FetchState, now: datetime) -> Part:
        progress = Progress.read(memory, state.since)
        pages = bugs.changed(self.query, progress.at, comments=True)
        async for new in new_tickets(pages, progress, memory, now=now):
            yield told_items(new, comments_wanted(self.take), state.source_id, kind=KIND, is_all=_BUGS in self.take)

    async def _weeks(self, bugs: Bugs, reading: Reading, state: FetchState, now: datetime) -> Part:
        weeks = Weeks.read(reading.cursor.get("weeks"), state.since)
        if not weeks.is_due(now):
            return
        found: list[Ticket] = []
        async for tickets in bugs.changed(self.query, weeks.start, comments=False):
            found += tickets
        told = await bugs.fixed(found)
        items = weeks.tell(told, _WORDS, source_id=state.source_id, url=self.url, now=now)
        reading.cursor["weeks"] = weeks.as_json()
        yield items
