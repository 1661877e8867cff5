"""Who a request is from. Each handler says with one of three decorators who may call it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from newsletter.errors import NotAllowed, UsageError
from newsletter.model.editor import Editor
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.logins import login_of
from newsletter.text import without_controls
from newsletter.web.cookies import form_token, is_form_token, session_token, visitor_token
from newsletter.web.guard import SAFE_METHODS, is_from_our_pages

Handler = Callable[[Request], Response]
SIGN_IN = "/desk/sign-in"
ENDED = {"x-session": "ended"}
"""The header by which a script learns that nobody is signed in any more."""
CHANGED = {"x-session": "changed"}
"""The same for a form of an older session: /desk/session has the token of the present one."""
_FOREIGN = "This form is not from a page you opened here, or it is too old. Open the page again and send it from there."


@dataclass(frozen=True, slots=True)
class Session:
    """An editor at a browser. ``csrf`` is what each form of this session carries."""

    id: str
    editor: Editor
    csrf: str


def newsletter_of(request: Request) -> Newsletter:
    """The newsletter, the same one throughout a request."""
    if not hasattr(request.state, "newsletter"):
        request.state.newsletter = request.app.state.current.get()
    found: Newsletter = request.state.newsletter
    return found


def session_of(request: Request) -> Session | None:
    """Who is signed in, None when nobody is."""
    if not hasattr(request.state, "session"):
        request.state.session = None
        if token := session_token(request):
            use_session(request, token)
    found: Session | None = request.state.session
    return found


def use_session(request: Request, token: str) -> None:
    """Take the session of ``token``, which has just begun, for the rest of this request."""
    login = login_of(newsletter_of(request), token)
    request.state.session = Session(login.id, login.editor, form_token(token)) if login else None


def editor_of(request: Request) -> Editor:
    """The editor who is signed in; for handlers that only a signed-in editor reaches."""
    session = session_of(request)
    assert session is not None
    return session.editor


def csrf_of(request: Request) -> str:
    """What forms on the page for this request carry as ``csrf``."""
    session = session_of(request)
    return session.csrf if session else form_token(visitor_token(request))


def form_of(request: Request) -> FormData:
    """The form that was sent."""
    found: FormData = getattr(request.state, "form", None) or FormData()
    return found


def field(request: Request, name: str, *, at_most: int = 200, lines: bool = False) -> str:
    """One field of the form, without characters nobody sees; UsageError when it is longer than ``at_most``."""
    value = form_of(request).get(name)
    text = without_controls(value if isinstance(value, str) else "").strip()
    if len(text) > at_most:
        raise UsageError(f"“{name}” has {len(text):,} characters; {at_most:,} are the most. Shorten it.")
    return text if lines else " ".join(text.split())


def check_complete(request: Request, *names: str) -> None:
    """Refuse a form without one of these fields (UsageError): what is missing is not meant to be emptied."""
    missing = [name for name in names if not isinstance(form_of(request).get(name), str)]
    if missing:
        raise UsageError(
            f"The form came without “{missing[0]}”, so nothing was stored. Load the page again and send it from there."
        )


def secret_field(request: Request, name: str) -> str:
    """One field of the form exactly as it was typed."""
    value = form_of(request).get(name)
    return value if isinstance(value, str) else ""


def own_path(text: str) -> str:
    """``text`` if it is the path of a desk page, else that of the first one."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/desk/"
    is_own = text.startswith("/desk/") and not parts.scheme and not parts.netloc and "\\" not in text
    return text if is_own and text.isprintable() else "/desk/"


def signed_in(handler: Handler) -> Handler:
    """For editors: others are sent to the sign-in page, and what they posted goes with them."""

    @wraps(handler)
    def checked(request: Request) -> Response:
        if session_of(request) is None:
            return _ask_to_sign_in(request)
        if not _has_token(request, session_token(request)):
            return _ask_to_send_again(request)
        return handler(request)

    return _marked(checked, "editors")


def for_managers(handler: Handler) -> Handler:
    """For managers: as :func:`signed_in`, and an editor who is none reads that a manager is needed."""

    @wraps(handler)
    def checked(request: Request) -> Response:
        if not editor_of(request).is_manager:
            raise NotAllowed("This needs a manager. “newsletter editors list” names them.")
        return handler(request)

    return _marked(signed_in(checked), "managers")


def for_anybody(handler: Handler) -> Handler:
    """For everybody, signed in or not; a form must still come from a page of ours."""

    @wraps(handler)
    def checked(request: Request) -> Response:
        if not (_has_token(request, session_token(request)) or _has_token(request, visitor_token(request))):
            raise NotAllowed(_FOREIGN)
        return handler(request)

    return _marked(checked, "anybody")


def for_links(handler: Handler) -> Handler:
    """For whoever has the link of a mail: its token, which nobody can guess, stands for cookie and form token."""

    @wraps(handler)
    def checked(request: Request) -> Response:
        return handler(request)

    return _marked(checked, "anybody")


def is_own_form(request: Request) -> bool:
    """Whether a form was sent by a page that this browser opened here."""
    is_ours = _has_token(request, session_token(request)) or _has_token(request, visitor_token(request))
    return is_ours and is_from_our_pages(request.headers)


def who_may(handler: Any) -> str | None:
    """For whom a handler is: "editors", "managers", "anybody", or None when it does not say."""
    return getattr(handler, "for_whom", None)


def _marked(handler: Handler, whom: str) -> Handler:
    handler.for_whom = whom  # type: ignore[attr-defined]
    return handler


def _has_token(request: Request, secret: str | None) -> bool:
    """Whether the request changes nothing, or its form carries the token of ``secret``."""
    return request.method in SAFE_METHODS or is_form_token(secret_field(request, "csrf"), secret)


def is_by_script(request: Request) -> bool:
    """Whether a script of ours asks, not a person who goes to a page."""
    return request.headers.get("sec-fetch-dest") == "empty" or "x-desk" in request.headers


def _ask_to_send_again(request: Request) -> Response:
    """A form of an older session: nothing is done, and nothing is lost."""
    if is_by_script(request):
        return PlainTextResponse(_FOREIGN, 403, headers=CHANGED)
    response: Response = request.app.state.send_again(request)
    return response


def _ask_to_sign_in(request: Request) -> Response:
    if is_by_script(request):
        return PlainTextResponse("You are signed out. Sign in again.", 401, headers=ENDED)
    if request.method in SAFE_METHODS:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{SIGN_IN}?next={quote(request.url.path + query, safe='/')}", 303, headers=ENDED)
    response: Response = request.app.state.sign_in_again(request)
    response.headers.update(ENDED)
    return response
