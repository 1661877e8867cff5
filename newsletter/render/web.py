"""The public pages: the site as a mapping from path to bytes, and an issue as one page that stands alone."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from newsletter.model.evidence import Evidence
from newsletter.model.issue import Issue
from newsletter.model.period import DAYS
from newsletter.render import words
from newsletter.render.calendar import entry_calendar, issue_calendar, issues_calendar
from newsletter.render.colours import ACCENT, ACCENT_DARK
from newsletter.render.contexts import (
    ArchiveContext,
    IssueContext,
    IssueLine,
    IssuePageContext,
    LinkView,
    PageContext,
    YearView,
)
from newsletter.render.entries import EntryViews
from newsletter.render.feed import ISSUES_IN_FEED, issue_feeds, section_atom
from newsletter.render.figures import figures_context
from newsletter.render.press import Press
from newsletter.render.river import RiverItem, page_name, planet_pages
from newsletter.render.search_contexts import SearchContext
from newsletter.render.views import issue_context, section_id
from newsletter.render.why import PAGE as WHY
from newsletter.render.why import why_context
from newsletter.text import one_line

FIGURES = "figures.html"
"""The page beside each issue that lists what its figures count."""
_HIGHLIGHTS = 5
_STYLES = ("tokens.css", "site.css")
_SCRIPT = "zone.js"


def render_issue_page(press: Press, issue: Issue) -> bytes:
    """The page of ``issue`` with its styles inside; it needs nothing beside it but events.ics and figures.html."""
    context = issue_context(press, issue)
    found = _alone(press, issue, _issue_title(context))
    calendar = "events.ics" if context.has_dates else None
    around = IssuePageContext(
        calendar=calendar, event_files=False, older=None, newer=None, archive=None, figures=FIGURES
    )
    return _rendered(press, "web/issue.html", found, issue=context, around=around)


def render_figures_page(press: Press, issue: Issue, evidence: Sequence[Evidence]) -> bytes:
    """The page that lists what each figure of ``issue`` counts, with its styles inside."""
    context = figures_context(press, issue, evidence)
    page = _alone(press, issue, f"{press.name} {issue.number}: figures")
    return _rendered(press, "web/figures.html", page, figures=context)


def _alone(press: Press, issue: Issue, title: str) -> PageContext:
    """What a page has that stands alone."""
    return PageContext(
        title=title,
        name=press.name,
        language=press.language,
        home=press.site,
        nav=(LinkView("All issues", press.site),) if press.site else (),
        style_links=(),
        style="\n".join(each.decode() for each in _styles(press).values()).replace("</", "<\\/"),
        script=None,
        feeds=(),
        footer=_footer(press, issue.sources_count),
    )


def render_search_page(press: Press, search: SearchContext) -> str:
    """The page of the search, which the program serves beside the static site."""
    nav = (
        ("Archive", "/index.html"),
        ("Search", ""),
        ("Planet", "/planet/index.html"),
        ("Feed", "/feed.xml"),
        ("Send a tip", "/tip"),
        ("Subscribe", "/subscribe"),
    )
    page = PageContext(
        title=f"Search: {press.name}",
        name=press.name,
        language=press.language,
        home="/index.html",
        nav=tuple(LinkView(label, url or "/archive/search", not url) for label, url in nav),
        style_links=tuple(f"/style/{each}" for each in _STYLES),
        style="",
        script=None,
        feeds=(LinkView(press.name, "/feed.xml"),),
        footer=_footer(press, 0),
    )
    return _rendered(press, "web/search.html", page, search=search).decode()


def render_site(
    press: Press,
    issues: Sequence[Issue],
    river: Iterable[RiverItem] = (),
    *,
    figures: Mapping[int, bytes] | None = None,
    is_served: bool = False,
    lines: Mapping[int, IssueLine] | None = None,
) -> dict[str, bytes]:
    """Every file of the static site by its path; ``issues`` are those to show, ``river`` feeds the planet.

    Issues in ``lines`` (by number, with their line in the archive) have their pages already: none are made.

    ``figures`` are the pages that :func:`render_figures_page` made, by the number of the issue. ``is_served``: the
    program answers at the same address, so that the search and the forms for tips and for subscribing can be named.
    """
    newest = sorted(issues, key=lambda each: (each.publish_on, each.number), reverse=True)
    has_dates = any(entry.event for issue in newest for entry in issue.entries)
    site = _Site(press, newest, has_dates, figures or {}, is_served=is_served, lines=lines or {})
    return {
        "index.html": site.archive(),
        **site.issues(),
        **site.planet(river),
        **site.feeds(),
        "calendar.ics": issues_calendar(press, newest),
        **{f"style/{name}": content for name, content in _styles(press).items()},
        f"style/{_SCRIPT}": press.templates.text(f"web/{_SCRIPT}").encode(),
    }


def issue_line(press: Press, issue: Issue) -> IssueLine:
    """The line of ``issue`` in the archive, when it is not the newest one."""
    return _line_of(issue, issue_context(press, issue), with_highlights=False)


def _line_of(issue: Issue, context: IssueContext, *, with_highlights: bool) -> IssueLine:
    url = f"issues/{issue.number}/index.html"
    views = [entry for section in context.sections for group in section.groups for entry in group.entries]
    return IssueLine(
        number=issue.number,
        title=context.title,
        url=url,
        day=words.day_month(issue.publish_on),
        date=words.full_date(issue.publish_on),
        date_iso=context.date_iso,
        entries=words.counted(context.entries_count, "entry", "entries"),
        highlights=tuple(LinkView(each.title, f"{url}#{each.id}") for each in views[:_HIGHLIGHTS])
        if with_highlights
        else (),
    )


class _Site:
    """The pages of one site; links are relative, so that it can be read from a disk as well."""

    def __init__(
        self,
        press: Press,
        newest: Sequence[Issue],
        has_dates: bool,
        figures: Mapping[int, bytes],
        *,
        is_served: bool = False,
        lines: Mapping[int, IssueLine],
    ) -> None:
        self._is_served, self._lines = is_served, lines
        self._press, self._newest, self._has_dates, self._figures = press, newest, has_dates, figures
        made = (issue for place, issue in enumerate(newest) if place == 0 or issue.number not in lines)
        self._contexts = {issue.number: issue_context(press, issue) for issue in made}
        self._sources = newest[0].sources_count if newest else 0

    def archive(self) -> bytes:
        """The front page."""
        lines = [self._line(issue, with_highlights=number == 0) for number, issue in enumerate(self._newest)]
        years = groupby(zip(self._newest, lines, strict=True), lambda pair: pair[0].publish_on.year)
        archive = ArchiveContext(
            promise=self._promise(),
            latest=lines[0] if lines else None,
            count=self._count(),
            years=tuple(YearView(year, tuple(line for _, line in pairs)) for year, pairs in years),
            feeds=tuple(self._feed_links()),
        )
        page = self._page(self._press.name, "", current="Archive")
        return _rendered(self._press, "web/archive.html", page, archive=archive)

    def issues(self) -> dict[str, bytes]:
        """The page of each issue and the calendar files beside it."""
        found: dict[str, bytes] = {}
        for place, issue in enumerate(self._newest):
            if issue.number in self._lines:
                continue
            folder = f"issues/{issue.number}/"
            context = self._contexts[issue.number]
            around = IssuePageContext(
                calendar="events.ics" if context.has_dates else None,
                event_files=True,
                older=self._neighbour(place + 1),
                newer=self._neighbour(place - 1),
                archive="../../index.html",
                figures=FIGURES if issue.number in self._figures else None,
                why=WHY,
            )
            page = self._page(_issue_title(context), "../../")
            found[f"{folder}index.html"] = _rendered(self._press, "web/issue.html", page, issue=context, around=around)
            if issue.number in self._figures:
                found[f"{folder}{FIGURES}"] = self._figures[issue.number]
            found[f"{folder}{WHY}"] = self._why(issue)
            found[f"{folder}events.ics"] = issue_calendar(self._press, issue)
            views = EntryViews(self._press, issue)
            for entry in issue.entries:
                if event := views.entry(entry).event:
                    found[f"{folder}{event.file}"] = entry_calendar(self._press, issue, entry)
        return found

    def _why(self, issue: Issue) -> bytes:
        """The page that says why each entry is there."""
        context = why_context(self._press, issue)
        return _rendered(self._press, "web/why.html", self._page(context.title, "../../"), why=context)

    def planet(self, river: Iterable[RiverItem]) -> dict[str, bytes]:
        """The pages of the planet."""
        page = self._page(f"Planet: {self._press.name}", "../", current="Planet")
        return {
            f"planet/{page_name(number)}": _rendered(self._press, "web/planet.html", page, planet=planet)
            for number, planet in enumerate(planet_pages(self._press, river))
        }

    def feeds(self) -> dict[str, bytes]:
        """The feeds of issues and of each section."""
        atom, as_json = issue_feeds(self._press, self._newest)
        found = {"feed.xml": atom, "feed.json": as_json}
        for name in self._sections():
            found[f"sections/{name}/feed.xml"] = section_atom(self._press, self._newest, name)
        return found

    def _sections(self) -> Mapping[str, str]:
        """Id and title of each section of the newest issues, in the order of the newest one."""
        sections = [section for issue in self._newest[:ISSUES_IN_FEED] for section in issue.sections]
        found: dict[str, str] = {}
        for section in sections:
            found.setdefault(section_id(section), one_line(section.title) or section.id)
        return found

    def _feed_links(self) -> Iterable[LinkView]:
        yield LinkView("All issues", "feed.xml")
        yield LinkView("All issues (JSON)", "feed.json")
        for name, title in self._sections().items():
            yield LinkView(title, f"sections/{name}/feed.xml")
        if self._has_dates:
            yield LinkView("Calendar", "calendar.ics")

    def _page(self, title: str, root: str, *, current: str = "") -> PageContext:
        links = [("Archive", "index.html"), ("Planet", "planet/index.html"), ("Feed", "feed.xml")]
        if self._has_dates:
            links.insert(1, ("Calendar", "calendar.ics"))
        if self._is_served:
            links += [("Search", "archive/search"), ("Send a tip", "tip"), ("Subscribe", "subscribe")]
        name = self._press.name
        return PageContext(
            title=title,
            name=name,
            language=self._press.language,
            home=f"{root}index.html",
            nav=tuple(LinkView(label, root + url, label == current) for label, url in links),
            style_links=tuple(f"{root}style/{each}" for each in _STYLES),
            style="",
            script=f"{root}style/{_SCRIPT}",
            feeds=(LinkView(name, f"{root}feed.xml"), LinkView(name, f"{root}feed.json")),
            footer=_footer(self._press, self._sources),
        )

    def _line(self, issue: Issue, *, with_highlights: bool) -> IssueLine:
        if issue.number not in self._contexts:
            return self._lines[issue.number]
        return _line_of(issue, self._contexts[issue.number], with_highlights=with_highlights)

    def _neighbour(self, place: int) -> LinkView | None:
        if not 0 <= place < len(self._newest):
            return None
        issue = self._newest[place]
        day = words.day_month(issue.publish_on)
        return LinkView(f"Issue {issue.number}, {day}", f"../{issue.number}/index.html")

    def _count(self) -> str:
        if not self._newest:
            return ""
        first = self._newest[-1].publish_on
        return f"{len(self._newest)} since {words.MONTHS[first.month - 1]} {first.year}"

    def _promise(self) -> str:
        day = DAYS[self._press.schedule.send.day]
        minutes = self._contexts[self._newest[0].number].minutes if self._newest else 0
        read = f", read in {words.number_word(minutes)} minute{'s' if minutes > 1 else ''}" if minutes else ""
        return f"What happened in the community, every {day}{read}."


def _rendered(press: Press, name: str, page: PageContext, **context: Any) -> bytes:
    return press.templates.render(name, page=page, **context).encode()


def _issue_title(context: IssueContext) -> str:
    return f"{context.name} {context.number}: {context.title}"


def _footer(press: Press, sources: int) -> str:
    made = f"Made from {words.counted(sources, 'public source')}. " if sources else ""
    address = one_line(press.newsletter.postal_address)
    return words.sentence([f"{made}No tracking: nobody knows whether you read this.", address], " ")


def _styles(press: Press) -> dict[str, bytes]:
    """The style sheets; the community's accent is the last word of the tokens."""
    found = {"tokens.css": tokens_css(press), "site.css": press.templates.text("web/site.css")}
    return {name: found[name].encode() for name in _STYLES}


def tokens_css(press: Press) -> str:
    """Colour, type and space of all pages, with the community's own accent."""
    light, dark = press.accents
    own = f":root {{ --accent: {light}; }}\n@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"
    return press.templates.text("web/tokens.css") + (own if (light, dark) != (ACCENT, ACCENT_DARK) else "")
