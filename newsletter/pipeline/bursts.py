"""Floods: what the store knows of them, what feeds.yaml lets through, and what an issue says of them."""

from collections.abc import Mapping
from dataclasses import replace

from newsletter.edit.bursts import Burst, find_bursts, flow_of
from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.model.source import Source
from newsletter.pipeline.snapshot import DraftInput
from newsletter.store.database import Db
from newsletter.store.source_value import SourceValue, source_value

_ISSUES_BEFORE = 2


def bursts_in(db: Db, period: Period) -> dict[str, list[object]]:
    """The floods of the last week of ``period``, as a snapshot keeps them."""
    return {source_id: [each.limit, each.words] for source_id, each in bursts_of(source_value(db, period.end)).items()}


def bursts_of(value: SourceValue) -> dict[str, Burst]:
    """The sources that flood, by their ids; before some issues were made nobody knows what is usual."""
    if value.issues_count < _ISSUES_BEFORE:
        return {}
    return find_bursts({source_id: flow_of(each.posts) for source_id, each in value.by_source.items()})


def held_bursts(found: DraftInput, sources: Mapping[str, Source]) -> dict[str, Burst]:
    """The floods that are held: all but those of sources with "hold bursts: no"."""
    return {
        source_id: Burst(int(limit), str(words))
        for source_id, (limit, words) in (found.bursts or {}).items()
        if source_id in sources and sources[source_id].hold_bursts
    }


def with_bursts(issue: Issue, bursts: Mapping[str, Burst], sources: Mapping[str, Source]) -> Issue:
    """``issue`` with a word about each flood of which something is held."""
    warnings = []
    for source_id, burst in bursts.items():
        source = sources[source_id]
        count = sum(each.reason == burst.reason(source.name) for each in issue.dropped)
        if count:
            held = "1 of its stories is held" if count == 1 else f"{count} of its stories are held"
            warnings.append(
                f"{source.name} brings {burst.words}. {held}: you find them among what was dropped. "
                f"To let all in, write “hold bursts: no” at {source.file}:{source.line}."
            )
    return replace(issue, warnings=(*issue.warnings, *warnings)) if warnings else issue
