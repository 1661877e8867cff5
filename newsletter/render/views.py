"""An Issue as the words that templates show: issue_context."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from newsletter.model.issue import Issue, Section
from newsletter.render import words
from newsletter.render.contexts import EntryView, GroupView, IssueContext, SectionView
from newsletter.render.entries import EntryViews
from newsletter.render.figures import project_view, statistic_view
from newsletter.render.note import note_paragraphs
from newsletter.render.press import Press
from newsletter.render.reader_links import ReaderLinks, links_of_nobody
from newsletter.text import one_line, reading_minutes, shorten, slug, word_count

_PREVIEW_LENGTH = 130
_SOON = 3


def mail_subject(press: Press, issue: Issue) -> str:
    """The subject of the mail as readers get it."""
    return words.subject(issue.title, f"{press.name}, issue {issue.number}")


def issue_context(
    press: Press, issue: Issue, *, links: ReaderLinks | None = None, reason: str | None = None
) -> IssueContext:
    """What templates may show of ``issue``; ``links`` are a reader's, ``reason`` says why somebody gets the mail."""
    links = links or links_of_nobody(press)
    views = EntryViews(press, issue)
    sections = _sections(press, issue, views)
    shown = {section.id for section in sections}
    zone = press.schedule.zone
    accent, accent_dark = press.accents
    has_dates = any(entry.event for entry in issue.entries)
    return IssueContext(
        name=press.name,
        language=press.language,
        number=issue.number,
        label=f"Issue {issue.number}",
        title=one_line(issue.title) or press.name,
        subject=mail_subject(press, issue),
        preview=_preview(issue, sections),
        date=f"{words.weekday_date(issue.publish_on)} {issue.publish_on.year}",
        date_iso=issue.publish_on.isoformat(),
        period=words.period_words(issue.period, zone),
        period_noun="week" if words.is_week(issue.period) else "period",
        note=note_paragraphs(issue.note),
        note_by=one_line(issue.note_by),
        deadlines=tuple(views.deadline(each) for each in issue.deadlines[:_SOON]),
        sections=sections,
        newcomers=words.enumerate_words(filter(None, map(one_line, issue.newcomers))),
        quiet_sections=tuple(one_line(each.title) for each in issue.sections if section_id(each) not in shown),
        entries_count=len(issue.entries),
        minutes=reading_minutes(_words_in(issue)),
        sources_count=issue.sources_count,
        reason=one_line(reason) or f"You get this mail because you subscribed to {press.name}.",
        unsubscribe_url=links.unsubscribe_url,
        preferences_url=links.preferences_url,
        pause_url=links.pause_url,
        useful_url=links.useful_url,
        useless_url=links.useless_url,
        postal_address=one_line(press.newsletter.postal_address),
        site_url=press.site,
        web_url=press.issue_url(issue.number),
        has_dates=has_dates,
        calendar_url=press.web_url("calendar.ics") if has_dates else None,
        accent=accent,
        accent_dark=accent_dark,
    )


def section_id(section: Section) -> str:
    """The section's id as it stands in addresses."""
    return slug(section.id)


def section_kind(section: Section) -> Literal["entries", "events", "lines", "statistics"]:
    """How the section is shown."""
    settings = section.settings
    if section.id == "statistics" or (settings and settings.show):
        return "statistics"
    if (settings and settings.order == "by date") or (section.entries and all(each.event for each in section.entries)):
        return "events"
    return "lines" if settings and settings.lines_per_item == 1 else "entries"


def _sections(press: Press, issue: Issue, views: EntryViews) -> tuple[SectionView, ...]:
    """The sections that hold something; the first entry of all leads."""
    found = [view for each in issue.sections if (view := section_view(press, issue, each, views=views)).size]
    if found and found[0].kind == "entries":
        first, *groups = found[0].groups
        lead, *entries = first.entries
        led = GroupView(first.title, (replace(lead, is_lead=not first.title), *entries))
        found[0] = replace(found[0], groups=(led, *groups))
    return tuple(found)


def section_view(press: Press, issue: Issue, section: Section, *, views: EntryViews | None = None) -> SectionView:
    """One section; ``views`` holds the names that entries of the page have already."""
    kind = section_kind(section)
    figures = tuple(map(statistic_view, issue.figures)) if kind == "statistics" else ()
    size = len(section.entries) + len(figures)
    nouns = {"events": "date", "statistics": "figure"}
    return SectionView(
        id=section_id(section),
        title=one_line(section.title) or section.id,
        kind=kind,
        count=words.counted(size, nouns[kind]) if kind in nouns else words.number(size),
        size=size,
        span=words.period_range(issue.period, press.schedule.zone) if kind == "statistics" else "",
        groups=_groups(section, views or EntryViews(press, issue)),
        statistics=figures,
        projects=tuple(map(project_view, issue.projects)) if kind == "statistics" else (),
        quiet=tuple(map(words.project, section.quiet_projects)),
    )


def _groups(section: Section, views: EntryViews) -> tuple[GroupView, ...]:
    """Entries by project in the order in which projects first appear; those without one come last."""
    is_grouped = bool(section.settings and section.settings.group_by == "project")
    groups: dict[str, list[EntryView]] = {}
    for entry in section.entries:
        name = words.project(entry.project) if is_grouped else ""
        groups.setdefault(name, []).append(views.entry(entry))
    rest = groups.pop("", None)
    found = [GroupView(name, tuple(entries)) for name, entries in groups.items()]
    if rest:
        found.append(GroupView("All projects" if found else "", tuple(rest)))
    return tuple(found)


def _words_in(issue: Issue) -> int:
    texts = [text for entry in issue.entries for text in (entry.title, entry.summary)]
    return sum(map(word_count, [issue.note, *texts])) + 4 * len(issue.figures)


def _preview(issue: Issue, sections: Sequence[SectionView]) -> str:
    """What the first entries say, and what is countable beside them."""
    told = ""
    for entry in (each for each in issue.entries if not each.is_doubtful):
        more = f"{told} {one_line(entry.title).rstrip('.')}.".replace("?.", "?").replace("!.", "!").strip()
        if told and len(more) > _PREVIEW_LENGTH:
            break
        told = shorten(more, _PREVIEW_LENGTH)
    counts = [each.count for each in sections if each.kind in ("events", "statistics")]
    return f"{told} Also {words.enumerate_words(counts)}.".strip() if counts else told
