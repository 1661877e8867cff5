"""The readers, for editors: how many there are; for managers also who, as far as they ask for it."""

from dataclasses import dataclass
from html import escape

import structlog
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, UsageError
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.import_readers import state_agreement, waiting_imports
from newsletter.pipeline.reader_choices import RHYTHMS, today
from newsletter.pipeline.reader_uploads import Upload, uploads
from newsletter.pipeline.subscribing import DESK, ask
from newsletter.render.subscription_words import rhythm_words
from newsletter.store import subscriber_lists as lists
from newsletter.store.subscriber_lists import Filter
from newsletter.text import one_line, without_controls
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, for_managers, newsletter_of, signed_in
from newsletter.web.subscriber_views import (
    Option,
    ReaderRow,
    count_words,
    form_html,
    list_url,
    newest_received,
    options,
    reader_row,
)
from newsletter.web.subscription_pages import links_base

PATH = "/desk/subscribers"
STATES = {
    "active": "gets it",
    "paused": "paused",
    "bouncing": "mail comes back",
    "waiting": "waits to confirm",
    "imported": "brought in, not agreed",
    "left": "left",
    "removed": "removed",
    "erased": "erased",
}
_SAID = {"added": "A mail asks the new reader to confirm.", "agreed": "They get mail from now on."}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SubscribersContext:
    """What ``desk/subscribers.html`` shows."""

    counts: tuple[str, ...]
    is_empty: bool
    """Whether nobody ever subscribed."""
    is_manager: bool
    rows: tuple[ReaderRow, ...] = ()
    text: str = ""
    sections: tuple[Option, ...] = ()
    rhythms: tuple[Option, ...] = ()
    states: tuple[Option, ...] = ()
    is_whole: bool = False
    """Whether addresses are shown whole."""
    show_url: str = ""
    more_url: str = ""
    waiting: tuple[tuple[str, int], ...] = ()
    """Where those came from who wait for a word on how they agreed, and how many they are."""
    uploads: tuple[Upload, ...] = ()
    """Files that were sent and are not brought in yet."""
    html: str = ""
    """The form for somebody's own site; empty without a site."""
    problem: str = ""
    said: str = ""
    address: str = ""
    """What was written in the field of a new reader."""


@signed_in
def subscribers(request: Request) -> Response:
    """The readers."""
    return _page(request)


@for_managers
def add(request: Request) -> Response:
    """Ask somebody at an address whether they want the newsletter."""
    app, address = newsletter_of(request), field(request, "address", at_most=400)
    try:
        base = links_base(request)
        if base is None:
            raise UsageError("A mail to confirm needs “site:” in feeds.yaml: its link has to lead somewhere.")
        ask(app, address, Choice(), base=base, way=DESK, by=editor_of(request).name)
    except NewsletterError as fault:
        return _page(request, problem=str(fault), address=address)
    return go(f"{PATH}?said=added")


@for_managers
def agree(request: Request) -> Response:
    """Say how those agreed who were brought in."""
    try:
        source, how = field(request, "source", at_most=300), field(request, "how", at_most=1_000)
        state_agreement(newsletter_of(request), source, how)
    except NewsletterError as fault:
        return _page(request, problem=str(fault))
    return go(f"{PATH}?said=agreed")


ROUTES = [
    Route(PATH, subscribers, methods=["GET"]),
    Route(f"{PATH}/add", add, methods=["POST"]),
    Route(f"{PATH}/agree", agree, methods=["POST"]),
]


def filter_from(app: Newsletter, params: QueryParams) -> Filter:
    """Which readers are wanted; what nobody could mean leaves nobody out."""
    section, rhythm, state = (params.get(name, "") for name in ("section", "rhythm", "state"))
    return Filter(
        one_line(without_controls(params.get("q", "")))[:200],
        section if any(each.id == section for each in app.config.sections) else "",
        rhythm if rhythm in RHYTHMS else "",
        state if state in STATES else "",
    )


def _page(request: Request, *, problem: str = "", address: str = "") -> Response:
    app, is_manager = newsletter_of(request), editor_of(request).is_manager
    with app.database.reading() as db:
        counts = lists.counts(db, today(app))
    base = links_base(request)
    values = {
        "counts": count_words(counts),
        "is_empty": counts.all == 0,
        "is_manager": is_manager,
        "html": form_html(escape(base), escape(one_line(app.config.newsletter.name))) if base else "",
        "problem": problem,
        "said": _SAID.get(request.query_params.get("said", ""), ""),
        "address": address,
    }
    if is_manager:
        values |= _list(request, app)
    context = SubscribersContext(**values)  # type: ignore[arg-type]
    status = 400 if problem else 200
    return show(request, "desk/subscribers.html", {"readers": context}, current="Subscribers", status=status)


def _list(request: Request, app: Newsletter) -> dict[str, object]:
    """What only managers see."""
    params, schedule = request.query_params, app.config.schedule
    wanted, is_whole = filter_from(app, params), params.get("show") == "1"
    before = params.get("before", "")
    with app.database.reading() as db:
        number = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
        found, has_more = lists.page(db, wanted, today=today(app), before=number)
        ids = [each.id for each in found]
        last, bounced = newest_received(lists.received(db, ids, newest_only=True)), lists.bounced(db, ids)
    if is_whole:
        log.info("addresses shown", by=editor_of(request).name, count=len(found))
    more = {"before": str(ids[-1]), "show": "1" if is_whole else ""} if has_more else {}
    return {
        "rows": tuple(
            reader_row(app, each, last=last.get(each.id), bounced=bounced.get(each.id), is_whole=is_whole)
            for each in found
        ),
        "text": wanted.text,
        "sections": options({each.id: each.title for each in app.config.sections}, wanted.section),
        "rhythms": options({each: rhythm_words(each, schedule) for each in RHYTHMS}, wanted.rhythm),
        "states": options(STATES, wanted.state),
        "is_whole": is_whole,
        "show_url": list_url(PATH, wanted, show="" if is_whole else "1"),
        "more_url": list_url(PATH, wanted, **more) if more else "",
        "waiting": tuple(waiting_imports(app)),
        "uploads": tuple(uploads(app)),
    }
