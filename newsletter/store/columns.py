"""Column types that hold on both databases: times, keys, text of any origin, JSON."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text, TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_KEY = 300
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


class Moment(TypeDecorator[datetime]):
    """A time with a zone, kept as microseconds since 1970 UTC: SQLite has no zones, integers sort."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The time as a number."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The number as a time in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class PlainText(TypeDecorator[str]):
    """Text from outside, without what a database refuses: NUL and halves of surrogate pairs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it can be stored."""
        return value if value is None or (value.isascii() and "\0" not in value) else _NOT_STORABLE.sub("�", value)


class Key(TypeDecorator[str]):
    """A name somebody else chose, for comparing only: a long or unstorable one is kept as its hash.

    PostgreSQL refuses an index row of more than 2,704 bytes; addresses are longer at times.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The key as it can be stored and indexed."""
        return None if value is None else stored_key(value)


class Json(TypeDecorator[Any]):
    """A JSON value as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The value as JSON, in which every character can be stored."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The JSON as a value."""
        return None if value is None else json.loads(value)


def stored_key(value: str) -> str:
    """The spelling under which :class:`Key` keeps ``value``."""
    is_plain = "\0" not in value if value.isascii() else not _NOT_STORABLE.search(value)
    if is_plain and len(value) <= _LONGEST_KEY:
        return value
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def json_text(value: Any) -> str:
    """``value`` as compact JSON; lone surrogates are escaped, for no database stores them."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() or not _NOT_STORABLE.search(text) else json.dumps(value, separators=(",", ":"))
