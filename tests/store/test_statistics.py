from datetime import date, timedelta

from newsletter.model.issue import Issue, Statistic
from newsletter.model.period import Period
from newsletter.store.database import Database, Db
from newsletter.store.issues import draft_number, save_draft
from newsletter.store.statistics import past_statistics, save_statistics
from tests.store.samples import AT


def make(db: Db, number: int, **values: int) -> None:
    period = Period(AT + timedelta(days=number), AT + timedelta(days=number + 1))
    if draft_number(db, period) == number:
        save_draft(db, Issue(number, "Title", period, date(2026, 3, 6)), now=AT)
    save_statistics(
        db, number, [Statistic(name, value, proof="https://example.org/") for name, value in values.items()]
    )


def test_the_past_is_given_oldest_first_and_only_before_the_issue(database: Database) -> None:
    with database.transaction() as db:
        for number in range(1, 6):
            make(db, number, contributors=number * 10, merged=number)
        assert past_statistics(db, 5, count=3) == {"contributors": (20, 30, 40), "merged": (2, 3, 4)}
        assert past_statistics(db, 1) == {}


def test_a_figure_that_was_not_counted_each_time_has_fewer_values(database: Database) -> None:
    with database.transaction() as db:
        make(db, 1, contributors=1)
        make(db, 2, contributors=2, merged=9)
        assert past_statistics(db, 3) == {"contributors": (1, 2), "merged": (9,)}


def test_saving_again_replaces(database: Database) -> None:
    with database.transaction() as db:
        make(db, 1, contributors=1, gone=5)
        make(db, 1, contributors=7)
        assert past_statistics(db, 2) == {"contributors": (7,)}
