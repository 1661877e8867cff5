"""Leaving by the link of a mail: opening it only asks, and mail programs leave for their reader by one POST."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.model.address import masked
from newsletter.pipeline import subscribing
from newsletter.render.contexts import LinkView
from newsletter.render.subscription_contexts import AskContext
from newsletter.text import one_line
from newsletter.web.sessions import for_links, form_of, newsletter_of
from newsletter.web.subscription_pages import ask_page, bad_link, token_of

_AGAIN = LinkView("Subscribe again", "/subscribe")


@for_links
def look(request: Request) -> Response:
    """Ask; programs that open every link of a mail leave for nobody."""
    app, found = newsletter_of(request), subscribing.find(newsletter_of(request), "unsubscribe", token_of(request))
    if found.standing != "good":
        return bad_link(request, found)
    if found.good.state in ("left", "removed"):
        return _left(request, found.good.address)
    name, address = one_line(app.config.newsletter.name), masked(found.good.address)
    lines = (
        f"{name} sends nothing more to {address} after that, from this moment on.",
        "To get less of it, or none for some weeks, take the other link at the foot of the mail.",
    )
    asked = AskContext("Unsubscribe?", lines, "Unsubscribe", f"/u/{token_of(request)}", is_bad=True)
    return ask_page(request, asked)


@for_links
def leave(request: Request) -> Response:
    """Leave, at once: by the button, or by a mail program (RFC 8058), which has no cookie and shows nobody the page.

    The same again does nothing more, and is answered in the same way.
    """
    app = newsletter_of(request)
    found = subscribing.find(app, "unsubscribe", token_of(request))
    if found.standing != "good":
        return bad_link(request, found)
    way = "one click" if form_of(request).get("List-Unsubscribe") == "One-Click" else "page"
    reader = subscribing.leave(app, found.good.id, way=way)
    return _left(request, reader.address)


ROUTES = [Route("/u/{token}", look, methods=["GET"]), Route("/u/{token}", leave, methods=["POST"])]


def _left(request: Request, address: str | None) -> Response:
    name = one_line(newsletter_of(request).config.newsletter.name)
    lines = (f"{name} sends nothing more to {masked(address)}.", "You can come back at any time.")
    return ask_page(request, AskContext("You are unsubscribed", lines, links=(_AGAIN,)))
