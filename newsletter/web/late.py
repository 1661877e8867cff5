"""An item that no source told, brought in by an editor until approval; and the short form of an issue."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.edit.short import short_issue
from newsletter.errors import WrongState
from newsletter.model.issue import Issue
from newsletter.pipeline.offering import LateItem, known_at, late_item
from newsletter.pipeline.review import act, open_desk
from newsletter.render.words import counted
from newsletter.text import is_web_url, shorten
from newsletter.web.approve import seen_of
from newsletter.web.pages import go, show
from newsletter.web.preview import number_of
from newsletter.web.preview_views import Tab, card_url
from newsletter.web.sessions import editor_of, field, newsletter_of, signed_in

_TITLE, _TEXT, _URL = 300, 5_000, 2_000


@dataclass(frozen=True, slots=True)
class LateContext:
    """What ``desk/late.html`` shows; ``is_known`` when a source told the address before."""

    number: int
    sections: tuple[tuple[str, str], ...]
    url: str = ""
    title: str = ""
    text: str = ""
    section: str = ""
    credit: str = ""
    is_known: bool = False
    said: str = ""
    at: Tab | None = None
    """Where the item stands in this issue already."""


@dataclass(frozen=True, slots=True)
class ShortContext:
    """What ``desk/short.html`` shows: what would go out, and by section what would wait."""

    number: int
    is_short: bool
    seen: int
    stays: str
    waits: tuple[tuple[str, tuple[str, ...]], ...]
    waits_count: int
    figures: str
    said: str


@signed_in
def late_form(request: Request) -> Response:
    """The form; with an address it shows what that one gave already."""
    number = number_of(request)
    app, url = newsletter_of(request), request.query_params.get("url", "").strip()[:_URL]
    issue = _draft(request, number)
    places = tuple((each.id, each.title) for each in issue.sections)
    context = LateContext(number, places, url)
    if url and not is_web_url(url):
        context = LateContext(number, places, url, said="That is no web address. It begins with https:// or http://.")
    elif url:
        found = known_at(app, number, url)
        if found is None:
            context = LateContext(number, places, url, said="No source told this address. Fill in the rest.")
        else:
            entry, section = found
            standing = next((each for each in issue.entries if each.story_id == entry.story_id), None)
            context = LateContext(
                number,
                places,
                url,
                entry.title,
                entry.summary,
                section or "",
                entry.author or "",
                is_known=True,
                said=f"{entry.source or 'A source'} told it already; this is what it gave.",
                at=Tab(standing.title, card_url(number, standing.id)) if standing else None,
            )
    return show(request, "desk/late.html", {"late": context}, current="Review")


@signed_in
def late(request: Request) -> Response:
    """Bring the item in; then its card."""
    number = number_of(request)
    made = LateItem(
        title=field(request, "title", at_most=_TITLE),
        url=field(request, "url", at_most=_URL),
        text=field(request, "text", at_most=_TEXT, lines=True),
        section=field(request, "section") or None,
        credit=field(request, "credit"),
    )
    entry = late_item(newsletter_of(request), number, made, editor=editor_of(request).name)
    return go(card_url(number, entry))


@signed_in
def short_form(request: Request) -> Response:
    """What would go out and what would wait."""
    number = number_of(request)
    desk = open_desk(newsletter_of(request), number)
    _draft(request, number)
    whole = desk.issue
    short = short_issue(whole)
    left = {entry.id for entry in short.entries}
    waits = []
    for section in whole.sections:
        rest = tuple(shorten(entry.title, 100) for entry in section.entries if entry.id not in left)
        if rest:
            waits.append((section.title, rest))
    context = ShortContext(
        number=number,
        is_short=whole.is_short,
        seen=desk.last_number,
        stays=_stays(short),
        waits=tuple(waits),
        waits_count=sum(len(rest) for _, rest in waits),
        figures=counted(len(whole.figures), "figure") if whole.figures else "",
        said=request.query_params.get("said", "")[:100],
    )
    return show(request, "desk/short.html", {"short": context}, current="Review")


@signed_in
def short(request: Request) -> Response:
    """Make the issue short, or whole again."""
    number, is_short = number_of(request), field(request, "do") != "whole"
    wish = ("short form", "issue", is_short)
    act(newsletter_of(request), number, [wish], editor=editor_of(request).name, seen=seen_of(request))
    return go(f"/desk/issues/{number}/approve?said={'short' if is_short else 'whole'}#done")


_BASE = "/desk/issues/{number:int}"
ROUTES = [
    Route(f"{_BASE}/late", late_form, methods=["GET"]),
    Route(f"{_BASE}/late", late, methods=["POST"]),
    Route(f"{_BASE}/short", short_form, methods=["GET"]),
    Route(f"{_BASE}/short", short, methods=["POST"]),
]


def _draft(request: Request, number: int) -> Issue:
    """The issue as it stands (NotFound); WrongState when it is no draft any more."""
    issue = open_desk(newsletter_of(request), number).issue
    if issue.state != "draft":
        raise WrongState(f"Issue {number} is {issue.state}. Take it back to draft first, or correct it.")
    return issue


def _stays(short: Issue) -> str:
    """What would go out, counted."""
    dated = sum(1 for entry in short.entries if entry.event)
    others = len(short.entries) - dated
    told = [counted(others, "highlight"), counted(dated, "date"), counted(len(short.deadlines), "deadline")]
    return ", ".join(told)
