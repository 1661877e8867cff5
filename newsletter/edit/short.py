"""The short path: an issue of its highlights, what is due, and the dates; the rest waits and is not lost."""

from dataclasses import replace

from newsletter.edit.placed_entries import is_by_date
from newsletter.model.issue import Issue, Section

HIGHLIGHTS = 5
"""The most highlights of a short issue."""


def short_issue(issue: Issue) -> Issue:
    """``issue`` with at most five highlights, its dates and its deadlines.

    What is left out stands among the runners-up of its section, so that an editor sees it and the long issue
    comes back whole when the short form is switched off: the form is applied last, to what all else made.
    """
    first = _highlights(issue)
    sections = tuple(_shortened(section, is_first=section.id == first) for section in issue.sections)
    return replace(issue, sections=sections, statistics=(), projects=(), newcomers=())


def _highlights(issue: Issue) -> str | None:
    """The section that holds the highlights: the one that picks the best, else the one of that name, else the first."""
    picking = [each.id for each in issue.sections if each.settings and each.settings.pick]
    named = [each.id for each in issue.sections if each.id == "highlights"]
    others = [each.id for each in issue.sections if each.entries and not is_by_date(each)]
    return next(iter((*picking, *named, *others)), None)


def _shortened(section: Section, *, is_first: bool) -> Section:
    if is_by_date(section):
        return section
    count = HIGHLIGHTS if is_first else 0
    kept, rest = section.entries[:count], section.entries[count:]
    return replace(section, entries=kept, runners_up=(*rest, *section.runners_up), quiet_projects=())
