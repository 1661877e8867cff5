"""source_board(): every source with how it is, what it brought in 8 weeks, and what could be done about it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.errors import NotFound
from newsletter.model.source import FetchState, Source
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bursts import bursts_of
from newsletter.pipeline.source_health import WORST_FIRST, Advice, Word, advice_for, word_of
from newsletter.pipeline.sources import source_health
from newsletter.store.source_value import Brought, source_value
from newsletter.text import search_words


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How one source stands; ``word`` says it, the worth of its items included."""

    source: Source
    state: FetchState | None
    word: Word
    brought: Brought
    advice: Advice | None


def source_board(app: Newsletter) -> tuple[SourceStanding, ...]:
    """All sources, those in trouble first, else in the order of the file."""
    now = app.now()
    with app.database.reading() as db:
        value = source_value(db, now)
    bursts = bursts_of(value)
    found = []
    for source, state in source_health(app):
        brought = value.by_source.get(source.id, Brought())
        burst = bursts.get(source.id)
        advice = advice_for(source, state, brought, issues_count=value.issues_count, burst=burst)
        found.append(SourceStanding(source, state, _word(word_of(source, state, now), advice), brought, advice))
    return tuple(sorted(found, key=lambda each: WORST_FIRST.index(each.word)))


def standing_of_source(app: Newsletter, source_id: str) -> SourceStanding:
    """How the source of that id stands (NotFound)."""
    found = next((each for each in source_board(app) if each.source.id == source_id), None)
    if found is None:
        raise NotFound("There is no such source in feeds.yaml. It may have been removed, or have another name now.")
    return found


def counts_of(board: Sequence[SourceStanding]) -> tuple[tuple[Word, int], ...]:
    """How many sources are how: the well ones first, then the worst."""
    counts = Counter(each.word for each in board)
    order: tuple[Word, ...] = ("well", *(word for word in WORST_FIRST if word != "well"))
    return tuple((word, counts[word]) for word in order if counts[word] or word == "well")


def called(board: Sequence[SourceStanding], text: str) -> tuple[SourceStanding, ...]:
    """The sources that have all the words of ``text`` in their name, address, kind, section or state."""
    wanted = search_words(text)
    return tuple(each for each in board if all(word in _told(each) for word in wanted)) if wanted else tuple(board)


def _told(each: SourceStanding) -> str:
    source = each.source
    reader = each.state.reader if each.state else ""
    return " ".join(search_words(f"{source.name} {source.address} {source.kind} {reader} {source.section} {each.word}"))


def _word(word: Word, advice: Advice | None) -> Word:
    """A source that is read well may still flood, or be worth nothing."""
    if word == "well" and advice and advice.act in ("let in", "remove"):
        return "flood" if advice.act == "let in" else "idle"
    return word
