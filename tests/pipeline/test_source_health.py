"""How sources are, in a word."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.model.source import FetchState, LastAnswer, Source, SourceState
from newsletter.pipeline.source_health import WORST_FIRST, Word, word_of
from newsletter.pipeline.source_value import Suggestion

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
    assert word_of(SOURCE, found, None, NOW) == word
    assert word in WORST_FIRST
    assert word_of(Source("planet", "Planet", paused=True), found, None, NOW) == "paused"


@pytest.mark.parametrize(
    ("suggestion", "word"),
    [
        (Suggestion("60 a week", "hold bursts", "no"), "flood"),
        (Suggestion("0 of 20 kept", remove=True), "idle"),
        (Suggestion("2 of 40 kept", "weight", "-10"), "look"),
        (Suggestion("no new item for 20 d"), "look"),
    ],
)
def test_of_what_is_well_the_suggestion_is_told(suggestion: Suggestion, word: Word) -> None:
    assert word_of(SOURCE, state("ok"), suggestion, NOW) == word
    assert word_of(SOURCE, state("gone"), suggestion, NOW) == "gone"
