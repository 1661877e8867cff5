"""The pages beside the review: dropped, snoozed, below the line, and the history of all that was done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.edit.changes import act_of, standing
from newsletter.edit.desk import Desk
from newsletter.errors import NotFound
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.offering import restore
from newsletter.pipeline.review import act, open_desk, undo
from newsletter.text import one_line
from newsletter.web import history_views, list_views
from newsletter.web.card import GONE, back_of
from newsletter.web.card_words import clock
from newsletter.web.frame import standing_at
from newsletter.web.list_views import Listed, asked_of, listed
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, newsletter_of, signed_in


@dataclass(frozen=True, slots=True)
class ListContext:
    """``page`` of the lists."""

    issue: int
    path: str
    here: str
    """The address of the page as it is shown, for forms to come back to."""
    title: str
    about: str
    found: Listed[Any]
    sections: tuple[tuple[str, str], ...]
    """Into which a story can be brought back: id and title."""
    seen: int
    is_draft: bool


@signed_in
def dropped(request: Request) -> Response:
    """What did not enter the issue, and why."""
    about = "What did not enter, and why. What an editor took out comes first."
    return _out(request, "dropped", "Dropped", about)


@signed_in
def snoozed(request: Request) -> Response:
    """What waits for the next issue."""
    return _out(request, "snoozed", "Snoozed", "They come back in the next issue by themselves, or now.")


@signed_in
def below(request: Request) -> Response:
    """What would need an editor to enter; a form keeps one of them."""
    app, number = newsletter_of(request), request.path_params["number"]
    path = f"/desk/issues/{number}/below"
    if request.method == "POST":
        name = field(request, "target")
        if open_desk(app, number).card(name) is None:
            raise NotFound(GONE)
        act(app, number, [("keep", name, {})], editor=editor_of(request).name, seen=_seen(request))
        return go(back_of(request, path))
    desk = open_desk(app, number)
    asked = asked_of(request.query_params)
    rows = list_views.below_the_line(desk, asked)
    total = sum(len(section.below) for section in desk.sections)
    about = "They would enter if an editor keeps them, or if others go."
    context = _context(request, desk, path, listed(rows, asked, path, total=total), ("Below the line", about))
    return show(request, "desk/below.html", {"page": context}, current="Review", standing=standing_at(app, desk))


@signed_in
def history(request: Request) -> Response:
    """Every change; a form takes an act back."""
    app, number = newsletter_of(request), request.path_params["number"]
    path = f"/desk/issues/{number}/history"
    if request.method == "POST":
        batch, entry = field(request, "batch"), field(request, "entry")
        _take_back(app, number, batch, editor_of(request).name)
        return go(back_of(request, f"/desk/issues/{number}/items/{entry}" if _is_card(app, number, entry) else path))
    desk = open_desk(app, number)
    asked = asked_of(request.query_params)
    rows = history_views.history(desk, clock=_clock(app))
    about = "Who did what, and when. Nothing is erased: what was taken back stays here, struck out."
    context = _context(request, desk, path, listed(rows, asked, path, total=len(rows)), ("History", about))
    return show(request, "desk/history.html", {"page": context}, current="Review", standing=standing_at(app, desk))


@signed_in
def bring_back(request: Request) -> Response:
    """A dropped or snoozed story enters, where it belongs or into the section that was chosen."""
    app, number = newsletter_of(request), request.path_params["number"]
    story, section = field(request, "story"), field(request, "section")
    restore(app, number, story, section=section or None, editor=editor_of(request).name)
    return go(back_of(request, f"/desk/issues/{number}/dropped"))


_ISSUE = "/desk/issues/{number:int}"
ROUTES = [
    Route(f"{_ISSUE}/dropped", dropped),
    Route(f"{_ISSUE}/snoozed", snoozed),
    Route(f"{_ISSUE}/below", below, methods=["GET", "POST"]),
    Route(f"{_ISSUE}/history", history, methods=["GET", "POST"]),
    Route(f"{_ISSUE}/restore", bring_back, methods=["POST"]),
]


def _out(request: Request, name: str, title: str, about: str) -> Response:
    app, number = newsletter_of(request), request.path_params["number"]
    desk, path = open_desk(app, number), f"/desk/issues/{number}/{name}"
    asked = asked_of(request.query_params)
    out = desk.dropped if name == "dropped" else desk.snoozed
    rows = list_views.out_of_issue(desk, out, asked, clock=_clock(app))
    found = replace(listed(rows, asked, path, total=len(out)), reasons=list_views.reasons(out, asked))
    context = _context(request, desk, path, found, (title, about))
    return show(request, "desk/dropped.html", {"page": context}, current="Review", standing=standing_at(app, desk))


def _context(request: Request, desk: Desk, path: str, found: Listed[Any], said: tuple[str, str]) -> ListContext:
    query = f"?{request.url.query}" if request.url.query else ""
    takes = [each for each in desk.sections if each.id != "statistics" and not (each.settings and each.settings.show)]
    return ListContext(
        issue=desk.issue.number,
        path=path,
        here=path + query,
        title=said[0],
        about=said[1],
        found=found,
        sections=tuple((each.id, one_line(each.title)) for each in takes),
        seen=desk.last_number,
        is_draft=desk.issue.state == "draft",
    )


def _take_back(app: Newsletter, number: int, said: str, editor: str) -> None:
    """Take back the act, once: a form that is sent twice does nothing the second time."""
    batch = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
    changes = open_desk(app, number).changes
    if all(act_of(each) != batch for each in changes):
        raise NotFound("There is no such act to take back. Load the page again.")
    if any(act_of(each) == batch for each in standing(changes)):
        undo(app, number, editor=editor, batch=batch)


def _is_card(app: Newsletter, number: int, entry: str) -> bool:
    return bool(entry) and open_desk(app, number).card(entry) is not None


def _clock(app: Newsletter) -> Callable[[datetime], str]:
    zone, now = app.config.schedule.zone, app.now()
    return lambda at: clock(at, zone, now)


def _seen(request: Request) -> int | None:
    said = field(request, "seen")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
