from datetime import UTC, datetime

from newsletter.model.issue import Issue
from newsletter.pipeline.due import begin, draft_if_due, due_period, next_draft
from newsletter.pipeline.reading_times import reading_times
from newsletter.store import issues
from tests.loopback import atom
from tests.pipeline.conftest import Home, gather_due

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
ONE = ("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers.")


def look(home: Home) -> Issue | None:
    with home.opened() as app:
        gather_due(app)
        return draft_if_due(app)


def count(home: Home) -> int:
    with home.opened() as app, app.database.reading() as db:
        return len(issues.numbers(db))


def ready(home: Home, schedule: str = "") -> Home:
    home.write(schedule + PLANET)
    home.web["/planet.xml"] = atom(ONE)
    return home


def test_a_draft_is_made_at_its_hour_once(any_home: Home) -> None:
    home = ready(any_home)
    home.clock.now = datetime(2026, 10, 15, 18, 29, tzinfo=UTC)
    first = look(home)
    assert first is not None, "the hour of the week before was missed: it is made up"
    assert first.period.end == datetime(2026, 10, 8, 18, tzinfo=UTC)
    home.clock.move(minutes=1)
    issue = look(home)
    assert issue is not None
    assert [entry.title for entry in issue.entries] == ["First words"]
    assert (home.folder / "data" / "issues" / "0002" / "issue.html").is_file()
    assert look(home) is None
    home.clock.move(days=6)
    assert look(home) is None
    assert count(home) == 2


def test_after_a_long_sleep_only_the_newest_draft_is_made_up(home: Home) -> None:
    ready(home)
    look(home)
    home.clock.move(weeks=5)
    assert look(home) is not None
    assert look(home) is None
    assert count(home) == 2


def test_an_hour_in_the_newsletters_own_zone(home: Home) -> None:
    ready(
        home, "schedule:\n  timezone: America/Chicago\n  collect until: Thursday 18:00\n  draft ready: Thursday 18:30\n"
    )
    home.clock.now = datetime(2026, 10, 15, 23, 29, tzinfo=UTC)
    with home.opened() as app:
        due = due_period(app)
    assert due is not None
    assert due.end == datetime(2026, 10, 8, 23, tzinfo=UTC)
    home.clock.move(minutes=1)
    with home.opened() as app:
        due = due_period(app)
    assert due is not None
    assert due.end == datetime(2026, 10, 15, 23, tzinfo=UTC)


def test_a_day_to_skip_makes_no_draft(home: Home) -> None:
    ready(home, "schedule:\n  skip: [2026-10-16]\n")
    assert look(home) is None
    home.clock.move(weeks=1)
    issue = look(home)
    assert issue is not None
    assert issue.period.start == datetime(2026, 10, 8, 18, tzinfo=UTC)


def test_what_is_not_read_has_no_time_to_be_read_at(home: Home) -> None:
    ready(home)
    home.write(PLANET + "  - name: Paused\n    kind: feed\n    url: {web}/p.xml\n    paused: yes\n")
    home.gather()
    with home.opened() as app:
        assert [each.source.name for each in reading_times(app)] == ["Planet"]


def test_hours_before_the_first_start_were_not_missed(any_home: Home) -> None:
    home = ready(any_home)
    home.clock.now = datetime(2026, 10, 15, 18, 29, tzinfo=UTC)
    with home.opened() as app:
        assert begin(app)
        assert next_draft(app) == datetime(2026, 10, 15, 18, 30, tzinfo=UTC)
    assert look(home) is None
    home.clock.move(minutes=1)
    assert look(home) is not None
    home.clock.move(weeks=3)
    assert look(home) is not None, "an hour that is missed later is made up"
    with home.opened() as app:
        assert not begin(app)


def test_a_home_with_issues_began_long_ago(home: Home) -> None:
    ready(home)
    assert look(home) is not None
    with home.opened() as app:
        assert not begin(app)


def test_what_was_never_read_is_read_from_some_weeks_before_on(home: Home) -> None:
    ready(home)
    with home.opened() as app:
        [report] = gather_due(app)
    assert report.state.since == datetime(2026, 9, 10, 18, tzinfo=UTC)
