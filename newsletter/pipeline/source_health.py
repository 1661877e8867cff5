"""How a source is, in one word. Pure."""

from datetime import datetime
from typing import Literal

from newsletter.model.source import FetchState, LastAnswer, Source, is_stopped
from newsletter.pipeline.source_value import Suggestion

Word = Literal[
    "broken", "gone", "stopped", "unreadable", "slow", "moved", "flood", "idle", "look", "well", "new", "paused"
]
WORST_FIRST: tuple[Word, ...] = (
    *("broken", "gone", "stopped", "unreadable", "slow", "moved", "flood", "idle", "look"),
    *("well", "new", "paused"),
)


def word_of(source: Source, state: FetchState | None, suggestion: Suggestion | None, now: datetime) -> Word:
    """How the last readings of a source went; of one that is read well, what is suggested about it."""
    word = _read_word(source, state, now)
    if word != "well" or suggestion is None:
        return word
    return "flood" if suggestion.key == "hold bursts" else "idle" if suggestion.remove else "look"


def _read_word(source: Source, state: FetchState | None, now: datetime) -> Word:
    """Slow is what may pass by itself: it is no outbreak of days yet."""
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
