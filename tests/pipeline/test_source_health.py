"""How sources are, in a word, and what is suggested."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.edit.bursts import Burst
from newsletter.model.source import FetchState, LastAnswer, Source, SourceState
from newsletter.pipeline.source_health import WORST_FIRST, Word, advice_for, word_of
from newsletter.store.source_value import Brought

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
SOURCE = Source("planet", "Planet")


def state(word: SourceState, status: int | None = 200, hours: int = 1, **values: object) -> FetchState:
    since = NOW - timedelta(hours=hours) if word in ("failing", "gone", "paused") else None
    answer = LastAnswer(NOW, status).as_json()
    return FetchState("planet", state=word, answer=answer, failing_since=since, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (None, "new"),
        (state("new"), "new"),
        (state("ok"), "well"),
        (state("unchanged"), "well"),
        (state("throttled", 429), "slow"),
        (state("failing", 503), "slow"),
        (state("failing", None), "slow"),
        (state("failing", 503, hours=72), "broken"),
        (state("failing", 404), "broken"),
        (state("failing", 200), "broken"),
        (FetchState("planet", state="failing"), "broken"),
        (state("gone", 410), "gone"),
        (state("paused", 503), "stopped"),
        (state("moved"), "moved"),
        (state("not readable in this version"), "unreadable"),
    ],
)
def test_a_word_for_every_state(found: FetchState | None, word: Word) -> None:
    assert word_of(SOURCE, found, NOW) == word
    assert word in WORST_FIRST
    assert word_of(Source("planet", "Planet", paused=True), found, NOW) == "paused"


@pytest.mark.parametrize(
    ("shown", "kept", "issues", "act"),
    [
        (9, 0, 8, None),
        (10, 0, 2, None),
        (10, 0, 3, "remove"),
        (39, 1, 8, None),
        (140, 12, 8, "lower"),
        (140, 14, 8, None),
    ],
)
def test_what_is_seldom_kept_is_told(shown: int, kept: int, issues: int, act: str | None) -> None:
    advice = advice_for(SOURCE, state("ok"), Brought(shown, kept), issues_count=issues, burst=None)
    assert (advice and advice.act) == act
    if act == "lower":
        assert advice
        assert advice.words == "12 of 140 kept in 8 weeks."


def test_a_weight_is_lowered_so_far_and_no_further() -> None:
    low = Source("planet", "Planet", weight=-45)
    assert advice_for(low, state("ok"), Brought(140, 12), issues_count=8, burst=None) is None


def test_what_moved_is_gone_or_floods_is_told_first() -> None:
    value = Brought(140, 0)
    moved = state("moved", moved_to="https://new.example/")
    burst = Burst(6, "60 a week: twice as much as all other sources together")
    found = [
        advice_for(SOURCE, each, value, issues_count=8, burst=burst) for each in (moved, state("gone"), state("ok"))
    ]
    assert [each.act for each in found if each] == ["address", "remove", "let in"]
    assert found[2]
    assert found[2].words == (
        "It brings 60 a week: twice as much as all other sources together. "
        "Only 6 of its stories enter an issue by themselves."
    )
    lets_in = Source("planet", "Planet", hold_bursts=False)
    assert advice_for(lets_in, state("ok"), Brought(), issues_count=8, burst=burst) is None
    paused = Source("planet", "Planet", paused=True)
    assert advice_for(paused, moved, value, issues_count=8, burst=burst) is None
