"""The status line: how the issue stands, in few words."""

from datetime import UTC, date, datetime

import pytest

from newsletter.model.issue import Issue
from newsletter.pipeline.times import newest_period
from newsletter.store import issues
from newsletter.web.frame import Standing, _facts, standing_of
from tests.web.desk import Desk

NOW = datetime(2011, 2, 24, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("standing", "facts"),
    [
        (Standing(), []),
        (Standing(57, "draft", kept=22, open=9, minutes=11), ["22 kept", "9 open (about 11 min)"]),
        (Standing(57, "draft", open=0), ["0 open"]),
        (Standing(57, "draft", sends_at=NOW.replace(day=25, hour=9)), ["sends Fri 10:00 Oslo in 15 h"]),
        (Standing(57, "draft", sends_at=NOW.replace(hour=19)), ["sends Thu 20:00 Oslo in 60 min"]),
        (Standing(57, "draft", sends_at=NOW.replace(day=22)), ["was due Tue 19:00 Oslo, 2 days ago"]),
        (Standing(57, "draft", saved_at=NOW.replace(hour=20, minute=4)), ["saved 21:04"]),
    ],
)
def test_facts_of_the_status_line(desk: Desk, standing: Standing, facts: list[str]) -> None:
    assert _facts(desk.app, standing) == facts


def test_the_newest_issue_stands_in_the_frame(desk: Desk) -> None:
    assert standing_of(desk.app) == Standing()
    period = newest_period(desk.app.config.schedule, desk.clock.now)
    with desk.app.database.transaction() as db:
        issues.save_draft(db, Issue(1, "Title", period, date(2011, 2, 25)), now=desk.clock.now)
    at = datetime(2011, 2, 25, 9, tzinfo=UTC)
    assert standing_of(desk.app) == Standing(1, "draft", kept=0, open=0, minutes=0, sends_at=at)
    ines = desk.signed_in()
    line = ines.get("/desk/me").text.partition('<p class="status" role="status">')[2].partition("</p>")[0]
    assert line.partition("</span>")[2] == (
        "<b>Draft</b><span>0 kept</span><span>0 open</span><span>sends Fri 10:00 Oslo in 15 h</span>"
    )
    assert ines.get("/desk/").headers["location"] == "/desk/issues/1/"
    with desk.app.database.transaction() as db:
        issues.step(db, 1, "approved", now=desk.clock.now)
        issues.step(db, 1, "sending", now=desk.clock.now)
    assert standing_of(desk.app) == Standing(1, "sending")
    assert "<b>Being sent</b></p>" in ines.get("/desk/me").text
