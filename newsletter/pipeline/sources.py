"""The sources as they are: configured and read."""

from dataclasses import replace

from newsletter.model.source import FetchState, Source
from newsletter.pipeline.app import Newsletter
from newsletter.plugins import without_secrets
from newsletter.store.sources import load_states


def source_health(app: Newsletter) -> list[tuple[Source, FetchState | None]]:
    """Every source of feeds.yaml with what the last reading left, in the file's order."""
    with app.database.reading() as db:
        states = load_states(db)
    return [(source, _with_line(source, states.get(source.id))) for source in app.config.sources]


def _with_line(source: Source, state: FetchState | None) -> FetchState | None:
    """A move with the line of the file where the new address belongs: lines change, so they are not stored."""
    if state is None or state.state != "moved":
        return state
    return replace(state, state_reason=f"{state.state_reason} at {source.place}")


def shown_address(source: Source) -> str:
    """The address of a source as it may be shown: without the secrets that its settings hold."""
    return without_secrets(source.address, source.settings)
