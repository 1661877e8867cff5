"""Pages of issues that did not change stay as they lie, and the site is what it would be if all were made anew."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.model.correction import Correction
from newsletter.pipeline import publish
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.publish import publish_site
from newsletter.pipeline.site_shelf import read_shelf
from newsletter.pipeline.times import newest_period
from newsletter.render import feed, web
from newsletter.store import corrections, issues
from tests.pipeline.conftest import Home
from tests.pipeline.test_cost import SOURCES, issue_of, store

WEEKS = 3


@pytest.fixture
def app(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsletter]:
    """Three issues, of which only the newest has its words in the feed."""
    for module in (publish, web, feed):
        monkeypatch.setattr(module, "ISSUES_IN_FEED", 1)
    home.write(f"sources:\n{SOURCES}")
    with home.opened() as found:
        end = newest_period(found.config.schedule, found.now()).end
        for week in range(WEEKS):
            home.clock.now = end + week * timedelta(weeks=1) + timedelta(minutes=30)
            period = newest_period(found.config.schedule, found.now())
            store(found, period.end, week)
            number = issue_of(found, period)
            with found.database.transaction() as db:
                issues.step(db, number, "approved", now=found.now())
        publish_site(found)
        yield found


def files(app: Newsletter) -> dict[str, bytes]:
    return {str(each.relative_to(app.site)): each.read_bytes() for each in app.site.rglob("*") if each.is_file()}


def anew(app: Newsletter) -> dict[str, bytes]:
    """The site when nothing is remembered."""
    (app.data / "site-pages.json").unlink()
    publish_site(app)
    return files(app)


def rendered(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which pages of issues are made when the site is written now."""
    made: list[str] = []
    render = web._rendered

    def noting(press: object, name: str, page: object, **context: object) -> bytes:
        if name == "web/issue.html":
            made.append(page.title)  # type: ignore[attr-defined]
        return render(press, name, page, **context)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(web, "_rendered", noting)
        publish_site(app)
    return made


def test_nothing_changed_and_nothing_is_made(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(app)
    assert set(read_shelf(app)) == {1, 2, 3}
    assert rendered(app, monkeypatch) == []
    assert files(app) == before == anew(app)


def test_a_correction_makes_the_pages_of_its_issue_anew(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.database.transaction() as db:
        entry = issues.issue(db, 1).issue.entries[0]
        corrections.add_correction(db, 1, Correction(0, entry.id, app.now(), "Ines", title="Another title"))
    assert len(rendered(app, monkeypatch)) == 1
    kept = files(app)
    assert b"Another title" in kept["issues/1/index.html"]
    assert kept == anew(app)


def test_an_issue_that_goes_takes_its_pages_along(app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "hidden_numbers", lambda app, db: frozenset([2]))
    publish_site(app)
    kept = files(app)
    assert not [name for name in kept if name.startswith("issues/2/")]
    assert b"../1/index.html" in kept["issues/3/index.html"], "its neighbours are others now"
    assert kept == anew(app)


def test_a_page_that_was_lost_or_written_over_is_made_again(app: Newsletter) -> None:
    before = files(app)
    (app.site / "issues" / "1" / "index.html").unlink()
    (app.site / "issues" / "2" / "why.html").write_text("somebody else")
    publish_site(app)
    assert files(app) == before


def test_other_settings_make_all_pages_anew(home: Home, app: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write(f"  postal address: Harbour 1\nsources:\n{SOURCES}")
    with home.opened() as later:
        assert len(rendered(later, monkeypatch)) == WEEKS
        kept = files(later)
        assert b"Harbour 1" in kept["issues/1/index.html"]
        assert kept == anew(later)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"1": {}}', '{"x": {"content": 1}}'])
def test_what_cannot_be_read_is_nothing(app: Newsletter, text: str) -> None:
    before = files(app)
    Path(app.data / "site-pages.json").write_text(text)
    assert read_shelf(app) == {}
    publish_site(app)
    assert files(app) == before


def test_days_to_skip_are_the_same_in_every_process() -> None:
    asked = (
        "import sys; from dataclasses import replace; from datetime import date; from types import SimpleNamespace\n"
        "from newsletter.model.settings import Schedule; from newsletter.pipeline.site_shelf import surroundings\n"
        "skip = frozenset(date(2026, 12, day) for day in range(1, 29))\n"
        "press = SimpleNamespace(newsletter='', schedule=replace(Schedule(), skip=skip))\n"
        "sys.stdout.write(surroundings(press, hashes={}, around=()))"
    )
    words = {
        subprocess.run(
            [sys.executable, "-c", asked], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(words) == 1
