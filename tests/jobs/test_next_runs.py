"""What comes next: the issue in progress, the next ones, the sources in one line, and what is done besides."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from newsletter.cli.service import _hour, schedule
from newsletter.jobs.next_runs import Run, next_runs
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.due import begin
from newsletter.pipeline.due_jobs import CLEAN_UP
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.sending import send_due
from newsletter.pipeline.times import newest_period
from newsletter.store import jobs
from tests.fakes import FixedClock
from tests.jobs.test_schedule import ENVIRON, FEEDS, NOW

TEXT = FEEDS.replace("{web}", "https://example.org")
REMIND = TEXT.replace("timezone: Europe/Berlin", "timezone: Europe/Berlin\n  remind reviewer: Thursday 21:00")
SKIPPED = Run(datetime(2026, 10, 23, 8, tzinfo=UTC), "no issue on 2026-10-23: skipped by feeds.yaml:6")
BOUNCES = "delivery:\n  bounces to: back@example.org\n  bounce mailbox: back.mbox\n"


def told(home: Path, now: datetime, text: str = TEXT, count: int = 10) -> list[Run]:
    (home / "feeds.yaml").write_text(text)
    with open_newsletter(home, environ=ENVIRON, now=lambda: now) as app:
        return next_runs(app, count=count)


def test_the_next_runs_say_which_week_is_skipped_and_by_which_line(tmp_path: Path) -> None:
    assert told(tmp_path, NOW + timedelta(days=2), count=5) == [
        (NOW + timedelta(days=2), "clean up, once a day"),
        (NOW + timedelta(days=2), "read Planet"),
        SKIPPED,
        (datetime(2026, 10, 29, 17, 30, tzinfo=UTC), "make the draft of the issue for Fri 30 Oct"),
        (datetime(2026, 10, 30, 9, tzinfo=UTC), "send the issue for Fri 30 Oct, if it is approved"),
    ]


def test_a_week_to_skip_is_told_until_its_hour_and_the_next_issue_with_it(tmp_path: Path) -> None:
    next_draft = (datetime(2026, 10, 29, 17, 30, tzinfo=UTC), "make the draft of the issue for Fri 30 Oct")
    before, after = (told(tmp_path, SKIPPED.at + timedelta(hours=each), count=1) for each in (-1, 1))
    assert SKIPPED in before
    assert next_draft in before
    assert SKIPPED not in after
    assert next_draft in after


def test_a_draft_that_was_slept_through_is_made_now(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(TEXT)
    now = NOW - timedelta(days=7)
    with open_newsletter(tmp_path, environ=ENVIRON, now=lambda: now) as app:
        late = Run(now, "make the draft of the issue for Fri 09 Oct")
        assert late not in next_runs(app), "nobody waits for a draft from before the first start"
        begin(app)
    now += timedelta(days=7, hours=5)
    with open_newsletter(tmp_path, environ=ENVIRON, now=lambda: now) as app:
        assert (now, "make the draft of the issue for Fri 16 Oct") in next_runs(app)


def test_the_next_issue_is_told_however_many_sources_there_are(tmp_path: Path) -> None:
    sources = "".join(f"  - name: S{at}\n    url: https://s{at}.example/\n" for at in range(20))
    runs = told(tmp_path, NOW - timedelta(days=7, hours=1), REMIND + sources)
    assert len(runs) == 10
    assert [what for _, what in runs if what.startswith("read ")] == ["read Planet, the next of 21 sources"]
    assert runs[2:5] == [
        (datetime(2026, 10, 8, 16, 30, tzinfo=UTC), "make the draft of the issue for Fri 09 Oct"),
        (datetime(2026, 10, 8, 19, 0, tzinfo=UTC), "time to review the issue for Fri 09 Oct"),
        (datetime(2026, 10, 9, 8, 0, tzinfo=UTC), "send the issue for Fri 09 Oct, if it is approved"),
    ]


def test_sources_that_nobody_asks_are_counted_as_well(tmp_path: Path) -> None:
    more = "  - name: A\n    url: https://a.example/\n  - name: B\n    url: https://b.example/\n    paused: yes\n"
    said = [what for _, what in told(tmp_path, NOW, REMIND + more) if what.startswith("read ")]
    assert said == ["read A, the next of 2 sources (1 more is not read: gone, paused or at rest)"]


def test_the_mailbox_and_the_clean_up_have_hours(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(TEXT + BOUNCES)
    now = datetime(2026, 10, 24, 21, 7, 3, tzinfo=UTC)
    with open_newsletter(tmp_path, environ=ENVIRON, now=lambda: now) as app:
        assert (now, "clean up, once a day") in next_runs(app)
        assert (now.replace(minute=15, second=0), "read the mails that came back, every 15 minutes") in next_runs(app)
        with app.database.transaction() as db:
            jobs.done(db, CLEAN_UP, "2026-10-24", now=now)
        assert (datetime(2026, 10, 24, 22, tzinfo=UTC), "clean up, once a day") in next_runs(app)


def test_the_issue_in_progress_says_what_it_waits_for(tmp_path: Path) -> None:
    clock, hour = FixedClock(datetime(2026, 10, 8, 17, 0, tzinfo=UTC)), datetime(2026, 10, 9, 8, tzinfo=UTC)
    (tmp_path / "feeds.yaml").write_text(REMIND)
    with open_newsletter(tmp_path, environ=ENVIRON, now=clock) as app:
        make_draft(app, newest_period(app.config.schedule, clock()))
        runs = next_runs(app)
        assert (hour, "send issue 1: it waits for approval") in runs
        assert (datetime(2026, 10, 8, 19, tzinfo=UTC), "time to review the issue for Fri 09 Oct") in runs
        assert not any(what.startswith("send the issue for Fri 09 Oct") for _, what in runs)
        render_issue(app, 1)
        approve(app, 1, editor="Ines")
        runs = next_runs(app)
        assert (hour, "send issue 1") in runs
        assert not any("waits" in what or "Fri 09 Oct" in what for _, what in runs)
        clock.now = hour + timedelta(hours=7)
        send_due(app, is_over=lambda: False, rest=lambda seconds: None)
        assert (hour, "issue 1 is asking whether it still goes out: its hour has passed") == next_runs(app)[0]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Sun 2026-10-25 02:30 CEST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Sun 2026-10-25 02:30 CET"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "Sun 2026-10-25 03:30"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Sun 2026-03-29 03:00"),
    ],
)
def test_an_hour_that_comes_twice_says_which(at: datetime, said: str) -> None:
    assert _hour(at.astimezone(ZoneInfo("Europe/Berlin"))) == said


def test_it_is_told_as_json(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(TEXT)
    runs = json.loads(CliRunner().invoke(schedule, ["--home", str(tmp_path), "--json"]).stdout)
    assert len(runs) >= 10
    assert [each["at"] for each in runs] == sorted(each["at"] for each in runs)
    for each in runs:
        assert datetime.fromisoformat(each["local"]) == datetime.fromisoformat(each["at"])
        assert each["what"]
