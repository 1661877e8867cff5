"""An approved issue becomes public at its hour: once, whoever looks, and whatever is changed or killed meanwhile."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.errors import UsageError
from newsletter.pipeline import publish
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.approval import approve, take_back
from newsletter.pipeline.archive import Query, search_archive, shelf_of
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.going_public import going_public, hidden_numbers, is_shown_as_draft
from newsletter.pipeline.publish import publish_due, publish_site, render_issue
from newsletter.pipeline.send_hour import change_hour, send_now
from newsletter.pipeline.times import week_period
from newsletter.store import issues
from newsletter.store.database import Db
from tests.loopback import atom
from tests.pipeline.conftest import Home

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n    section: general\n"
ONE = ("one", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
HOUR = datetime(2026, 10, 16, 10, tzinfo=UTC)


class Killed(BaseException):
    """The program is gone."""


@pytest.fixture
def app(any_home: Home) -> Iterator[Newsletter]:
    """A home with an editor and a draft."""
    any_home.write(PLANET)
    any_home.web["/planet.xml"] = atom(ONE)
    any_home.gather()
    with any_home.opened() as opened:
        add_editor(opened, "Ines", role="manager")
        any_home.clock.move(minutes=1)
        make_draft(opened, week_period(opened.config.schedule, "2026-W42"))
        render_issue(opened, 1)
        yield opened


def is_on_site(app: Newsletter) -> bool:
    page = (app.site / "issues" / "1" / "index.html").is_file()
    assert page == bool(json.loads((app.site / "feed.json").read_text())["items"])
    return page


def waiting(app: Newsletter) -> list[int]:
    with app.database.reading() as db:
        return [each.number for each in going_public(app, db)]


def test_it_is_public_from_its_hour_on_and_once(any_home: Home, app: Newsletter) -> None:
    approve(app, 1, editor="Ines")
    assert not is_on_site(app)
    any_home.clock.now = HOUR - timedelta(seconds=1)
    assert publish_due(app) == ()
    publish_site(app)
    assert not is_on_site(app)
    any_home.clock.now = HOUR
    assert publish_due(app) == (1,)
    assert is_on_site(app)
    assert publish_due(app) == ()
    assert waiting(app) == []


def test_the_search_of_readers_waits_with_it(any_home: Home, app: Newsletter) -> None:
    approve(app, 1, editor="Ines")
    assert search_archive(app, Query("bridge")).count == 0
    assert search_archive(app, Query("brigde")).near == ()
    assert (shelf_of(app, with_drafts=False).issues, shelf_of(app, with_drafts=False).sections) == ((), ())
    assert search_archive(app, Query("bridge", with_drafts=True)).count == 1
    any_home.clock.now = HOUR
    assert search_archive(app, Query("bridge")).count == 1
    assert len(shelf_of(app, with_drafts=False).issues) == 1


def test_an_issue_that_waits_is_read_once_to_know_that_it_does(
    app: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(app, 1, editor="Ines")
    read: list[int] = []
    whole = issues.issue

    def counted(db: Db, number: int) -> issues.StoredIssue:
        read.append(number)
        return whole(db, number)

    monkeypatch.setattr(issues, "issue", counted)
    with app.database.reading() as db:
        assert hidden_numbers(app, db) == frozenset([1])
        assert read == [1]
    assert not is_shown_as_draft(app, 1)
    assert read == [1], "when it was drafted stands beside it"


def test_an_hour_that_passed_makes_it_public_at_once(any_home: Home, app: Newsletter) -> None:
    any_home.clock.now = HOUR + timedelta(hours=3)
    approve(app, 1, editor="Ines")
    assert is_on_site(app)
    assert waiting(app) == []


def test_now_is_an_hour_that_somebody_chose(any_home: Home, app: Newsletter) -> None:
    any_home.clock.now -= timedelta(days=2)
    with pytest.raises(UsageError, match="it is still collected"):
        send_now(app, 1, editor="Ines")
    any_home.clock.now += timedelta(days=2)
    desk = send_now(app, 1, editor="Ines")
    approve(app, 1, editor="Ines", seen=desk.last_number)
    assert is_on_site(app)
    with app.database.reading() as db:
        changes = issues.changes(db, 1)
    assert [(each.action, each.editor) for each in changes] == [("send at", "Ines")]


def test_now_leaves_an_hour_that_passed(any_home: Home, app: Newsletter) -> None:
    any_home.clock.now = HOUR + timedelta(hours=3)
    assert send_now(app, 1, editor="Ines").last_number == 0


def test_taken_back_and_approved_again_it_waits_again(any_home: Home, app: Newsletter) -> None:
    any_home.clock.now = HOUR
    approve(app, 1, editor="Ines")
    assert is_on_site(app)
    take_back(app, 1, editor="Ines")
    assert not is_on_site(app)
    any_home.clock.move(minutes=1)
    change_hour(app, 1, at="2026-10-17T09:00", editor="Ines")
    approve(app, 1, editor="Ines")
    assert not is_on_site(app)
    any_home.clock.now = datetime(2026, 10, 17, 9, tzinfo=UTC)
    assert publish_due(app) == (1,)
    assert is_on_site(app)


def test_what_is_public_stays_so_when_the_usual_hour_changes(any_home: Home, app: Newsletter) -> None:
    any_home.clock.now = HOUR
    approve(app, 1, editor="Ines")
    any_home.write("schedule:\n  send: Wednesday 10:00\n" + PLANET)
    with any_home.opened() as later:
        publish_site(later)
        assert is_on_site(later)


@pytest.mark.parametrize("step", ["_write_site", "mark_public"])
def test_what_a_crash_left_undone_is_due_at_the_next_look(
    any_home: Home, app: Newsletter, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    approve(app, 1, editor="Ines")
    any_home.clock.now = HOUR

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(publish, step, killed)
        with pytest.raises(Killed):
            publish_due(app)
    assert publish_due(app) == (1,)
    assert is_on_site(app)


def test_an_hour_that_comes_while_the_site_is_written_counts(
    any_home: Home, app: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(app, 1, editor="Ines")
    write = publish._write_site
    count = 0

    def slowly(of: Newsletter) -> frozenset[int]:
        nonlocal count
        count += 1
        found = write(of)
        any_home.clock.now = HOUR
        return found

    monkeypatch.setattr(publish, "_write_site", slowly)
    publish_site(app)
    assert (count, is_on_site(app), waiting(app)) == (2, True, [])


def test_where_nobody_reviews_the_draft_was_public_and_stays_so(home: Home) -> None:
    home.write(PLANET)
    home.web["/planet.xml"] = atom(ONE)
    home.gather()
    with home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        render_issue(app, 1)
        approve(app, 1, editor="Ines")
        assert is_on_site(app)
        with app.database.reading() as db:
            assert hidden_numbers(app, db) == frozenset()
