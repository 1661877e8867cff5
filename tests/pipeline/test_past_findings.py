"""What readings say of the pages that are watched, and what one look into a home's past tells."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.config.load import Config, load_config
from newsletter.errors import NotFound
from newsletter.model.source import FetchState
from newsletter.pipeline.in_force import has_past
from newsletter.pipeline.past_findings import find_in_past, unmatched
from newsletter.store.sources import save_state
from tests.pipeline.conftest import HEAD, NOW, Home

PAGES = """sources:
  - name: Elections page
    kind: web page
    url: https://wiki.example.org/Elections
    watch: "#content h2, #content li"
  - name: Plain
    kind: web page
    url: https://wiki.example.org/Plain
"""
MONTH = timedelta(days=31, hours=3)
TOLD = (
    'feeds.yaml:{line}: "Elections page" found nothing for "{watch}" in 31 days. '
    'The page was changed; look at it and mend "watch".'
)
ONE = FetchState("elections-page", warned={'no match for "#content h2"': (NOW - MONTH).isoformat()})
NONE = FetchState(
    "elections-page",
    state="failing",
    state_reason='https://wiki.example.org/Elections: No match for "#content h2, #content li": the page changed.',
    failing_since=NOW - MONTH,
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "feeds.yaml").write_text(HEAD + PAGES)
    return load_config(tmp_path / "feeds.yaml", {})


def told(config: Config, state: FetchState) -> list[str]:
    found = unmatched(config, {state.source_id: state, "plain": ONE}, now=NOW)
    assert all(each.is_warning for each in found)
    return list(map(str, found))


def test_a_selector_that_names_nothing_for_a_month_is_told_at_its_source(config: Config) -> None:
    line = config.sources[0].line
    assert told(config, ONE) == [TOLD.format(line=line, watch="#content h2")]
    assert told(config, NONE) == [TOLD.format(line=line, watch="#content h2, #content li")]


def test_what_is_nothing_to_tell(config: Config) -> None:
    assert told(config, replace(NONE, failing_since=NOW - timedelta(days=2))) == []
    assert told(config, replace(NONE, state_reason="https://wiki.example.org/Elections answers 404")) == []
    assert told(config, replace(ONE, warned={'no match for "#old li"': (NOW - MONTH).isoformat()})) == []
    assert told(config, replace(ONE, warned={"more than 500 parts": (NOW - MONTH).isoformat()})) == []
    assert told(config, FetchState("elections-page")) == []
    paused = config.with_sources([replace(each, paused=True) for each in config.sources])
    assert unmatched(paused, {"elections-page": ONE}, now=NOW) == []


def test_a_home_tells_it_in_the_order_of_its_files_and_without_a_past_nothing_is_asked(home: Home) -> None:
    (home.folder / "more").mkdir()
    (home.folder / "more" / "a.yaml").write_text(PAGES)
    home.write("include: more/*.yaml\nsources:\n  - name: Own\n    url: https://own.example/f.xml\n")
    assert not has_past(home.folder, {})
    with home.opened() as app, app.database.transaction() as db:
        save_state(db, replace(ONE, warned={**ONE.warned, 'no match for "#content li"': (NOW - MONTH).isoformat()}))
        config = app.config
    assert has_past(home.folder, home.environ)
    found = find_in_past(home.folder, config, home.environ, now=lambda: NOW)
    assert [str(each).partition(" in ")[0] for each in found] == [
        'more/a.yaml:2: "Elections page" found nothing for "#content h2"',
        'more/a.yaml:2: "Elections page" found nothing for "#content li"',
    ]


def test_a_home_without_data_cannot_be_looked_into(config: Config, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        find_in_past(tmp_path, config, {})
