"""What projects on Launchpad plan and release: blueprints, milestones, releases."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.fetch.kinds import Aside
from newsletter.fetch.launchpad import blueprint_item, is_candidate, is_private, milestone_item, release_item
from newsletter.fetch.launchpad_server import LaunchpadServer
from newsletter.fetch.progress import Progress
from newsletter.fetch.records import made_of
from newsletter.fetch.rest import Record
from newsletter.model.item import Item

_IN_A_BATCH = 500
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a fetch is about: whose items, of which project, from when on, and what time it is."""

    source_id: str
    project: str
    since: datetime | None
    now: datetime


async def new_blueprints(
    server: LaunchpadServer, wanted: Wanted, memory: dict[str, Any], aside: list[Aside]
) -> AsyncIterator[tuple[Item, ...]]:
    """The blueprints registered since the last time, oldest first.

    Launchpad cannot be asked for new ones; as long as their number stays, the list is not read.
    """
    path = f"{wanted.project}/all_specifications"
    total = await server.total(path, version="devel")
    if total is not None and total == memory.get("total"):
        return
    progress = Progress.read(memory.get("read"), wanted.since)
    records = [each async for each in server.collection(path, version="devel") if not is_private(each)]
    new = [each for each in records if progress.is_new(each.line("name"), each.when("date_created"))]
    new.sort(key=lambda each: each.when("date_created") or _EARLIEST)
    for at in range(0, len(new), _IN_A_BATCH):
        part = new[at : at + _IN_A_BATCH]
        await server.meet(each.text("owner_link") for each in part)
        made = made_of(
            part,
            lambda each: blueprint_item(each, wanted.source_id, wanted.project, server.people),
            server.url(path, version="devel"),
            aside,
        )
        progress.advance(((each.line("name"), each.when("date_created")) for each in part), wanted.now)
        memory["read"] = progress.as_json()
        yield tuple(item for _, item in made)
    memory["total"] = total


async def milestones(
    server: LaunchpadServer, wanted: Wanted, memory: dict[str, Any], aside: list[Aside], *, only_candidates: bool
) -> AsyncIterator[tuple[Item, ...]]:
    """The milestones that are new or changed: at first all, then those that are still ahead."""
    path = f"{wanted.project}/{'active' if memory else 'all'}_milestones"
    records = [each async for each in server.collection(path)]
    if only_candidates:
        records = [each for each in records if is_candidate(each)]
    changed = [each for each in records if memory.get(_mark(each)) != _stamp(each)]
    if not memory:
        changed = [each for each in changed if _is_recent(each, wanted.since)]
    made = made_of(
        changed,
        lambda each: milestone_item(each, wanted.source_id, wanted.project, wanted.now),
        server.url(path),
        aside,
    )
    memory.update((_mark(each), _stamp(each)) for each in records)
    memory.setdefault("", "")
    yield tuple(item for _, item in made)


async def releases(
    server: LaunchpadServer, wanted: Wanted, memory: dict[str, Any], aside: list[Aside], *, only_candidates: bool
) -> AsyncIterator[tuple[Item, ...]]:
    """The releases that are new; the list is read when their number changes."""
    path = f"{wanted.project}/releases"
    total = await server.total(path)
    if total is not None and total == memory.get("total"):
        return
    known: dict[str, str] = memory.setdefault("seen", {})
    records = [each async for each in server.collection(path)]
    if only_candidates:
        records = [each for each in records if is_candidate(each)]
    new = [each for each in records if known.get(_mark(each)) != _stamp(each)]
    if not known and wanted.since:
        new = [each for each in new if (each.when("date_released") or wanted.now) >= wanted.since]
    new.sort(key=lambda each: each.when("date_released") or _EARLIEST)
    await server.meet(each.text("owner_link") for each in new)
    made = made_of(
        new,
        lambda each: release_item(each, wanted.source_id, wanted.project, server.people, wanted.now),
        server.url(path),
        aside,
    )
    known.update((_mark(each), _stamp(each)) for each in records)
    memory["total"] = total
    yield tuple(item for _, item in made)


def _mark(record: Record) -> str:
    return record.line("name") or record.line("version") or record.line("self_link")


def _stamp(record: Record) -> str:
    """What changes when the record does."""
    facts: Sequence[str] = ("date_targeted", "date_released", "title", "summary", "release_notes")
    return record.line("http_etag") or " ".join(record.line(name) for name in facts)


def _is_recent(record: Record, since: datetime | None) -> bool:
    """Whether a milestone is ahead, or its day is not before ``since``."""
    day = record.line("date_targeted")[:10]
    return since is None or record.is_true("is_active") or day >= since.date().isoformat()
