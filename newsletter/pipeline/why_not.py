"""Why an item that is in the store was a candidate of no issue. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from newsletter.model.source import Source
from newsletter.store.issues import StoredIssue
from newsletter.store.items import StoredItem

_SOON = timedelta(minutes=5)
_DAY = timedelta(days=1)


def date_words(stored: StoredItem) -> str:
    """Of when it is, as its source says; nothing is made up for what names no day."""
    item = stored.item
    if _counts_as_old(stored):
        return "no date; counted as old"
    if item.published_at is None:
        return f"{'' if item.event else 'no date; '}first read {_moment(stored.first_seen_at)}"
    return _moment(stored.effective_at)


def _counts_as_old(stored: StoredItem) -> bool:
    """Whether it stood far down among what names no day when its source was first read."""
    return stored.effective_at < (stored.item.published_at or stored.first_seen_at) - _DAY


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


_BACK_CATALOGUE = ("It was there when its source was added: what a source holds already is no news.",)


def why_never(
    stored: StoredItem,
    known: Sequence[StoredIssue],
    sources: Sequence[Source],
    *,
    unreadable: Sequence[int] = (),
    was_there: bool = False,
    now: datetime,
) -> str:
    """The reason, in sentences; ``unreadable`` are issues whose snapshot is not there.

    ``was_there`` when it is part of what its source held when it was added.
    """
    its_time = _BACK_CATALOGUE if was_there else _of_its_time(stored, known, now)
    found = [*its_time, *_of_its_source(stored, sources)]
    if unreadable:
        names = ", ".join(map(str, unreadable))
        found.append(f"Issue {names} has no snapshot to look into.")
    return " ".join(found)


def _of_its_time(stored: StoredItem, known: Sequence[StoredIssue], now: datetime) -> list[str]:
    at = stored.effective_at
    day = _moment(at)
    if at > now + _SOON:
        return [f"Its date, {day}, lies in the future: it waits for the issue about that time."]
    if not known:
        return ["There is no issue yet."]
    if _counts_as_old(stored):
        return ["It names no day, and stood behind newer ones when its source was first read: it counts as old."]
    about = [each for each in known if at in each.period]
    late = [each for each in about if stored.first_seen_at > each.drafted_at]
    if late:
        seen, number = _moment(stored.first_seen_at), late[-1].number
        return [f"It was read on {seen}, after issue {number}, which is about its time, had been drafted."]
    if about:
        return [f"Issue {about[-1].number} is about its time ({day}), but was drafted without it. Draft it again."]
    is_of = f"It is of {day}" if stored.item.published_at else f"It names no day and was first read on {day}"
    first = min(known, key=lambda each: each.period.start)
    if at < first.period.start:
        return [f"{is_of}, before the time of the first issue, which begins {first.period.start:%Y-%m-%d}."]
    last = max(known, key=lambda each: each.period.end)
    if at >= last.period.end:
        return [f"{is_of}, after the end of issue {last.number}: it may enter the next one."]
    return [f"{is_of}, and no issue is about that time."]


def _of_its_source(stored: StoredItem, sources: Sequence[Source]) -> list[str]:
    source = next((each for each in sources if each.id == stored.item.source_id), None)
    if source is None:
        return ["Its source is not in feeds.yaml any more."]
    if source.paused:
        return [f"Its source, {source.name}, is paused ({source.file}:{source.line})."]
    return []
