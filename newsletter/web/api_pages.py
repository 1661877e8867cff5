"""/api/: the page that explains the API to people, its OpenAPI document, and the routes of all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.web.api_gate import Asked, answer, for_programs
from newsletter.web.api_problem import TITLES
from newsletter.web.api_table import PLACES, Place, routes
from newsletter.web.pages import show
from newsletter.web.sessions import for_anybody


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter and what it means."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """An address of the API as ``desk/api.html`` shows it."""

    name: str
    method: str
    path: str
    said: str
    scope: str
    """What the token must allow; empty when none is needed."""
    parameters: Sequence[ParameterView]
    curl: str
    """A command that asks it."""


@dataclass(frozen=True, slots=True)
class ApiContext:
    """What ``desk/api.html`` shows."""

    places: Sequence[PlaceView]
    refusals: Sequence[tuple[int, str]]
    """Each status that is answered with a problem, and its title."""
    first: str
    """A command to begin with."""


@for_anybody
def page(request: Request) -> Response:
    """The API in words, with commands to copy."""
    base = f"{request.url.scheme}://{request.headers['host']}"
    places = tuple(_view(each, base) for each in PLACES)
    context = ApiContext(places, tuple(TITLES.items()), f"curl {base}/api/issues/latest")
    response = show(request, "desk/api.html", {"api": context})
    response.headers["cache-control"] = "no-cache"
    return response


def document(asked: Asked) -> Response:
    """The OpenAPI document."""
    from newsletter.web.api_document import openapi

    return answer(asked, openapi())


ROUTES = [
    Route("/api/", page, methods=["GET"]),
    Route("/api/openapi.json", for_programs(document), methods=["GET", "OPTIONS"]),
    *routes(),
]


def _view(place: Place, base: str) -> PlaceView:
    return PlaceView(
        name=place.name,
        method=place.method,
        path=place.path,
        said=_plain(place.said),
        scope=place.scope or "",
        parameters=tuple(ParameterView(each.name, _plain(each.said)) for each in place.parameters),
        curl=_curl(place, base),
    )


def _plain(text: str) -> str:
    """Words of the OpenAPI document, which are Markdown, as a page shows them."""
    return text.replace("`", "")


_EXAMPLES: dict[str, Any] = {
    "TipPost": '{"title": "The bridge opens", "url": "https://example.org/bridge"}',
    "HotPost": '{"title": "The bridge opens", "url": "https://example.org/bridge", "credit": "Kim"}',
}


def _curl(place: Place, base: str) -> str:
    path = place.path.replace("{number}", "1").replace("{id}", "0123456789abcdef0123")
    query = "?q=bridge&limit=10" if place.name == "listItems" else ""
    token = '-H "Authorization: Bearer $TOKEN" ' if place.scope else ""
    body = f"--json '{_EXAMPLES[place.takes]}' " if place.takes else ""
    address = f"{base}{path}{query}"
    return f"curl {token}{body}" + (f"'{address}'" if query else address)
