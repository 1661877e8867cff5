"""The monthly mail: the issues of a month, the newest first, each under its own title."""

from collections.abc import Sequence
from dataclasses import replace

from newsletter.model.issue import Issue
from newsletter.model.period import Period
from newsletter.render import words
from newsletter.render.contexts import EntryView, GroupView, IssueContext, SectionView
from newsletter.render.entries import EntryViews
from newsletter.render.press import Press
from newsletter.render.reader_links import ReaderLinks
from newsletter.render.views import issue_context
from newsletter.text import one_line


def monthly_context(
    press: Press, issues: Sequence[Issue], *, links: ReaderLinks | None = None, reason: str | None = None
) -> IssueContext:
    """What the templates of the mail show of ``issues``, which are in the order in which they are told."""
    newest, oldest = issues[0], issues[-1]
    base = issue_context(press, newest, links=links, reason=reason)
    month = f"{words.MONTHS[newest.publish_on.month - 1]} {newest.publish_on.year}"
    sections = tuple(_told(press, each, is_first=each is newest) for each in issues)
    has_dates = any(entry.event for issue in issues for entry in issue.entries)
    count = len(issues)
    return replace(
        base,
        label=f"Issues {oldest.number} to {newest.number}" if count > 1 else f"Issue {newest.number}",
        title=month,
        subject=words.subject(f"{press.name}, {month}; {one_line(newest.title)}", f"{press.name}, {month}"),
        preview=f"{words.number_word(count).capitalize()} {'issue' if count == 1 else 'issues'} in one mail: "
        f"{words.counted(sum(each.size for each in sections), 'entry', 'entries')}.",
        period=words.period_range(Period(oldest.period.start, newest.period.end), press.schedule.zone),
        period_noun="month",
        sections=sections,
        quiet_sections=(),
        entries_count=sum(each.size for each in sections),
        minutes=sum(issue_context(press, each).minutes for each in issues),
        sources_count=max(each.sources_count for each in issues),
        web_url=press.site,
        has_dates=has_dates,
        calendar_url=press.web_url("calendar.ics") if has_dates else None,
    )


def _told(press: Press, issue: Issue, *, is_first: bool) -> SectionView:
    """One issue: its title as the headline, its sections as groups."""
    views = EntryViews(press, issue)
    groups = [
        GroupView(one_line(section.title) or section.id, tuple(map(views.entry, section.entries)))
        for section in issue.sections
        if section.entries
    ]
    if is_first and groups:
        groups[0] = replace(groups[0], entries=_led(groups[0].entries))
    size = sum(len(each.entries) for each in groups)
    return SectionView(
        id=f"issue-{issue.number}",
        title=f"{issue.number}: {one_line(issue.title)}" if one_line(issue.title) else f"Issue {issue.number}",
        kind="entries",
        count=words.number(size),
        size=size,
        span=words.period_range(issue.period, press.schedule.zone),
        groups=tuple(groups),
        statistics=(),
        projects=(),
        quiet=(),
        url=press.issue_url(issue.number),
    )


def _led(entries: tuple[EntryView, ...]) -> tuple[EntryView, ...]:
    return (replace(entries[0], is_lead=True), *entries[1:])
