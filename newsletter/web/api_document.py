"""The OpenAPI 3.1 document of the API, made of its table of addresses and of the shapes it gives and takes."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from newsletter import __version__
from newsletter.web import api_shapes
from newsletter.web.api_gate import JSON
from newsletter.web.api_posts import IDEMPOTENCY_KEY
from newsletter.web.api_problem import MEDIA_TYPE, TITLES
from newsletter.web.api_query import Parameter
from newsletter.web.api_table import PATTERNS, PLACES, Place

_REF = "#/components/schemas/{model}"
_SHAPES = (*api_shapes.ANSWERS, api_shapes.TipPost, api_shapes.HotPost)
_ALWAYS = (400, 401, 406, 422, 503)
_WRITES = (403, 413, 415, 429)
_HEADERS = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
_TEXT = {"type": "string"}
_LINKS = {"links": {"whatBecameOfIt": {"operationId": "tip", "parameters": {"id": "$response.body#/id"}}}}


@cache
def openapi() -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for place in PLACES:
        paths.setdefault(place.path, {})[place.method.lower()] = _operation(place)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Newsletter",
            "version": __version__,
            "description": "Issues, items and the health of sources; tips and late items with a token. "
            "What is public needs no token; a token may read more.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {f"Problem{status}": _problem(status) for status in TITLES},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of “newsletter tokens add”. From the machine itself none is needed to "
                    "send something.",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    _, made = TypeAdapter.json_schemas(
        [(shape.__name__, "validation", TypeAdapter(shape)) for shape in _SHAPES], ref_template=_REF
    )
    found: dict[str, Any] = made["$defs"]
    return found


def _operation(place: Place) -> dict[str, Any]:
    parameters = [_in_path(name) for name in PATTERNS if f"{{{name}}}" in place.path]
    parameters += [_in_query(each) for each in place.parameters]
    found: dict[str, Any] = {
        "operationId": place.name,
        "summary": place.said,
        "responses": _answers(place),
        "security": [{"token": []}] if place.scope else [{}, {"token": []}],
    }
    if place.takes:
        parameters.append(_in_header("Idempotency-Key", IDEMPOTENCY_KEY, "The same post again gets the same answer."))
        schema = {"$ref": _REF.format(model=place.takes)}
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return found | ({"parameters": parameters} if parameters else {})


def _answers(place: Place) -> dict[str, Any]:
    schema: dict[str, Any] = {"$ref": _REF.format(model=place.gives)}
    schema = {"type": "array", "items": schema} if place.is_list else schema
    told = {"description": place.said, "content": {JSON: {"schema": schema}}}
    refusals = {*_ALWAYS, *place.refusals, *(_WRITES if place.takes else ()), *((403,) if place.scope else ())}
    refused = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(refusals)}
    if place.takes:
        replayed = {"Idempotency-Replayed": {"schema": _TEXT, "description": "“true” when it was answered before."}}
        told |= {"headers": replayed} | (_LINKS if place.gives == "Tip" else {})
        return {"200": told, "201": told} | refused
    headers: dict[str, Any] = {
        "ETag": {"schema": _TEXT, "required": True, "description": "Send it as If-None-Match next time."},
        "Cache-Control": {"schema": _TEXT, "required": True},
    }
    if place.gives == "Issue":
        headers["Last-Modified"] = {"schema": _TEXT, "required": True}
    same = {"description": "Who asks has it already.", "headers": headers}
    return {"200": told | {"headers": headers}, "304": same} | refused


def _problem(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    header = _HEADERS.get(status)
    return found | ({"headers": {header: {"schema": _TEXT, "required": True}}} if header else {})


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": PATTERNS[name]}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(each: Parameter) -> dict[str, Any]:
    return {"name": each.name, "in": "query", "schema": dict(each.schema), "description": each.said}


def _in_header(name: str, pattern: str, said: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": {"type": "string", "pattern": pattern}, "description": said}
