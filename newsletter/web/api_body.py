"""What was posted to the API: JSON that nothing can be read into but what it says, checked against its shape."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from starlette.requests import Request

from newsletter.text import one_line, shorten
from newsletter.web.api_problem import Mistake, Refused

_MOST_MISTAKES = 20
_WORDS = {
    "extra_forbidden": ("There is no such name.", "Leave it out."),
    "missing": ("It is missing.", "Write it."),
    "string_too_short": ("It is empty.", "Write something in it."),
    "string_unicode": ("It holds half a character, which no text can.", "Send text in UTF-8."),
}
"""What is wrong and how to mend it, by what pydantic calls it; the others need the value to be told."""
_NAMED = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


def read_body(request: Request, shape: Any) -> Any:
    """The body as ``shape`` (Refused: 415 when it is no JSON by its type, 400 by its bytes, 422 by its shape)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        said = f"“{shorten(kind, 60)}” is not taken." if kind else "It is not said what was sent."
        raise Refused(415, Mistake("header Content-Type", said, "Send application/json."))
    value = _json_in(getattr(request.state, "body", b""))
    if isinstance(value, dict):
        _refuse_nul(value)
    from pydantic import ValidationError

    try:
        return _adapter(shape).validate_python(value, strict=True)
    except ValidationError as fault:
        raise Refused(422, *map(_mistake, fault.errors(include_url=False)[:_MOST_MISTAKES])) from None


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


def _refuse_nul(value: dict[str, Any]) -> None:
    """No text holds the character NUL: it is not stored everywhere, and was never meant (Refused)."""
    names = [name for name, text in value.items() if isinstance(text, str) and "\0" in text]
    if names:
        said = "It holds the character NUL (U+0000)."
        raise Refused(422, *(Mistake(_place([name]), said, "Take it out.") for name in names[:_MOST_MISTAKES]))


def _mistake(error: Any) -> Mistake:
    """One thing to mend, in our words."""
    kind, value = error["type"], error.get("input")
    where = _place([part for part in error["loc"] if part != "none"])
    if kind == "dict_type":
        return Mistake(where, f"It is {_named(value)}, not an object.", "Send one object, with names and values.")
    if kind == "string_type":
        return Mistake(where, f"It is {_named(value)}, not text.", "Write text in quotes.")
    if kind == "string_too_long":
        most = error["ctx"]["max_length"]
        return Mistake(where, f"It has {len(value):,} letters; {most:,} are the most.", "Shorten it.")
    if kind == "string_pattern_mismatch":
        if "url" in error["loc"]:
            said = f"“{shorten(one_line(value), 60)}” is no web address."
            return Mistake(where, said, "Write one that begins with https:// or http:// and has no spaces.")
        return Mistake(where, "It is blank.", "Write something in it.")
    what, how = _WORDS.get(kind, ("It is not what stands here.", "See the OpenAPI document."))
    return Mistake(where, what, how)


def _place(parts: Sequence[Any]) -> str:
    return " /".join(filter(None, ("body", "/".join(shorten(str(part), 60) for part in parts))))


def _named(value: Any) -> str:
    return _NAMED.get(type(value), "a number")
