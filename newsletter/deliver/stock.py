"""The mails that are due, a few hundred at a time; those to a domain that has to wait stand aside."""

from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from newsletter.deliver.pace import Paces
from newsletter.deliver.work import Ledger, Work

_AT_ONCE = 500
_ASIDE = 100
"""So many mails of one slow domain are kept in memory; the others are read again later."""
_ASK_AGAIN = timedelta(seconds=1)


class Stock:
    """Gives out each due mail once. ``held`` says which readers' mails are at work now."""

    def __init__(self, ledger: Ledger, paces: Paces, held: Callable[[], Collection[int]]) -> None:
        self._ledger, self._paces, self._held = ledger, paces, held
        self._ready: deque[Work] = deque()
        self._aside: dict[str, deque[Work]] = {}
        self._after = 0
        self._empty_until: datetime | None = None

    def count(self, now: datetime) -> int:
        """How many mails could go at once, as far as is known; one is enough to know that there are any."""
        if not self._ready:
            self._fill(now)
        return len(self._ready) + sum(len(self._aside[each]) for each in self._free(now))

    def take(self, now: datetime) -> Work | None:
        """The next mail that may go now."""
        for domain in self._free(now):
            return self._from_aside(domain)
        while self._ready or self._fill(now):
            work = self._ready.popleft()
            if self._paces.domain_free_at(work.domain, now) <= now:
                return work
            aside = self._aside.setdefault(work.domain, deque())
            if len(aside) < _ASIDE:
                aside.append(work)
        return None

    def put_back(self, work: Work) -> None:
        """It did not begin."""
        self._ready.appendleft(work)

    def _free(self, now: datetime) -> list[str]:
        return [each for each in self._aside if self._paces.domain_free_at(each, now) <= now]

    def _from_aside(self, domain: str) -> Work:
        aside = self._aside[domain]
        work = aside.popleft()
        if not aside:
            del self._aside[domain]
        return work

    def _fill(self, now: datetime) -> bool:
        if self._empty_until is not None and now < self._empty_until:
            return False
        known = {each.subscriber_id for aside in self._aside.values() for each in aside} | set(self._held())
        slow = self._paces.slow_domains(now)
        found = self._ledger.due(self._after, _AT_ONCE, slow)
        if not found and self._after:
            self._after = 0
            found = self._ledger.due(0, _AT_ONCE, slow)
        self._after = max((each.subscriber_id for each in found if not each.attempts), default=self._after)
        self._ready.extend(each for each in found if each.subscriber_id not in known)
        self._empty_until = None if self._ready else now + _ASK_AGAIN
        return bool(self._ready)
