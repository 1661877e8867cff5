"""What was posted to the API: JSON that nothing can be read into but what it says, checked against its shape."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from starlette.requests import Request

from newsletter.text import shorten
from newsletter.web.api_problem import Mistake, Refused

_MOST_MISTAKES = 20
_HOW = {
    "extra_forbidden": "Leave it out.",
    "missing": "Write it.",
    "string_too_long": "Shorten it.",
    "string_type": "Write text in quotes.",
    "string_pattern_mismatch": "Write it as the OpenAPI document says.",
}


def read_body(request: Request, shape: Any) -> Any:
    """The body as ``shape`` (Refused: 415 when it is no JSON by its type, 400 by its bytes, 422 by its shape)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        said = f"“{shorten(kind, 60)}” is not taken." if kind else "It is not said what was sent."
        raise Refused(415, Mistake("header Content-Type", said, "Send application/json."))
    value = _json_in(getattr(request.state, "body", b""))
    from pydantic import ValidationError

    try:
        return _adapter(shape).validate_python(value, strict=True)
    except ValidationError as fault:
        raise Refused(422, *_mistakes(fault.errors(include_url=False, include_context=False))) from None


@cache
def _adapter(shape: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(shape)


def _json_in(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        raise Refused(400, Mistake("body", "It is nested too deep.", "Send one object.")) from None
    except ValueError as fault:
        # Also bytes that are no UTF-8, and numbers of thousands of digits.
        said = shorten(str(fault).rstrip("."), 120)
        raise Refused(400, Mistake("body", f"It is no JSON: {said}.", "Send one object in UTF-8.")) from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _mistakes(errors: Sequence[Any]) -> list[Mistake]:
    found = []
    for each in errors[:_MOST_MISTAKES]:
        where = "/".join(shorten(str(part), 60) for part in each["loc"] if part != "none")
        how = _HOW.get(each["type"], "See the OpenAPI document.")
        found.append(Mistake(f"body /{where}", f"{shorten(each['msg'].rstrip('.'), 200)}.", how))
    return found
