from datetime import timedelta

from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.joining import is_joined, join_next
from newsletter.pipeline.review import undo
from newsletter.pipeline.times import week_period
from newsletter.store import issues
from tests.loopback import atom
from tests.pipeline.conftest import Home

FEEDS = "sources:\n  - name: Planet\n    kind: feed\n    url: {web}/planet.xml\n    section: general\n"
FIRST = ("first", "The bridge opens", "2026-10-12T09:00:00Z", "The bridge over the river opens on a sunny day.")
LATER = ("later", "The ferry sails", "2026-10-19T10:00:00Z", "The ferry sails again, twice an hour.")


def test_a_joined_week_is_told_with_the_next_one_under_its_number(any_home: Home) -> None:
    any_home.write(FEEDS)
    any_home.web["/planet.xml"] = atom(FIRST, LATER)
    any_home.gather()
    with any_home.opened() as app:
        first, second = (week_period(app.config.schedule, week) for week in ("2026-W42", "2026-W43"))
        make_draft(app, first)
        join_next(app, 1, editor="Ada")
        join_next(app, 1, editor="Ada")
        both = make_draft(app, second)
        assert (both.number, both.period.start, both.period.end) == (1, first.start, second.end)
        assert sorted(entry.title for entry in both.entries) == ["The bridge opens", "The ferry sails"]
        with app.database.reading() as db:
            assert not is_joined(db, issues.issue(db, 1))
            assert len(issues.numbers(db)) == 1
            assert len(issues.changes(db, 1)) == 1
        third = make_draft(app, week_period(app.config.schedule, "2026-W44"))
        assert third.number == 2
        assert third.period.length == timedelta(days=7)


def test_joining_can_be_taken_back(home: Home) -> None:
    home.write(FEEDS)
    home.web["/planet.xml"] = atom(FIRST, LATER)
    home.gather()
    with home.opened() as app:
        make_draft(app, week_period(app.config.schedule, "2026-W42"))
        join_next(app, 1, editor="Ada")
        undo(app, 1, editor="Ada")
        assert make_draft(app, week_period(app.config.schedule, "2026-W43")).number == 2
