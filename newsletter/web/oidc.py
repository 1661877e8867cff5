"""Sign-in by another service: to it, and back from it."""

from hmac import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter.errors import NewsletterError, NotFound, UsageError
from newsletter.pipeline.oidc import Provider, Question, ask, editor_vouched_for, provider
from newsletter.web.auth import SignInContext, check_place, let_in, sign_in_page
from newsletter.web.cookies import drop_step, keep_step, keep_visitor, step_cookie
from newsletter.web.sealed import seal_of
from newsletter.web.sessions import for_anybody, newsletter_of, own_path
from newsletter.web.tries import tries_of

_PURPOSE = "oidc"
_BACK = "/desk/oidc/back"


@for_anybody
def leave(request: Request) -> Response:
    """Send the browser to the service, with a question only this browser can bring the answer to."""
    after = own_path(request.query_params.get("next", ""))
    try:
        check_place(request)
        tries_of(request).take(request, "", what="service")
        question = ask(_service(request), back=_back(request))
    except NewsletterError as fault:
        return sign_in_page(request, SignInContext(after), fault)
    response = RedirectResponse(question.url, 303)
    kept = [question.state, question.nonce, question.verifier, after]
    keep_step(request, response, seal_of(request).close(request, _PURPOSE, kept))
    keep_visitor(request, response)
    return response


@for_anybody
def come_back(request: Request) -> Response:
    """The browser brings the service's answer."""
    kept = seal_of(request).open(request, _PURPOSE, step_cookie(request) or "")
    after = own_path(str(kept[3])) if kept else "/desk/"
    try:
        response = _answered(request, kept, after)
    except NewsletterError as fault:
        response = sign_in_page(request, SignInContext(after), fault)
    drop_step(request, response)
    return response


ROUTES = [Route("/desk/oidc", leave, methods=["GET"]), Route(_BACK, come_back, methods=["GET"])]


def _answered(request: Request, kept: Any, after: str) -> Response:
    said, service = request.query_params, _service(request)
    if kept is None or not compare_digest(said.get("state", "").encode(), str(kept[0]).encode()):
        raise UsageError("That sign-in was begun elsewhere, or too long ago. Begin again.")
    if said.get("iss", service.issuer) != service.issuer:
        raise UsageError("The answer is not from the service that was asked. Begin again.")
    if "code" not in said:
        raise UsageError(f"{service.host} did not sign you in: {said.get('error', 'no reason given')[:100]}.")
    question = Question("", *kept[:3])
    editor = editor_vouched_for(newsletter_of(request), service, question, code=said["code"], back=_back(request))
    return let_in(request, editor.name, SignInContext(after))


def _service(request: Request) -> Provider:
    found = provider(newsletter_of(request).environ)
    if found is None:
        raise NotFound("No other service signs people in here.")
    return found


def _back(request: Request) -> str:
    """Where the service sends the browser; the service itself knows which such addresses are ours."""
    return f"{request.url.scheme}://{request.headers['host']}{_BACK}"
