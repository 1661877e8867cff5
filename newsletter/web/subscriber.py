"""One reader, for managers: what they agreed to, what they got, and the end of it."""

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NotFound, UsageError
from newsletter.model.subscriber import Subscriber
from newsletter.pipeline import subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.reader_choices import fitted, paused_until
from newsletter.render.subscription_contexts import ChoiceFormView, OptionView
from newsletter.render.subscription_pages import choice_form, pause_options
from newsletter.render.subscription_words import day_words
from newsletter.store import subscriber_lists as lists
from newsletter.store import subscribers as store
from newsletter.store.mailings import ISSUE
from newsletter.text import shorten
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, for_managers, newsletter_of
from newsletter.web.subscriber_views import ReaderRow, reader_row
from newsletter.web.subscribers import PATH

_WORDS = {
    "asked": "asked for it",
    "confirmed": "confirmed",
    "imported": "brought in",
    "changed": "changed",
    "paused": "paused",
    "left": "left",
    "erased": "erased",
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What the reader agreed to or took back."""

    day: str
    what: str
    wording: str
    source: str


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail that was made for the reader."""

    issue: int
    kind: str
    state: str
    day: str
    answer: str
    url: str
    """The deliveries of that issue."""


@dataclass(frozen=True, slots=True)
class SubscriberContext:
    """What ``desk/subscriber.html`` shows."""

    number: int
    row: ReaderRow
    source: str
    consents: tuple[ConsentRow, ...]
    mails: tuple[MailRow, ...]
    is_whole: bool
    can_leave: bool
    can_erase: bool
    choice: ChoiceFormView | None
    """What they get, for a form; None when they get nothing."""
    pauses: tuple[OptionView, ...]
    paused_until: str
    said: str


@for_managers
def subscriber(request: Request) -> Response:
    """One reader."""
    app, number = newsletter_of(request), int(request.path_params["number"])
    is_whole = request.query_params.get("show") == "1"
    with app.database.reading() as db:
        reader = _reader(store.by_id(db, number))
        consents, mails = store.consents_of(db, number), lists.received(db, [number])
        bounced = lists.bounced(db, [number]).get(number)
    if is_whole:
        log.info("addresses shown", by=editor_of(request).name, count=1)
    schedule = app.config.schedule
    context = SubscriberContext(
        number,
        reader_row(app, reader, last=mails[0] if mails else None, bounced=bounced, is_whole=is_whole),
        reader.source,
        tuple(
            ConsentRow(day_words(each.at, schedule), _WORDS[each.what], each.wording, each.source) for each in consents
        ),
        tuple(
            MailRow(
                each.issue_number,
                each.kind,
                each.state,
                day_words(each.changed_at, schedule),
                shorten(each.answer, 200),
                f"/desk/deliveries/{each.issue_number}" + (f"?mail={each.kind}" if each.kind != ISSUE else ""),
            )
            for each in mails
        ),
        is_whole,
        can_leave=reader.state in ("active", "waiting"),
        can_erase=reader.address is not None,
        choice=choice_form(fitted(app, reader.choice), app.config.sections, schedule)
        if reader.state == "active"
        else None,
        pauses=pause_options(),
        paused_until=day_words(paused_until(app, reader), schedule),
        said="Changed; who did it is kept below." if request.query_params.get("said") == "changed" else "",
    )
    return show(request, "desk/subscriber.html", {"reader": context}, current="Subscribers")


@for_managers
def leave(request: Request) -> Response:
    """Take somebody out who asked for it by mail, or on the telephone."""
    app, number = _known(request)
    subscribing.leave(app, number, way=f"{subscribing.DESK} {editor_of(request).name}")
    return go(f"{PATH}/{number}")


@for_managers
def erase(request: Request) -> Response:
    """Erase somebody's address everywhere; it asks first."""
    app, number = _known(request)
    if field(request, "sure") != "yes":
        raise UsageError("Erasing cannot be undone. Press the button of the page that asks for it.")
    subscribing.erase(app, number, way=f"{subscribing.DESK} {editor_of(request).name}")
    return go(f"{PATH}/{number}")


ROUTES = [
    Route(f"{PATH}/{{number:int}}", subscriber, methods=["GET"]),
    Route(f"{PATH}/{{number:int}}/leave", leave, methods=["POST"]),
    Route(f"{PATH}/{{number:int}}/erase", erase, methods=["POST"]),
]


def _known(request: Request) -> tuple[Newsletter, int]:
    app, number = newsletter_of(request), int(request.path_params["number"])
    with app.database.reading() as db:
        _reader(store.by_id(db, number))
    return app, number


def _reader(found: Subscriber | None) -> Subscriber:
    if found is None:
        raise NotFound("There is no reader of that number.")
    return found
