"""Subscribing in two steps: the form, then the link in the mail that it causes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import Busy, MailFault, UsageError
from newsletter.model.address import masked
from newsletter.model.subscriber import Choice
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.reader_choices import choice_from, fitted
from newsletter.pipeline.subscribing import Confirming, ask, checked_address, confirm, confirming, wording_of
from newsletter.pipeline.tips import check_stamp, form_stamp
from newsletter.render.address import parse_address
from newsletter.render.subscription_contexts import AskContext, SubscribeContext
from newsletter.render.subscription_pages import choice_form
from newsletter.render.subscription_words import choice_words
from newsletter.text import one_line, without_controls
from newsletter.web.pages import go
from newsletter.web.sessions import csrf_of, field, for_links, form_of, is_own_form, newsletter_of
from newsletter.web.subscribe_limits import limits_of
from newsletter.web.subscription_pages import SUBSCRIBE, ask_page, bad_link, links_base, public_page, token_of

HONEYPOT = "website"
"""A field that no person sees; programs fill it."""
SENT = "/subscribe?sent"
_MOST = 320
_SENT = AskContext(
    "Look into your mail",
    (
        "A mail is on its way to you. Press the button behind its link, and the newsletter comes.",
        "Nothing there after a few minutes? Look into the folder for unwanted mail, then send the form again.",
    ),
)


@for_links
def form(request: Request) -> Response:
    """The empty form, or what follows after it was sent."""
    if "sent" in request.query_params:
        return ask_page(request, _SENT)
    return _page(request, "", Choice())


@for_links
def send(request: Request) -> Response:
    """Ask for the newsletter at an address. Who sends the form from another site sees it once more, filled in."""
    written = form_of(request).get("address")
    address = without_controls(written if isinstance(written, str) else "").strip()[:_MOST]
    if not is_own_form(request):
        return _page(request, address, Choice())
    if field(request, HONEYPOT, at_most=100_000):
        return go(SENT)  # a program filled the field that nobody sees: it learns nothing
    app, choice = newsletter_of(request), Choice()
    try:
        choice = _choice(request)
        check_stamp(app, field(request, "stamp"))
        _take(request, written if isinstance(written, str) else "", choice)
    except UsageError as fault:
        return _page(request, address, choice, problem=str(fault), status=400)
    except Busy as fault:
        return _page(request, address, choice, problem=str(fault), status=429)
    except MailFault:
        problem = "No mail can go out at this moment, so you cannot be asked to confirm. Try it again in an hour."
        return _page(request, address, choice, problem=problem, status=503)
    return go(SENT)


@for_links
def look(request: Request) -> Response:
    """What the link of a mail would confirm. Programs that open every link of a mail confirm nothing with it."""
    return _confirm_page(request, confirming(newsletter_of(request), token_of(request)))


@for_links
def yes(request: Request) -> Response:
    """Confirm a subscription, or another address."""
    return _confirm_page(request, confirm(newsletter_of(request), token_of(request)))


ROUTES = [
    Route("/subscribe", form, methods=["GET"]),
    Route("/subscribe", send, methods=["POST"]),
    Route("/c/{token}", look, methods=["GET"]),
    Route("/c/{token}", yes, methods=["POST"]),
]


def sections_of(request: Request) -> list[str]:
    """The sections that a form names."""
    return [each for each in form_of(request).getlist("section") if isinstance(each, str)]


def _choice(request: Request) -> Choice:
    return choice_from(newsletter_of(request), field(request, "rhythm"), sections_of(request))


def _take(request: Request, written: str, choice: Choice) -> None:
    """Check, count and ask; the order is the same for every address."""
    base = links_base(request)
    if base is None:
        raise UsageError(_closed(newsletter_of(request)))
    address = checked_address(written)
    limits = limits_of(request)
    limits.take(request)
    if limits.may_mail(address):
        ask(newsletter_of(request), address, choice, base=base)


def _page(request: Request, address: str, choice: Choice, *, problem: str = "", status: int = 200) -> Response:
    app = newsletter_of(request)
    context = SubscribeContext(
        address=address,
        choice=choice_form(choice, app.config.sections, app.config.schedule),
        wording=wording_of(app),
        csrf=csrf_of(request),
        stamp=form_stamp(app),
        trap=HONEYPOT,
        problem=problem,
        closed="" if links_base(request) else _closed(app),
    )
    return public_page(request, "web/subscribe.html", "Subscribe", status=status, subscribe=context)


def _closed(app: Newsletter) -> str:
    """What to do where no mail could lead back to this program."""
    settings = app.config.newsletter
    found = parse_address(settings.reply_to) or parse_address(settings.sender)
    return f"Nobody can subscribe on this page yet. Write to {found[1] if found else 'the editors'} instead."


def _confirm_page(request: Request, wanted: Confirming) -> Response:
    if wanted.found.standing == "unknown":
        return bad_link(request, wanted.found)
    if wanted.found.standing == "stale":
        gone = ("You left, or the address changed, after this mail was sent. Nothing was done.",)
        return ask_page(request, AskContext("This link is out of date", gone, links=(SUBSCRIBE,)), status=403)
    app, reader = newsletter_of(request), wanted.found.good
    name, address = one_line(app.config.newsletter.name), masked(wanted.to or reader.address)
    words = choice_words(fitted(app, reader.choice), app.config.sections, app.config.schedule)
    if wanted.is_done:
        done = (f"{name} goes to {address}: {words}.", "The foot of each mail leads to where you change that or leave.")
        return ask_page(request, AskContext("You are subscribed", done))
    title, button = ("Get it at this address?", "Yes, send it here") if wanted.to else ("One more step", "Yes, send it")
    asked = (f"{name} will go to {address}: {words}.", "Was it not you? Close this page; nothing happens then.")
    return ask_page(request, AskContext(title, asked, button, f"/c/{token_of(request)}"))
