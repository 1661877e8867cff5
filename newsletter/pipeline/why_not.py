"""Why an item that is in the store was a candidate of no issue. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from newsletter.model.source import Source
from newsletter.store.issues import StoredIssue
from newsletter.store.items import StoredItem

_SOON = timedelta(minutes=5)


def why_never(
    stored: StoredItem,
    known: Sequence[StoredIssue],
    sources: Sequence[Source],
    *,
    unreadable: Sequence[int] = (),
    now: datetime,
) -> str:
    """The reason, in sentences; ``unreadable`` are issues whose snapshot is not there."""
    found = [*_of_its_time(stored, known, now), *_of_its_source(stored, sources)]
    if unreadable:
        names = ", ".join(map(str, unreadable))
        found.append(f"Issue {names} has no snapshot to look into.")
    return " ".join(found)


def _of_its_time(stored: StoredItem, known: Sequence[StoredIssue], now: datetime) -> list[str]:
    at = stored.effective_at
    day = f"{at:%Y-%m-%d %H:%M} UTC"
    if at > now + _SOON:
        return [f"Its date, {day}, lies in the future: it waits for the issue about that time."]
    if not known:
        return ["There is no issue yet."]
    about = [each for each in known if at in each.period]
    late = [each for each in about if stored.first_seen_at > each.drafted_at]
    if late:
        seen, number = f"{stored.first_seen_at:%Y-%m-%d %H:%M} UTC", late[-1].number
        return [f"It was read on {seen}, after issue {number}, which is about its time, had been drafted."]
    if about:
        return [f"Issue {about[-1].number} is about its time ({day}), but was drafted without it. Draft it again."]
    first = min(known, key=lambda each: each.period.start)
    if at < first.period.start:
        return [f"It is of {day}, before the time of the first issue, which begins {first.period.start:%Y-%m-%d}."]
    last = max(known, key=lambda each: each.period.end)
    if at >= last.period.end:
        return [f"It is of {day}, after the end of issue {last.number}: it may enter the next one."]
    return [f"It is of {day}, and no issue is about that time."]


def _of_its_source(stored: StoredItem, sources: Sequence[Source]) -> list[str]:
    source = next((each for each in sources if each.id == stored.item.source_id), None)
    if source is None:
        return ["Its source is not in feeds.yaml any more."]
    if source.paused:
        return [f"Its source, {source.name}, is paused ({source.file}:{source.line})."]
    return []
