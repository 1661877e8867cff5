"""One-time links: to choose a password, or to sign in once."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, UsageError
from newsletter.model.editor import Editor
from newsletter.pipeline.editors import LINK_LASTS, SIGN_IN, link_of, use_link
from newsletter.pipeline.passwords import SHORTEST
from newsletter.pipeline.sign_in import password_by_link
from newsletter.web.auth import SignInContext, check_place, enter
from newsletter.web.pages import message, show
from newsletter.web.sessions import for_anybody, newsletter_of, secret_field
from newsletter.web.tries import tries_of

_USED = (
    f"It was used already, it is older than {LINK_LASTS.days} days, or a newer one was made.",
    "Ask a manager for another: newsletter editors link NAME",
)


@dataclass(frozen=True, slots=True)
class LinkContext:
    """What ``desk/password.html`` and ``desk/enter.html`` show."""

    editor: Editor
    """For whom the link is."""
    shortest: int = SHORTEST
    """How many characters a password has at least."""
    trouble: str = ""
    """Why the last try failed."""


@for_anybody
def link(request: Request) -> Response:
    """What the link is for. Looking does not use it up: programs that read mail look, too."""
    return _page(request)


@for_anybody
def follow(request: Request) -> Response:
    """Use the link."""
    app, token = newsletter_of(request), request.path_params["token"]
    found = link_of(app, token)
    if found is None:
        return _too_late(request)
    try:
        check_place(request)
        if found.purpose == SIGN_IN:
            editor = use_link(app, token, purpose=SIGN_IN, then=lambda db, editor: None)
        else:
            tries_of(request).take(request, found.editor.name, what="link")
            editor = password_by_link(app, token, _typed_twice(request))
    except NewsletterError as fault:
        return _page(request, fault)
    return enter(request, editor, SignInContext("/desk/")) if editor else _too_late(request)


ROUTES = [
    Route("/desk/link/{token}", link, methods=["GET"]),
    Route("/desk/link/{token}", follow, methods=["POST"]),
]


def _typed_twice(request: Request) -> str:
    password = secret_field(request, "password")
    if password != secret_field(request, "password-again"):
        raise UsageError("The two passwords differ. Type both again.")
    return password


def _page(request: Request, fault: NewsletterError | None = None) -> Response:
    found = link_of(newsletter_of(request), request.path_params["token"])
    if found is None:
        return _too_late(request)
    template = "desk/enter.html" if found.purpose == SIGN_IN else "desk/password.html"
    context = LinkContext(found.editor, trouble=str(fault or ""))
    return show(request, template, {"link": context}, status=400 if fault else 200)


def _too_late(request: Request) -> Response:
    return message(request, 410, "This link works no more", *_USED)
