"""What is answered when something is not as it should be: always a page that says what and how."""

import secrets
from collections.abc import Sequence
from contextlib import suppress

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from newsletter.errors import (
    Busy,
    ChangedMeanwhile,
    DatabaseAway,
    MailFault,
    NewsletterError,
    NotAllowed,
    NotFound,
    StoreFault,
    UsageError,
    WrongState,
)
from newsletter.web.api_problem import Mistake, problem
from newsletter.web.guard import UPLOAD, is_api, is_desk, max_body, shown_path
from newsletter.web.pages import message
from newsletter.web.sessions import is_by_script, session_of

log = structlog.get_logger()

_KINDS: tuple[tuple[type[NewsletterError], int, str], ...] = (
    (UsageError, 400, "This cannot be done"),
    (NotFound, 404, "It is not there"),
    (NotAllowed, 403, "Not allowed"),
    (Busy, 429, "Too much at once"),
    (ChangedMeanwhile, 409, "Changed meanwhile"),
    (MailFault, 502, "The mail was not taken"),
    (WrongState, 409, "Not in this state"),
)
_ELSE = (500, "Something has to be mended")
NOT_NOW = "This cannot be answered at the moment. Nothing is wrong with what you sent: try again in a minute."
"""What a stranger reads while the database cannot be used: neither its name nor where it lies."""
_TRY_AGAIN_SECONDS = 60


def at_hand(request: Request, fault: Exception) -> Response:
    """An error this program raised on purpose, as a page with its words; scripts get the words alone."""
    status, title = next(((status, title) for kind, status, title in _KINDS if isinstance(fault, kind)), _ELSE)
    if isinstance(fault, StoreFault) and not _is_told_more(request):
        return not_now(request, fault)
    if status == _ELSE[0]:
        _note(request, fault)
    return _answer(request, status, title, *str(fault).splitlines())


def not_now(request: Request, fault: StoreFault, *, is_plain: bool = False) -> Response:
    """The database cannot be used just now; why stands in the log alone."""
    _note(request, fault)
    response = PlainTextResponse(f"{NOT_NOW}\n", 503) if is_plain else _answer(request, 503, "Not now", NOT_NOW)
    response.headers["retry-after"] = str(_TRY_AGAIN_SECONDS)
    return response


def by_status(request: Request, fault: Exception) -> Response:
    """What the router itself refuses."""
    assert isinstance(fault, HTTPException)
    if fault.status_code == 404:
        return not_found(request)
    if fault.status_code == 405:
        allowed = (fault.headers or {}).get("Allow", "")
        how = f"It takes {allowed}." if is_api(request.url.path) and allowed else "Go back and retry."
        response = _answer(request, 405, "Not this way", f"This address does not take what was sent. {how}")
        response.headers.update(fault.headers or {})
        return response
    return _answer(request, fault.status_code, "This cannot be answered", fault.detail)


def not_found(request: Request) -> Response:
    """No page has this address."""
    path = request.url.path
    home = "the review page" if is_desk(path) else "/api/" if is_api(path) else "the list of all issues"
    return _answer(request, 404, "There is no such page", f"Look at the address again, or begin at {home}.")


def foreign(request: Request) -> Response:
    """A form that another site sent in somebody's name."""
    text = "It was not sent by a page of this site, so nothing was done. Open the page here and send it again."
    return _answer(request, 403, "This form came from elsewhere", text)


def too_large(request: Request) -> Response:
    """More than a form may hold; nothing of it was read."""
    path = request.url.path
    most = max_body(path, is_signed_in=not is_api(path) and session_of(request) is not None)
    size = f"{most // 1024} KB" if most < 1024 * 1024 else f"{most // 1024 // 1024} MB"
    how = "Shorten it and send it again." if is_api(path) else "Go back, shorten it and send it again."
    how = "Go back and send the file in several parts." if path == UPLOAD else how
    text = f"More than {size} was sent, which is the most; nothing was stored. {how}"
    return _answer(request, 413, "Too large", text, closing=True)


def too_slow(request: Request) -> Response:
    """The form did not arrive in time."""
    how = "Send it again." if is_api(request.url.path) else "Go back and send it again."
    text = f"It did not arrive within half a minute, and nothing was stored. {how}"
    return _answer(request, 408, "Too slow", text, closing=True)


def no_form(request: Request) -> Response:
    """Bytes that are no form."""
    return _answer(request, 400, "This is no form", "What was sent cannot be read. Go back and send it again.")


def failed(request: Request, fault: Exception) -> Response:
    """What no page answered itself; a mistake of this program is in the log under a reference."""
    if isinstance(fault, NewsletterError):
        # Met before the page was: who sends a large form is looked up while it is read.
        return at_hand(request, fault)
    reference, path = secrets.token_hex(4), shown_path(request.url.path)
    log.error("a page failed", reference=reference, path=path, method=request.method, exc_info=fault)
    lines = (
        "This is a mistake of the program, not yours. What was stored before is safe.",
        f"The log has what happened under {reference}; name that when you report it.",
    )
    try:
        return _answer(request, 500, "Something went wrong here", *lines)
    except Exception:
        # The page itself may be what fails, for example without a database.
        return PlainTextResponse("\n".join(lines), 500)


def no_host(request: Request, text: str) -> Response:
    """A request that does not say whom it calls."""
    if is_api(request.url.path):
        return problem(400, [Mistake("header Host", text, "Name the host once.")])
    return PlainTextResponse(text, 400)


def _note(request: Request, fault: Exception) -> None:
    if not isinstance(fault, DatabaseAway):
        log.error("a page cannot be shown", trouble=str(fault), path=shown_path(request.url.path))


def _is_told_more(request: Request) -> bool:
    """Whether an editor asks who is signed in; without a database that cannot be known."""
    try:
        return is_desk(request.url.path) and session_of(request) is not None
    except NewsletterError:
        return False


def _what_and_how(lines: Sequence[str]) -> tuple[str, str]:
    what, _, how = " ".join(lines).partition(". ")
    return f"{what.rstrip('.')}.", how


def _answer(request: Request, status: int, title: str, *lines: str, closing: bool = False) -> Response:
    response: Response = PlainTextResponse("\n".join((f"{title}.", *lines)), status)
    if is_api(request.url.path):
        response = problem(status, [Mistake("request", *_what_and_how(lines or (title,)))], title=title)
    elif not is_by_script(request):
        # Without a database there is no frame either; the words alone are better than none.
        with suppress(NewsletterError):
            response = message(request, status, title, *lines)
    if closing:
        response.headers["connection"] = "close"
    return response
