"""What an issue was made from is told from its snapshot, and what is left to tell when that is lost."""

import shutil
from collections.abc import Iterator

import pytest

from newsletter.errors import NotFound
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.archive_facts import facts_of
from newsletter.pipeline.draft import SNAPSHOT, make_draft
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.review import change, undo
from newsletter.pipeline.times import week_period
from tests.loopback import atom
from tests.pipeline.conftest import Home

FEEDS = """sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
  - name: Quiet
    kind: feed
    url: {web}/quiet.xml
rules:
  - name: No adverts
    match:
      title: hiring
    drop: yes
"""
POSTS = [(name, f"Post {name}", "2026-10-12T09:00:00Z", f"About {name} and more.") for name in ("one", "two")]


@pytest.fixture
def app(home: Home) -> Iterator[Newsletter]:
    home.write(FEEDS)
    home.web["/planet.xml"], home.web["/quiet.xml"] = atom(*POSTS), atom()
    home.gather()
    with home.opened() as opened:
        make_draft(opened, week_period(opened.config.schedule, "2026-W42"))
        render_issue(opened, 1)
        yield opened


def test_the_snapshot_tells_what_it_was_made_from(app: Newsletter) -> None:
    found = facts_of(app, 1)
    assert (found.items_count, found.sources_count, found.rules_count) == (2, 1, 1)
    assert (found.number, found.state, found.changes_count, found.editors, found.approved_by) == (1, "draft", 0, (), ())
    assert found.program
    assert found.model
    assert found.templates_count
    assert found.trouble == ""


def test_every_editor_is_named_once_and_undone_changes_count_as_done(app: Newsletter) -> None:
    for editor, title in (("Ada", "One"), ("Ben", "Two"), ("Ada", "Three")):
        change(app, 1, action="title", target="issue", value=title, editor=editor)
    undo(app, 1, editor="Ben")
    approve(app, 1, editor="Ines")
    found = facts_of(app, 1)
    assert (found.changes_count, found.editors, found.approved_by) == (4, ("Ada", "Ben"), ("Ines",))
    assert found.state == "approved"


def test_rules_are_those_of_then(home: Home, app: Newsletter) -> None:
    home.write(FEEDS.partition("rules:")[0])
    with home.opened() as later:
        assert facts_of(later, 1).rules_count == 1


def test_without_its_snapshot_the_rest_is_told_with_what_is_missing(app: Newsletter) -> None:
    shutil.rmtree(app.issue_folder(1) / SNAPSHOT)
    found = facts_of(app, 1)
    assert (found.items_count, found.sources_count, found.rules_count, found.program) == (None, None, None, "")
    assert SNAPSHOT in found.trouble
    assert found.title


def test_an_issue_that_is_not_there(app: Newsletter) -> None:
    with pytest.raises(NotFound, match="no issue 9"):
        facts_of(app, 9)
