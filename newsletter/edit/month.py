"""The issues of a month as a monthly mail tells them: each thing once, nothing that is over."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.edit.entry_checks import is_over
from newsletter.edit.readers_issue import holds_figures, issue_for
from newsletter.model.issue import Deadline, Entry, Issue


def month_of(
    issues: Sequence[Issue], sections: Collection[str] | None, *, at: datetime, zone: ZoneInfo
) -> tuple[Issue, ...]:
    """``issues`` the newest first, with what a mail sent ``at`` an hour still tells of the ``sections`` of a reader.

    A story told in several issues stands in the newest of them. The notes, and the figures of single weeks, stay on
    the web. What is due stands in the newest issue.
    """
    ordered = sorted(issues, key=lambda each: each.number, reverse=True)
    told: set[str] = set()
    found: list[Issue] = []
    dues: dict[tuple[str, str], Deadline] = {}
    for issue in ordered:
        chosen = issue_for(issue, sections)
        found.append(_still_told(chosen, told, at=at, zone=zone))
        for each in chosen.deadlines:
            if each.on >= at.astimezone(zone).date():
                dues.setdefault((each.story_id, each.title), each)
    newest, *older = found
    return (replace(newest, deadlines=tuple(sorted(dues.values(), key=lambda each: each.on))), *older)


def _still_told(issue: Issue, told: set[str], *, at: datetime, zone: ZoneInfo) -> Issue:
    """``issue`` without what newer ones told, which is remembered in ``told``."""

    def stays(entry: Entry) -> bool:
        if entry.story_id in told or (entry.event and is_over(entry.event, at, zone)):
            return False
        told.add(entry.story_id)
        return True

    sections = tuple(
        replace(each, entries=() if holds_figures(each) else tuple(filter(stays, each.entries)))
        for each in issue.sections
    )
    return replace(issue, sections=sections, note="", deadlines=(), statistics=(), projects=(), newcomers=())
