"""Floods: what the store knows of them, what feeds.yaml lets through, and what an issue says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from newsletter.edit.bursts import Burst, find_bursts, flow_of
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.model.source import Source
from newsletter.pipeline.snapshot import DraftInput
from newsletter.store.database import Db
from newsletter.store.source_value import SourceValue, posts_value

_ISSUES_BEFORE = 2


def bursts_in(db: Db, period: Period) -> dict[str, list[object]]:
    """The floods of the last week of ``period``, as a snapshot keeps them, and those that ended before it began.

    What was said shortly before a period is looked at once more: what was held then must not come in by that.
    """
    over, now = (bursts_of(posts_value(db, until)) for until in (period.start, period.end))
    return {
        **{source_id: [0, each.words, period.start.isoformat()] for source_id, each in over.items()},
        **{source_id: [each.limit, each.words] for source_id, each in now.items()},
    }


def bursts_of(value: SourceValue) -> dict[str, Burst]:
    """The sources that flood, by their ids; before some issues were made nobody knows what is usual."""
    if value.issues_count < _ISSUES_BEFORE:
        return {}
    return find_bursts({source_id: flow_of(each.posts) for source_id, each in value.by_source.items()})


def held_bursts(found: DraftInput, sources: Mapping[str, Source]) -> dict[str, Burst]:
    """The floods that are held: all but those of sources with "hold bursts: no"."""
    return {
        source_id: _held(source_id, known, found)
        for source_id, known in (found.bursts or {}).items()
        if source_id in sources and sources[source_id].hold_bursts
    }


def _held(source_id: str, known: Sequence[object], found: DraftInput) -> Burst:
    limit, words, *until = map(str, known)
    if not until:
        return Burst(int(limit), words)
    before = datetime.fromisoformat(until[0])
    mine = (each for each in found.candidates if each.item.source_id == source_id)
    return Burst(int(limit), words, frozenset(each.item.id for each in mine if each.effective_at < before))


def with_bursts(issue: Issue, bursts: Mapping[str, Burst], sources: Mapping[str, Source]) -> Issue:
    """``issue`` with a word about each flood of which something is held."""
    warnings = []
    for source_id, burst in bursts.items():
        source = sources[source_id]
        count = sum(each.reason == burst.reason(source.name) for each in issue.dropped)
        if count and burst.rest is None:
            held = "1 of its stories is held" if count == 1 else f"{count} of its stories are held"
            warnings.append(
                f"{source.name} brings {burst.words}. {held}: you find them among what was dropped. "
                f"To let all in, write “hold bursts: no” at {source.file}:{source.line}."
            )
    return replace(issue, warnings=(*issue.warnings, *warnings)) if warnings else issue
