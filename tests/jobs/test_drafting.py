"""A period is drafted once, whoever falls in the middle of it and however many are there to do it."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from newsletter.jobs.queue import InlineQueue
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline import due
from newsletter.pipeline.app import DATABASE_VARIABLE, open_newsletter
from newsletter.pipeline.current import Surroundings
from newsletter.store import issues, jobs
from newsletter.store.queue import open_jobs
from tests.fakes import FixedClock
from tests.loopback import Web, atom, serving

FEEDS = """newsletter:
  name: Test weekly
  from: Test <test@example.org>
sources:
  - name: Planet
    kind: feed
    url: {web}/planet.xml
    check every: 7 days
"""
HOUR = datetime(2026, 10, 15, 18, 30, tzinfo=UTC)
POINTS = ("make_draft", "render_issue", "publish_site", "jobs.done")


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as found:
        found["/planet.xml"] = atom(("one", "First words", "2026-10-12T09:00:00Z", "Hello there, dear readers."))
        yield found


def at_home(folder: Path, web: Web, **environ: str) -> Surroundings:
    folder.mkdir(exist_ok=True)
    (folder / "feeds.yaml").write_text(FEEDS.replace("{web}", web.base))
    return Surroundings(folder, {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", **environ}, FixedClock(HOUR), {})


@contextmanager
def service(around: Surroundings) -> Iterator[tuple[Runner, InlineQueue]]:
    shop, queue, asked = make_queue(around)
    with shop.opened():
        yield Runner(shop.current, asked), queue


def fall_at(around: Surroundings, point: str) -> None:
    """A service that reads and drafts, and is killed (SIGKILL) where the draft comes to ``point``."""
    pid = os.fork()
    if pid == 0:
        try:
            holder, name = (jobs, "done") if point == "jobs.done" else (due, point)
            real = getattr(holder, name)

            def deadly(*args: Any, **options: Any) -> Any:
                if point != "jobs.done" or args[1] == due.DRAFT:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            setattr(holder, name, deadly)
            with service(around) as (runner, queue):
                runner.look()
                queue.drain()
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def drafts(around: Surroundings) -> list[int]:
    with open_newsletter(around.home, environ=around.environ, now=around.now) as app, app.database.reading() as db:
        return issues.numbers(db)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_draft_killed_in_its_middle_is_made_when_the_lease_ends(
    tmp_path: Path, web: Web, database_url: str, point: str
) -> None:
    around = at_home(tmp_path, web, **{DATABASE_VARIABLE: database_url})
    fall_at(around, point)
    clock = around.now
    assert isinstance(clock, FixedClock)
    with capture_logs() as logged, service(around) as (runner, queue):
        clock.move(seconds=29)
        runner.look()
        queue.drain()
        assert not [each for each in logged if each["event"] == "draft_ready"], "its maker may live"
        clock.move(seconds=2)
        runner.look()
        queue.drain()
        assert [each["issue"] for each in logged if each["event"] == "draft_ready"] == [1]
        clock.move(hours=1)
        runner.look()
        queue.drain()
    assert [each["issue"] for each in logged if each["event"] == "draft_ready"] == [1]
    assert drafts(around) == [1]
    with open_newsletter(tmp_path, environ=around.environ, now=around.now) as app, app.database.reading() as db:
        assert jobs.is_done(db, due.DRAFT, "2026-10-15T18:00:00+00:00")
        assert open_jobs(db, ["make draft"]) == []


def test_two_schedulers_and_two_workers_draft_once(
    tmp_path: Path, web: Web, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real, both = [], due.make_draft, threading.Barrier(2, timeout=20)

    def make(*args: Any) -> Any:
        made.append(args)
        return real(*args)

    monkeypatch.setattr(due, "make_draft", make)
    homes = [at_home(tmp_path / name, web, **{DATABASE_VARIABLE: database_url}) for name in "ab"]
    with ExitStack() as stack, capture_logs():
        services = [stack.enter_context(service(each)) for each in homes]

        def work(runner: Runner, queue: InlineQueue) -> None:
            both.wait()
            for _ in range(3):
                runner.look()
                queue.drain()

        threads = [threading.Thread(target=work, args=each) for each in services]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for around in homes:
            around.now.move(seconds=20)  # type: ignore[attr-defined]
        for runner, queue in services:
            runner.look()
            queue.drain()
    assert len(made) == 1
    assert drafts(homes[0]) == [1]
