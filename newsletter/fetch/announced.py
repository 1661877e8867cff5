"""Dates that were given out and are still ahead: told again when they are moved, called off or gone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from newsletter.fetch.clean import paragraphs
from newsletter.fetch.event_window import CalendarRead, Window
from newsletter.model.codec import from_json, time_text, to_json
from newsletter.model.item import CANCELLED, MOVED, Event, Item
from newsletter.text import shorten_words

GONE = "no longer in its calendar"
IS_EMPTY = "the calendar is empty; what it announced before was left as it is"

_MOST = 500
_WORDS_KEPT = 60


@dataclass(slots=True)
class Announced:
    """By native key: the item as it was given out (shortened), and what was noticed of it since."""

    items: dict[str, dict[str, Any]]

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "Announced":
        """What is stored."""
        return cls({key: dict(each) for key, each in (value or {}).items()})

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return self.items

    @property
    def keys(self) -> frozenset[str]:
        """The native keys that are known."""
        return frozenset(self.items)

    def settle(self, read: CalendarRead, window: Window, warnings: list[str]) -> tuple[Item, ...]:
        """The items to give out; what is over is forgotten."""
        given = [made for each in read.items if (made := self._given(each, window)) is not None]
        self.items = {key: each for key, each in self.items.items() if _starts(each) > window.now}
        if read.items or read.event_count or not self.items:
            given += self._withdrawn(read, window)
        else:
            warnings.append(IS_EMPTY)
        self.items = dict(list(self.items.items())[-_MOST:])
        return tuple(given)

    def _given(self, item: Item, window: Window) -> Item | None:
        known = self.items.get(item.native_keys[0])
        if CANCELLED in item.labels:
            if known is None:
                return item if window.reaches_back else None
            return replace(item, published_at=_noticed(known, CANCELLED, window.now))
        made = {"item": _kept(item)}
        if known is not None:
            if _starts(known) > window.now and _is_moved(item, known):
                made["was"] = known["item"]["event"]
                made["noticed"] = {MOVED: time_text(window.now)}
            elif "was" in known and CANCELLED not in known.get("noticed", {}):
                made.update({name: known[name] for name in ("was", "noticed")})
        self.items[item.native_keys[0]] = made
        return _told_moved(item, made) if "was" in made else item

    def _withdrawn(self, read: CalendarRead, window: Window) -> list[Item]:
        """What was to be there and is not: marked once."""
        there = {key for item in read.items for key in item.native_keys} | read.alive
        gone = []
        for key, known in self.items.items():
            is_seen = key in there or _starts(known) > window.end or known.get("is_gone")
            if is_seen or _is_unreadable(key, read):
                continue
            known["is_gone"] = True
            item = from_json(Item, known["item"])
            at = _noticed(known, CANCELLED, window.now)
            gone.append(
                replace(
                    item,
                    title=f"Cancelled: {item.title}",
                    published_at=at,
                    labels=(CANCELLED, *item.labels),
                    warnings=(*item.warnings, GONE),
                )
            )
        return gone


def _is_unreadable(key: str, read: CalendarRead) -> bool:
    """Whether the record of that date may be among those that could not be read this time."""
    uid = key.rpartition("/")[0] or key
    return any(uid.encode() in each.data for each in read.broken)


def _kept(item: Item) -> dict[str, Any]:
    text = shorten_words(item.text, _WORDS_KEPT)
    made: dict[str, Any] = to_json(replace(item, text=text, html=paragraphs(text), links=item.links[:5]))
    return made


def _starts(known: Mapping[str, Any]) -> datetime:
    return _as_time(from_json(Event, known["item"]["event"]).starts_at)


def _as_time(at: date | datetime) -> datetime:
    if not isinstance(at, datetime):
        return datetime(at.year, at.month, at.day, 23, 59, 59, tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_moved(item: Item, known: Mapping[str, Any]) -> bool:
    before = from_json(Event, known["item"]["event"])
    now = item.event
    return now is not None and (now.starts_at, now.place) != (before.starts_at, before.place)


def _noticed(known: dict[str, Any], what: str, now: datetime) -> datetime:
    """When it was seen first; the same at every later reading."""
    noticed = known.setdefault("noticed", {})
    return datetime.fromisoformat(noticed.setdefault(what, time_text(now)))


def _told_moved(item: Item, known: Mapping[str, Any]) -> Item:
    before = from_json(Event, known["was"])
    said = f"Moved: it was to be {_when(before)}{f', {before.place}' if before.place else ''}."
    return replace(
        item,
        published_at=datetime.fromisoformat(known["noticed"][MOVED]),
        labels=(MOVED, *item.labels),
        text=f"{said}\n\n{item.text}".strip(),
        html=paragraphs(said) + item.html,
    )


def _when(event: Event) -> str:
    at = event.starts_at
    if not isinstance(at, datetime):
        return f"on {at.isoformat()}"
    return f"on {at:%Y-%m-%d} at {at:%H:%M}{' UTC' if at.tzinfo else ''}"
