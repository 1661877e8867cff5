"""The issue for one reader: only the sections that were chosen, in the order of the whole issue."""

from collections.abc import Collection
from dataclasses import replace

from newsletter.model.issue import Issue, Section


def issue_for(issue: Issue, sections: Collection[str] | None) -> Issue:
    """``issue`` with only the sections of these ids; None gives it whole.

    What is due soon stays as far as its story does, or when an earlier issue told it: nobody knows its section then.
    The note, the title and the number are those of the whole issue.
    """
    if sections is None:
        return issue
    kept = tuple(each for each in issue.sections if each.id in sections)
    told_here = {entry.story_id for entry in issue.entries}
    left = {entry.story_id for section in kept for entry in section.entries}
    has_figures = any(map(holds_figures, kept))
    return replace(
        issue,
        sections=kept,
        deadlines=tuple(each for each in issue.deadlines if each.story_id in left or each.story_id not in told_here),
        statistics=issue.statistics if has_figures else (),
        projects=issue.projects if has_figures else (),
        newcomers=issue.newcomers if has_figures else (),
    )


def holds_figures(section: Section) -> bool:
    """Whether the figures of the issue are shown in ``section``."""
    return section.id == "statistics" or bool(section.settings and section.settings.show)
