"""Sign-in in one or two steps, and the way out."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter.errors import Busy, NewsletterError, UsageError
from newsletter.model.editor import Editor
from newsletter.pipeline.editors import has_editors
from newsletter.pipeline.logins import begin_login, end_login
from newsletter.pipeline.oidc import provider_of
from newsletter.pipeline.second_step import check_code
from newsletter.pipeline.sign_in import check_password
from newsletter.web.cookies import drop_session, is_secure, keep_session
from newsletter.web.kept_form import KeptForm, kept_from_post, kept_in_page
from newsletter.web.pages import go, show
from newsletter.web.sealed import seal_of
from newsletter.web.sessions import (
    SIGN_IN,
    field,
    for_anybody,
    newsletter_of,
    own_path,
    secret_field,
    session_of,
    signed_in,
    use_session,
)
from newsletter.web.tries import tries_of

CODE = "/desk/sign-in/code"
_STEP = "sign-in code"
_WRONG = "The name or the password is not right."
_WRONG_CODE = "This code is not right, or it was used before. Wait for the next one, or take a recovery code."
_PLAIN = "Sign-in needs https here. Put a proxy with a certificate in front, or open the desk on its own machine."


@dataclass(frozen=True, slots=True)
class SignInContext:
    """What ``desk/sign_in.html`` and ``desk/code.html`` show."""

    next: str
    """Where to go afterwards."""
    kept: KeptForm | None = None
    """A form that came after the session had ended, and waits."""
    has_editors: bool = True
    """False at the very first start: the page says how to add somebody."""
    provider: str | None = None
    """The host that may vouch for people (OIDC)."""
    trouble: str = ""
    """Why the last try failed."""
    name: str = ""
    """The name that was tried."""
    sealed: str = ""
    """What proves the first step in the second."""


@for_anybody
def sign_in(request: Request) -> Response:
    """The sign-in page."""
    after = own_path(request.query_params.get("next", ""))
    return go(after) if session_of(request) else sign_in_page(request, SignInContext(after))


@for_anybody
def send_sign_in(request: Request) -> Response:
    """Name and password."""
    name, around = field(request, "name"), SignInContext(own_path(field(request, "next", at_most=2000)))
    around = SignInContext(around.next, kept_in_page(request), name=name[:100])
    try:
        check_place(request)
        tries_of(request).take(request, name)
        editor = check_password(newsletter_of(request), name, secret_field(request, "password"))
    except NewsletterError as fault:
        return sign_in_page(request, around, fault)
    if editor is None:
        return sign_in_page(request, around, UsageError(_WRONG))
    return enter(request, editor, around)


@for_anybody
def send_code(request: Request) -> Response:
    """The second step: a code from the device, or a recovery code."""
    around = SignInContext(own_path(field(request, "next", at_most=2000)), kept_in_page(request))
    name = seal_of(request).open(request, _STEP, field(request, "sealed", at_most=2000))
    if not isinstance(name, str):
        return sign_in_page(request, around, UsageError("That took too long. Begin again with your name."))
    try:
        tries_of(request).take(request, name, what="code")
        if not check_code(newsletter_of(request), name, field(request, "code")):
            raise UsageError(_WRONG_CODE)
    except NewsletterError as fault:
        return _code_page(request, name, around, fault)
    return let_in(request, name, around)


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
    """The sign-in page for a form that came after the session had ended; what it said waits in the page."""
    around = SignInContext("/desk/", kept_from_post(request))
    return sign_in_page(request, around, status=401)


def send_again(request: Request) -> Response:
    """A form that an older session made: what it said is shown, and one button sends it."""
    context = {"kept": kept_from_post(request), "is_new": False}
    return show(request, "desk/send_again.html", context, status=403)


@signed_in
def present_session(request: Request) -> Response:
    """For scripts: who is signed in, and what forms carry from now on."""
    session = session_of(request)
    assert session is not None
    return JSONResponse({"name": session.editor.name, "csrf": session.csrf})


def sign_in_page(
    request: Request, around: SignInContext, fault: NewsletterError | None = None, *, status: int = 200
) -> Response:
    """The page that asks for name and password, with what went wrong."""
    app = newsletter_of(request)
    context = SignInContext(
        around.next,
        around.kept,
        has_editors=has_editors(app),
        provider=provider_of(app.environ),
        trouble=str(fault or ""),
        name=around.name,
    )
    return _with_fault(show(request, "desk/sign_in.html", {"sign_in": context}, status=status), fault)


def check_place(request: Request) -> None:
    """Refuse to sign anybody in where no browser would keep the session (UsageError)."""
    if is_secure(request) and request.url.scheme != "https":
        raise UsageError(_PLAIN)


def enter(request: Request, editor: Editor, around: SignInContext) -> Response:
    """Go on with somebody whose first step was right: to the second one if they have it, else to the desk."""
    return _code_page(request, editor.name, around) if editor.has_totp else let_in(request, editor.name, around)


def let_in(request: Request, name: str, around: SignInContext) -> Response:
    """Sign somebody in who has shown who they are; a form that waited is offered for sending."""
    for what in ("password", "code"):
        tries_of(request).forget(name, what=what)
    app, older = newsletter_of(request), session_of(request)
    if older:
        end_login(app, older.id)
    token = begin_login(app, name, agent=request.headers.get("user-agent", ""))
    if around.kept is None:
        response = go(around.next)
    else:
        use_session(request, token)
        response = show(request, "desk/send_again.html", {"kept": around.kept, "is_new": True})
    keep_session(request, response, token)
    return response


ROUTES = [
    Route(SIGN_IN, sign_in, methods=["GET"]),
    Route(SIGN_IN, send_sign_in, methods=["POST"]),
    Route(CODE, send_code, methods=["POST"]),
    Route("/desk/session", present_session, methods=["GET"]),
    Route("/desk/sign-out", sign_out, methods=["POST"]),
]


def _code_page(request: Request, name: str, around: SignInContext, fault: NewsletterError | None = None) -> Response:
    sealed = seal_of(request).close(request, _STEP, name)
    context = SignInContext(around.next, around.kept, trouble=str(fault or ""), sealed=sealed)
    return _with_fault(show(request, "desk/code.html", {"sign_in": context}), fault)


def _with_fault(response: Response, fault: NewsletterError | None) -> Response:
    if isinstance(fault, Busy):
        response.status_code = 429
        response.headers["retry-after"] = str(fault.seconds)
    elif fault is not None:
        response.status_code = 400
    return response
