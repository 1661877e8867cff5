"""What the public pages about a subscription share: how they are shown, and where their links lead."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from newsletter.model.subscriber import Subscriber
from newsletter.pipeline.publish import press_of
from newsletter.pipeline.subscribing import Found, mail_link
from newsletter.pipeline.subscription_mails import base_of
from newsletter.render.contexts import LinkView
from newsletter.render.subscription_contexts import AskContext
from newsletter.render.subscription_pages import render_subscription_page
from newsletter.web.assets import site_style
from newsletter.web.cookies import keep_visitor
from newsletter.web.sessions import newsletter_of
from newsletter.web.subscribe_limits import limits_of

SUBSCRIBE = LinkView("Subscribe", "/subscribe")
_PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}


def public_page(request: Request, template: str, title: str, *, status: int = 200, **context: Any) -> Response:
    """The page ``template``; it is kept by nobody, and no search engine lists it."""
    app = newsletter_of(request)
    press = press_of(app.templates.forgiving(), app.config)
    text = render_subscription_page(press, template, title, style_url=site_style(app).url, **context)
    response = HTMLResponse(text, status, headers=_PRIVATE)
    keep_visitor(request, response)
    return response


def ask_page(request: Request, ask: AskContext, *, status: int = 200) -> Response:
    """A page that says something, or asks it with one button."""
    return public_page(request, "web/ask.html", ask.title, status=status, ask=ask)


def links_base(request: Request) -> str | None:
    """Where links in mails begin: at the site; without one at this machine, when it is asked from here."""
    here = f"{request.url.scheme}://{request.headers['host']}" if request.state.is_local else None
    return base_of(newsletter_of(request), here)


def token_of(request: Request) -> str:
    """The token in the address."""
    return str(request.path_params["token"])


def bad_link(request: Request, found: Found) -> Response:
    """For a link that leads nowhere, or is older than the address it was mailed to."""
    if found.standing == "unknown":
        lines = (
            "It is not whole, or too old. The links at the foot of the newest mail work.",
            "Was it broken over two lines? Copy both into the address bar, without a space between.",
        )
        return ask_page(request, AskContext("This link does not work", lines, links=(SUBSCRIBE,)), status=404)
    lines = (
        "The subscription has moved to another address since this mail was sent.",
        "A fresh link can be mailed to where the newsletter goes now.",
    )
    asked = AskContext("This link is out of date", lines, "Mail me a fresh link", f"/again/{token_of(request)}")
    return ask_page(request, asked, status=403)


def mail_again(request: Request, reader: Subscriber) -> None:
    """Mail a fresh link to ``reader``, unless they got several today (MailFault)."""
    base = links_base(request)
    if base and reader.address and limits_of(request).may_mail(reader.address):
        mail_link(newsletter_of(request), reader.id, base=base)
