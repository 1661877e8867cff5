"""The review page: a section's list with the open card in place, and the acts of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.edit.desk import Desk
from newsletter.errors import ChangedMeanwhile
from newsletter.model.editor import initials_of
from newsletter.pipeline.folded import stamp_of
from newsletter.pipeline.presence import AtCard, at_cards
from newsletter.pipeline.review import open_desk, undo
from newsletter.pipeline.tips import new_tip_count
from newsletter.store import issues
from newsletter.web import learning
from newsletter.web.assets import asset_url
from newsletter.web.card_views import card_view
from newsletter.web.changed import changed_meanwhile, taken_out
from newsletter.web.decisions import Decision, decision_in, perform, put_in_order
from newsletter.web.frame import frame_of, standing_at
from newsletter.web.mail_sizes import mail_size
from newsletter.web.pages import go, show
from newsletter.web.review_page import Around, Asked, base_of, is_figures, meter_of, open_card_of, review_of
from newsletter.web.review_views import Review
from newsletter.web.rows import MOST_ROWS
from newsletter.web.sessions import editor_of, field, form_of, is_by_script, newsletter_of, signed_in
from newsletter.web.states import nothing_yet, notices_of

ALONE = "alone"
"""As the value of “next”: go on with the next card on a page of its own."""
_NOTHING = "nothing"
_SAID = {_NOTHING: "There is nothing of yours to take back.", **learning.SAID}
_STAYING = frozenset(("up", "down", "pin", "move", "title", "summary", "release", "merge", "restore", "remark"))
"""After these the same card stays open."""
_MOST_ROWS = 5_000


@signed_in
def desk(request: Request) -> Response:
    """The newest issue's review page, or what to do when there is none."""
    with newsletter_of(request).database.reading() as db:
        newest = issues.newest(db)
    return go(base_of(newest[0])) if newest else nothing_yet(request)


@signed_in
def review(request: Request) -> Response:
    """The review page; a script gets the parts that change."""
    number, query = request.path_params["number"], request.query_params
    rows = query.get("rows", "")
    asked = Asked(
        section=query.get("section", "")[:200],
        at=query.get("at", "")[:200],
        rows=min(int(rows), _MOST_ROWS) if rows.isdecimal() and len(rows) < 6 else MOST_ROWS,
        has_below=query.get("below") == "1",
        said=_SAID.get(query.get("said", ""), ""),
    )
    found = open_desk(newsletter_of(request), number)
    if not asked.at and is_figures(found, asked.section):
        return go(f"{base_of(number)}figures")
    return _page(request, found, asked)


@signed_in
def act_on(request: Request) -> Response:
    """Keep, drop, put off, move, pin, bring back: one item or all that are marked."""
    app, number, editor = newsletter_of(request), request.path_params["number"], editor_of(request).name
    decision, wanted = decision_in(request), Asked(at=field(request, "next"), section=field(request, "section"))
    before = open_desk(app, number)
    try:
        after = perform(app, number, decision, editor=editor)
    except ChangedMeanwhile as fault:
        return changed_meanwhile(request, number, decision, fault)
    return _onward(request, after, _next_place(wanted, before, after, decision))


@signed_in
def undo_last(request: Request) -> Response:
    """Take back the last act, or the one that is named; the page then shows what it was about."""
    app, number, batch = newsletter_of(request), request.path_params["number"], field(request, "batch")
    named = int(batch) if batch.isdecimal() else None
    taken = undo(app, number, editor=editor_of(request).name, batch=named)
    now = open_desk(app, number)
    if taken is None:
        return _onward(request, now, Asked(said=_SAID[_NOTHING]))
    card = now.card(taken.target)
    section = now.section(taken.target)
    return _onward(request, now, Asked(at=card.entry.id if card else "", section=section.id if section else ""))


@signed_in
def order(request: Request) -> Response:
    """Bring a section into another order."""
    app, number = newsletter_of(request), request.path_params["number"]
    section, ids = field(request, "section"), [str(each) for each in form_of(request).getlist("id")]
    shown = field(request, "next")
    after = put_in_order(app, number, section, ids, editor=editor_of(request).name)
    return _onward(request, after, Asked(section=section, at=_shown(after, shown)))


@signed_in
def size(request: Request) -> Response:
    """The size meter alone, for the script to ask again."""
    app, number = newsletter_of(request), request.path_params["number"]
    found = mail_size(app, open_desk(app, number).issue, stamp_of(app, number))
    return HTMLResponse(app.templates.render("desk/_meter.html", meter=meter_of(number, found)))


ROUTES = [
    Route("/desk", desk),
    Route("/desk/", desk),
    Route("/desk/issues/{number:int}/", review),
    Route("/desk/issues/{number:int}/act", act_on, methods=["POST"]),
    Route("/desk/issues/{number:int}/undo", undo_last, methods=["POST"]),
    Route("/desk/issues/{number:int}/order", order, methods=["POST"]),
    Route("/desk/issues/{number:int}/size", size),
]


def _next_place(wanted: Asked, before: Desk, after: Desk, decision: Decision) -> Asked:
    """What to show after a decision: what the form names, else what is open and follows in worth."""
    if _shown(after, wanted.at):
        return Asked(at=wanted.at)
    at = decision.targets[0]
    if decision.action in _STAYING and len(decision.targets) == 1 and _shown(after, at) and wanted.at != ALONE:
        return Asked(at=at)
    if decision.action in ("say", "leave out"):
        return Asked(section=at)
    follows = _following(before, after, decision.targets)
    return Asked(at=follows, section=wanted.section)


def _following(before: Desk, after: Desk, decided: Sequence[str]) -> str:
    """The open item after the last decided one in the order of worth, else the first that is open."""
    places = {card.entry.id: place for place, card in enumerate(before.open)}
    last = max((places[each] for each in decided if each in places), default=-1)
    left = [card.entry.id for card in after.open[: after.enough_from] if card.entry.id not in decided]
    later = (each for each in left if places.get(each, -1) > last)
    return next(later, left[0] if left else "")


def _shown(desk: Desk, entry_id: str) -> str:
    return entry_id if entry_id and desk.card(entry_id) else ""


def _onward(request: Request, desk: Desk, asked: Asked) -> Response:
    """The next page for a browser; for a script the parts of it."""
    asked = replace(asked, has_below=form_of(request).get("below") == "1")
    if is_by_script(request):
        return _page(request, desk, asked)
    base = base_of(desk.issue.number)
    if asked.at and form_of(request).get("next") == ALONE:
        return go(f"{base}items/{quote(asked.at)}")
    said = (f"&said={_NOTHING}" if asked.said else "") + ("&below=1" if asked.has_below else "")
    if asked.at:
        return go(f"{base}?at={quote(asked.at)}{said}#card")
    return go(f"{base}?section={quote(asked.section)}{said}#{'card' if open_card_of(desk, asked) else 'main'}")


def _page(request: Request, desk: Desk, asked: Asked) -> Response:
    app, number, me = newsletter_of(request), desk.issue.number, editor_of(request).name
    present = at_cards(app, number)
    card = open_card_of(desk, asked)
    around = Around(
        editor=me,
        others=_others(present, me),
        size=mail_size(app, desk.issue, stamp_of(app, number)),
        newest=_newest(request),
        tips=new_tip_count(app, number),
    )
    found = review_of(app, desk, asked, around)
    context: dict[str, Any] = {
        "review": found,
        "card": card_view(app, desk, card, present, editor=me) if card else None,
        "back": _url(found),
        "lost": () if found.closed else taken_out(app, desk, editor=me),
    }
    standing = standing_at(app, desk)
    if not is_by_script(request):
        context |= {"script_url": asset_url(app, "review/start.js"), "notices": notices_of(app, desk)}
        context |= {"proposal": learning.proposal_for(request) if not found.closed else None}
        return show(request, "desk/review.html", context, current="Review", standing=standing)
    frame = frame_of(request, current="Review", standing=standing)
    text = app.templates.render("desk/_review_parts.html", frame=frame, **context)
    return HTMLResponse(text, headers={"x-url": _url(found)})


def _url(found: Review) -> str:
    return f"{found.base}?at={quote(found.at)}" if found.at else f"{found.base}?section={quote(found.section)}"


def _others(present: dict[str, AtCard], me: str) -> dict[str, str]:
    return {entry: initials_of(each.editor) for entry, each in present.items() if each.editor != me}


def _newest(request: Request) -> int:
    with newsletter_of(request).database.reading() as db:
        newest = issues.newest(db)
    return newest[0] if newest else 0
