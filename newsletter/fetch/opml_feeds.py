"""One feed of a list of feeds, read as a part of the list's own source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from newsletter.errors import FetchError, NotReadable
from newsletter.fetch.http import Http
from newsletter.fetch.kinds import Aside, Batch
from newsletter.fetch.kinds.feed import Feed
from newsletter.fetch.mishap import log_mishap
from newsletter.fetch.opml import Listed
from newsletter.fetch.overheard import Overheard
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
    aside: tuple[Aside, ...] = ()
    """The document that could not be read."""


async def read_feed(http: Http, listed: Listed, memory: FeedMemory, source_id: str) -> Read:
    """What is new in a feed; of a very long one a part, the rest comes next time. Never raises FetchError."""
    batches: list[Batch] = []
    heard = Overheard(http)
    try:
        async for batch in Feed(listed.url).fetch(heard, FetchState(source_id, memory.cursor)):
            items = tuple(_named(item, listed, source_id) for item in batch.items)
            batches.append(replace(batch, items=items))
            if len(batches) == _MOST_BATCHES:
                break
    except NotReadable as trouble:
        return _failed(batches, trouble, heard)
    except FetchError as trouble:
        return Read(tuple(batches), trouble)
    except Exception as fault:
        # One feed that nobody thought of keeps no other one of the list waiting.
        log_mishap("reader_failed", url=listed.url)
        return _failed(batches, NotReadable(f"the reader failed: {type(fault).__name__}: {fault}"), heard)
    return Read(tuple(batches))


def _failed(batches: Sequence[Batch], trouble: NotReadable, heard: Overheard) -> Read:
    found = heard.aside(str(trouble))
    return Read(tuple(batches), trouble, (replace(found, is_document=True),) if found else ())


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
