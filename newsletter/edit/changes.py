"""What editors did to a draft: an append-only layer of Changes, folded over what was drafted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from newsletter.errors import UsageError
from newsletter.model.issue import Change, Dropped, Entry, Issue, Section
from newsletter.text import one_line

_Apply = Callable[[Issue, str, Any], Issue]


def fold(issue: Issue, changes: Iterable[Change]) -> Issue:
    """``issue`` as it stands after ``changes``, in their order; a target that is gone changes nothing."""
    return reduce(apply_change, sorted(changes, key=lambda change: change.number), issue)


def apply_change(issue: Issue, change: Change) -> Issue:
    """``issue`` after one change."""
    return _ACTIONS[change.action](issue, change.target, change.value)


def check_change(action: str, value: Any) -> None:
    """Refuse an action that does not exist or a value it cannot work with (UsageError)."""
    if action not in ACTIONS:
        raise UsageError(f"There is no change “{action}”. Changes: {', '.join(sorted(ACTIONS))}.")
    if not isinstance(value, ACTIONS[action]):
        raise UsageError(f"The change “{action}” needs {ACTIONS[action].__name__}, not {type(value).__name__}.")


def _find(issue: Issue, entry_id: str) -> Entry | None:
    pools = (pool for section in issue.sections for pool in (section.entries, section.runners_up))
    return next((entry for pool in pools for entry in pool if entry.id == entry_id), None)


def _without(issue: Issue, entry_id: str) -> Issue:
    def left(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.id != entry_id)

    sections = tuple(
        replace(each, entries=left(each.entries), runners_up=left(each.runners_up)) for each in issue.sections
    )
    return replace(issue, sections=sections)


def _edit_entry(issue: Issue, entry_id: str, **values: Any) -> Issue:
    def edited(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(replace(entry, **values) if entry.id == entry_id else entry for entry in entries)

    sections = tuple(
        replace(each, entries=edited(each.entries), runners_up=edited(each.runners_up)) for each in issue.sections
    )
    return replace(issue, sections=sections)


def _edit_section(issue: Issue, section_id: str, edit: Callable[[Section], Section]) -> Issue:
    return replace(issue, sections=tuple(edit(each) if each.id == section_id else each for each in issue.sections))


def _title(issue: Issue, target: str, value: str) -> Issue:
    return replace(issue, title=value) if target == "issue" else _edit_entry(issue, target, title=value)


def _summary(issue: Issue, target: str, value: str) -> Issue:
    return _edit_entry(issue, target, summary=value)


def _blurb(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    """What a model proposed and an editor took over; ``value`` names the model beside the text."""
    text = one_line(str(value.get("text") or ""))
    return _edit_entry(issue, target, summary=text) if text else issue


def _note(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    return replace(issue, note=value.get("text", ""), note_by=value.get("by", ""))


def _drop(issue: Issue, target: str, value: str) -> Issue:
    entry = _find(issue, target)
    if entry is None:
        return issue
    dropped = Dropped(entry.story_id, entry.title, entry.url, value or "dropped by an editor", entry.score)
    return replace(_without(issue, target), dropped=(*issue.dropped, dropped))


def _move(issue: Issue, target: str, value: str) -> Issue:
    """Into section ``value``, at its end; from the runners-up of the same section it enters."""
    entry = _find(issue, target)
    if entry is None or all(section.id != value for section in issue.sections):
        return issue
    return _edit_section(_without(issue, target), value, lambda each: replace(each, entries=(*each.entries, entry)))


def _order(issue: Issue, target: str, value: list[str]) -> Issue:
    """The entries of section ``target`` in the order of the ids in ``value``; the others follow."""
    place = {entry_id: at for at, entry_id in enumerate(value)}

    def ordered(section: Section) -> Section:
        return replace(section, entries=tuple(sorted(section.entries, key=lambda each: place.get(each.id, len(place)))))

    return _edit_section(issue, target, ordered)


def _show_figure(issue: Issue, target: str, value: bool) -> Issue:
    """The figure named ``target`` is let through to readers, or held back."""
    because = None if value else "held back by an editor"
    figures = (
        replace(each, held_because=because) if each.name == target and each.is_held == value else each
        for each in issue.statistics
    )
    return replace(issue, statistics=tuple(figures))


_ACTIONS: Mapping[str, _Apply] = {
    "title": _title,
    "summary": _summary,
    "blurb": _blurb,
    "note": _note,
    "drop": _drop,
    "move": _move,
    "order": _order,
    "show figure": _show_figure,
}

ACTIONS: Mapping[str, type] = {
    **{"title": str, "summary": str, "blurb": dict, "note": dict, "drop": str, "move": str, "order": list},
    "show figure": bool,
}
"""Every action with the type of its value; the target is an entry's id, a section's id, a figure's name or "issue"."""
