"""The dataclasses of the model as JSON values and back, without loss."""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

_T = TypeVar("_T")


def time_text(at: datetime | date | None) -> str | None:
    """ISO 8601: UTC with "Z", a time without zone as it is, a day as a date."""
    if not isinstance(at, datetime):
        return at.isoformat() if at else None
    if at.tzinfo is None:
        return at.isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_json(value: Any) -> Any:
    """``value`` (dataclasses, tuples, times) as what ``json`` can write; defaults are left out."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime | date):
        return time_text(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: to_json(found) for item in fields(value) if (found := getattr(value, item.name)) != item.default
        }
    if isinstance(value, Mapping):
        return {str(key): to_json(found) for key, found in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_json(found) for found in value)
    if isinstance(value, tuple | list):
        return [to_json(found) for found in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def from_json(cls: type[_T], value: Any) -> _T:
    """The ``cls`` that :func:`to_json` wrote as ``value``; unknown keys are an error (TypeError)."""
    made: _T = _reader(cls)(value)  # type: ignore[arg-type]
    return made


def _moment(value: str) -> datetime | date:
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_SIMPLE: Mapping[Any, Callable[[Any], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    timedelta: lambda value: timedelta(seconds=value),
    ZoneInfo: ZoneInfo,
}


def _same(value: Any) -> Any:
    return value


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [item for item in get_args(hint) if item is not type(None)]
        read = _moment if set(inner) == {date, datetime} else _reader(inner[0])
        return _optional(read) if len(inner) < len(get_args(hint)) else read
    if origin in (tuple, frozenset, list):
        each, build = _reader(get_args(hint)[0]), origin
        return lambda value: build(each(found) for found in value)
    if origin is Literal:
        return _same
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return _dataclass_reader(hint, {item.name: hints[item.name] for item in fields(hint)})
    return _SIMPLE.get(hint, _same)


def _dataclass_reader(cls: type, hints: Mapping[str, Any]) -> Callable[[Any], Any]:
    readers: dict[str, Callable[[Any], Any]] = {}

    def read(value: Mapping[str, Any]) -> Any:
        if not readers:
            readers.update({name: _reader(hint) for name, hint in hints.items()})
        return cls(**{name: readers[name](found) if name in readers else found for name, found in value.items()})

    return read
