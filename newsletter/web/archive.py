"""The archive: search for readers and editors, and what editors see of each issue."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.errors import NewsletterError
from newsletter.pipeline.archive import search_archive, shelf_of
from newsletter.pipeline.archive_facts import IssueFacts, facts_of
from newsletter.pipeline.corrections import corrections_of
from newsletter.pipeline.delivery_board import got_it, is_over
from newsletter.pipeline.publish import press_of
from newsletter.pipeline.rebuild import Rebuilt, rebuild_issue
from newsletter.render.search_contexts import SearchContext
from newsletter.render.web import render_search_page
from newsletter.render.words import counted
from newsletter.web.archive_views import IssueRow, is_asked, issue_row, query_from, search_context
from newsletter.web.pages import show
from newsletter.web.preview import number_of
from newsletter.web.sessions import editor_of, for_anybody, newsletter_of, signed_in

PUBLIC, DESK = "/archive/search", "/desk/archive"
_ROWS = 50


@dataclass(frozen=True, slots=True)
class ArchiveContext:
    """What ``desk/archive.html`` shows: the search, and all issues when nothing is looked for."""

    search: SearchContext
    rows: tuple[IssueRow, ...]
    older_url: str


@dataclass(frozen=True, slots=True)
class RecordContext:
    """What ``desk/record.html`` shows of one issue."""

    facts: IssueFacts
    made: str
    """When the draft was made."""
    corrections: tuple[str, ...]
    reach: str = ""
    """Who got the issue by mail and can be told of a correction, for managers; empty when nobody can."""
    rebuilt: Rebuilt | None = None
    trouble: str = ""
    """Why it could not be made again."""


@for_anybody
def search(request: Request) -> Response:
    """The public search: issues that are approved or out."""
    app = newsletter_of(request)
    query, page = query_from(request.query_params, with_drafts=False)
    found = search_archive(app, query, page=page) if is_asked(query) else None
    context = search_context(PUBLIC, query, shelf_of(app, with_drafts=False), found)
    press = press_of(app.templates.forgiving(), app.config)
    return HTMLResponse(render_search_page(press, context))


@signed_in
def archive(request: Request) -> Response:
    """All issues, and the search over them, drafts too."""
    app = newsletter_of(request)
    query, page = query_from(request.query_params, with_drafts=True)
    shelf = shelf_of(app, with_drafts=True)
    found = search_archive(app, query, page=page) if is_asked(query) else None
    first = (page - 1) * _ROWS
    rows = () if found else tuple(map(issue_row, shelf.issues[first : first + _ROWS]))
    more = f"{DESK}?page={page + 1}" if not found and len(shelf.issues) > first + _ROWS else ""
    context = ArchiveContext(search_context(DESK, query, shelf, found), rows, more)
    return show(request, "desk/archive.html", {"archive": context}, current="Archive")


@signed_in
def record(request: Request) -> Response:
    """What is known of one issue."""
    return _record(request)


@signed_in
def rebuild(request: Request) -> Response:
    """Make an issue again from its snapshot and compare it with its files."""
    number, app = number_of(request), newsletter_of(request)
    facts_of(app, number)
    try:
        return _record(request, rebuilt=rebuild_issue(app, number))
    except NewsletterError as fault:
        return _record(request, trouble=str(fault))


ROUTES = [
    Route(PUBLIC, search),
    Route(DESK, archive),
    Route(f"{DESK}/{{number:int}}", record, methods=["GET"]),
    Route(f"{DESK}/{{number:int}}", rebuild, methods=["POST"]),
]


def _record(request: Request, *, rebuilt: Rebuilt | None = None, trouble: str = "") -> Response:
    app, number = newsletter_of(request), number_of(request)
    facts, zone = facts_of(app, number), app.config.schedule.zone
    at = facts.drafted_at.astimezone(zone)
    told = []
    for each in corrections_of(app, number):
        day = each.correction.made_at.astimezone(zone)
        told.append(f"{day.day} {day:%B %Y}: {each.before.title}: {each.correction.note or each.after.title}")
    count = got_it(app, number) if told and editor_of(request).is_manager and is_over(app, number) else 0
    reach = counted(count, "reader") if count else ""
    context = RecordContext(facts, f"{at.day} {at:%B %Y, %H:%M}", tuple(told), reach, rebuilt, trouble)
    return show(request, "desk/record.html", {"record": context}, current="Archive")
