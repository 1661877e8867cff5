"""How often something new comes from a source. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from newsletter.model.item import Item

_LOOKED_AT = timedelta(weeks=8)
_WEEK = timedelta(weeks=1)


def per_week(moments: Iterable[datetime], now: datetime) -> float | None:
    """Items a week over the last eight weeks, or since the oldest of ``moments`` when that is later; None without any.

    A feed that holds its newest 20 entries only says by its oldest one how far it reaches.
    """
    past = sorted(at for at in moments if at <= now)
    if not past:
        return None
    span = min(_LOOKED_AT, max(_WEEK, now - past[0]))
    return round(sum(at >= now - span for at in past) / (span / _WEEK), 1)


def dates_of(items: Iterable[Item]) -> list[datetime]:
    """When each of ``items`` was published, as far as that is known."""
    return [item.published_at for item in items if item.published_at]


def rhythm_words(rate: float | None) -> str:
    """A rhythm as people say it: "12 a week", "one a month"."""
    if rate is None:
        return "no dates to tell a rhythm"
    if rate >= 0.95:
        return f"{rate:.0f} a week"
    if rate == 0:
        return "nothing in 8 weeks"
    month = max(1, round(rate * 52 / 12))
    return f"{month} a month"
