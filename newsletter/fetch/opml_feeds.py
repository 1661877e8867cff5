"""One feed of a list of feeds, read as a part of the list's own source."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from newsletter.errors import FetchError
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Batch
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.opml import Listed
from newsletter.model.item import Item, Person, item_id
from newsletter.model.source import FetchState

_MOST_BATCHES = 5
_LABELS_AT_MOST = 30
_UNIQUE = re.compile(r"(?:https?|tag|urn|yt):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What is remembered of a feed: its cursor, how often it failed since it was last read, when to ask again."""

    cursor: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0
    until: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it may be asked."""
        return self.until is None or self.until <= now

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        until = {"until": self.until.isoformat()} if self.until else {}
        return {"cursor": dict(self.cursor), "failures": self.failures, **until}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FeedMemory":
        """The memory stored as ``value``."""
        until = value.get("until")
        return cls(value.get("cursor", {}), value.get("failures", 0), datetime.fromisoformat(until) if until else None)


@dataclass(frozen=True, slots=True)
class Read:
    """What one feed gave, and the trouble that ended it, if any."""

    batches: tuple[Batch, ...]
    trouble: FetchError | None = None


async def read_feed(http: Http, listed: Listed, memory: FeedMemory, source_id: str) -> Read:
    """What is new in a feed; of a very long one a part, the rest comes next time. Never raises FetchError."""
    batches: list[Batch] = []
    try:
        async for batch in Feed(listed.url).fetch(http, FetchState(source_id, memory.cursor)):
            items = tuple(_named(item, listed, source_id) for item in batch.items)
            batches.append(replace(batch, items=items))
            if len(batches) == _MOST_BATCHES:
                break
    except FetchError as trouble:
        return Read(tuple(batches), trouble)
    return Read(tuple(batches))


def _named(item: Item, listed: Listed, source_id: str) -> Item:
    """The item with where it comes from; a key that only its feed knows stands beside the address of the feed."""
    keys = tuple(key if _UNIQUE.match(key) else f"{listed.url} {key}" for key in item.native_keys)
    labels = dict.fromkeys(label for label in (listed.title, *listed.folders, *item.labels) if label)
    return replace(
        item,
        id=item_id(source_id, keys[0]),
        native_keys=keys,
        author=item.author or (Person(listed.title) if listed.title else None),
        labels=tuple(labels)[:_LABELS_AT_MOST],
    )
