"""source_board(): every source with how it is in a word, those in trouble first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.errors import NotFound
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.source_health import WORST_FIRST, Word, word_of
from newsletter.pipeline.source_value import SourceHealth, health_of_sources
from newsletter.text import search_words


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How one source stands, and the word that says it."""

    health: SourceHealth
    word: Word


def source_board(app: Newsletter) -> tuple[SourceStanding, ...]:
    """All sources, those in trouble first, else in the order of the file."""
    now = app.now()
    found = [
        SourceStanding(each, word_of(each.source, each.state, each.suggestion, now)) for each in health_of_sources(app)
    ]
    return tuple(sorted(found, key=lambda each: WORST_FIRST.index(each.word)))


def standing_of_source(app: Newsletter, source_id: str) -> SourceStanding:
    """How the source of that id stands (NotFound)."""
    found = next((each for each in source_board(app) if each.health.source.id == source_id), None)
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
    source, state = each.health.source, each.health.state
    reader = state.reader if state else ""
    return " ".join(search_words(f"{source.name} {source.address} {source.kind} {reader} {source.section} {each.word}"))
