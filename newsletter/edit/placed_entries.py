"""The entries of an issue where they stand: find one, take one out, edit one, put one in."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from newsletter.model.issue import Entry, Issue, Section

Apply = Callable[[Issue, str, Any], Issue]
"""The issue after a change of one action; given are its target and value."""


def pools(issue: Issue) -> Iterable[tuple[Section, tuple[Entry, ...], bool]]:
    """Each section's entries, and those below its line (True)."""
    for section in issue.sections:
        yield section, section.entries, False
        yield section, section.runners_up, True


def find(issue: Issue, entry_id: str) -> tuple[Section, Entry, bool] | None:
    """The entry, its section, and whether it lies below the line; None when it is gone."""
    for section, entries, is_below in pools(issue):
        for entry in entries:
            if entry.id == entry_id:
                return section, entry, is_below
    return None


def without(issue: Issue, entry_id: str) -> Issue:
    """``issue`` without that entry."""

    def left(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.id != entry_id)

    sections = (replace(each, entries=left(each.entries), runners_up=left(each.runners_up)) for each in issue.sections)
    return replace(issue, sections=tuple(sections))


def edit_entry(issue: Issue, entry_id: str, **values: Any) -> Issue:
    """``issue`` with other ``values`` in that entry, which an editor has thereby decided for."""

    def edited(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(replace(entry, **values) if entry.id == entry_id else entry for entry in entries)

    return edit_sections(
        issue, lambda each: replace(each, entries=edited(each.entries), runners_up=edited(each.runners_up))
    )


def edit_section(issue: Issue, section_id: str, edit: Callable[[Section], Section]) -> Issue:
    """``issue`` with the section of that id as ``edit`` makes it."""
    return edit_sections(issue, lambda each: edit(each) if each.id == section_id else each)


def edit_sections(issue: Issue, edit: Callable[[Section], Section]) -> Issue:
    """``issue`` with every section as ``edit`` makes it."""
    return replace(issue, sections=tuple(edit(each) for each in issue.sections))


def put(issue: Issue, section_id: str, entry: Entry, *, at: int | None = None) -> Issue:
    """``issue`` with ``entry``, kept, in the section, at the place ``at``, where its date belongs, or at its end.

    When the section is full the last entry that nobody decided about goes below the line instead.
    """
    kept = replace(entry, is_kept=True)

    def placed(section: Section) -> Section:
        where = _place_for(section, kept) if at is None else at
        return balanced(replace(section, entries=(*section.entries[:where], kept, *section.entries[where:])))

    return edit_section(without(issue, entry.id), section_id, placed)


def is_by_date(section: Section) -> bool:
    """Whether the section tells its entries in the order of their dates."""
    return bool(section.settings and section.settings.order == "by date")


def _place_for(section: Section, entry: Entry) -> int:
    """Before the first later date of a section that is ordered by date; otherwise at its end."""
    starts = start_of(entry)
    later = (at for at, each in enumerate(section.entries) if starts and start_of(each) > starts)
    return next(later, len(section.entries)) if is_by_date(section) else len(section.entries)


def start_of(entry: Entry) -> str:
    """When what ``entry`` tells begins, as text that sorts; empty without a date."""
    return entry.event.starts_at.isoformat() if entry.event else ""


def balanced(section: Section) -> Section:
    """``section`` with no more entries than it takes, as far as nobody decided about the rest."""
    limit = section.settings.at_most if section.settings else None
    entries, below = list(section.entries), list(section.runners_up)
    while limit is not None and len(entries) > limit:
        undecided = [at for at, entry in enumerate(entries) if not entry.is_kept]
        if not undecided:
            break
        below.insert(0, entries.pop(undecided[-1]))
    return replace(section, entries=tuple(entries), runners_up=tuple(below))
