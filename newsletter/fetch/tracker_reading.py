"""One fetch of a tracker that consists of parts: what is remembered, and what goes wrong with one of them."""

import copy
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsletter.errors import BadStatus, Gone, NotReadable
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.progress import Progress
from newsletter.fetch.tracker import Ticket
from newsletter.model.item import Item

Part = AsyncIterator[tuple[Item, ...]]
"""Gives items a few at a time. Before each time it has changed its memory so that it stands for them."""


async def new_tickets(
    pages: AsyncIterator[list[Ticket]], progress: Progress, memory: dict[str, Any], *, now: datetime
) -> AsyncIterator[list[Ticket]]:
    """What is new in each page of tickets, ``memory`` changed so that it stands for what was given so far."""
    async for tickets in pages:
        new = [each for each in tickets if progress.is_new(each.key, each.updated_at)]
        progress.advance(((each.key, each.updated_at) for each in new), now)
        memory.update(progress.as_json())
        yield new


@dataclass(slots=True)
class Reading:
    """The cursor while it changes, and what is told along with the items."""

    cursor: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: Mapping[str, Any]) -> "Reading":
        """A reading that goes on from a stored ``cursor``."""
        return cls(copy.deepcopy(dict(cursor)))

    def memory(self, *path: str) -> dict[str, Any]:
        """What is remembered under ``path``; to be changed in place."""
        found = self.cursor
        for name in path:
            found = found.setdefault(name, {})
        return found

    async def batches(self, parts: Iterable[Part]) -> AsyncIterator[Batch]:
        """The items of all parts; one that cannot be read is a warning as long as another can."""
        faults: list[BadStatus | Gone | NotReadable] = []
        done = 0
        for part in parts:
            try:
                async for items in part:
                    yield self._batch(items)
                done += 1
            except (BadStatus, Gone, NotReadable) as fault:
                faults.append(fault)
                self.warnings.append(str(fault))
        if faults and not done:
            raise faults[0]
        yield self._batch(())

    def _batch(self, items: tuple[Item, ...]) -> Batch:
        warnings, aside = tuple(dict.fromkeys(self.warnings)), tuple(self.aside)
        self.warnings.clear()
        self.aside.clear()
        return Batch(items, copy.deepcopy(self.cursor), warnings, is_unchanged=not items and not aside, aside=aside)
