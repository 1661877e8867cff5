"""When each source is read next: the one answer for the schedule, the pages, the figures and who reads by hand."""

from dataclasses import dataclass
from datetime import datetime

from newsletter.model.source import FetchState, Source, due_from
from newsletter.pipeline.app import Newsletter
from newsletter.store.sources import reading_states


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """A source that is read without being named: from ``at`` on, the past when it never was; and when it was last."""

    source: Source
    at: datetime
    checked_at: datetime | None


def reading_times(app: Newsletter) -> list[ReadingTime]:
    """Of every source that is asked at all, in the order of feeds.yaml; what is paused, gone or at rest is not."""
    with app.database.reading() as db:
        known = reading_states(db)
    found = []
    for source in app.config.sources:
        state = known.get(source.id) or FetchState(source.id)
        if (at := due_from(source, state)) is not None:
            found.append(ReadingTime(source, at, state.checked_at))
    return found


def not_asked_words(app: Newsletter, asked: int) -> str:
    """How many sources of feeds.yaml are not among those ``asked``, and why; "" when all are."""
    left = len(app.config.sources) - asked
    if not left:
        return ""
    return f"{left} more {'is' if left == 1 else 'are'} not read: gone, paused or at rest"


def due_now(app: Newsletter) -> list[ReadingTime]:
    """Those that should be read by now, the one that waits longest first."""
    now = app.now()
    return sorted((each for each in reading_times(app) if each.at <= now), key=lambda each: each.at)
