"""The dataclasses of the model as JSON values and back, without loss."""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

_T = TypeVar("_T")
_PLAIN = frozenset((type(None), str, int, float, bool))


def time_text(at: datetime | date | None) -> str | None:
    """ISO 8601: UTC with "Z", a time without zone as it is, a day as a date."""
    if not isinstance(at, datetime):
        return at.isoformat() if at else None
    if at.tzinfo is None:
        return at.isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_json(value: Any) -> Any:
    """``value`` (dataclasses, tuples, times) as what ``json`` can write; defaults are left out."""
    if type(value) in _PLAIN or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime | date):
        return time_text(value)
    if (known := _defaults(type(value))) is not None:  # type: ignore[arg-type]
        return {
            name: found if type(found) in _PLAIN else to_json(found)
            for name, default in known
            if (found := getattr(value, name)) is not default and found != default
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


@cache
def _defaults(cls: type) -> tuple[tuple[str, Any], ...] | None:
    """The fields of a dataclass with their defaults; None of anything else."""
    return tuple((item.name, item.default) for item in fields(cls)) if is_dataclass(cls) else None


def from_json(cls: type[_T], value: Any) -> _T:
    """The ``cls`` that :func:`to_json` wrote as ``value``; unknown keys are an error (TypeError)."""
    made: _T = _reader(cls)(value)  # type: ignore[arg-type]
    return made


def _moment(value: str) -> datetime | date:
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _same if read is _same else lambda value: None if value is None else read(value)


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
        return build if each is _same else lambda value: build([each(found) for found in value])
    if origin is Literal:
        return _same
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return _dataclass_reader(hint, {item.name: hints[item.name] for item in fields(hint)})
    return _SIMPLE.get(hint, _same)


def _dataclass_reader(cls: type, hints: Mapping[str, Any]) -> Callable[[Any], Any]:
    @cache
    def readers() -> Mapping[str, Callable[[Any], Any]]:
        # Not before the first value comes: a class may hold its own kind.
        return {name: read for name, hint in hints.items() if (read := _reader(hint)) is not _same}

    def read(value: Mapping[str, Any]) -> Any:
        made = dict(value)
        for name, each in readers().items():
            if name in made:
                made[name] = each(made[name])
        return cls(**made)

    return read
