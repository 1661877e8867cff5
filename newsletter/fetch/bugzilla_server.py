"""A Bugzilla server during one fetch: the bugs of a query that changed, over REST or as its pages give them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.bugzilla import (
    bug_ticket,
    is_for_everybody,
    read_activity,
    read_comments,
    read_history,
    read_list,
    refusal,
)
from newsletter.fetch.bugzilla_xml import read_bugs
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside
from newsletter.fetch.records import made_of
from newsletter.fetch.rest import Record, ask_json
from newsletter.fetch.tracker import Comment, Ticket, by_change
from newsletter.fetch.workers import in_worker
from newsletter.text import host_of

IN_A_PAGE = 500
MOST_BUGS = 3_000
MOST_ACTIVITIES = 100
_AT_ONCE = 100
_AT_ONCE_XML = 50
_ONE_DAY = timedelta(days=1)
_LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
_FIELDS = (
    *("id", "summary", "status", "resolution", "severity", "product", "component", "creator", "creator_detail"),
    *("creation_time", "last_change_time", "cf_last_resolved", "keywords", "groups", "description", "comment_count"),
)
_COLUMNS = ("bug_id", "product", "component", "bug_status", "resolution", "short_desc", "changeddate", "bug_severity")
TOO_MANY = f"more than {MOST_BUGS} bugs changed at once; not all of them were read"

Query = tuple[tuple[str, str], ...]


class Bugs(Protocol):
    """A way to read the bugs of a query."""

    def changed(self, query: Query, after: datetime | None, *, comments: bool) -> AsyncIterator[list[Ticket]]:
        """The bugs that changed since ``after``, the one that rests longest first, a few at a time."""

    async def fixed(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """``tickets`` with the time at which those that are fixed were."""


async def has_rest(http: Http, base: str) -> bool:
    """Whether the server at ``base`` has a REST API, by asking for its version."""
    try:
        answer = await ask_json(http, f"{base}/rest/version")
    except (BadStatus, Gone, NotReadable):
        return False
    return isinstance(answer.value, dict) and isinstance(answer.value.get("version"), str)


@dataclass(slots=True)
class RestBugs:
    """Asks the REST API of the server at ``base``, with an API key as ``token`` if there is one."""

    http: Http
    base: str
    token: str | None
    warnings: list[str]
    aside: list[Aside] = field(default_factory=list)
    api: str = "rest"
    """Where the API stands; "rest.cgi" on servers whose addresses are not rewritten."""

    async def changed(self, query: Query, after: datetime | None, *, comments: bool) -> AsyncIterator[list[Ticket]]:
        """As :class:`Bugs` says. Goes on from the last time of a page: what changes meanwhile shifts nothing."""
        seen: set[str] = set()
        offset = 0
        while len(seen) < MOST_BUGS:
            found = await self._page(query, after, offset)
            new = [each for each in found if each.key("id") not in seen]
            if new:
                yield await self._tickets(new, comments=comments)
            seen.update(each.key("id") for each in new)
            times = [at for each in found if (at := each.when("last_change_time"))]
            if len(found) < IN_A_PAGE or not new or not times:
                return
            # Only a page of bugs that all changed at once cannot be passed by its time.
            offset = offset + len(found) if min(times) == max(times) else 0
            after = max(times)
        self.warnings.append(TOO_MANY)

    async def _page(self, query: Query, after: datetime | None, offset: int) -> tuple[Record, ...]:
        asked = [*query, ("include_fields", ",".join(_FIELDS)), ("order", "changeddate,bug_id")]
        asked += [("limit", str(IN_A_PAGE))]
        if offset:
            asked.append(("offset", str(offset)))
        if after is not None or not query:
            # A question without any condition is refused.
            asked.append(("last_change_time", f"{(after or _LONG_AGO).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"))
        value = await self._ask("bug", asked)
        if not isinstance(value, dict) or not isinstance(value.get("bugs"), list):
            raise NotReadable(f"{host_of(self.base)} does not answer as Bugzilla does: no list of bugs")
        return Record(value).records("bugs")

    async def _tickets(self, found: list[Record], *, comments: bool) -> list[Ticket]:
        shown = [each for each in found if is_for_everybody(each)]
        numbers = [each.key("id") for each in shown if each.whole("id") is not None]
        said: dict[int, tuple[Comment, ...]] = {}
        for at in range(0, len(numbers) if comments else 0, _AT_ONCE):
            said.update(await self._comments(numbers[at : at + _AT_ONCE]))
        made = made_of(
            shown,
            lambda each: bug_ticket(each, self.base, said.get(each.whole("id") or -1)),
            f"{self.base}/{self.api}/bug",
            self.aside,
        )
        return sorted((ticket for _, ticket in made), key=by_change)

    async def _comments(self, numbers: Sequence[str]) -> dict[int, tuple[Comment, ...]]:
        asked = [("ids", number) for number in numbers]
        asked.append(("include_fields", "id,bug_id,count,creator,creation_time,time,is_private"))
        return read_comments(await self._ask(f"bug/{numbers[0]}/comment", asked), self.base)

    async def fixed(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """As :class:`Bugs` says; asks for the history of those that do not tell themselves."""
        unknown = [str(each.number) for each in tickets if _is_fixed(each) and each.fixed_at is None]
        times: dict[int, datetime | None] = {}
        for at in range(0, len(unknown), _AT_ONCE):
            part = unknown[at : at + _AT_ONCE]
            value = await self._ask(f"bug/{part[0]}/history", [("ids", number) for number in part])
            times.update(read_history(value))
        return [replace(each, fixed_at=each.fixed_at or times.get(each.number or -1)) for each in tickets]

    async def _ask(self, path: str, asked: Sequence[tuple[str, str]]) -> Any:
        headers = {"X-BUGZILLA-API-KEY": self.token} if self.token else {}
        value = (await ask_json(self.http, f"{self.base}/{self.api}/{path}?{urlencode(asked)}", headers=headers)).value
        if said := refusal(value):
            raise NotReadable(f"{host_of(self.base)} says: {said}")
        return value


@dataclass(slots=True)
class PageBugs:
    """Reads the server at ``base`` as it was before it had an API: a list as CSV, bugs as XML, changes as a table."""

    http: Http
    base: str
    warnings: list[str]
    aside: list[Aside] = field(default_factory=list)

    async def changed(self, query: Query, after: datetime | None, *, comments: bool) -> AsyncIterator[list[Ticket]]:
        """As :class:`Bugs` says. The XML brings the comments, wanted or not."""
        numbers = [value for name, value in query if name == "id"] or await self._list(query, after)
        if len(numbers) > MOST_BUGS:
            self.warnings.append(TOO_MANY)
        for at in range(0, min(len(numbers), MOST_BUGS), _AT_ONCE_XML):
            part = numbers[at : at + _AT_ONCE_XML]
            asked = [("ctype", "xml"), ("excludefield", "attachmentdata"), *(("id", number) for number in part)]
            url = f"{self.base}/show_bug.cgi?{urlencode(asked)}"
            reply = await self.http.get(url)
            found, broken = await in_worker(read_bugs, reply.body, self.base)
            self.aside += [Aside(url, "the XML of this bug is broken", each) for each in broken]
            yield sorted(found, key=by_change)

    async def _list(self, query: Query, after: datetime | None) -> list[str]:
        asked = [*query, ("ctype", "csv"), ("columnlist", ",".join(_COLUMNS)), ("order", "changeddate,bug_id")]
        asked.append(("limit", "0"))
        if after is not None and not any(name == "chfieldfrom" for name, _ in query):
            # The day is one of the server's zone, which nobody knows.
            asked += [("chfieldfrom", f"{after.astimezone(UTC) - _ONE_DAY:%Y-%m-%d}"), ("chfieldto", "Now")]
        reply = await self.http.get(f"{self.base}/buglist.cgi?{urlencode(asked)}")
        return [str(each.number) for each in await in_worker(read_list, reply.body, self.base)]

    async def fixed(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """As :class:`Bugs` says; asks for the changes of each one that is fixed."""
        found, asked = [], 0
        for each in tickets:
            if _is_fixed(each) and each.fixed_at is None and asked < MOST_ACTIVITIES:
                asked += 1
                found.append(replace(each, fixed_at=await self._fixed_at(each)))
            else:
                found.append(each)
        if asked >= MOST_ACTIVITIES:
            self.warnings.append(f"of more than {MOST_ACTIVITIES} bugs it was not looked up when they were fixed")
        return found

    async def _fixed_at(self, ticket: Ticket) -> datetime | None:
        try:
            reply = await self.http.get(f"{self.base}/show_activity.cgi?id={ticket.number}")
        except (BadStatus, Gone):
            return None
        return await in_worker(read_activity, reply.body)


def _is_fixed(ticket: Ticket) -> bool:
    return ticket.status.endswith(" FIXED")
