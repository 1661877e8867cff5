"""How far a server's list was read when it is asked for what changed since: a time, and what had that time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Progress:
    """The newest change that was read, and the keys of all that changed at that very time.

    Servers answer "since" with what changed at that second, too; those are not given twice.
    """

    at: datetime | None = None
    keys: frozenset[str] = frozenset()

    @classmethod
    def read(cls, value: Any, since: datetime | None = None) -> "Progress":
        """What :meth:`as_json` gave; ``since`` counts when nothing was read yet."""
        if not isinstance(value, Mapping) or not isinstance(value.get("at"), str):
            return cls(since)
        return cls(datetime.fromisoformat(value["at"]), frozenset(value.get("keys", ())))

    def is_new(self, key: str, at: datetime | None) -> bool:
        """Whether what changed at ``at`` was not read before."""
        return self.at is None or at is None or at > self.at or (at == self.at and key not in self.keys)

    def advance(self, changes: Iterable[tuple[str, datetime | None]], now: datetime) -> None:
        """Remember that ``changes`` were read; one dated ahead of ``now`` would hide all that follow."""
        times = {key: at for key, at in changes if at is not None and at <= now + _AHEAD}
        newest = max(times.values(), default=None)
        if newest is None or (self.at is not None and newest < self.at):
            return
        before = self.keys if newest == self.at else frozenset[str]()
        self.at, self.keys = newest, before | {key for key, at in times.items() if at == newest}

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {"at": self.at.isoformat(), "keys": sorted(self.keys)} if self.at else {}

    @property
    def seconds(self) -> int | None:
        """The time as seconds since 1970, without their fraction."""
        return int(self.at.timestamp()) if self.at else None
