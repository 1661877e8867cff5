"""A reader's own page, without an account: the link in each mail leads there."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter.errors import MailFault, NewsletterError, UsageError
from newsletter.model.address import masked
from newsletter.model.subscriber import Subscriber
from newsletter.pipeline import subscribing
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.reader_choices import choice_from, fitted, next_mail, paused_until
from newsletter.render.contexts import LinkView
from newsletter.render.subscription_contexts import AskContext, PreferencesContext
from newsletter.render.subscription_pages import choice_form, pause_options
from newsletter.render.subscription_words import day_words
from newsletter.render.words import weekday_date
from newsletter.web.pages import go
from newsletter.web.sessions import field, for_links, newsletter_of
from newsletter.web.subscribe import sections_of
from newsletter.web.subscribe_limits import limits_of
from newsletter.web.subscription_pages import (
    ask_page,
    bad_link,
    links_base,
    mail_again,
    public_page,
    token_of,
)

_ENDED = {
    "waiting": "You have not confirmed yet: the mail that asks you to has a link of its own.",
    "left": "You left, so nothing goes to you.",
    "removed": "Mail to you came back too often, so nothing goes to you any more.",
}
_SAID = ("saved", "paused", "resumed", "asked")


@for_links
def mine(request: Request) -> Response:
    """What one gets, and what can be done about it."""
    found = _find(request)
    return _page(request, found.good) if found.standing == "good" else bad_link(request, found)


@for_links
def save(request: Request) -> Response:
    """Choose sections and rhythm."""

    def act(app: Newsletter, reader: Subscriber) -> str:
        subscribing.choose(app, reader.id, choice_from(app, field(request, "rhythm"), sections_of(request)))
        return "saved"

    return _act(request, act)


@for_links
def pause(request: Request) -> Response:
    """Get nothing for some weeks; 0 ends the pause."""

    def act(app: Newsletter, reader: Subscriber) -> str:
        weeks = field(request, "weeks")
        if weeks == "0":
            subscribing.resume(app, reader.id)
            return "resumed"
        subscribing.pause(app, reader.id, int(weeks) if weeks.isascii() and weeks.isdecimal() and len(weeks) < 4 else 0)
        return "paused"

    return _act(request, act)


@for_links
def move(request: Request) -> Response:
    """Ask at another address whether the newsletter should come there."""

    def act(app: Newsletter, reader: Subscriber) -> str:
        base = links_base(request)
        if base is None:
            raise UsageError("The address cannot be changed here yet. Answer a mail: a person reads it.")
        address = subscribing.checked_address(field(request, "address", at_most=400))
        limits = limits_of(request)
        limits.take(request)
        if limits.may_mail(address):
            subscribing.ask_move(app, reader.id, address, base=base)
        return "asked"

    return _act(request, act)


@for_links
def leave(request: Request) -> Response:
    """Leave, from one's own page."""

    def act(app: Newsletter, reader: Subscriber) -> str:
        subscribing.leave(app, reader.id, way="preferences")
        return "left"

    return _act(request, act)


@for_links
def data(request: Request) -> Response:
    """Everything that is known of a reader, as a file."""
    found = _find(request)
    if found.standing != "good":
        return bad_link(request, found)
    headers = {"content-disposition": 'attachment; filename="my-subscription.json"', "cache-control": "no-store"}
    return JSONResponse(subscribing.my_data(newsletter_of(request), found.good.id), headers=headers)


@for_links
def ask_erase(request: Request) -> Response:
    """Whether the address is to be erased; nothing is done yet."""
    found = _find(request)
    if found.standing != "good":
        return bad_link(request, found)
    url = f"/r/{token_of(request)}"
    lines = (
        f"{masked(found.good.address)} is taken out of everything that is kept here, at once. This cannot be undone.",
        "What stays is a mark that nobody can read back, so that no list of addresses brings you in again; "
        "you can always subscribe anew.",
    )
    back = LinkView("Back", url)
    asked = AskContext("Erase your address?", lines, "Erase my address", f"{url}/erase", is_bad=True, links=(back,))
    return ask_page(request, asked)


@for_links
def erase(request: Request) -> Response:
    """Erase the address."""
    found = _find(request)
    if found.standing != "good":
        return bad_link(request, found)
    subscribing.erase(newsletter_of(request), found.good.id, way="preferences")
    lines = ("Your address is gone. Links of mails you have do not work any more.",)
    return ask_page(request, AskContext("Erased", lines))


@for_links
def again(request: Request) -> Response:
    """Mail a fresh link to where the newsletter goes; the answer is the same whatever becomes of it."""
    app, token = newsletter_of(request), token_of(request)
    limits_of(request).take(request)
    for purpose in ("preferences", "unsubscribe"):
        found = subscribing.find(app, purpose, token)
        if found.reader is not None:
            try:
                mail_again(request, found.reader)
            except MailFault as fault:
                raise MailFault("No mail can go out at this moment. Try it again in an hour.") from fault
    lines = ("If the newsletter goes to somebody by this link, a fresh one is on its way to them.",)
    return ask_page(request, AskContext("Look into your mail", lines))


ROUTES = [
    Route("/r/{token}", mine, methods=["GET"]),
    Route("/r/{token}", save, methods=["POST"]),
    Route("/r/{token}/pause", pause, methods=["POST"]),
    Route("/r/{token}/address", move, methods=["POST"]),
    Route("/r/{token}/leave", leave, methods=["POST"]),
    Route("/r/{token}/data.json", data, methods=["GET"]),
    Route("/r/{token}/erase", ask_erase, methods=["GET"]),
    Route("/r/{token}/erase", erase, methods=["POST"]),
    Route("/again/{token}", again, methods=["POST"]),
]


def _find(request: Request) -> subscribing.Found:
    return subscribing.find(newsletter_of(request), "preferences", token_of(request))


def _act(request: Request, act: Callable[[Newsletter, Subscriber], str]) -> Response:
    """Do something for the reader of the link; what was done is said on the page, and so is why it was not."""
    found = _find(request)
    if found.standing != "good":
        return bad_link(request, found)
    try:
        said = act(newsletter_of(request), found.good)
    except MailFault:
        problem = "No mail can go out at this moment. Nothing was changed; try it again in an hour."
        return _page(request, found.good, problem=problem, status=503)
    except NewsletterError as fault:
        return _page(request, found.good, problem=str(fault), status=400)
    return go(f"/r/{token_of(request)}?said={said}")


def _page(request: Request, reader: Subscriber, *, problem: str = "", status: int = 200) -> Response:
    app = newsletter_of(request)
    schedule, until = app.config.schedule, paused_until(app, reader)
    context = PreferencesContext(
        address=masked(reader.address),
        since=day_words(reader.confirmed_at, schedule),
        said="" if problem else _said(app, reader, request.query_params.get("said", "")),
        problem=problem,
        is_active=reader.state == "active",
        ended=_ENDED.get(reader.state, ""),
        choice=choice_form(fitted(app, reader.choice), app.config.sections, schedule),
        paused_until=day_words(until, schedule),
        pauses=pause_options(),
        new_address=field(request, "address", at_most=400) if problem and request.url.path.endswith("/address") else "",
        url=f"/r/{token_of(request)}",
    )
    return public_page(request, "web/preferences.html", "Your subscription", status=status, mine=context)


def _said(app: Newsletter, reader: Subscriber, what: str) -> str:
    if reader.state != "active" or what not in _SAID:
        return ""
    day = next_mail(app, reader)
    following = f" The next issue comes on {weekday_date(day, year_of=day)}." if day else ""
    return {
        "saved": f"Saved.{following}",
        "paused": f"Paused.{following}",
        "resumed": f"The pause is over.{following}",
        "asked": "A mail asks you at the new address. Until you confirm there, it comes where it came.",
    }[what]
