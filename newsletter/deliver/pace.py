"""When the next mail may go: limits a minute and waits that servers asked for, for the relay and for each domain."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter.deliver.work import Pace

_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=4)
_FIRST_LIMIT = 60
_MINUTE = timedelta(minutes=1)


def domain_lane(domain: str) -> str:
    """The name of the lane to a domain of readers."""
    return f"domain {domain}"


class Paces:
    """The lanes of one run. What changed is given out once by :meth:`changed`, to be written down."""

    def __init__(self, relay: str, paces: Iterable[Pace], *, per_minute: int | None) -> None:
        self.relay = relay
        self._lanes = {each.name: each for each in paces}
        self._changed: set[str] = set()
        known = self._lanes.get(relay, Pace(relay))
        self._lanes[relay] = replace(known, per_minute=per_minute)

    def __getitem__(self, name: str) -> Pace:
        """The lane of that name, as it is now."""
        return self._lanes.get(name) or Pace(name)

    def relay_free_at(self, now: datetime) -> datetime:
        """When the relay may get the next mail."""
        return _free_at(self._lanes[self.relay], now)

    def domain_free_at(self, domain: str, now: datetime) -> datetime:
        """When the readers of a domain may get the next mail."""
        lane = self._lanes.get(domain_lane(domain))
        return now if lane is None else _free_at(lane, now)

    def slow_domains(self, now: datetime) -> dict[str, datetime]:
        """The domains that have to wait, each until when."""
        found = {}
        for name, lane in self._lanes.items():
            if name.startswith("domain ") and (free_at := _free_at(lane, now)) > now:
                found[name.removeprefix("domain ")] = free_at
        return found

    def use(self, domain: str, now: datetime) -> None:
        """A mail to ``domain`` goes now."""
        self._use(self.relay, now)
        self._use(domain_lane(domain), now)

    def slow_domain(self, domain: str, now: datetime, *, seconds: int | None, reason: str) -> None:
        """A server said that ``domain`` gets too many: it waits, each time twice as long, and gets half as many."""
        name = domain_lane(domain)
        known = self[name]
        wait = timedelta(seconds=seconds) if seconds else _next_wait(known, now)
        limit = max(1, (known.per_minute or 2 * _FIRST_LIMIT) // 2)
        if known.not_before is not None and known.not_before > now:
            # Mails that were on their way when the domain was slowed say nothing new.
            limit, wait = known.per_minute or limit, max(wait, known.not_before - now)
        self._set(replace(known, not_before=now + wait, per_minute=limit, reason=reason))

    def rest_relay(self, until: datetime, reason: str) -> None:
        """Nothing goes to the relay until then."""
        self._set(replace(self[self.relay], not_before=until, reason=reason))

    def changed(self) -> list[Pace]:
        """The lanes that changed since this was asked last."""
        found = [self._lanes[name] for name in sorted(self._changed)]
        self._changed.clear()
        return found

    def _use(self, name: str, now: datetime) -> None:
        lane = self._lanes.get(name)
        if lane is not None and lane.per_minute:
            self._set(replace(lane, free_at=max(lane.free_at or now, now) + _MINUTE / lane.per_minute))

    def _set(self, lane: Pace) -> None:
        self._lanes[lane.name] = lane
        self._changed.add(lane.name)


def _free_at(lane: Pace, now: datetime) -> datetime:
    counted = lane.free_at if lane.per_minute else None
    return max(filter(None, (now, lane.not_before, counted)))


def _next_wait(lane: Pace, now: datetime) -> timedelta:
    """Five minutes at first; longer when the last wait is not long over."""
    if lane.not_before is None or lane.per_minute is None or now - lane.not_before > _LONGEST_WAIT:
        return _FIRST_WAIT
    halvings = max(0, (_FIRST_LIMIT // max(lane.per_minute, 1)).bit_length())
    return min(_FIRST_WAIT * float(2**halvings), _LONGEST_WAIT)
