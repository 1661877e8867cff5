"""What each template may use: one dataclass a template, one doc line a field; docs/templates.md promises them."""

from dataclasses import dataclass, field
from typing import Literal

from newsletter.render.erratum_contexts import CorrectionView
from newsletter.render.figure_contexts import ProjectView, StatisticView


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with its words."""

    label: str
    """The words of the link."""
    url: str
    """Where it leads."""
    is_current: bool = False
    """Whether it is the page one is on."""


@dataclass(frozen=True, slots=True)
class SpanView:
    """A piece of the editor's note."""

    text: str
    """The words."""
    is_strong: bool = False
    """Whether the editor stressed them."""
    url: str | None = None
    """Where they lead, when they are a link."""


@dataclass(frozen=True, slots=True)
class EventView:
    """A date people can attend, as words."""

    weekday: str
    """Tue"""
    day: str
    """17"""
    month: str
    """Mar; with the year when it is another one."""
    date: str
    """Tuesday 17 March"""
    when: str
    """09:00 – 21:00 UTC, or 14 – 16 April; empty when the date says it all."""
    place: str
    """Where it takes place, as the source says."""
    price: str
    """What it costs now: €90 until 31 March; Free."""
    later_price: str
    """What it costs after that: then €120."""
    seats: str
    """350 seats"""
    due: str
    """What has to be done first: Sign up by Friday 20 March, in 7 days."""
    starts_at: str
    """The start for machines (ISO 8601)."""
    has_zone: bool
    """Whether the start is a moment that another time zone can be computed from."""
    is_guess: bool
    """Whether the date was guessed from the text."""
    file: str
    """Name of its calendar file, beside the page of the issue."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of an issue."""

    id: str
    """Name of the entry inside the page, for anchors."""
    title: str
    """Headline, one line."""
    url: str | None
    """Where the headline leads."""
    summary: str
    """One or two sentences; may be empty."""
    language: str | None
    """Language of title and summary when it is not the newsletter's."""
    direction: str | None
    """rtl for languages written from right to left."""
    due: str
    """Vote by Tuesday 17 March, in 4 days; empty without a day."""
    replies: str
    """23 replies by 9 people; empty without a reply."""
    since: str
    """since Tuesday; empty when unknown."""
    author: str
    """Who wrote it; may be empty."""
    source: str
    """The source's name; may be empty."""
    day: str
    """11 March: when it appeared; empty when unknown."""
    places: tuple[LinkView, ...]
    """Where it can be read: thread, review, blog."""
    why: str
    """Why it is here: one sentence, may be empty."""
    labels: tuple[str, ...]
    """Labels that rules gave it."""
    show_as: str | None
    """How a rule or its source wishes it shown."""
    event: EventView | None
    """Its date, when it has one."""
    picture: LinkView | None
    """Its picture, when it is wished so; the words say what it shows."""
    is_own_picture: bool
    """Whether the picture lies on the newsletter's own site, so that to show it asks nobody else."""
    is_lead: bool = False
    """Whether it is the first entry of the issue, set larger."""
    corrections: tuple[CorrectionView, ...] = ()
    """What was corrected in it, the oldest first; the mail never has any."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """Entries of one project, or of a whole section."""

    title: str
    """The project; empty when the section is not grouped."""
    entries: tuple[EntryView, ...]
    """Its entries, in order."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of the issue that holds something."""

    id: str
    """Name of the section inside the page, for anchors."""
    title: str
    """Its headline."""
    kind: Literal["entries", "events", "lines", "statistics"]
    """How it is shown: with summaries, as dates, one line each, or as figures."""
    count: str
    """5, 6 dates, 7 figures"""
    size: int
    """The same as a number alone."""
    span: str
    """6 – 12 March, for figures; else empty."""
    groups: tuple[GroupView, ...]
    """Its entries."""
    statistics: tuple[StatisticView, ...]
    """Its figures."""
    projects: tuple[ProjectView, ...]
    """Its figures by project; empty when it is not grouped so."""
    quiet: tuple[str, ...]
    """Projects without news."""
    left_out_count: int = 0
    """Entries that this mail leaves out for its size."""
    url: str | None = None
    """In a monthly mail the issue on the web that it tells of."""


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """Something to do soon."""

    date: str
    """Tuesday 17 March"""
    distance: str
    """in 4 days"""
    title: str
    """What to do."""
    url: str | None
    """Where to do it."""


@dataclass(frozen=True, slots=True)
class IssueContext:
    """``issue`` in email/issue.html, email/issue.txt and web/issue.html."""

    name: str
    """Name of the newsletter."""
    language: str
    """Its language, as in html lang."""
    number: int
    """Number of the issue."""
    label: str
    """Issue 57; in a monthly mail Issues 54 to 57."""
    title: str
    """What it is about, in one line."""
    subject: str
    """The same in at most 70 characters."""
    preview: str
    """The first line of the mail: what its first entries say."""
    date: str
    """Friday 13 March 2026"""
    date_iso: str
    """2026-03-13"""
    period: str
    """the week of 6 – 12 March"""
    period_noun: str
    """week, period when it was longer or shorter, month in a monthly mail."""
    note: tuple[tuple[SpanView, ...], ...]
    """The editor's note: paragraphs of pieces."""
    note_by: str
    """Who signs the note; may be empty."""
    deadlines: tuple[DeadlineView, ...]
    """At most three things to do soon."""
    sections: tuple[SectionView, ...]
    """The sections that hold something, in order."""
    newcomers: str
    """Who had a first change merged: Emre, Thuy and Gwen; may be empty."""
    quiet_sections: tuple[str, ...]
    """Titles of the sections that hold nothing."""
    entries_count: int
    """Number of entries."""
    minutes: int
    """Minutes it takes to read."""
    sources_count: int
    """Number of sources it was made from."""
    reason: str
    """Why one gets the mail."""
    unsubscribe_url: str
    """Where one leaves; an address to write to when the newsletter has no page for it."""
    preferences_url: str | None
    """Where one changes what one gets; None where there is no page for it."""
    pause_url: str | None
    """Where one stops the newsletter for some weeks; None where there is no page for it."""
    useful_url: str | None
    """Where one says that the issue was useful; None where nobody counts."""
    useless_url: str | None
    """Where one says that it was not."""
    postal_address: str
    """Who sends it; may be empty."""
    site_url: str | None
    """The public site; None when there is none."""
    web_url: str | None
    """The issue on the web; None without a site."""
    has_dates: bool
    """Whether there is a date people can attend."""
    calendar_url: str | None
    """Calendar file with all dates; None without a site or without dates."""
    accent: str
    """Colour of links and of what is due, on light ground."""
    accent_dark: str
    """The same on dark ground."""
    summaries_left_out: int = 0
    """Summaries that this mail leaves out for its size."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """``page`` in all templates of web/: what every page has."""

    title: str
    """Title of the window."""
    name: str
    """Name of the newsletter."""
    language: str
    """Its language."""
    home: str | None
    """Link to the front page; None when the page stands alone."""
    nav: tuple[LinkView, ...]
    """Links of the site; empty when the page stands alone."""
    style_links: tuple[str, ...]
    """Style sheets to link."""
    style: str
    """Style sheets to hold, when the page stands alone."""
    script: str | None
    """Script to link; the page is complete without it."""
    feeds: tuple[LinkView, ...]
    """Feeds to announce in the head."""
    footer: str
    """What stands at the end of every page."""


@dataclass(frozen=True, slots=True)
class IssuePageContext:
    """``around`` in web/issue.html: what leads from this issue elsewhere."""

    calendar: str | None
    """Link to the calendar file with all dates of the issue; None without dates."""
    event_files: bool
    """Whether each date has a calendar file of its own beside the page."""
    older: LinkView | None
    """The issue before."""
    newer: LinkView | None
    """The issue after."""
    archive: str | None
    """Link to all issues; None when the page stands alone."""
    figures: str | None = None
    """Link to the page that lists what each figure counts; None without one."""
    why: str | None = None
    """Link to the page that says why each entry is there; None when the page stands alone."""


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue in the archive."""

    number: int
    """Its number."""
    title: str
    """What it is about."""
    url: str
    """Link to it."""
    day: str
    """13 March"""
    date: str
    """13 March 2026"""
    date_iso: str
    """2026-03-13"""
    entries: str
    """36 entries"""
    highlights: tuple[LinkView, ...] = ()
    """Its first entries, for the newest issue only."""


@dataclass(frozen=True, slots=True)
class YearView:
    """The issues of a year, newest first."""

    year: int
    """The year."""
    issues: tuple[IssueLine, ...]
    """Its issues."""


@dataclass(frozen=True, slots=True)
class ArchiveContext:
    """``archive`` in web/archive.html."""

    promise: str
    """What the newsletter is, in one sentence."""
    latest: IssueLine | None
    """The newest issue; None before the first."""
    count: str
    """57 since February 2025"""
    years: tuple[YearView, ...]
    """All issues, newest year first."""
    feeds: tuple[LinkView, ...]
    """Feeds: of issues, of each section."""


@dataclass(frozen=True, slots=True)
class ContentContext:
    """``content`` in web/content.html: an issue, or one entry, as feeds carry it."""

    note: tuple[tuple[SpanView, ...], ...] = ()
    """The editor's note."""
    note_by: str = ""
    """Who signs it."""
    deadlines: tuple[DeadlineView, ...] = ()
    """Things to do soon."""
    sections: tuple[SectionView, ...] = field(default=())
    """The sections; one without title for a single entry."""
