"""The cookies: who is signed in, which visitor got a form, and what waits while another service is asked."""

import hashlib
import secrets
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import Response

_SESSION, _VISITOR, _STEP = "session", "visitor", "step"
_SIXTY_DAYS = 60 * 86400


def session_token(request: Request) -> str | None:
    """The token of the session the browser says it has."""
    return request.cookies.get(_name(request, _SESSION))


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser its session."""
    _set(request, response, _SESSION, token, _SIXTY_DAYS)


def drop_session(request: Request, response: Response) -> None:
    """Take the session out of the browser."""
    _drop(request, response, _SESSION)


def visitor_token(request: Request) -> str:
    """The secret of a visitor who is not signed in; a new one is kept by :func:`keep_visitor`."""
    if not hasattr(request.state, "visitor"):
        found = request.cookies.get(_name(request, _VISITOR))
        request.state.visitor = found or secrets.token_urlsafe(24)
        request.state.visitor_is_new = not found
    return str(request.state.visitor)


def keep_visitor(request: Request, response: Response) -> None:
    """Give the browser the visitor's secret, when a form was made with a new one."""
    if getattr(request.state, "visitor_is_new", False):
        _set(request, response, _VISITOR, request.state.visitor, None)


def step_cookie(request: Request) -> str | None:
    """What was kept while the browser was at another service."""
    return request.cookies.get(_name(request, _STEP))


def keep_step(request: Request, response: Response, sealed: str) -> None:
    """Keep something while the browser is at another service."""
    _set(request, response, _STEP, sealed, 600)


def drop_step(request: Request, response: Response) -> None:
    """The browser is back."""
    _drop(request, response, _STEP)


def form_token(secret: str) -> str:
    """What the forms of one session or visitor carry; the cookie itself is never written into a page."""
    return hashlib.sha256(f"form {secret}".encode()).hexdigest()[:40]


def is_form_token(said: str, secret: str | None) -> bool:
    """Whether a form carries the token of ``secret``."""
    return secret is not None and compare_digest(said.encode("utf-8", "replace"), form_token(secret).encode())


def is_secure(request: Request) -> bool:
    """Whether cookies go over TLS only. Plain HTTP is for this machine alone."""
    return not (request.url.scheme == "http" and request.state.is_local)


def _name(request: Request, name: str) -> str:
    """Browsers keep a ``__Host-`` cookie only for this very host; on this machine ports are told apart by name."""
    return f"__Host-{name}" if is_secure(request) else f"{name}-{request.url.port or 80}"


def _drop(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_name(request, name), path="/", secure=is_secure(request), httponly=True, samesite="lax")


def _set(request: Request, response: Response, name: str, value: str, lasts: int | None) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=lasts,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
