"""What an editor does to the issue as a whole: its note, its order, its figures, its hour."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from newsletter.edit.links import replace_link
from newsletter.edit.placed_entries import Apply, edit_section
from newsletter.model.issue import Issue, Section


def _note(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    return replace(issue, note=value.get("text", ""), note_by=value.get("by", ""))


def _order(issue: Issue, target: str, value: list[str]) -> Issue:
    """The entries of section ``target`` in the order of the ids in ``value``; the others follow."""
    place = {entry_id: at for at, entry_id in enumerate(value)}

    def ordered(section: Section) -> Section:
        return replace(section, entries=tuple(sorted(section.entries, key=lambda each: place.get(each.id, len(place)))))

    return edit_section(issue, target, ordered)


def _show_figure(issue: Issue, target: str, value: bool) -> Issue:
    """The figure named ``target`` is let through to readers, or held back."""
    because = None if value else "held back by an editor"
    figures = (
        replace(each, held_because=because) if each.name == target and each.is_held == value else each
        for each in issue.statistics
    )
    return replace(issue, statistics=tuple(figures))


def _figure_note(issue: Issue, target: str, value: str) -> Issue:
    """What readers are told beside the figure named ``target``."""
    note = value.strip() or None
    figures = (replace(each, note=note, note_url=None) if each.name == target else each for each in issue.statistics)
    return replace(issue, statistics=tuple(figures))


def _say_quiet(issue: Issue, target: str, value: Mapping[str, Any]) -> Issue:
    """Whether section ``target`` says that nothing is heard of a project."""
    project, is_said = str(value.get("project", "")), bool(value.get("say"))

    def said(section: Section) -> Section:
        others = tuple(each for each in section.quiet_projects if each != project)
        return replace(section, quiet_projects=(*others, project) if is_said and project else others)

    return edit_section(issue, target, said)


def _send_at(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    """Sent at the hour ``at`` (UTC), which is the day ``on``, this once; what the issue covers stays as it is."""
    if not value.get("at") or not value.get("on"):
        return issue
    return replace(issue, send_at=datetime.fromisoformat(value["at"]), publish_on=date.fromisoformat(value["on"]))


def _nothing(issue: Issue, target: str, value: Any) -> Issue:
    """A decision about something that is not in the draft changes nothing that readers see."""
    return issue


def _short_form(issue: Issue, target: str, value: bool) -> Issue:
    """Only the highlights, what is due and the dates go out; the fold shortens after everything else."""
    return replace(issue, is_short=value) if target == "issue" else issue


def _link(issue: Issue, target: str, value: str) -> Issue:
    """Another address wherever readers were led to ``target``."""
    return replace_link(issue, target, value)


ACTIONS: Mapping[str, Apply] = {
    "decline tip": _nothing,
    "join next": _nothing,
    "note": _note,
    "order": _order,
    "show figure": _show_figure,
    "figure note": _figure_note,
    "say quiet": _say_quiet,
    "send at": _send_at,
    "short form": _short_form,
    "link": _link,
}
