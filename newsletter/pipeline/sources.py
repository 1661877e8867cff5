"""The sources as they are: configured and read."""

from newsletter.model.source import FetchState, Source
from newsletter.pipeline.app import Newsletter
from newsletter.store.sources import load_states


def source_health(app: Newsletter) -> list[tuple[Source, FetchState | None]]:
    """Every source of feeds.yaml with what the last reading left, in the file's order."""
    with app.database.reading() as db:
        states = load_states(db)
    return [(source, states.get(source.id)) for source in app.config.sources]
