"""Merge proposals of a project on Launchpad: those that are open, and what became of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.fetch.kinds import Aside
from newsletter.fetch.launchpad import OPEN_PROPOSALS, is_private, proposal_item
from newsletter.fetch.launchpad_plans import Wanted
from newsletter.fetch.launchpad_server import LaunchpadServer
from newsletter.fetch.records import made_of
from newsletter.fetch.rest import Record
from newsletter.model.item import Item

MOST_FOLLOWED = 100
_IN_A_BATCH = 500
OPERATION = "getMergeProposals"
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Proposals:
    """Reads what changed since the last time.

    Launchpad cannot be asked for what changed. So: the open ones are read each time; those that
    were open the last time are asked for one by one; the merged ones are read when their number
    is not what it must be after that.
    """

    server: LaunchpadServer
    wanted: Wanted
    memory: dict[str, Any]
    aside: list[Aside]

    async def items(self) -> AsyncIterator[tuple[Item, ...]]:
        """The proposals that are new or changed, oldest first."""
        known: dict[str, str] = dict(self.memory.get("open", {}))
        total = await self.server.total(self.wanted.project, self._asked("Merged"))
        records = {each.text("self_link"): each for each in await self._read(*OPEN_PROPOSALS)}
        open_now = {link: _stamp(each) for link, each in records.items()}
        changed = [each for link, each in records.items() if known.get(link) != open_now[link]]
        left = [link for link in known if link not in open_now]
        closed = [each for link in left[:MOST_FOLLOWED] if (each := await self.server.entry(link))]
        expected = self.memory.get("merged", 0) + sum(each.text("queue_status") == "Merged" for each in closed)
        if total is None or total != expected:
            read = {each.text("self_link") for each in closed}
            closed += [each for each in await self._merged() if each.text("self_link") not in read]
        found = sorted((each for each in (*changed, *closed) if not is_private(each)), key=_age)
        for at in range(0, len(found), _IN_A_BATCH):
            yield await self._items(found[at : at + _IN_A_BATCH])
        self.memory.update(
            open=open_now, at=self.wanted.now.isoformat(), **({} if total is None else {"merged": total})
        )

    async def _items(self, part: list[Record]) -> tuple[Item, ...]:
        wanted, server = self.wanted, self.server
        await server.meet(each.text("registrant_link") for each in part)
        made = made_of(
            part,
            lambda each: proposal_item(each, wanted.source_id, wanted.project, server.people),
            server.url(wanted.project, self._asked()),
            self.aside,
        )
        return tuple(item for _, item in made)

    async def _merged(self) -> list[Record]:
        """The merged ones of the time that was not read yet."""
        after = datetime.fromisoformat(self.memory["at"]) if "at" in self.memory else self.wanted.since
        found = await self._read("Merged")
        return [each for each in found if after is None or (each.when("date_merged") or after) >= after]

    async def _read(self, *statuses: str) -> list[Record]:
        return [each async for each in self.server.collection(self.wanted.project, self._asked(*statuses))]

    def _asked(self, *statuses: str) -> dict[str, Any]:
        return {"ws.op": OPERATION, **({"status": statuses} if statuses else {})}


def _stamp(record: Record) -> str:
    return record.line("http_etag") or " ".join(record.line(name) for name in ("queue_status", "date_review_requested"))


def _age(record: Record) -> datetime:
    return record.when("date_merged") or record.when("date_created") or _EARLIEST
