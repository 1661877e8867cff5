"""The bugs of projects on Launchpad: those that are much discussed, and all of a week."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.kinds import Aside
from newsletter.fetch.launchpad import IMPORTANCES, KIND, STATUSES, People, bug_ticket, is_private, task_ticket
from newsletter.fetch.launchpad_plans import Wanted
from newsletter.fetch.launchpad_server import LaunchpadServer
from newsletter.fetch.records import made_of
from newsletter.fetch.rest import Record
from newsletter.fetch.tracker import Ticket, discussed_items
from newsletter.fetch.tracker_week import Words
from newsletter.model.item import Item

WORDS = Words(KIND, "bug", "bugs", IMPORTANCES)
MOST_BUGS = 200
_IN_A_BATCH = 20
_PATIENCE = 5
"""Launchpad counts messages now and then, not at once: that many bugs with too few end the list."""
_MOST_MESSAGES = 300


@dataclass(slots=True)
class Discussed:
    """The bugs of one project with at least ``count`` comments, that changed since the last time.

    ``memory`` is what is stored: from when on to ask, and, while a walk through the list is not
    done, when it began and which bugs it has read.
    """

    server: LaunchpadServer
    wanted: Wanted
    count: int
    memory: dict[str, Any]
    aside: list[Aside]

    async def items(self) -> AsyncIterator[tuple[Item, ...]]:
        """The bugs, the most discussed first, a few at a time."""
        began = self.memory.setdefault("began", self.wanted.now.isoformat())
        done = dict.fromkeys(self.memory.get("done", ()))
        found: list[Ticket] = []
        async for ticket in self._changed(done):
            found.append(ticket)
            if len(found) == _IN_A_BATCH:
                self.memory["done"] = list(done)
                yield discussed_items(found, self.count, self.wanted.source_id, KIND)
                found = []
        self.memory.clear()
        self.memory["at"] = began
        yield discussed_items(found, self.count, self.wanted.source_id, KIND)

    async def _changed(self, done: dict[int, None]) -> AsyncIterator[Ticket]:
        asked = read = too_few = 0
        async for record in self.server.collection(self.wanted.project, self._search()):
            for _, task in made_of([record], self._task, self._address, self.aside):
                if task.number is None or task.number in done:
                    continue
                asked += 1
                if asked > MOST_BUGS:
                    self.server.warnings.append(f"more than {MOST_BUGS} bugs of {self.wanted.project} changed at once")
                    return
                ticket = await self._whole(record, task)
                done[task.number] = None
                read = ticket.count or 0 if ticket else 0
                too_few = too_few + 1 if read < self.count else 0
                if ticket and read >= self.count:
                    yield ticket
            if too_few >= _PATIENCE:
                return

    def _search(self) -> dict[str, Any]:
        after = datetime.fromisoformat(self.memory["at"]) if "at" in self.memory else self.wanted.since
        return {"order_by": "-message_count", **searching(after)}

    @property
    def _address(self) -> str:
        return self.server.url(self.wanted.project)

    def _task(self, record: Record) -> Ticket | None:
        return task_ticket(record, self.server.people)

    async def _whole(self, record: Record, task: Ticket) -> Ticket | None:
        """The bug behind a task, with its messages when there are enough of them."""
        bug = await self.server.entry(record.text("bug_link"))
        if bug is None or is_private(bug):
            return None
        messages: list[Record] = []
        if (bug.whole("message_count") or 0) > self.count:
            messages = await self._messages(bug)
        await self.server.meet([bug.text("owner_link")])
        # Together, so that the ticket can be made of what was set aside alone.
        parts = {"bug": bug.fields, "task": record.fields, "messages": [each.fields for each in messages]}
        made = made_of(
            [Record(parts)], lambda each: discussed_ticket(each, self.server.people), self._address, self.aside
        )
        return made[0][1] if made else None

    async def _messages(self, bug: Record) -> list[Record]:
        """Who answered and when; a bug is told without it when that cannot be read."""
        found: list[Record] = []
        link = bug.text("messages_collection_link")
        if not self.server.is_here(link):
            return found
        try:
            async for message in self.server.linked(link):
                found.append(message)
                if len(found) >= _MOST_MESSAGES:
                    break
        except (BadStatus, Gone, NotReadable) as fault:
            self.server.warnings.append(f"the comments of bug {bug.key('id')} were not read: {fault}")
        return found


def discussed_ticket(parts: Record, people: People) -> Ticket | None:
    """A bug with its task in a project, and its messages."""
    return bug_ticket(parts.record("bug"), task_ticket(parts.record("task"), people), parts.records("messages"), people)


def searching(after: datetime | None) -> dict[str, Any]:
    """The parameters that ask for all bugs, open or not, that changed after that time."""
    asked: dict[str, Any] = {"ws.op": "searchTasks", "status": STATUSES, "omit_duplicates": "true"}
    if after is not None:
        asked["modified_since"] = f"{after.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}"
    return asked


async def week_tickets(
    server: LaunchpadServer, projects: Iterable[str], after: datetime | None, aside: list[Aside]
) -> list[Ticket]:
    """The bugs of ``projects`` that changed after that time."""
    found: dict[str, Ticket] = {}
    for project in projects:
        asked = {"order_by": "date_last_updated", **searching(after)}
        records = [each async for each in server.collection(project, asked)]
        made = made_of(records, lambda each: task_ticket(each, server.people), server.url(project), aside)
        for _, ticket in made:
            found.setdefault(f"{project} {ticket.key}", ticket)
    return list(found.values())
