"""The public form for tips. What comes in waits for an editor; nothing of it is shown to anybody else."""

from dataclasses import dataclass

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NotAllowed, UsageError
from newsletter.pipeline.tips import Tip, check_stamp, form_stamp, send_tip
from newsletter.web.guard import network_of
from newsletter.web.pages import go, show
from newsletter.web.sessions import field, for_anybody, newsletter_of

HONEYPOT = "website"
"""A field that no person sees; programs fill it."""
_EACH, _ALL = parse("5/hour"), parse("200/hour")
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class TipContext:
    """What ``desk/tip_form.html`` shows."""

    newsletter: str
    tip: Tip
    """What was written so far: nothing is lost when something is to be mended."""
    stamp: str
    trap: str
    problem: str = ""
    is_sent: bool = False


@for_anybody
def form(request: Request) -> Response:
    """The empty form, or the thanks after sending."""
    return _page(request, Tip(""), is_sent="sent" in request.query_params)


@for_anybody
def send(request: Request) -> Response:
    """Take a tip in."""
    tip = Tip(
        title=field(request, "title", at_most=_MOST),
        text=field(request, "text", at_most=_MOST, lines=True),
        url=field(request, "url", at_most=_MOST),
        name=field(request, "name", at_most=_MOST),
    )
    app = newsletter_of(request)
    try:
        if field(request, HONEYPOT):
            return go("/tip?sent")  # a program filled the field that nobody sees: it learns nothing
        check_stamp(app, field(request, "stamp"))
        _count(request)
        send_tip(app, tip)
    except UsageError as fault:
        return _page(request, tip, problem=str(fault), status=400)
    except NotAllowed as fault:
        return _page(request, tip, problem=str(fault), status=429)
    return go("/tip?sent")


ROUTES = [Route("/tip", form), Route("/tip", send, methods=["POST"])]


def _count(request: Request) -> None:
    limiter = request.app.state.tip_limiter
    network = network_of(str(request.state.client or ""))
    if not limiter.test(_ALL, "tips") or not limiter.hit(_EACH, "tips", network):
        raise NotAllowed(
            "Many tips came from your network in the last hour. Send this one a little later; it stays here."
        )
    limiter.hit(_ALL, "tips")


def new_limiter() -> MovingWindowRateLimiter:
    """Counts who sent how many, in memory."""
    return MovingWindowRateLimiter(MemoryStorage())


def _page(request: Request, tip: Tip, *, problem: str = "", is_sent: bool = False, status: int = 200) -> Response:
    app = newsletter_of(request)
    context = TipContext(app.config.newsletter.name, tip, form_stamp(app), HONEYPOT, problem, is_sent)
    return show(request, "desk/tip_form.html", {"form": context}, status=status)
