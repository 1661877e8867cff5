"""One fetch of a code host: its projects in turn, releases and tickets of each, and the changes that wait."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from newsletter.errors import BadStatus, FetchError, Gone, NotReadable
from newsletter.fetch.code_host import Place, Ticket, release_item
from newsletter.fetch.code_host_api import CodeHost, Named, Wishes
from newsletter.fetch.code_host_asking import Asking
from newsletter.fetch.code_host_memory import HostMemory
from newsletter.fetch.code_host_tickets import TicketReader
from newsletter.fetch.http import Document, Http, body_hash
from newsletter.fetch.kinds import Batch
from newsletter.fetch.rest import Answer, next_link
from newsletter.fetch.waiting import Waiting, waiting_item
from newsletter.model.item import Item
from newsletter.model.source import FetchState

_PAGES_OF_RELEASES = 10
_PAGES_OF_WAITING = 10
_PAGES_OF_MEMBERS = 30
_MOST_RELEASES_KNOWN = 60
_OWN_TROUBLE = (BadStatus, Gone, NotReadable)
"""What goes wrong with one project alone; whatever else does ends the fetch."""


async def read_host(
    api: CodeHost, named: Named, take: Sequence[str], http: Http, state: FetchState
) -> AsyncIterator[Batch]:
    """Batches of what is new on ``api`` in the projects that are ``named``; see :meth:`Kind.fetch`."""
    reading = _Reading(Asking(http, api), Wishes.read(take), Place(state.source_id, api.kind), state)
    try:
        projects = await reading.projects(named)
        async for batch in reading.all(projects):
            yield batch
    except FetchError:
        # What was asked so far need not be asked again, whatever comes now.
        yield reading.batch()
        raise
    if not reading.has_read and reading.faults:
        raise reading.faults[0]
    waiting = reading.waiting(projects, named.organisation)
    if waiting or reading.is_quiet or reading.has_more_to_say():
        yield reading.batch(waiting)


class _Reading:
    """A fetch under way."""

    def __init__(self, asking: Asking, wishes: Wishes, place: Place, state: FetchState) -> None:
        self._asking, self._wishes, self._place, self._since = asking, wishes, place, state.since
        self._memory = HostMemory.read(state.cursor)
        self._tickets = TicketReader(asking, self._memory, wishes, place, state.since)
        self._waiting: list[Waiting] = []
        self.faults: list[FetchError] = []
        self.has_read = False
        self.is_quiet = True
        self._given: dict[str, Any] = {}

    def batch(self, items: tuple[Item, ...] = ()) -> Batch:
        """``items`` with the cursor that stands for all that was given so far."""
        warnings, aside = self._asking.give()
        self.is_quiet = self.is_quiet and not items
        self._given = self._memory.as_json()
        return Batch(items, self._given, warnings, is_unchanged=self.is_quiet, aside=aside)

    def has_more_to_say(self) -> bool:
        """Whether more is known than the last batch said."""
        asking = self._asking
        return bool(asking.warnings or asking.aside) or self._memory.as_json() != self._given

    async def projects(self, named: Named) -> tuple[str, ...]:
        """The projects to read, from where the last fetch was broken off."""
        found = {project.casefold(): project for project in named.projects}
        if named.organisation:
            for project in await self._members(named.organisation):
                found.setdefault(project.casefold(), project)
        projects = tuple(found.values())
        self._memory.keep_only(projects)
        at = next((at for at, name in enumerate(projects) if name == self._memory.next_project), 0)
        return projects[at:] + projects[:at]

    async def _members(self, organisation: str) -> list[str]:
        api, known = self._asking.api, self._memory.members
        if known.get("of") != organisation:
            known.clear()
        urls = [url for url in api.member_urls(organisation) if known.get("url", url) == url]
        for at, url in enumerate(urls):
            try:
                return await self._listed(url, organisation)
            except BadStatus as fault:
                if fault.status != 404 or at == len(urls) - 1:
                    raise
        return []

    async def _listed(self, url: str, organisation: str) -> list[str]:
        known = self._memory.members
        # Only a list of one page is known to be unchanged when its first page is.
        document = Document.from_json(known.get("document")) if known.get("is_whole") else None
        found: list[str] = []
        first, count = Document(), 0
        async for answer in self._asking.pages(url, known=document, most=_PAGES_OF_MEMBERS):
            if answer.reply.is_unchanged:
                return list(known.get("names", []))
            first, count = (answer.reply.document if count == 0 else first), count + 1
            found += self._asking.read(answer, self._asking.api.read_project)
        is_whole = count == 1
        known.update({"of": organisation, "url": url, "is_whole": is_whole, "document": first.as_json()})
        known["names"] = found if is_whole else []
        return found

    async def all(self, projects: Sequence[str]) -> AsyncIterator[Batch]:
        """What is new in ``projects``; trouble with one of them is a warning."""
        for project in projects:
            self._memory.next_project = project
            with self._forgiving(project):
                async for items in self._releases(project):
                    yield self.batch(items)
            with self._forgiving(project):
                async for items in self._tickets_of(project):
                    yield self.batch(items)
            with self._forgiving(project):
                await self._find_waiting(project)
        self._memory.next_project = ""

    @contextlib.contextmanager
    def _forgiving(self, project: str) -> Iterator[None]:
        try:
            yield
        except _OWN_TROUBLE as fault:
            # A project that is gone may come back under its name: the source is asked again.
            self.faults.append(NotReadable(str(fault)) if isinstance(fault, Gone) else fault)
            self._asking.warnings.append(f"{project}: {fault}")

    async def _tickets_of(self, project: str) -> AsyncIterator[tuple[Item, ...]]:
        if self._wishes.tickets:
            async for items in self._tickets.items(project):
                yield items
            self.has_read = True

    async def _releases(self, project: str) -> AsyncIterator[tuple[Item, ...]]:
        if not self._wishes.releases:
            return
        known = self._memory.of(project, "releases")
        seen: dict[str, str] = known.get("seen", {})
        found: list[Item] = []
        first: Document | None = None
        document = Document.from_json(known.get("document"))
        url = self._asking.api.releases_url(project)
        async for answer in self._asking.pages(url, known=document, most=_PAGES_OF_RELEASES):
            if answer.reply.is_unchanged:
                break
            first = first or answer.reply.document
            releases = self._read_releases(answer, project)
            fresh = [item for item in releases if seen.get(item.id) != _mark(item)]
            found += fresh
            if len(fresh) < len(releases) or any(self._is_early(item) for item in releases):
                break
        self.has_read = True
        if first is None:
            return
        found.sort(key=lambda item: (item.published_at is not None, item.published_at))
        marks = {**seen, **{item.id: _mark(item) for item in found}}
        known.update({"document": first.as_json(), "seen": dict(list(marks.items())[-_MOST_RELEASES_KNOWN:])})
        told = [item for item in found if not self._is_early(item)]
        if told:
            yield tuple(told)

    def _read_releases(self, answer: Answer, project: str) -> list[Item]:
        api = self._asking.api
        read = self._asking.read(answer, lambda record: api.read_release(record, project), what="release")
        return [release_item(each, self._place) for each in read if not each.is_draft]

    def _is_early(self, item: Item) -> bool:
        return self._since is not None and item.published_at is not None and item.published_at < self._since

    async def _find_waiting(self, project: str) -> None:
        """Find the changes of ``project`` that wait; none is told before all projects were asked."""
        if self._wishes.waiting_days is None:
            return
        lists, url = self._memory.of(project, "waiting"), self._asking.api.open_changes_url(project)
        visited: dict[str, Any] = {}
        for _ in range(_PAGES_OF_WAITING):
            page = await self._open_changes(url, lists.get(url), project)
            visited[url] = page
            rows = [_waiting_of(project, row) for row in page["rows"]]
            self._waiting += (row for row in rows if self._waits(row))
            if not page["next"] or page["next"] in visited or not rows or not self._waits(rows[-1]):
                break
            url = page["next"]
        lists.clear()
        lists.update(visited)
        self.has_read = True

    async def _open_changes(self, url: str, known: Any, project: str) -> dict[str, Any]:
        """A page of open changes, as it is remembered while it stays the same."""
        api = self._asking.api
        answer = await self._asking.ask(url, Document.from_json(known["document"]) if known else None)
        if answer.reply.is_unchanged and known:
            return dict(known)
        tickets = self._asking.read(answer, lambda record: api.read_ticket(record, project), what="change")
        rows = [_row_of(each) for each in tickets if not each.is_draft and not each.is_secret]
        return {"document": answer.reply.document.as_json(), "rows": rows, "next": next_link(answer)}

    def _waits(self, change: Waiting) -> bool:
        now, days = self._asking.now, self._wishes.waiting_days
        if now is None or days is None or change.since is None:
            return False
        return now - change.since > timedelta(days=days)

    def waiting(self, projects: Sequence[str], organisation: str | None) -> tuple[Item, ...]:
        """The list of the changes that wait, when it is not the one that was told last."""
        days = self._wishes.waiting_days
        if days is None or not self._waiting:
            self._memory.waiting = ""
            return ()
        url = self._asking.api.waiting_url(projects, organisation)
        kind, source_id = self._place.kind, self._place.source_id
        item = waiting_item(self._waiting, days, source_id=source_id, kind=kind, url=url, week=self._asking.week)
        told, self._memory.waiting = self._memory.waiting, _mark(item)
        return () if told == self._memory.waiting else (item,)


def _mark(item: Item) -> str:
    """By what two states of an item are compared."""
    return body_hash(repr(item).encode("utf-8", "replace"))


def _row_of(change: Ticket) -> list[Any]:
    at = change.updated_at.isoformat() if change.updated_at else None
    return [change.number, change.title, change.author.name if change.author else "", at, change.url]


def _waiting_of(project: str, row: Sequence[Any]) -> Waiting:
    number, title, who, at, url = row
    return Waiting(project, title, who, datetime.fromisoformat(at) if at else None, url, number)
