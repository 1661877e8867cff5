"""What the pages about sources say: signs, spans, sentences. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from newsletter.model.source import FetchState, LastAnswer, Source
from newsletter.pipeline.source_board import SourceStanding
from newsletter.pipeline.source_health import Word
from newsletter.pipeline.source_outcomes import Outcome
from newsletter.render.words import counted, number
from newsletter.text import shorten
from newsletter.web.card_words import clock

LOOKS: dict[Word, tuple[str, str]] = {
    **dict.fromkeys(("broken", "gone", "stopped", "unreadable"), ("broken", "×")),
    **dict.fromkeys(("slow", "moved", "flood"), ("slow", "!")),
    **dict.fromkeys(("idle", "paused"), ("idle", "–")),
    "look": ("idle", "~"),
    "well": ("well", "✓"),
    "new": ("idle", "?"),
}
"""The class and the sign of each word."""
_COUNTED = {
    "idle": "without use",
    "look": "to look at",
    "flood": "flooding",
    "new": "not read yet",
    "unreadable": "not readable",
}
_LONGEST = 110


def count_words(counts: Sequence[tuple[Word, int]]) -> tuple[str, ...]:
    """14 sources, 11 well, 1 slow."""
    total = sum(count for _, count in counts)
    return (counted(total, "source"), *(f"{number(count)} {_COUNTED.get(word, word)}" for word, count in counts))


def ago(at: datetime | None, now: datetime) -> str:
    """4 min; 9 h; 31 d; "–" for never."""
    if at is None:
        return "–"
    minutes = max(0, round((now - at) / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 48 * 60 else f"{round(minutes / 1440)} d"


def signed(weight: int) -> str:
    """+20; 0; −10."""
    return f"+{weight}" if weight > 0 else f"−{-weight}" if weight < 0 else "0"


def use_words(shown: int, kept: int) -> str:
    """88, 40 kept (45 %)."""
    return f"{number(shown)}, {number(kept)} kept" + (f" ({percent(shown, kept)} %)" if shown else "")


def percent(shown: int, kept: int) -> int:
    """How much of what was shown was kept."""
    return round(100 * kept / shown) if shown else 0


def next_words(each: SourceStanding, zone: tzinfo, now: datetime) -> str:
    """When it is asked next, or what its server said, or what the figures suggest."""
    state, suggestion = each.health.state, each.health.suggestion
    if suggestion and each.word in ("flood", "idle", "look", "moved"):
        return shorten(suggestion.words.partition("; write")[0], _LONGEST)
    if each.word == "paused":
        return "paused in feeds.yaml"
    if state is None or each.word == "new":
        return "asked at the next reading"
    again = f"; again {clock(state.next_at, zone, now)}" if state.next_at else ""
    if each.word == "slow":
        return f"{since_words(state, zone, now)}{again}"
    if each.word == "well":
        return clock(state.next_at, zone, now) if state.next_at else ""
    return shorten(state.state_reason, _LONGEST)


def since_words(state: FetchState, zone: tzinfo, now: datetime) -> str:
    """503 since 12:10, 6 tries."""
    answer = LastAnswer.from_json(state.answer)
    status = str(answer.status) if answer and answer.status else "asks to wait" if state.state == "throttled" else ""
    since = f" since {clock(state.failing_since, zone, now)}" if state.failing_since else ""
    tries = f", {state.failures} {'try' if state.failures == 1 else 'tries'}" if state.failures else ""
    return f"{status or 'no answer'}{since}{tries}"


def answer_words(answer: LastAnswer, zone: tzinfo, now: datetime) -> str:
    """200, 41 KB, 0.3 s, 20:10."""
    status = str(answer.status) if answer.status else "no answer"
    return f"{status}, {size_words(answer.size)}, {answer.seconds:.1f} s, {clock(answer.at, zone, now)}"


def size_words(size: int) -> str:
    """800 bytes; 41 KB; 2.3 MB."""
    if size < 1_000:
        return f"{size} bytes"
    return f"{round(size / 1_000)} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def kind_words(source: Source, state: FetchState | None) -> str:
    """The editor's word for how it is read, or the reader that was found by looking."""
    return source.kind or (state.reader if state else "") or "kind found by looking"


def outcome_words(each: Outcome) -> tuple[str, str, str]:
    """The class, the sign and the words for what became of an item."""
    merged = f"merged into “{shorten(each.into, 80)}”, " if each.into else ""
    where = f"issue {each.number}"
    if each.kind == "told":
        assert each.place is not None
        in_section = f"{each.place.section} of {'the draft of ' if each.is_draft else ''}{where}"
        return "kept", "✓", f"{merged}{'stands in' if each.is_draft else 'kept:'} {in_section}"
    if each.kind == "below":
        assert each.place is not None
        return "idle", "–", f"{merged}below the line of {each.place.section}, {where}"
    if each.kind == "dropped":
        assert each.place is not None
        return "idle", "×", f"{merged}left out of {where}: {each.place.reason}"
    if each.kind == "waiting":
        return "open", "?", f"{merged}waiting for the next draft"
    if each.kind == "seen":
        return "idle", "–", "was there when the source was added: no news"
    return "idle", "–", f"{merged}in none of the last issues"
