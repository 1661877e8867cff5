from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsletter.errors import ConfigError
from newsletter.jobs import schedule
from newsletter.jobs.next_runs import next_runs
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline.app import open_newsletter, system_clock
from newsletter.pipeline.approval import approve
from newsletter.pipeline.current import Surroundings
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


@contextmanager
def service(home: Path, now: Callable[[], datetime], **environ: str) -> Iterator[Callable[[], None]]:
    """Gives what the service does at one moment, all of it: it looks, and does what it asked for."""
    shop, queue, asked = make_queue(Surroundings(home, ENVIRON | environ, now, {}))
    with shop.opened():
        runner = Runner(shop.current, asked)

        def look() -> None:
            runner.look()
            queue.drain()

        yield look


def events(logged: Sequence[Mapping[str, object]], name: str) -> list[Mapping[str, object]]:
    return [each for each in logged if each["event"] == name]


def test_a_look_reads_and_drafts_at_the_hour_and_a_second_one_does_nothing(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 10, 15, 16, 10, tzinfo=UTC))
    with serving() as web, capture_logs() as logged, ExitStack() as stack:
        (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", web.base))
        web["/planet.xml"] = atom(("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers."))
        look = stack.enter_context(service(tmp_path, clock))
        look()
        assert web.asked == [("/planet.xml", 200)]
        assert not events(logged, "draft_ready"), "the hours before a first start were not missed"
        [begun] = events(logged, "first_start")
        assert begun["first_draft"] == "Thu 2026-10-15 18:30 Europe/Berlin"
        assert "newsletter build" in str(begun["before_that"])
        clock.move(minutes=21)
        look()
        look()
        clock.move(hours=3)
        look()
        assert web.asked == [("/planet.xml", 200), ("/planet.xml", 304)]
    [ready] = events(logged, "draft_ready")
    assert (ready["issue"], str(ready["file"]).endswith("0001/issue.html")) == (1, True)
    assert len(events(logged, "first_start")) == 1


def test_whatever_ends_a_look_the_next_one_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", "https://planet.example"))
    shop, _, asked = make_queue(Surroundings(tmp_path, ENVIRON, system_clock, {}))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(schedule, "jobs_due", full)
    with shop.opened(), capture_logs() as logged:
        clock = schedule.Clock(Runner(shop.current, asked))
        clock.scheduler.start(paused=True)
        clock._look()
        assert [job.id for job in clock.scheduler.get_jobs()] == ["look"]
        clock.stop()
    assert [each["log_level"] for each in events(logged, "run")] == ["error"]


def test_a_mistake_in_the_file_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 10, 14, tzinfo=UTC))
    with serving() as web, capture_logs() as logged, ExitStack() as stack:
        web["/planet.xml"] = atom()
        good = FEEDS.replace("{web}", web.base)
        (tmp_path / "feeds.yaml").write_text(good)
        look = stack.enter_context(service(tmp_path, clock))
        look()
        (tmp_path / "feeds.yaml").write_text(good.replace("check every", "chek every"))
        clock.move(hours=4)
        look()
        assert len(web.asked) == 2, "the last good version stays in force"
        look()
        (tmp_path / "feeds.yaml").write_text(good)
        look()
        look()
    told = events(logged, "feeds.yaml")
    assert ["problem" in each for each in told] == [True, False]
    assert str(told[0]["problem"]).startswith("feeds.yaml:11: ")
    assert told[1]["good_again"]


def test_a_file_that_was_never_good_is_no_home_to_run(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("newsletter:\n  nam: x\n")
    with pytest.raises(ConfigError), service(tmp_path, lambda: NOW):
        pass


def test_a_look_brings_an_approved_issue_before_readers_at_its_hour(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 10, 8, 18, 0, tzinfo=UTC))
    with serving() as web, capture_logs() as logged, ExitStack() as stack:
        (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", web.base))
        web["/planet.xml"] = atom(("one", "First words", "2026-10-07T09:00:00Z", "Hello there, dear readers."))
        look = stack.enter_context(service(tmp_path, clock))
        with open_newsletter(tmp_path, environ=ENVIRON, now=clock) as app:
            add_editor(app, "Ines", role="manager")
            clock.move(minutes=1)
            make_draft(app, newest_period(app.config.schedule, clock()))
            render_issue(app, 1)
            approve(app, 1, editor="Ines")
            hour = datetime(2026, 10, 9, 8, 0, tzinfo=UTC)
            assert (hour, "put issue 1 before readers") in next_runs(app, count=3)
            page = app.site / "issues" / "1" / "index.html"
        look()
        assert not page.exists()
        clock.now = hour
        look()
        look()
        assert page.is_file()
        with open_newsletter(tmp_path, environ=ENVIRON, now=clock) as app:
            assert not any("before readers" in what for _, what in next_runs(app, count=3))
    assert [each["issues"] for each in events(logged, "public")] == [[1]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("night", "at"),
    [
        (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
    ids=["an hour that comes twice", "an hour that is left out"],
)
def test_the_night_of_the_clock_change_fires_once(tmp_path: Path, night: datetime, at: datetime) -> None:
    times = (
        "timezone: Europe/Berlin\n  collect until: Saturday 20:00\n  draft ready: Sunday 02:30\n  send: Monday 10:00"
    )
    clock, made = FixedClock(night), []
    with serving() as web, capture_logs() as logged:
        web["/planet.xml"] = atom(("one", "First words", f"{night:%Y-%m-%d}T09:00:00Z", "Hello there, dear readers."))
        (tmp_path / "feeds.yaml").write_text(FEEDS.replace("{web}", web.base).replace("timezone: Europe/Berlin", times))
        with service(tmp_path, clock) as look:
            for _ in range(48):
                look()
                if len(events(logged, "draft_ready")) > len(made):
                    made.append(clock())
                clock.move(minutes=10)
    assert made == [at]
