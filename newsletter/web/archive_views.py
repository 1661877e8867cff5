"""What the archive's pages show, public and on the desk, in plain values."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from newsletter.errors import UsageError
from newsletter.pipeline.archive import ArchivedIssue, Found, Hit, Query, Shelf
from newsletter.render.search_contexts import ChoiceView, HitView, NearView, SearchContext
from newsletter.render.words import counted, full_date
from newsletter.text import one_line, shorten

_LONGEST = 200
_SUMMARY = 240


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue of the list."""

    number: int
    title: str
    state: str
    date: str
    entries: str
    corrected: str


def query_from(params: QueryParams, *, with_drafts: bool) -> tuple[Query, int]:
    """What is looked for, and which page of it (UsageError)."""
    texts = {name: one_line(params.get(name, ""))[:_LONGEST] for name in ("q", "section", "person", "project")}
    year, page = (_number(params.get(name, ""), name) for name in ("year", "page"))
    query = Query(texts["q"], year, texts["section"], texts["person"], texts["project"], with_drafts)
    return query, page or 1


def _number(text: str, name: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:5]) < 10_000 and len(text) < 5):
        raise UsageError(f"“{shorten(text, 20)}” is no {name}.")
    return int(text)


def is_asked(query: Query) -> bool:
    """Whether anything is looked for."""
    return bool(query.words or query.year or query.section or query.person or query.project)


def search_context(base: str, query: Query, shelf: Shelf, found: Found | None) -> SearchContext:
    """The form and what was found; ``base`` is the page's address."""
    return SearchContext(
        words=query.words,
        person=query.person,
        project=query.project,
        years=(
            ChoiceView("", "Every year", query.year is None),
            *(ChoiceView(str(year), str(year), year == query.year) for year in shelf.years),
        ),
        sections=(
            ChoiceView("", "Every section", not query.section),
            *(ChoiceView(each, title, each == query.section) for each, title in shelf.sections),
        ),
        said=_said(found) if found else "",
        hits=tuple(map(_hit, found.hits)) if found else (),
        near=tuple(NearView(word, _url(base, query, words=word)) for word in found.near) if found else (),
        more_url=_url(base, query, page=found.page + 1) if found and found.has_more else "",
    )


def issue_row(issue: ArchivedIssue) -> IssueRow:
    """One line of the list."""
    times = {0: "", 1: "corrected once", 2: "corrected twice"}
    count = issue.corrections_count
    return IssueRow(
        issue.number,
        issue.title,
        issue.state,
        full_date(issue.published_on),
        counted(issue.entries_count, "entry", "entries"),
        times.get(count, f"corrected {count} times"),
    )


def _said(found: Found) -> str:
    if not found.count:
        return "Nothing found"
    return f"{counted(found.count, 'entry', 'entries')} found"


def _hit(hit: Hit) -> HitView:
    line = hit.line
    facts = (f"Issue {hit.number}, {full_date(hit.published_on)}", line.section_title, line.project, line.person)
    return HitView(
        line.title,
        f"/issues/{hit.number}/#{line.anchor}",
        shorten(line.summary, _SUMMARY),
        " · ".join(filter(None, facts)),
    )


def _url(base: str, query: Query, *, words: str | None = None, page: int = 1) -> str:
    pairs = {
        "q": query.words if words is None else words,
        "year": str(query.year or ""),
        "section": query.section,
        "person": query.person,
        "project": query.project,
        "page": str(page) if page > 1 else "",
    }
    return f"{base}?{urlencode({name: value for name, value in pairs.items() if value})}"
