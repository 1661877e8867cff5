"""How a source is, in a word, and what could be done about it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from newsletter.edit.bursts import Burst
from newsletter.model.source import FetchState, LastAnswer, Source, is_stopped
from newsletter.store.source_value import Brought

Word = Literal["broken", "gone", "stopped", "unreadable", "slow", "moved", "flood", "idle", "well", "new", "paused"]
WORST_FIRST: tuple[Word, ...] = (
    *("broken", "gone", "stopped", "unreadable", "slow", "moved", "flood", "idle"),
    *("well", "new", "paused"),
)
ACTS = ("address", "let in", "lower", "remove")
"""What an advice may offer: to write the new address, to let a flood in, to lower the weight, to remove the source."""
LOWEST, STEP = -50, 10
_NEVER_FROM, _SELDOM_FROM, _SELDOM = 10, 40, 10
_ISSUES = 3
"""Fewer issues say nothing about the worth of a source."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the figures or the server suggest, and the act that would do it."""

    words: str
    act: str


def word_of(source: Source, state: FetchState | None, now: datetime) -> Word:
    """How the last readings of a source went. Slow is what may pass by itself: it is no outbreak of days yet."""
    if source.paused:
        return "paused"
    if state is None or state.state == "new":
        return "new"
    if is_stopped(state):
        return "gone" if state.state == "gone" else "stopped"
    if state.state == "throttled":
        return "slow"
    if state.state == "failing":
        return "slow" if _may_pass(source, state, now) else "broken"
    if state.state == "not readable in this version":
        return "unreadable"
    return "moved" if state.state == "moved" else "well"


def _may_pass(source: Source, state: FetchState, now: datetime) -> bool:
    """Whether the server is in trouble, or did not answer, and that not for long."""
    if state.failing_since is not None and now >= state.failing_since + source.broken_for:
        return False
    answer = LastAnswer.from_json(state.answer)
    return answer is not None and (answer.status is None or answer.status >= 500)


def advice_for(
    source: Source, state: FetchState | None, brought: Brought, *, issues_count: int, burst: Burst | None
) -> Advice | None:
    """What to do about a source, None when nothing suggests itself."""
    if source.paused or state is None:
        return None
    if state.state == "moved" and state.moved_to:
        return Advice(f"It moved to {state.moved_to} for good.", "address")
    if state.state == "gone":
        return Advice("Its server says that it is gone for good.", "remove")
    if burst and source.hold_bursts:
        words = f"It brings {burst.words}. Only {burst.limit} of its stories enter an issue by themselves."
        return Advice(words, "let in")
    if issues_count < _ISSUES:
        return None
    if brought.shown >= _NEVER_FROM and not brought.kept:
        return Advice(f"None of {brought.shown} was kept in 8 weeks.", "remove")
    if brought.shown >= _SELDOM_FROM and brought.kept * _SELDOM < brought.shown and source.weight - STEP >= LOWEST:
        return Advice(f"{brought.kept} of {brought.shown} kept in 8 weeks.", "lower")
    return None
