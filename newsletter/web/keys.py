"""Every key of the desk on one page, and the switch that turns single letters off for good."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.web.cookies import is_secure
from newsletter.web.pages import go, show
from newsletter.web.sessions import field, signed_in

COOKIE = "desk-keys"
_YEAR = 365 * 86400


@dataclass(frozen=True, slots=True)
class Key:
    """What a key does; ``keys`` are pressed one for the other, or after each other where a “then” stands."""

    keys: tuple[str, ...]
    does: str


KEYS = (
    Key(("j", "k"), "next, previous item (also the arrows)"),
    Key(("a",), "keep and go on"),
    Key(("x",), "drop and go on"),
    Key(("z",), "put off to the next issue and go on"),
    Key(("e",), "edit title and text; Tab goes on, Ctrl+Enter saves, Esc leaves"),
    Key(("1", "…", "9"), "move to the section with that number"),
    Key(("+", "-"), "up, down in the section; a mouse drags a row by the sign of its state"),
    Key(("h",), "pin to the front of the section that shows the best"),
    Key(("Space",), "mark: the buttons above the list then act on all that are marked"),
    Key(("m",), "one story with the marked item, or with the one that the card offers"),
    Key(("s",), "split a story that was joined"),
    Key(("d",), "set the date"),
    Key(("n",), "note to the other editor"),
    Key(("o", "Enter"), "open the card"),
    Key(("v",), "open the original in a new tab"),
    Key(("c",), "open the discussion in a new tab"),
    Key(("w",), "why it is here"),
    Key(("u",), "undo, as often as you like: the whole session"),
    Key(("/",), "search"),
    Key(("p",), "preview"),
    Key(("t",), "test mail to me"),
    Key(("Shift+A",), "to approval; there: to its question"),
    Key(("g then r", "s", "p", "b", "d", "a"), "go to Review, Sources, Preview, suBscribers, Deliveries, Archive"),
    Key(("?",), "all keys"),
)


@dataclass(frozen=True, slots=True)
class KeysContext:
    """What ``desk/keys.html`` shows."""

    keys: tuple[Key, ...]
    are_on: bool


@signed_in
def keys(request: Request) -> Response:
    """All keys."""
    context = KeysContext(KEYS, request.cookies.get(COOKIE) != "off")
    return show(request, "desk/keys.html", {"keys": context})


@signed_in
def switch(request: Request) -> Response:
    """Turn the keys off or on, in this browser."""
    response = go("/desk/keys")
    # The desk's script reads it; it holds no secret.
    value = "off" if field(request, "keys") == "off" else "on"
    response.set_cookie(COOKIE, value, max_age=_YEAR, path="/desk", secure=is_secure(request), samesite="lax")
    return response


ROUTES = [Route("/desk/keys", keys), Route("/desk/keys", switch, methods=["POST"])]
