"""What other programs read: issues, items and sources; with a token all of it, without one what readers see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newsletter.edit.changes import fold
from newsletter.edit.corrections import correct
from newsletter.errors import NotFound
from newsletter.model.issue import Issue, Section
from newsletter.model.item import Item
from newsletter.model.source import FetchState, Source
from newsletter.model.story import ScorePart
from newsletter.model.unnamed import Unnamed
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.archive import refresh_archive
from newsletter.pipeline.going_public import readers_numbers
from newsletter.pipeline.publish import PLANET
from newsletter.pipeline.readings_aside import standing_health
from newsletter.render.river import TEXT_LENGTH
from newsletter.store import archive, corrections, issues
from newsletter.store.archive import ArchivedIssue, Query
from newsletter.store.database import Db
from newsletter.store.items import StoredItem
from newsletter.store.listing import Place, Wanted, find_listed, list_items
from newsletter.text import shorten

_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """An issue as whoever asks may see it, and when it changed last."""

    issue: Issue
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item as whoever asks may see it, and the name of its source."""

    item: Item
    source: str


def issue_lines(
    app: Newsletter, *, is_trusted: bool, before: int | None, limit: int
) -> tuple[tuple[ArchivedIssue, ...], int | None]:
    """The newest issues under the number ``before``, and the number under which to go on; None at the end."""
    refresh_archive(app)
    with app.database.reading() as db:
        seen = None if is_trusted else readers_numbers(app, db)
        found = [
            each
            for each in archive.archived_issues(db, Query(with_drafts=True))
            if (before is None or each.number < before)
            and (seen is None or (each.number in seen and not _is_empty_draft(db, each)))
        ]
    page = tuple(found[:limit])
    return page, page[-1].number if len(found) > limit else None


def read_issue(app: Newsletter, number: int | None, *, is_trusted: bool) -> FoundIssue:
    """Issue ``number``, or the newest there is, as it stands with its corrections (NotFound)."""
    with app.database.reading() as db:
        seen = issues.numbers(db) if is_trusted else sorted(readers_numbers(app, db))
        wanted = seen[::-1] if number is None else [number] if number in seen else []
        for each in wanted:
            found = _issue(db, each)
            if is_trusted:
                return found
            if not (found.issue.is_empty and found.issue.state == "draft"):
                return replace(found, issue=_for_readers(found.issue))
    raise NotFound("There is no issue yet." if number is None else f"There is no issue {number}.")


def _issue(db: Db, number: int) -> FoundIssue:
    stored, changes, corrected = (
        issues.issue(db, number),
        issues.changes(db, number),
        corrections.corrections_of(db, number),
    )
    times = [*(each.made_at for each in changes), *(each.made_at for each in corrected)]
    changed_at = max([stored.drafted_at, stored.state_at, *times])
    return FoundIssue(correct(fold(stored.issue, changes), corrected), changed_at)


def _is_empty_draft(db: Db, line: ArchivedIssue) -> bool:
    return line.state == "draft" and not line.entries_count and _issue(db, line.number).issue.is_empty


def _for_readers(issue: Issue) -> Issue:
    """``issue`` without what editors alone see; of a score the sum, for its parts may name people."""
    sections = tuple(map(_section_for_readers, issue.sections))
    return replace(issue, sections=sections, statistics=issue.figures, dropped=(), warnings=())


def _section_for_readers(section: Section) -> Section:
    entries = (replace(each, parts=(ScorePart("all reasons", each.score),)) for each in section.entries)
    return replace(section, entries=tuple(entries), runners_up=())


def read_items(
    app: Newsletter, wanted: Wanted, *, source: str = "", is_trusted: bool, limit: int
) -> tuple[tuple[ReadItem, ...], Place | None]:
    """The newest items that fit, and where to go on; ``source`` is the name of one, or its id.

    Without a token: those of the days that the planet shows, shortened as there.
    """
    if source:
        wanted = replace(wanted, source_ids=_source_ids(app, source))
    with app.database.reading() as db:
        if not is_trusted:
            first, end = app.now() - PLANET, app.now() + _MOMENT
            wanted = replace(
                wanted,
                since=max(wanted.since or first, first),
                until=min(wanted.until or end, end),
                told_in=readers_numbers(app, db),
            )
        page = list_items(db, wanted, limit=limit)
    return tuple(_shown(app, page.found, is_trusted=is_trusted)), page.next


def read_item(app: Newsletter, item_id: str, *, is_trusted: bool) -> ReadItem:
    """One item (NotFound)."""
    with app.database.reading() as db:
        found = find_listed(db, item_id)
    if found is None or not (is_trusted or app.now() - PLANET <= found.effective_at < app.now() + _MOMENT):
        raise NotFound(f"There is no item {item_id}.")
    return next(iter(_shown(app, [found], is_trusted=is_trusted)))


def _source_ids(app: Newsletter, name: str) -> frozenset[str]:
    wanted = name.casefold()
    found = (each.id for each in app.config.sources if wanted in (each.name.casefold(), each.id))
    return frozenset(found) or frozenset({name})


def _shown(app: Newsletter, found: Iterable[StoredItem], *, is_trusted: bool) -> Iterable[ReadItem]:
    names = {source.id: source.name for source in app.config.sources}
    unnamed = Unnamed(app.config.newsletter.leave_out_names)
    for each in found:
        item = replace(each.item, author=None) if unnamed.hides(each.item.author) else each.item
        if not is_trusted:
            item = replace(item, text=shorten(item.text, TEXT_LENGTH), html="", links=(), warnings=())
        yield ReadItem(item, names.get(item.source_id, item.source_id))


def read_sources(app: Newsletter, *, is_trusted: bool) -> list[tuple[Source, FetchState | None]]:
    """Every source and its health. Why it is so may hold addresses and words of servers: that needs a token."""
    found = standing_health(app)
    return (
        found if is_trusted else [(each, replace(state, state_reason="") if state else None) for each, state in found]
    )
