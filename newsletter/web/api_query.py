"""The parameters in addresses of the API: one table says what is taken, and describes it in the OpenAPI document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from starlette.datastructures import QueryParams

from newsletter.web.api_problem import Mistake, Refused

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand in the query of an address, with its JSON schema and what it means."""

    name: str
    schema: Mapping[str, Any]
    said: str


def _text(name: str, most: int, said: str) -> Parameter:
    return Parameter(name, {"type": "string", "minLength": 1, "maxLength": most}, said)


def limit(usual: int, most: int) -> Parameter:
    """How many a page holds."""
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    return Parameter("limit", schema, f"How many a page holds, {usual} if left out.")


ISSUE_CURSOR = Parameter(
    "cursor", {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}, "Where to go on; it stands in `next`."
)
ITEM_CURSOR = Parameter(
    "cursor",
    {"type": "string", "pattern": r"^-?[0-9]{1,16}\.[0-9a-f]{20}$"},
    "Where to go on; it stands in `next`. New items come before the first page and move no other.",
)
SOURCE = _text("source", 200, "The name of a source, as items have it.")
KIND = _text("kind", 60, "The kind of the items, as they have it: `feed`, `mailing list`.")
SECTION = _text("section", 60, "The id of a section: items that an issue told in it.")
SINCE = Parameter("since", _TIME, "From this day or moment on. A day is one in UTC.")
UNTIL = Parameter("until", _TIME, "Up to this day, which belongs to it, or this moment, which does not.")
WORDS = _text("q", 100, "Words that all stand in the title or the text; capitals and accents do not count.")


def read_query(given: QueryParams, known: Sequence[Parameter]) -> dict[str, Any]:
    """The parameters by name (Refused, 422, with every mistake); what was not given is not in it."""
    table = {each.name: each for each in known}
    found: dict[str, Any] = {}
    mistakes = []
    for name in dict.fromkeys(given.keys()):
        values = given.getlist(name)
        try:
            if name not in table:
                raise ValueError(_unknown(table))
            if len(values) > 1:
                raise ValueError("It stands there several times. Give it once.")
            found[name] = _read(table[name], values[0])
        except ValueError as fault:
            what, _, how = str(fault).partition(". ")
            mistakes.append(Mistake(f"query {name[:60]}", f"{what}.", how))
    if mistakes:
        raise Refused(422, *mistakes[:20])
    return found


def _unknown(table: Mapping[str, Parameter]) -> str:
    names = ", ".join(table)
    return f"There is no such parameter. {f'There are: {names}.' if names else 'This address takes none.'}"


def _read(parameter: Parameter, text: str) -> Any:
    """The value (ValueError: two sentences, what is wrong and how to mend it)."""
    schema = parameter.schema
    if "anyOf" in schema:
        return _time(text, is_end=parameter is UNTIL)
    if schema["type"] == "integer":
        least, most = schema["minimum"], schema["maximum"]
        if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"It is no number from {least} to {most}. Write one, for example {least}.")
        return int(text)
    if "pattern" in schema:
        if not re.fullmatch(schema["pattern"], text) or text.endswith("\n"):
            raise ValueError("It is none of ours. Take it from “next” of the page before.")
        return text
    if not schema["minLength"] <= len(text) <= schema["maxLength"]:
        raise ValueError(f"It has {len(text)} characters. Give 1 to {schema['maxLength']}.")
    return text


def _time(text: str, *, is_end: bool) -> datetime:
    """The moment; the first one after a day that belongs to it, when ``is_end``."""
    wrong = "It is no day and no moment. Write 2026-10-15 or 2026-10-15T18:35:00Z."
    found = _MOMENT.fullmatch(text.upper())
    if not found:
        raise ValueError(wrong)
    try:
        if found[2]:
            return datetime.fromisoformat(text.upper())
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(wrong) from None
    return datetime.combine(day, time.max if is_end else time.min, tzinfo=UTC)


def item_cursor(at: datetime, item_id: str) -> str:
    """The cursor that goes on behind that item."""
    return f"{(at - _EPOCH) // _MICROSECOND}.{item_id}"


def read_item_cursor(text: str) -> tuple[datetime, str]:
    """Behind which item to go on."""
    number, _, item_id = text.partition(".")
    return _EPOCH + int(number) * _MICROSECOND, item_id
