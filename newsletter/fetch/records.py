"""Records of an answer made into something, one by one: a broken one is set aside, and can be made again later."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from newsletter.errors import NotReadable
from newsletter.fetch.kinds import Aside
from newsletter.fetch.rest import Record, read_json
from newsletter.text import one_line, shorten

_T = TypeVar("_T")
MISSING = "a field that every record of its sort has is missing"


@dataclass(frozen=True, slots=True)
class Odd:
    """A record that nothing could be made of, and why."""

    record: Record
    reason: str

    def at(self, address: str) -> Aside:
        """The record as it is set aside, with the address of the answer it stood in."""
        return Aside(address, self.reason, written(self.record))


def parted(
    found: Iterable[Record], make: Callable[[Record], _T | None], *, missing: str = MISSING
) -> tuple[list[tuple[Record, _T]], list[Odd]]:
    """Each record with what ``make`` made of it, and those that it cannot read; ``missing`` is said of a None."""
    made, odd = [], []
    for record in found:
        try:
            value = make(record)
            reason = missing
        except Exception as error:
            value, reason = None, shorten(one_line(f"{type(error).__name__}: {error}"), 200)
        if value is None:
            odd.append(Odd(record, reason))
        else:
            made.append((record, value))
    return made, odd


def made_of(
    found: Iterable[Record], make: Callable[[Record], _T | None], address: str, aside: list[Aside]
) -> list[tuple[Record, _T]]:
    """Each record with what ``make`` made of it; what it cannot read goes to ``aside``."""
    made, odd = parted(found, make)
    aside += (each.at(address) for each in odd)
    return made


def made_again(aside: Aside, make: Callable[[Record], _T | None]) -> _T:
    """What ``make`` makes of a record that was set aside. Raises NotReadable when it is still nothing."""
    made = make(record_in(aside))
    if made is None:
        raise NotReadable(MISSING)
    return made


def record_in(aside: Aside) -> Record:
    """The record that was set aside. Raises NotReadable when its bytes hold none."""
    value = read_json(aside.data)
    if not isinstance(value, dict):
        raise NotReadable("what was set aside is no record")
    return Record(value)


def written(record: Record) -> bytes:
    """The record as JSON, whole: one that is cut can never be read again."""
    return json.dumps(record.fields, default=repr).encode("utf-8", "replace")


def at_second(record: Record, *path: str) -> datetime | None:
    """A time that stands there as seconds since 1970, as a number or a text of digits."""
    found = record.whole(*path)
    try:
        return datetime.fromtimestamp(found, UTC) if found is not None else None
    except (ValueError, OverflowError, OSError):
        return None
