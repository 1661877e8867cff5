"""The ledger as sending uses it: what cannot be written at once is waited for, and nothing is sent meanwhile."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from newsletter.deliver.work import Done, Ledger, Order, Outlook, Pace, Work
from newsletter.errors import StoreFault

WAIT = timedelta(minutes=5)
"""So long is waited for a ledger that is locked or full."""
_PAUSE_SECONDS = 1.0

_Found = TypeVar("_Found")


class NoLedger(Exception):
    """The ledger could not be written; ``numbers`` are the readers whose results are not in it."""

    def __init__(self, text: str, numbers: Sequence[int] = ()) -> None:
        self.numbers = tuple(numbers)
        super().__init__(text)


class Books:
    """A ledger that waits five minutes before it raises NoLedger."""

    def __init__(self, ledger: Ledger, *, now: Callable[[], datetime], rest: Callable[[float], None]) -> None:
        self._ledger, self._now, self._rest = ledger, now, rest

    def due(self, after: int, count: int, but: Collection[str]) -> Sequence[Work]:
        """See :class:`Ledger`."""
        return self._patiently(lambda: self._ledger.due(after, count, but))

    def each_due(self, count: int) -> Iterator[Work]:
        """Every mail that may begin, looked up ``count`` at once; readers passed by are not looked at again."""
        after = 0
        while found := self.due(after, count, ()):
            yield from found
            after = max(each.subscriber_id for each in found)

    def write(self, done: Sequence[Done], begins: Sequence[int], paces: Sequence[Pace]) -> Collection[int]:
        """See :class:`Ledger`."""
        try:
            return self._ledger.write(done, begins, paces)
        except StoreFault:
            numbers = [each.subscriber_id for each in done]
            return self._patiently(lambda: self._ledger.write(done, begins, paces), numbers)

    def skip(self, subscriber_id: int) -> bool:
        """See :class:`Ledger`."""
        return self._patiently(lambda: self._ledger.skip(subscriber_id))

    def outlook(self) -> Outlook:
        """See :class:`Ledger`."""
        return self._patiently(self._ledger.outlook)

    def order(self) -> Order:
        """See :class:`Ledger`."""
        return self._patiently(self._ledger.order)

    def _patiently(self, act: Callable[[], _Found], numbers: Sequence[int] = ()) -> _Found:
        until = self._now() + WAIT
        while True:
            try:
                return act()
            except StoreFault as fault:
                if self._now() >= until:
                    raise NoLedger(str(fault), numbers) from fault
            self._rest(_PAUSE_SECONDS)
