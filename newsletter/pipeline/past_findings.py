"""What a home's past says about its feeds.yaml: rules that drop or decide nothing, pages where nothing is found."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from newsletter.config.load import Config
from newsletter.errors import Problem
from newsletter.model.source import FetchState, Source
from newsletter.pipeline.app import system_clock
from newsletter.pipeline.looking import look_into
from newsletter.pipeline.rule_findings import find_in_issues
from newsletter.store.sources import load_states
from newsletter.text import one_line, shorten

_NO_MATCH = re.compile(r'no match for "(?P<watch>.+)"')
_NONE = re.compile(r'No match for "(?P<watch>.+)": the page changed')


def find_in_past(
    home: Path, config: Config, environ: Mapping[str, str], *, now: Callable[[], datetime] = system_clock
) -> tuple[Problem, ...]:
    """Mistakes and warnings of ``config`` that only past issues and readings show, in the order of its files.

    Raises NewsletterError when they cannot be looked into.
    """
    file = next(iter(config.files))
    with look_into(home, environ=environ, now=now) as shelf:
        with shelf.database.reading() as db:
            states = load_states(db)
        found = [*find_in_issues(shelf, config, file=file), *unmatched(config, states, now=now())]
    order = {name: at for at, name in enumerate(config.files)}
    return tuple(sorted(found, key=lambda each: (order[each.file], each.line, each.text)))


def unmatched(config: Config, states: Mapping[str, FetchState], *, now: datetime) -> list[Problem]:
    """Web pages on which a selector of "watch:" names nothing for longer than "when broken for"."""
    return [
        problem
        for source in config.sources
        if source.settings.get("watch") and not source.paused and source.id in states
        for problem in _of_page(source, states[source.id], now)
    ]


def _of_page(source: Source, state: FetchState, now: datetime) -> list[Problem]:
    if state.failing_since is not None:
        missed = _NONE.search(state.state_reason)
        said = {missed["watch"]: state.failing_since} if missed else {}
    else:
        warned = ((_NO_MATCH.fullmatch(each), str(at)) for each, at in state.warned.items())
        said = {missed["watch"]: datetime.fromisoformat(at) for missed, at in warned if missed}
    wanted = one_line(str(source.settings["watch"]))
    return [
        Problem(
            source.file,
            source.line,
            f'"{shorten(source.name, 80)}" found nothing for "{watch}" in {(now - since).days} days. '
            'The page was changed; look at it and mend "watch".',
            is_warning=True,
        )
        for watch, since in said.items()
        # What was said of an older "watch:" is no longer true.
        if watch in wanted and now - since >= source.broken_for
    ]
