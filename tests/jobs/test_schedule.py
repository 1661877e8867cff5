from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from structlog.testing import capture_logs

from newsletter.jobs.schedule import Runner, next_runs, set_draft_hour
from newsletter.jobs.triggers import WeekTrigger
from newsletter.model.period import WeekTime
from newsletter.model.settings import Schedule
from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.approval import approve
from newsletter.pipeline.draft import make_draft
from newsletter.pipeline.editors import add_editor
from newsletter.pipeline.publish import render_issue
from newsletter.pipeline.times import newest_period
from tests.fakes import FixedClock
from tests.loopback import atom, serving

FEEDS = """newsletter:
  name: Test weekly
  from: Test <test@example.org>
schedule:
  timezone: Europe/Berlin
  skip: [2026-10-23]
sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    check every: 3 hours
"""
ENVIRON = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
NOW = datetime(2026, 10, 15, 17, 0, tzinfo=UTC)


def test_the_next_runs_are_checks_and_drafts_without_skipped_weeks(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", "https://example.org"))
    with open_newsletter(tmp_path, environ=ENVIRON, now=lambda: NOW) as app:
        runs = next_runs(app, count=3)
    assert runs == [
        (NOW, "read Planet"),
        (datetime(2026, 10, 29, 17, 30, tzinfo=UTC), "make the draft of the issue for Fri 30 Oct"),
        (datetime(2026, 11, 5, 17, 30, tzinfo=UTC), "make the draft of the issue for Fri 06 Nov"),
    ]


def test_the_next_issue_is_told_however_many_sources_are_read_before(tmp_path: Path) -> None:
    sources = "".join(f"  - name: S{at}\n    url: https://s{at}.example/\n" for at in range(20))
    text = FEEDS.replace("timezone: Europe/Berlin", "timezone: Europe/Berlin\n  remind reviewer: Thursday 21:00")
    (tmp_path / "feeds.yaml").write_text(text.replace("{web}", "https://example.org") + sources)
    with open_newsletter(tmp_path, environ=ENVIRON, now=lambda: NOW - timedelta(days=7, hours=1)) as app:
        runs = next_runs(app, count=10)
    assert len(runs) == 10
    assert runs[-2:] == [
        (datetime(2026, 10, 8, 16, 30, tzinfo=UTC), "make the draft of the issue for Fri 09 Oct"),
        (datetime(2026, 10, 8, 19, 0, tzinfo=UTC), "time to review the issue for Fri 09 Oct"),
    ]
    assert all(what.startswith("read ") for _, what in runs[:8])


def events(logged: Sequence[Mapping[str, object]], name: str) -> list[Mapping[str, object]]:
    return [each for each in logged if each["event"] == name]


def test_a_look_reads_and_drafts_at_the_hour_and_a_second_one_does_nothing(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 10, 15, 16, 10, tzinfo=UTC))
    with serving() as web, capture_logs() as logged:
        (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", web.base))
        web["/planet.xml"] = atom(("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers."))
        runner = Runner(tmp_path, ENVIRON, now=clock)
        runner.look()
        assert web.asked == [("/planet.xml", 200)]
        assert not events(logged, "draft_ready"), "the hours before a first start were not missed"
        [begun] = events(logged, "first_start")
        assert begun["first_draft"] == "Thu 2026-10-15 18:30 Europe/Berlin"
        assert "newsletter build" in str(begun["before_that"])
        clock.move(minutes=21)
        runner.look()
        runner.look()
        clock.move(hours=3)
        runner.look()
        assert web.asked == [("/planet.xml", 200), ("/planet.xml", 304)]
    [ready] = events(logged, "draft_ready")
    assert (ready["issue"], str(ready["file"]).endswith("0001/issue.html")) == (1, True)
    assert len(events(logged, "first_start")) == 1


def test_a_mistake_in_the_file_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 10, 14, tzinfo=UTC))
    with serving() as web, capture_logs() as logged:
        web["/planet.xml"] = atom()
        good = FEEDS.replace("{web}", web.base)
        (tmp_path / "feeds.yaml").write_text(good)
        runner = Runner(tmp_path, ENVIRON, now=clock)
        runner.look()
        (tmp_path / "feeds.yaml").write_text(good.replace("check every", "chek every"))
        clock.move(hours=4)
        runner.look()
        assert len(web.asked) == 2, "the last good version stays in force"
        runner.look()
        (tmp_path / "feeds.yaml").write_text(good)
        runner.look()
        runner.look()
    told = events(logged, "feeds.yaml")
    assert ["problem" in each for each in told] == [True, False]
    assert str(told[0]["problem"]).startswith("feeds.yaml:11: ")
    assert told[1]["good_again"]


def test_a_file_that_was_never_good_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("newsletter:\n  nam: x\n")
    runner = Runner(tmp_path, ENVIRON)
    with capture_logs() as logged:
        runner.look()
        count = len(logged)
        runner.look()
    assert len(logged) == count > 0


def test_a_changed_schedule_moves_the_draft_hour(tmp_path: Path) -> None:
    scheduler = BackgroundScheduler(timezone="UTC")
    runner = Runner(tmp_path, ENVIRON)
    scheduler.start(paused=True)
    try:
        set_draft_hour(scheduler, runner, Schedule())
        first = scheduler.get_job("draft").next_run_time
        set_draft_hour(scheduler, runner, Schedule(draft_ready=WeekTime(0, time(9))))
        assert [job.id for job in scheduler.get_jobs()] == ["draft"]
        assert (first.weekday(), scheduler.get_job("draft").next_run_time.weekday()) == (3, 0)
    finally:
        scheduler.shutdown()


def test_the_night_of_the_clock_change_has_each_hour_once() -> None:
    trigger = WeekTrigger(WeekTime(6, time(2, 30)), ZoneInfo("Europe/Berlin"))
    spring = trigger.get_next_fire_time(None, datetime(2026, 3, 28, tzinfo=UTC))
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert trigger.get_next_fire_time(spring, spring) == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)
    autumn = trigger.get_next_fire_time(None, datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert trigger.get_next_fire_time(autumn, autumn + timedelta(hours=1)) == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


def test_a_look_brings_an_approved_issue_before_readers_at_its_hour(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 10, 8, 18, 0, tzinfo=UTC))
    with serving() as web, capture_logs() as logged:
        (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", web.base))
        web["/planet.xml"] = atom(("one", "First words", "2026-10-07T09:00:00Z", "Hello there, dear readers."))
        runner = Runner(tmp_path, ENVIRON, now=clock)
        with open_newsletter(tmp_path, environ=ENVIRON, now=clock) as app:
            add_editor(app, "Ines", role="manager")
            clock.move(minutes=1)
            make_draft(app, newest_period(app.config.schedule, clock()))
            render_issue(app, 1)
            approve(app, 1, editor="Ines")
            hour = datetime(2026, 10, 9, 8, 0, tzinfo=UTC)
            assert (hour, "put issue 1 before readers") in next_runs(app, count=3)
            page = app.site / "issues" / "1" / "index.html"
        runner.look()
        assert not page.exists()
        clock.now = hour
        runner.look()
        runner.look()
        assert page.is_file()
        with open_newsletter(tmp_path, environ=ENVIRON, now=clock) as app:
            assert not any("before readers" in what for _, what in next_runs(app, count=3))
    assert [each["issues"] for each in events(logged, "public")] == [[1]]
