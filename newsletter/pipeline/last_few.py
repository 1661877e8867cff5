"""What was made of the issues asked for last: asked again, it need not be made anew."""

from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from newsletter.pipeline.app import Newsletter
from newsletter.store.database import Database

_V = TypeVar("_V")


class LastFew(Generic[_V]):
    """A value for each of the last ``count`` issues of each newsletter; gone with its database."""

    def __init__(self, count: int) -> None:
        self._count, self._lock = count, Lock()
        self._of: WeakKeyDictionary[Database, dict[int, _V]] = WeakKeyDictionary()

    def get(self, app: Newsletter, number: int) -> _V | None:
        """What is kept of issue ``number``."""
        with self._lock:
            return self._of.get(app.database, {}).get(number)

    def put(self, app: Newsletter, number: int, value: _V) -> None:
        """Keep ``value`` of issue ``number``, in the place of one that was kept for longest."""
        with self._lock:
            kept = self._of.setdefault(app.database, {})
            kept.pop(number, None)
            kept[number] = value
            for old in list(kept)[: -self._count]:
                del kept[old]

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._of.clear()
