"""Which programs may use the API, for managers: the list, a new token, and the end of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.errors import NewsletterError
from newsletter.model.token import SCOPES, ApiToken
from newsletter.pipeline.api_tokens import add_token, all_tokens, end_of_day, remove_token
from newsletter.pipeline.app import Newsletter
from newsletter.web.pages import go, show
from newsletter.web.sessions import editor_of, field, for_managers, form_of, newsletter_of

PATH = "/desk/tokens"
_ALLOWS = {
    "read": "reads drafts, and items whole",
    "tip": "sends tips",
    "hot": "puts late items into the draft",
}


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as ``desk/tokens.html`` shows it."""

    name: str
    allows: str
    life: str
    """By whom it was made, until when it holds, and when it was used last."""


@dataclass(frozen=True, slots=True)
class TokensContext:
    """What ``desk/tokens.html`` shows."""

    rows: Sequence[TokenRow]
    scopes: Sequence[tuple[str, str]]
    """What a token may allow, and that in words."""
    secret: str = ""
    """A new token, shown this once."""
    secret_for: str = ""
    trouble: str = ""
    name: str = ""
    """What was typed before there was trouble; so are the next two."""
    until: str = ""
    chosen: Sequence[str] = ()


@for_managers
def tokens(request: Request) -> Response:
    """Every token, and the form for a new one."""
    return _page(request)


@for_managers
def add(request: Request) -> Response:
    """Make a token; the page shows it this once."""
    app, name, until = newsletter_of(request), field(request, "name"), field(request, "until", at_most=20)
    said = form_of(request).getlist("scope")
    chosen = tuple(each for each in SCOPES if each in said)
    try:
        secret = add_token(app, name, scopes=chosen, expires_at=end_of_day(app, until), by=editor_of(request).name)
    except NewsletterError as fault:
        return _page(request, status=400, trouble=str(fault), name=name, until=until, chosen=chosen)
    return _page(request, secret=secret, secret_for=name)


@for_managers
def remove(request: Request) -> Response:
    """Withdraw a token."""
    remove_token(newsletter_of(request), field(request, "name"))
    return go(PATH)


ROUTES = [
    Route(PATH, tokens, methods=["GET"]),
    Route(PATH, add, methods=["POST"]),
    Route(f"{PATH}/remove", remove, methods=["POST"]),
]


def _rows(request: Request) -> tuple[TokenRow, ...]:
    app = newsletter_of(request)
    return tuple(_row(each, app) for each in all_tokens(app))


def _row(token: ApiToken, app: Newsletter) -> TokenRow:
    zone = app.config.schedule.zone

    def day(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d}"

    end = "for good" if token.expires_at is None else f"until {day(token.expires_at)}"
    facts = (
        f"made {day(token.created_at)}" + (f" by {token.created_by}" if token.created_by else ""),
        end if token.holds(app.now()) else "ran out",
        f"last used {day(token.used_at)}" if token.used_at else "never used",
    )
    return TokenRow(token.name, ", ".join(_ALLOWS[each] for each in token.scopes), " · ".join(facts))


def _page(request: Request, *, status: int = 200, **more: Any) -> Response:
    context = TokensContext(_rows(request), tuple(_ALLOWS.items()), **more)
    return show(request, "desk/tokens.html", {"tokens": context}, status=status)
