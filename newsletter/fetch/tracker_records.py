"""Records of a tracker's answer made into something, one by one: a broken one is set aside, the others go on."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from newsletter.fetch.kinds import Aside
from newsletter.fetch.rest import Record
from newsletter.text import one_line, shorten

_T = TypeVar("_T")
_LARGEST = 64 << 10


def made_of(
    found: Iterable[Record], make: Callable[[Record], _T | None], address: str, aside: list[Aside]
) -> list[tuple[Record, _T]]:
    """Each record with what ``make`` made of it; what it cannot read goes to ``aside``."""
    made = []
    for record in found:
        try:
            value = make(record)
            reason = "a field that every record of its sort has is missing"
        except Exception as error:
            value, reason = None, shorten(one_line(f"{type(error).__name__}: {error}"), 200)
        if value is None:
            aside.append(Aside(address, reason, _written(record)))
        else:
            made.append((record, value))
    return made


def at_second(record: Record, *path: str) -> datetime | None:
    """A time that stands there as seconds since 1970, as a number or a text of digits."""
    found = record.whole(*path)
    try:
        return datetime.fromtimestamp(found, UTC) if found is not None else None
    except (ValueError, OverflowError, OSError):
        return None


def _written(record: Record) -> bytes:
    return json.dumps(record.fields, default=repr).encode("utf-8", "replace")[:_LARGEST]
