"""The tickets of one project: lists read from where they were left, and what only single documents tell."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.code_host import Place, Talk, Ticket, change_item, talk_of, ticket_item
from newsletter.fetch.code_host_api import CodeHost, Wishes
from newsletter.fetch.code_host_asking import Asking
from newsletter.fetch.code_host_details import Details
from newsletter.fetch.code_host_memory import HostMemory, ListMemory
from newsletter.fetch.http import Document
from newsletter.fetch.rest import Answer, next_link
from newsletter.model.item import Item

_IN_A_BATCH = 500
_PAGES_OF_DISCUSSIONS = 10
_AHEAD = timedelta(days=1)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class TicketReader:
    """Reads the tickets of projects, for ``wishes``, as items of ``place``; a first reading begins at ``since``."""

    asking: Asking
    memory: HostMemory
    wishes: Wishes
    place: Place
    since: datetime | None
    details: Details = field(init=False)

    def __post_init__(self) -> None:
        self.details = Details(self.asking, self.memory, self.wishes)

    @property
    def api(self) -> CodeHost:
        """The host that is asked."""
        return self.asking.api

    async def items(self, project: str) -> AsyncIterator[tuple[Item, ...]]:
        """What is new in ``project``, oldest first; what is remembered stands for what was given so far."""
        for name, url in self.api.ticket_urls(project, self.wishes).items():
            try:
                async for found in self._list(project, name, url, is_sorted=self.api.is_sorted):
                    yield found
            except Gone:
                # Issues are switched off there, and with them the list that has the changes, too.
                other = self.api.closed_changes_url(project)
                if other is None or not self.wishes.changes:
                    raise
                async for found in self._list(project, "closed changes", other, is_sorted=False):
                    yield found
        if self.wishes.comment_count is not None and self.details.answers_questions:
            async for found in self._discussions(project):
                yield found

    async def _list(self, project: str, name: str, url: str, *, is_sorted: bool) -> AsyncIterator[tuple[Item, ...]]:
        lists = self.memory.of(project, "lists")
        known = ListMemory.read(lists.get(name), self.wishes.name, self.since)
        begun = known.since
        asked = self._from(url, begun)
        first: Document | None = None
        following: list[str | None] = [None]
        rest: list[Ticket] = []
        document = known.document if known.url == asked else None
        async for answer in self.asking.pages(asked, known=document, next_of=lambda _: following[0]):
            first = first or answer.reply.document
            if answer.reply.is_unchanged:
                break
            tickets = self._read(answer, project)
            is_sorted = is_sorted and _is_sorted(tickets)
            following[0] = self._following(answer, url, tickets if is_sorted else (), known.since)
            if begun and _ends_before(tickets, begun):
                following[0] = None
            rest += (ticket for ticket in tickets if known.is_new(ticket, begun))
            if is_sorted:
                async for items in self._told(project, name, rest, known):
                    yield items
                rest = []
        async for items in self._told(project, name, rest, known):
            yield items
        known.finish(self.asking.now, self.api.step)
        known.url = self._from(url, known.since)
        known.document = first if first and known.url == asked else Document()
        lists[name] = known.as_json()

    def _from(self, url: str, since: datetime | None) -> str:
        return self.api.since(url, since) if since else url

    def _read(self, answer: Answer, project: str) -> list[Ticket]:
        found = self.asking.read(answer, lambda record: self.api.read_ticket(record, project), what="ticket")
        return [ticket for ticket in found if not ticket.is_secret]

    def _following(self, answer: Answer, url: str, tickets: Sequence[Ticket], begun: datetime | None) -> str | None:
        """The next page: where this one ends, for a ticket that changes meanwhile moves the numbers of pages."""
        linked = next_link(answer)
        newest = tickets[-1].updated_at if tickets else None
        if linked is None or newest is None or (begun and newest <= begun):
            return linked
        return self.api.since(url, newest)

    async def _told(
        self, project: str, name: str, tickets: list[Ticket], known: ListMemory
    ) -> AsyncIterator[tuple[Item, ...]]:
        """The items of ``tickets``, some hundred at a time, each time with what is known then remembered."""
        tickets.sort(key=_by_age)
        for at in range(0, len(tickets), _IN_A_BATCH):
            part = tickets[at : at + _IN_A_BATCH]
            items = await self._items(project, part, known)
            known.advance(part, limit=self._limit)
            self.memory.of(project, "lists")[name] = known.as_json()
            if items:
                yield items

    @property
    def _limit(self) -> datetime | None:
        """What is dated later is not believed to be the newest."""
        return self.asking.now + _AHEAD if self.asking.now else None

    async def _items(self, project: str, tickets: Sequence[Ticket], known: ListMemory) -> tuple[Item, ...]:
        items = []
        if self.wishes.changes:
            done = [each for each in tickets if each.is_change and each.state in ("merged", "")]
            sized = await self.details.sized(project, [each for each in done if not known.is_told(each)])
            merged = [each for each in sized if each.state == "merged" and not known.is_told(each)]
            if self.wishes.first:
                merged = [await self.details.with_first(each) for each in merged]
            items += [change_item(each, self.place) for each in merged if self.wishes.merged or each.is_first]
        items += [
            ticket_item(each, self.place, await self.details.talk(each))
            for each in tickets
            if self._is_much_discussed(each)
        ]
        return tuple(sorted(items, key=lambda item: item.published_at or _EARLIEST))

    def _is_much_discussed(self, ticket: Ticket) -> bool:
        wanted = self.wishes.comment_count
        return wanted is not None and not ticket.is_change and (ticket.comment_count or 0) >= wanted

    async def _discussions(self, project: str) -> AsyncIterator[tuple[Item, ...]]:
        lists = self.memory.of(project, "lists")
        known = ListMemory.read(lists.get("discussions"), self.wishes.name, self.since)
        try:
            changed = await self._changed_discussions(project, known)
            found = [each for each in changed if known.is_new(each[0], known.since)]
        except (BadStatus, NotReadable) as fault:
            self.asking.warnings.append(f"the discussions of {project} cannot be read ({fault})")
            return
        items = [ticket_item(each, self.place, talk) for each, talk in found if self._is_much_discussed(each)]
        known.advance([ticket for ticket, _ in found], limit=self._limit)
        known.finish(self.asking.now, self.api.step)
        lists["discussions"] = known.as_json()
        if items:
            yield tuple(sorted(items, key=lambda item: item.published_at or _EARLIEST))

    async def _changed_discussions(self, project: str, known: ListMemory) -> list[tuple[Ticket, Talk]]:
        """The discussions changed since the last time, the last changed first, each with its answers."""
        found: dict[int, tuple[Ticket, Talk]] = {}
        wanted, after = self.wishes.comment_count or 0, ""
        for _ in range(_PAGES_OF_DISCUSSIONS):
            asked = self.api.discussion_question(project, after)
            if asked is None:
                break
            page = self.api.read_discussions(await self.asking.question(*asked), project)
            for ticket, comments, count in page.found:
                if known.since and ticket.updated_at and ticket.updated_at < known.since:
                    return list(found.values())
                talk = talk_of(ticket, comments, wanted=wanted, reply_count=count)
                found.setdefault(ticket.number, (ticket, talk))
            if page.after is None or page.after == after:
                break
            after = page.after
        return list(found.values())


def _by_age(ticket: Ticket) -> tuple[datetime, int]:
    return ticket.updated_at or _EARLIEST, ticket.number


def _is_sorted(tickets: Iterable[Ticket]) -> bool:
    times = [ticket.updated_at for ticket in tickets]
    return all(a is not None and b is not None and a <= b for a, b in pairwise(times))


def _ends_before(tickets: Sequence[Ticket], at: datetime) -> bool:
    """Whether the last changed come first, and the last of these was changed before that."""
    last = tickets[-1].updated_at if tickets else None
    return last is not None and last < at and _is_sorted(tickets[::-1])
