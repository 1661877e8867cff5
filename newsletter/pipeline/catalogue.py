"""The back catalogue of a source: what was there when it was added, which no draft offers as news."""

from collections.abc import Mapping
from datetime import UTC, datetime

from newsletter.model.source import FetchState
from newsletter.store.content import StoredItem
from newsletter.store.database import Db
from newsletter.store.sources import load_states


def load_catalogues(db: Db) -> Mapping[str, FetchState]:
    """The states of the sources that have a back catalogue, by id."""
    return {source_id: state for source_id, state in load_states(db).items() if state.seen_until}


def is_offered(stored: StoredItem, catalogues: Mapping[str, FetchState]) -> bool:
    """Whether an item may be news: it is no part of its source's back catalogue, or something happened to it since.

    Dates to come are always news; so are answers and merges after the first reading.
    """
    state = catalogues.get(stored.item.source_id)
    if state is None or state.seen_until is None or stored.first_seen_at > state.seen_until:
        return True
    if state.fresh_from and stored.item.published_at and stored.item.published_at >= state.fresh_from:
        return True
    return any(_is_after(at, min(state.seen_until, state.checked_at or state.seen_until)) for at in _moments(stored))


def _moments(stored: StoredItem) -> list[object]:
    """When something happens to an item after it was written."""
    item = stored.item
    found: list[object] = [item.thread.last_at] if item.thread else []
    found += [item.review.merged_at] if item.review else []
    found += [item.event.starts_at, item.event.deadline_at] if item.event else []
    return found


def _is_after(at: object, moment: datetime) -> bool:
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) > moment
    return at is not None and str(at) > f"{moment:%Y-%m-%d}"
