from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter.edit.changes import fold
from newsletter.model.correction import Correction
from newsletter.pipeline.months import is_month_end, issues_of_month
from newsletter.store import corrections
from tests.pipeline.letters import LAST_OF_APRIL, april, opened, store, weekly
from tests.render.samples import SCHEDULE


@pytest.mark.parametrize(
    ("on", "is_last"),
    [(date(2027, 4, 23), False), (LAST_OF_APRIL, True), (date(2027, 5, 7), False), (date(2027, 10, 29), True)],
)
def test_the_last_issue_of_a_month_is_known_by_the_next_one(on: date, is_last: bool) -> None:
    assert is_month_end(SCHEDULE, weekly(1, on)) is is_last


def test_a_week_that_is_skipped_and_a_moved_hour_count() -> None:
    skipping = replace(SCHEDULE, skip=frozenset({LAST_OF_APRIL}))
    assert is_month_end(skipping, weekly(1, date(2027, 4, 23)))
    moved = replace(weekly(1, LAST_OF_APRIL), send_at=datetime(2027, 5, 3, 8, tzinfo=UTC))
    assert not is_month_end(SCHEDULE, moved)


def test_a_month_begins_behind_the_last_monthly_mail(tmp_path: Path) -> None:
    told = [
        weekly(1, date(2027, 3, 19)),
        weekly(2, date(2027, 3, 26)),
        *(replace(each, number=each.number + 2) for each in april()),
    ]
    with opened(tmp_path) as app:
        store(app, told)
        correction = Correction(1, told[3].entries[0].id, app.now(), "ines", title="It is right now")
        with app.database.transaction() as db:
            corrections.add_correction(db, 4, correction)
        with app.database.reading() as db:
            found = issues_of_month(db, fold(told[-1], ()), app.config.schedule)
    assert [each.number for each in found] == [7, 6, 5, 4, 3]
    assert found[3].entries[0].title == "It is right now"


def test_a_month_whose_mail_never_went_is_told_with_the_next(tmp_path: Path) -> None:
    """The draft of the last week of March was never approved: nobody got a mail for March."""
    told = [weekly(1, date(2027, 3, 19)), weekly(2, date(2027, 3, 26)), weekly(3, date(2027, 4, 30))]
    with opened(tmp_path) as app:
        store(app, told[:2])
        with app.database.reading() as db:
            found = issues_of_month(db, told[2], app.config.schedule)
    assert [each.number for each in found] == [3, 1]
