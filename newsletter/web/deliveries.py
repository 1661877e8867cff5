"""The Deliveries page: what goes out, how far it is, what became of it, and what managers do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NotFound, UsageError
from newsletter.pipeline import send_acts
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.delivery_board import board, standing_before
from newsletter.pipeline.delivery_details import details_of, trail_of
from newsletter.pipeline.send_acts import Which
from newsletter.pipeline.send_right import refusal, take_over, who_else_sends
from newsletter.store.mailings import ISSUE, Mailing, known_mailing
from newsletter.store.restored import is_restored
from newsletter.text import one_line, without_controls
from newsletter.web.assets import asset_url
from newsletter.web.delivery_details import DetailsView, TrailView, details_view, trail_view
from newsletter.web.delivery_views import (
    PATH,
    SOON_OPENED,
    MailingView,
    Question,
    again_in,
    board_views,
    mailing_url,
    mailing_view,
    question_of,
)
from newsletter.web.delivery_words import name_of
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, for_managers, newsletter_of, signed_in

_SAID = {
    "pause": "Paused: no mail of it begins any more.",
    "stop": "Stopped: no mail of it begins any more.",
    "send now": "It goes out now. “newsletter run” begins with it within a minute.",
    "send at": "It goes out at that hour.",
    "again": "They are sent again: the same mails, with the same Message-ID.",
    "leave": "They are left, and count as accepted from now on.",
    "take over": "This one sends from now on.",
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DeliveriesContext:
    """What ``desk/deliveries.html`` shows."""

    mailings: tuple[MailingView, ...]
    is_quiet: bool
    """Whether nothing is sent, scheduled or waiting for a word."""
    older_url: str
    other: str
    """Who else has the right to send; empty when nobody does."""
    is_put_back: bool
    """Whether this is a copy that was restored, and nobody let it send yet."""
    asks_take_over: bool
    is_manager: bool
    no_server: bool
    again: int
    said: str
    script_url: str


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What ``desk/delivery.html`` shows."""

    number: int
    mailing: MailingView
    details: DetailsView
    question: Question | None
    trail: TrailView | None
    reader: str
    trouble: str
    is_manager: bool
    is_whole: bool
    show_url: str
    again: int
    said: str
    script_url: str


@signed_in
def deliveries(request: Request) -> Response:
    """All mailings, the newest issue first."""
    app, is_manager = newsletter_of(request), editor_of(request).is_manager
    params = request.query_params
    found = board(app, before=_number(params.get("before", "")), known=_known(request))
    views, other = board_views(app, found, may_act=is_manager), who_else_sends(app)
    delivery = app.config.delivery
    context = DeliveriesContext(
        mailings=views,
        is_quiet=not any(each.is_open for each in views) and "before" not in params,
        older_url=f"{PATH}?before={found.older}" if found.older else "",
        other=refusal(other, app.now()) if other else "",
        is_put_back=is_restored(other),
        asks_take_over=other is not None and is_manager and params.get("ask") == "take-over",
        is_manager=is_manager,
        no_server=not (delivery.campaigns or delivery.way or (delivery.by == "smtp" and delivery.server)),
        again=again_in(views),
        said=_SAID.get(params.get("said", ""), ""),
        script_url=asset_url(app, "deliveries.js"),
    )
    return show(request, "desk/deliveries.html", {"deliveries": context}, current="Deliveries")


@signed_in
def delivery(request: Request) -> Response:
    """One mailing, opened."""
    return _delivery(request)


@for_managers
def post(request: Request) -> Response:
    """One act on a mailing; after it, the page it was done on."""
    do = field(request, "do")
    act = _ACTS.get(do)
    if act is None:
        raise UsageError(f"There is no “{do}” on this page. Open it again.")
    app, number, kind = newsletter_of(request), int(request.path_params["number"]), _kind(field(request, "mail"))
    with app.database.reading() as db:
        found = known_mailing(db, number, kind)
    is_on_list = field(request, "page") == "list"
    act(request, app, found)
    said = urlencode({"said": do})
    if is_on_list:
        return go(f"{PATH}?{said}#mail-{number}{'' if kind == ISSUE else f'-{kind}'}")
    return go(mailing_url(found, said=do))


@for_managers
def post_take_over(request: Request) -> Response:
    """Take the right to send from another installation; it asks first."""
    if field(request, "sure") != "yes":
        raise UsageError("What the other one is at, it cannot go on with. Press the button of the page that asks.")
    take_over(newsletter_of(request), by=editor_of(request).name)
    return go(f"{PATH}?{urlencode({'said': 'take over'})}")


ROUTES = [
    Route(PATH, deliveries, methods=["GET"]),
    Route(f"{PATH}/take-over", post_take_over, methods=["POST"]),
    Route(f"{PATH}/{{number:int}}", delivery, methods=["GET"]),
    Route(f"{PATH}/{{number:int}}", post, methods=["POST"]),
]


def _pause(request: Request, app: Newsletter, found: Mailing) -> None:
    if found.state != "paused":
        send_acts.pause(app, found.issue_number, by=editor_of(request).name, kind=found.kind)


def _stop(request: Request, app: Newsletter, found: Mailing) -> None:
    if field(request, "sure") != "yes":
        raise UsageError("Stopping names the number of people first. Press the button of the page that asks.")
    if found.state != "stopped":
        send_acts.stop(app, found.issue_number, by=editor_of(request).name, kind=found.kind)


def _send_now(request: Request, app: Newsletter, found: Mailing) -> None:
    send_acts.send_now(app, found.issue_number, by=editor_of(request).name, kind=found.kind)


def _send_at(request: Request, app: Newsletter, found: Mailing) -> None:
    text, zone = field(request, "at", at_most=40), app.config.schedule.zone
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"“{text}” is no hour. Write it as 2026-10-17T09:00.") from None
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    send_acts.send_at(app, found.issue_number, at, by=editor_of(request).name, kind=found.kind)


def _decide(request: Request, app: Newsletter, found: Mailing) -> None:
    which = Which(_number(field(request, "reader")), _number(field(request, "count")))
    if which == Which():
        raise UsageError("The form does not say which ones are meant. Open the page again.")
    by, again = editor_of(request).name, field(request, "do") == "again"
    send_acts.resolve_unknown(app, found.issue_number, again=again, by=by, kind=found.kind, which=which)


_ACTS: Mapping[str, Callable[[Request, Newsletter, Mailing], None]] = {
    "pause": _pause,
    "stop": _stop,
    "send now": _send_now,
    "send at": _send_at,
    "again": _decide,
    "leave": _decide,
}


def _delivery(request: Request) -> Response:
    app, editor, params = newsletter_of(request), editor_of(request), request.query_params
    number, kind = int(request.path_params["number"]), _kind(params.get("mail", ""))
    is_whole = editor.is_manager and params.get("show") == "1"
    found = details_of(app, number, kind, after=_number(params.get("after", "")) or 0)
    standing, mailing = found.standing, found.standing.mailing
    before = standing_before(app, number) if kind == ISSUE else None
    view = mailing_view(app, standing, before=before, may_act=editor.is_manager, is_whole=is_whole)
    reader = one_line(without_controls(params.get("reader", "")))[:320] if editor.is_manager else ""
    trail, trouble = _trail(app, mailing, reader, is_whole=is_whole)
    if is_whole:
        log.info("addresses shown", by=editor.name, count=len(found.uncertain))
    context = DeliveryContext(
        number=number,
        mailing=view,
        details=details_view(app, found, is_manager=editor.is_manager, is_whole=is_whole),
        question=question_of(app, standing, params.get("ask", "")) if editor.is_manager else None,
        trail=trail,
        reader=reader,
        trouble=trouble,
        is_manager=editor.is_manager,
        is_whole=is_whole,
        show_url=mailing_url(mailing, reader=reader, show="" if is_whole else "1"),
        again=0 if is_whole else again_in((view,), soon=SOON_OPENED),
        said=_SAID.get(params.get("said", ""), ""),
        script_url=asset_url(app, "deliveries.js"),
    )
    return show(request, "desk/delivery.html", {"delivery": context}, current="Deliveries")


def _trail(app: Newsletter, mailing: Mailing, address: str, *, is_whole: bool) -> tuple[TrailView | None, str]:
    """The trail of the reader who is looked for, or why there is none."""
    if not address:
        return None, ""
    try:
        found = trail_of(app, mailing.issue_number, mailing.kind, address)
    except NotFound:
        return None, f"{name_of(mailing)} does not go to this address."
    return trail_view(app, found, is_whole=is_whole), ""


def _kind(text: str) -> str:
    """The kind of a mailing that an address or a form names; the issue itself when it names none."""
    return one_line(text)[:40] or ISSUE


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _known(request: Request) -> dict[tuple[int, datetime | None], dict[str, int]]:
    """The counts of mailings that are over, kept while the program runs."""
    known: dict[tuple[int, datetime | None], dict[str, int]] = request.app.state.final_counts
    return known
