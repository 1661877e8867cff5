"""What the pages about sources say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.model.source import FetchState, LastAnswer, Source
from newsletter.pipeline.source_board import SourceStanding
from newsletter.pipeline.source_health import WORST_FIRST, Word
from newsletter.pipeline.source_value import SourceHealth, Suggestion
from newsletter.web import source_words as words

NOW = datetime(2026, 10, 15, 18, 35, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (4, "4 min"), (59, "59 min"), (60, "1 h"), (2_879, "48 h"), (44_640, "31 d")]
)
def test_how_long_ago(minutes: int, said: str) -> None:
    assert words.ago(NOW - timedelta(minutes=minutes), NOW) == said


def test_small_words() -> None:
    assert words.ago(None, NOW) == "–"
    assert [words.signed(each) for each in (20, 0, -10)] == ["+20", "0", "−10"]
    assert [words.use_words(*each) for each in ((88, 40), (0, 0), (3, 3))] == [
        "88, 40 kept (45 %)",
        "0, 0 kept",
        "3, 3 kept (100 %)",
    ]
    assert [words.size_words(each) for each in (800, 41_200, 2_340_000)] == ["800 bytes", "41 KB", "2.3 MB"]
    assert words.count_words((("well", 1), ("idle", 2))) == ("3 sources", "1 well", "2 without use")
    assert set(words.LOOKS) == set(WORST_FIRST)


@pytest.mark.parametrize(
    ("word", "values", "suggestion", "said"),
    [
        ("well", {"state": "ok", "next_at": NOW}, None, "20:35"),
        ("look", {"state": "ok"}, Suggestion("2 of 40 kept; lower it?", "weight", "-10"), "2 of 40 kept; lower it?"),
        (
            "moved",
            {"state": "moved"},
            Suggestion("moved to x for good; write url: x at y", "url", "x"),
            "moved to x for good",
        ),
        ("slow", {"state": "throttled"}, None, "asks to wait"),
        ("slow", {"state": "failing", "failures": 1, "failing_since": NOW}, None, "no answer since 20:35, 1 try"),
        ("gone", {"state": "gone", "state_reason": "gone for good"}, Suggestion("x", remove=True), "gone for good"),
        ("new", {}, None, "asked at the next reading"),
        ("paused", {"state": "ok"}, None, "paused in feeds.yaml"),
    ],
)
def test_what_comes_next(word: Word, values: dict[str, object], suggestion: Suggestion | None, said: str) -> None:
    state = FetchState("a", **values)  # type: ignore[arg-type]
    health = SourceHealth(
        Source("a", "A"), state, "✓", "", None, (0,) * 8, 0.0, 140, 12, 0, None, None, suggestion=suggestion
    )
    assert words.next_words(SourceStanding(health, word), OSLO, NOW) == said


def test_the_last_answer() -> None:
    assert words.answer_words(LastAnswer(NOW, 200, 41_000, 0.31), OSLO, NOW) == "200, 41 KB, 0.3 s, 20:35"
    assert words.answer_words(LastAnswer(NOW), OSLO, NOW) == "no answer, 0 bytes, 0.0 s, 20:35"
