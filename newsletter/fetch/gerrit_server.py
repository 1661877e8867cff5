"""A Gerrit server during one fetch: its pages of changes, and who contributed before."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from newsletter.errors import BadStatus
from newsletter.fetch.gerrit import Change, Page, read_page
from newsletter.fetch.http import Http
from newsletter.fetch.workers import in_worker
from newsletter.model.aside import Aside
from newsletter.model.period import monday_of
from newsletter.text import host_of

OPTIONS = ("DETAILED_ACCOUNTS", "CURRENT_REVISION", "CURRENT_COMMIT", "CURRENT_FILES")
NO_CHANGE = "a record in a page of changes has no number or no project"
MOST_PAGES = 30
MOST_OWNERS = 60
_IN_A_PAGE = 200
_MERGES_OF_A_NEWCOMER = 10


@dataclass(slots=True)
class GerritServer:
    """Asks the server at ``base``, with ``token`` ("user:password", or a bearer token) as somebody it knows."""

    http: Http
    base: str
    token: str | None = None
    now: datetime | None = None
    """The time by the server's clock, as its last answer told it."""
    warnings: list[str] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    _owners_left: int = MOST_OWNERS

    @property
    def week(self) -> date | None:
        """The Monday of the server's week."""
        return monday_of(self.now.date()) if self.now else None

    async def changes(self, query: str, after: str | None = None, *, options: Sequence[str] = OPTIONS) -> list[Change]:
        """All changes of ``query`` updated at or after that time, as far as the server goes on bringing new ones."""
        timed = " OR ".join(f'{part} after:"{after}"' for part in query.split(" OR ")) if after else query
        found: dict[int, Change] = {}
        start = 0
        for _ in range(MOST_PAGES):
            page = await self._page(timed, _IN_A_PAGE, start=start, options=options)
            fresh = [each for each in page.changes if each.number not in found]
            found.update((each.number, each) for each in fresh)
            if not page.has_more:
                return list(found.values())
            if not fresh:
                self.warnings.append("the server repeats a page of changes; what comes after it was not read")
                return list(found.values())
            start += page.count
        self.warnings.append(f"more than {len(found)} changes at once; the older ones were left out")
        return list(found.values())

    async def first_merged(self, queries: Sequence[str]) -> int | None:
        """The number of the oldest change of ``queries``, which are about one owner's merged changes.

        0 when there are too many to look through; None when the server does not tell.
        """
        merged: list[tuple[datetime, int]] = []
        for query in queries:
            if self._owners_left <= 0:
                return None
            self._owners_left -= 1
            try:
                page = await self._page(query, _MERGES_OF_A_NEWCOMER)
            except BadStatus as fault:
                self.warnings.append(f"the server does not tell who contributes for the first time ({fault})")
                self._owners_left = 0
                return None
            if page.has_more:
                return 0
            merged += [(each.merged_at, each.number) for each in page.changes if each.merged_at]
        return min(merged)[1] if merged else None

    def give_warnings(self) -> tuple[str, ...]:
        """What went wrong since it was last asked for."""
        given, self.warnings = tuple(dict.fromkeys(self.warnings)), []
        return given

    def give_aside(self) -> tuple[Aside, ...]:
        """The records that could not be read since it was last asked for them."""
        given, self.aside = tuple(self.aside), []
        return given

    async def _page(self, query: str, count: int, *, start: int = 0, options: Sequence[str] = ()) -> Page:
        pairs = [("q", query), ("n", str(count)), *(("o", each) for each in options)]
        if start:
            pairs.append(("S", str(start)))
        url = f"{self.base}{'/a' if self.token else ''}/changes/?{urlencode(pairs, quote_via=quote)}"
        reply = await self.http.get(url, headers=self._headers())
        self.now = _http_time(reply.header("date")) or self.now
        page = await in_worker(read_page, reply.body, host_of(self.base))
        self.aside += (Aside(url, NO_CHANGE, record) for record in page.unread)
        return page

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.token and ":" in self.token:
            headers["Authorization"] = "Basic " + base64.b64encode(self.token.encode()).decode()
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers


def _http_time(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
