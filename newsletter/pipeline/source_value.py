"""health_of_sources(): how every source is, what it is worth, and what an editor could do about it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.edit.bursts import Burst
from newsletter.model.source import FetchState, LastAnswer, Source, due_from
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bursts import bursts_of
from newsletter.pipeline.in_force import FEEDS
from newsletter.pipeline.readings_aside import standing_health
from newsletter.store.source_value import Brought, SourceValue
from newsletter.store.source_value import source_value as read_value

_FEWEST_SHOWN = 20
_FEWEST_ISSUES = 4
_WORTH_LITTLE = 0.1
_LOWER_BY, _LOWEST = 10, -50
_SILENT = timedelta(days=14)
_GAPS = 5
_LONG_SILENT = timedelta(days=60)
_NAMED_FEED = re.compile(r"It names one: (\S+)\. Put that address here")
_NO_MATCH = re.compile(r'no match for "(.+?)"', re.IGNORECASE)
_EMPTY = "the feed is empty"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an editor may do with one button: write ``value`` under ``key`` of the source, or ``remove`` it (no key).

    ``words`` say what and why. A suggestion to look somewhere has neither a value nor a removal.
    """

    words: str
    key: str = ""
    value: str = ""
    remove: bool = False


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source as the desk shows it. ``sign`` is ✓, !, ×, ~ (look at it), - (paused) or · (new)."""

    source: Source
    state: FetchState | None
    sign: str
    words: str
    """What there is to say about its state, "" when it is well."""
    last_new_at: datetime | None
    weeks: tuple[int, ...]
    """Items of the last 8 weeks, the newest first."""
    per_week: float
    shown: int
    kept: int
    weight: int
    next_at: datetime | None
    answer: LastAnswer | None
    warnings: tuple[str, ...] = ()
    suggestion: Suggestion | None = None


def health_of_sources(app: Newsletter) -> list[SourceHealth]:
    """Every source of feeds.yaml, in the order of the file."""
    with app.database.reading() as db:
        value = read_value(db, app.now())
    bursts = bursts_of(value)
    return [_health(source, state, value, bursts.get(source.id), app.now()) for source, state in standing_health(app)]


def _health(
    source: Source, state: FetchState | None, value: SourceValue, burst: Burst | None, now: datetime
) -> SourceHealth:
    brought = value.by_source.get(source.id, Brought())
    suggestion = _suggestion(source, state, brought, burst, now=now, issues=value.issues_count)
    known = max((at for at, count in enumerate(brought.weeks, start=1) if count), default=0)
    is_asked = state is not None and due_from(source, state) is not None
    return SourceHealth(
        source=source,
        state=state,
        sign=_sign(source, state, suggestion),
        words=_words(source, state),
        last_new_at=state.last_new_at if state else None,
        weeks=brought.weeks,
        per_week=sum(brought.weeks[:known]) / known if known else 0.0,
        shown=brought.shown,
        kept=brought.kept,
        weight=source.weight,
        next_at=state.next_at if state and is_asked else None,
        answer=LastAnswer.from_json(state.answer) if state else None,
        warnings=tuple(state.warned) if state else (),
        suggestion=suggestion,
    )


def _is_new(state: FetchState) -> bool:
    """Whether it was never read, and nothing hinders that it will be."""
    return state.checked_at is None and state.state != "failing"


def _sign(source: Source, state: FetchState | None, suggestion: Suggestion | None) -> str:
    if source.paused:
        return "-"
    if state is None or _is_new(state):
        return "·"
    plain = {"failing": "×", "gone": "×", "moved": "!", "throttled": "!", "paused": "-"}.get(state.state)
    since, at = state.failing_since, state.checked_at
    if state.state == "failing" and since and at and at - since < source.broken_for:
        return "!"
    return plain or ("~" if suggestion else "✓")


def _words(source: Source, state: FetchState | None) -> str:
    if source.paused:
        return f"paused in {FEEDS}"
    if state is None or _is_new(state):
        return "not read yet"
    if state.state not in ("failing", "throttled") or state.failing_since is None:
        return state.state_reason
    tries = f"{state.failures} {'try' if state.failures == 1 else 'tries'}"
    return f"{state.state_reason} (since {state.failing_since:%Y-%m-%d %H:%M} UTC, {tries})"


def _suggestion(
    source: Source,
    state: FetchState | None,
    brought: Brought,
    burst: Burst | None,
    *,
    now: datetime,
    issues: int,
) -> Suggestion | None:
    """The one thing that matters most."""
    return (
        (_about_state(source, state) if state else None)
        or _about_burst(source, burst)
        or (_about_silence(state, brought, now) if state and not source.paused else None)
        or (_about_worth(source, brought) if issues >= _FEWEST_ISSUES else None)
    )


def _about_state(source: Source, state: FetchState) -> Suggestion | None:
    line = source.address_line or source.line
    if state.state == "moved" and state.moved_to:
        words = f"moved to {state.moved_to} for good; write url: {state.moved_to} at {FEEDS}:{line}"
        return Suggestion(words, "url", state.moved_to) if "url" in source.settings else Suggestion(words)
    if state.state == "gone":
        return Suggestion("gone for good; find its new address, or remove it", remove=True)
    if state.state == "paused" and source.then == "drop":
        return Suggestion("dropped, for it was broken so long; remove it?", remove=True)
    if found := _NAMED_FEED.search(state.state_reason):
        return Suggestion(f"it is a web page now, which names a feed: write url: {found[1]}", "url", found[1])
    return None


def _about_burst(source: Source, burst: Burst | None) -> Suggestion | None:
    if burst is None:
        return None
    if not source.hold_bursts:
        return Suggestion(f"{burst.words}; let in, as {FEEDS} says")
    return Suggestion(f"{burst.words}; all but {burst.limit} are held. Let all in?", "hold bursts", "no")


def _about_silence(state: FetchState, brought: Brought, now: datetime) -> Suggestion | None:
    last, empty = state.last_new_at, next((each for each in state.warned if each.startswith(_EMPTY)), "")
    if empty:
        return Suggestion(f"{empty}; look at it")
    if last is None or state.state not in ("ok", "unchanged"):
        return None
    silent = now - last
    if silent < _SILENT:
        return None
    weeks_silent = silent.days // 7
    before = brought.weeks[weeks_silent:]
    usual = sum(before) / len(before) if before else 0.0
    if usual and silent >= max(_SILENT, _GAPS * timedelta(weeks=1) / usual):
        many = f"{round(usual)} a week" if usual >= 1 else f"{round(usual * 4) or 1} a month"
        return Suggestion(f"no new item for {silent.days} d; it used to bring {many}")
    return Suggestion(f"no new item for {silent.days} d") if silent >= _LONG_SILENT else None


def _about_worth(source: Source, brought: Brought) -> Suggestion | None:
    if brought.shown < _FEWEST_SHOWN or brought.kept > _WORTH_LITTLE * brought.shown:
        return None
    told = f"{brought.kept} of {brought.shown} kept in 8 weeks"
    if brought.kept and source.weight > _LOWEST:
        lower = max(_LOWEST, source.weight - _LOWER_BY)
        return Suggestion(f"{told}; lower its weight?", "weight", str(lower))
    return Suggestion(f"{told}; remove it?", remove=True)
