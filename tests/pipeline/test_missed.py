"""Weeks that were slept through are named, with the command that makes an issue of them; never made by themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from newsletter.model.period import Period
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.due import draft_if_due
from newsletter.pipeline.missed import missed_before, missed_words
from newsletter.pipeline.notices import notice_of, reminders_due
from newsletter.pipeline.review import open_desk
from newsletter.pipeline.times import days_period, newest_period
from newsletter.store import issues
from newsletter.web.states import notices_of
from tests.jobs.test_schedule import events, service
from tests.pipeline.conftest import Home, gather_due

PLANET = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n"
WEEK = timedelta(weeks=1)
FIRST = Period(datetime(2026, 10, 1, 18, tzinfo=UTC), datetime(2026, 10, 8, 18, tzinfo=UTC))


def later(weeks: int) -> Period:
    return Period(FIRST.start + weeks * WEEK, FIRST.end + weeks * WEEK)


def found(home: Home, told: list[Period], period: Period, skip: str = "") -> Period | None:
    home.write((f"schedule:\n  skip: [{skip}]\n" if skip else "") + PLANET)
    with home.opened() as app:
        return missed_before(app.config.schedule, told, period)


def test_what_lies_between_two_issues_was_missed(home: Home) -> None:
    assert found(home, [FIRST, later(3)], later(3)) == Period(FIRST.end, later(3).start)
    assert found(home, [FIRST, later(1), later(3)], later(3)) == later(2)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [later(3)],
        [later(2)],
        [later(4)],
        [FIRST, later(1), later(2)],
        [FIRST, Period(FIRST.end - timedelta(hours=18), later(3).start + timedelta(hours=6))],
        [Period(FIRST.start, later(3).start - timedelta(days=2))],
        [later(-20)],
    ],
)
def test_what_was_not_missed(home: Home, told: list[Period]) -> None:
    assert found(home, told, later(3)) is None


def test_a_week_to_skip_was_not_missed(home: Home) -> None:
    assert found(home, [FIRST], later(2), skip="2026-10-16") is None
    assert found(home, [FIRST], later(3), skip="2026-10-16") == Period(FIRST.end, later(3).start)


def slept(home: Home) -> None:
    """Issue 1 is made, three weeks pass, and issue 2 is made."""
    home.write("schedule:\n  timezone: Europe/Berlin\n" + PLANET)
    for weeks in (0, 3):
        home.clock.move(weeks=weeks)
        with home.opened() as app:
            gather_due(app)
            assert draft_if_due(app)


def test_editors_are_told_until_there_is_an_issue_of_it(any_home: Home) -> None:
    slept(any_home)
    with any_home.opened() as app:
        assert missed_words(app, 1) == missed_words(app, 7) == ""
        said = missed_words(app, 2)
        assert said == (
            "Nothing tells of 15 October to 29 October. To make an issue of it: "
            "newsletter draft --from 2026-10-15 --to 2026-10-29"
        )
        waiting = reminders_due(app)
        assert waiting is not None
        assert said in notice_of(app, waiting).paragraphs
        assert said in [each.text for each in notices_of(app, open_desk(app, 2))]
        make_draft(app, days_period(app.config.schedule, "2026-10-15", "2026-10-29"))
        assert missed_words(app, 2) == ""
        assert draft_if_due(app) is None
        with app.database.reading() as db:
            assert issues.periods(db)[2] == newest_period(app.config.schedule, app.now())


def test_the_log_says_it_once(home: Home) -> None:
    home.write(PLANET)
    with capture_logs() as logged, service(home.folder, home.clock) as look:
        with home.opened() as app:
            assert draft_if_due(app)
        home.clock.move(weeks=3)
        look()
        look()
    (line,) = events(logged, "weeks_missed")
    assert line["log_level"] == "warning"
    assert "--from 2026-10-15 --to 2026-10-29" in str(line["trouble"])


def test_a_gap_that_ends_at_midnight_ends_on_the_day_before(home: Home) -> None:
    home.write("schedule:\n  timezone: UTC\n  collect until: Friday 00:00\n" + PLANET)
    with home.opened() as app:
        for at in (datetime(2026, 10, 8, 20, tzinfo=UTC), datetime(2026, 10, 29, 20, tzinfo=UTC)):
            home.clock.now = at
            number = make_draft(app, newest_period(app.config.schedule, app.now())).number
        said = missed_words(app, number)
    assert said.endswith("newsletter draft --from 2026-10-02 --to 2026-10-15")
