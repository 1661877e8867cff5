"""Sign-in: the page everybody sees who is not signed in, and the way out."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.pipeline.editors import has_editors
from newsletter.pipeline.logins import end_login
from newsletter.web.cookies import drop_session
from newsletter.web.pages import go, show
from newsletter.web.sessions import SIGN_IN, for_anybody, newsletter_of, session_of, signed_in


@dataclass(frozen=True, slots=True)
class SignInContext:
    """What ``desk/sign_in.html`` shows."""

    has_editors: bool
    """False at the very first start: the page says how to add somebody."""
    next: str
    """Where to go afterwards."""


@for_anybody
def sign_in(request: Request) -> Response:
    """The sign-in page."""
    after = own_path(request.query_params.get("next", ""))
    if session_of(request):
        return go(after)
    return _page(request, after, status=200)


@signed_in
def sign_out(request: Request) -> Response:
    """End this session."""
    session = session_of(request)
    assert session is not None
    end_login(newsletter_of(request), session.id)
    response = go(SIGN_IN)
    drop_session(request, response)
    return response


def sign_in_again(request: Request) -> Response:
    """The sign-in page for a form that came after the session had ended."""
    return _page(request, "/desk/", status=401)


def own_path(text: str) -> str:
    """``text`` if it is the path of a desk page, else that of the first one."""
    parts = urlsplit(text)
    is_own = text.startswith("/desk/") and not parts.scheme and not parts.netloc and "\\" not in text
    return text if is_own and text.isprintable() else "/desk/"


ROUTES = [Route(SIGN_IN, sign_in), Route("/desk/sign-out", sign_out, methods=["POST"])]


def _page(request: Request, after: str, *, status: int) -> Response:
    context = SignInContext(has_editors(newsletter_of(request)), after)
    return show(request, "desk/sign_in.html", {"sign_in": context}, status=status)
