"""Two never read one source: neither workers nor who reads by hand nor the desk."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from newsletter.cli.sources import gather as gather_command
from newsletter.errors import DatabaseAway, StoreFault
from newsletter.jobs.queue import InlineQueue
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline import holding as holding_module
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.gather import due_sources, gather_sources
from newsletter.pipeline.holding import hold_source, holding, kept_alive
from newsletter.pipeline.readings_aside import READ
from newsletter.pipeline.source_acts import read_now
from newsletter.store.queue import open_jobs
from tests.loopback import Web, atom
from tests.pipeline.conftest import Home

TWO = "".join(f"  - name: {name}\n    kind: feed\n    url: {{web}}/{name}.xml\n" for name in ("Planet", "Blog"))
FEEDS = f"schedule:\n  timezone: Europe/Berlin\nsources:\n{TWO}"


def ready(home: Home) -> Home:
    home.write(FEEDS)
    for name in ("Planet", "Blog"):
        home.web[f"/{name}.xml"] = atom((name, f"Words of {name}", "2026-10-12T09:00:00Z", "Hello there."))
    return home


def hold(home: Home, name: str) -> None:
    """Another process begins to read the source."""
    with home.opened() as app, app.database.transaction() as db:
        source = next(each for each in app.config.sources if each.name == name)
        assert hold_source(db, source, holder="elsewhere:1:x/1", now=home.clock())


class Gate:
    """A web that answers nothing about ``path`` before it is opened."""

    def __init__(self, web: Web, path: str) -> None:
        self.asked, self.open = threading.Event(), threading.Event()
        answer = web.answer

        def later(asked: str, conditions: str | None) -> tuple[int, dict[str, str], bytes]:
            if asked == path:
                self.asked.set()
                assert self.open.wait(30)
            return answer(asked, conditions)

        web.answer = later  # type: ignore[method-assign]


@contextmanager
def beside(function: Callable[[], Any]) -> Iterator[list[Any]]:
    """Do it in a thread; at the end of the block it is waited for, and what it gave is in the list."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    try:
        yield found
    finally:
        thread.join(30)


@contextmanager
def service(home: Home) -> Iterator[tuple[Runner, InlineQueue]]:
    shop, queue, asked = make_queue(Surroundings(home.folder, home.environ, home.clock, {}))
    with shop.opened():
        yield Runner(shop.current, asked), queue


def test_what_another_reads_is_left_to_it_and_the_rest_is_read(any_home: Home) -> None:
    home = ready(any_home)
    hold(home, "Planet")
    found = home.gather()
    assert found["Planet"].busy == "being read by another process since 2026-10-15 20:35:00 Europe/Berlin"
    assert (found["Planet"].is_failed, found["Planet"].problem) == (True, None)
    assert (found["Blog"].busy, found["Blog"].new_count) == ("", 1)
    assert home.web.asked == [("/Blog.xml", 200)]
    home.clock.move(seconds=31)
    assert home.gather()["Planet"].new_count == 1, "a holder that was not heard of holds nothing"


def test_the_command_says_so_and_ends_with_3(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(home)
    home.clock.now = datetime.now(UTC)
    monkeypatch.setattr("os.environ", {**home.environ})
    hold(home, "Planet")
    result = CliRunner().invoke(gather_command, ["--home", str(home.folder), "planet"], standalone_mode=False)
    assert result.return_value == 3
    assert "Planet" in result.stderr
    assert "being read by another process since" in result.stderr
    assert home.web.asked == []


def test_the_desk_says_so(home: Home) -> None:
    ready(home)
    hold(home, "Planet")
    with home.opened() as app:
        assert read_now(app, app.config.sources[0]).busy.startswith("being read by another process")


def test_a_worker_waits_for_who_reads_by_hand(any_home: Home) -> None:
    home = ready(any_home)
    gate = Gate(home.web, "/Planet.xml")
    with service(home) as (runner, queue), capture_logs():
        with beside(lambda: home.gather("Planet")) as read:
            assert gate.asked.wait(30)
            runner.look()
            queue.drain()
            assert home.web.asked == [("/Blog.xml", 200)], "the other one is free"
            gate.open.set()
        assert read[0]["Planet"].new_count == 1
        home.clock.move(seconds=3)
        runner.look()
        queue.drain()
        assert home.web.asked == [("/Blog.xml", 200), ("/Planet.xml", 200)]
        with queue.shop.app.database.reading() as db:
            assert open_jobs(db, [READ]) == []


def test_who_reads_by_hand_leaves_a_source_to_the_worker(any_home: Home) -> None:
    home = ready(any_home)
    gate = Gate(home.web, "/Planet.xml")
    with service(home) as (runner, queue), capture_logs():
        runner.look()
        with beside(queue.drain):
            assert gate.asked.wait(30)
            assert home.gather("Planet")["Planet"].busy.startswith("being read by another process since")
            gate.open.set()
    assert home.web.asked.count(("/Planet.xml", 200)) == 1


def test_what_was_read_meanwhile_goes_on_from_there(home: Home) -> None:
    ready(home)
    with home.opened() as app:
        seen = due_sources(app)
        home.gather()
        reports = gather_sources(app, seen)
    assert [(each.new_count, each.state.state) for each in reports] == [(0, "unchanged")] * 2
    assert {status for _, status in home.web.asked[2:]} == {304}, "with the cursor of the other reading"


def test_a_long_reading_is_held_to_its_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(home)
    kept, keep = threading.Semaphore(0), holding_module.keep_places

    def noted(*args: Any, **options: Any) -> None:
        keep(*args, **options)
        kept.release()

    monkeypatch.setattr(holding_module, "LEASE", timedelta(seconds=0.2))
    monkeypatch.setattr(holding_module, "keep_places", noted)
    with home.opened() as app, holding(app) as holder:
        source = app.config.sources[0]
        with app.database.transaction() as db:
            assert holder.take(db, source)
        home.clock.move(seconds=0.15)
        for _ in range(2):  # one may have begun before the clock went on
            assert kept.acquire(timeout=20)
        home.clock.move(seconds=0.15)
        with app.database.transaction() as db:
            assert not hold_source(db, source, holder="other:2:x/1", now=home.clock())
    with home.opened() as app, app.database.transaction() as db:
        assert hold_source(db, source, holder="other:2:x/1", now=home.clock()), "free when the block ends"


def test_whatever_happens_it_goes_on_saying_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding_module, "LEASE", timedelta(seconds=0.02))
    faults: list[Exception] = [StoreFault("The database is in use."), RuntimeError("a mistake of ours")]
    faults.append(DatabaseAway("its link says so"))
    said = threading.Event()

    def say() -> None:
        if faults:
            raise faults.pop(0)
        said.set()

    with capture_logs() as logs, kept_alive(say):
        assert said.wait(timeout=20)
    assert [(each["event"], each["log_level"]) for each in logs] == [("lease", "warning"), ("lease", "error")]


def test_a_process_of_this_machine_that_is_gone_holds_nothing(home: Home) -> None:
    ready(home)
    name = "import sys; from newsletter.pipeline.holding import new_worker; sys.stdout.write(new_worker())"
    gone = subprocess.run([sys.executable, "-c", name], capture_output=True, text=True, check=True).stdout
    with home.opened() as app, app.database.transaction() as db:
        planet, blog = app.config.sources
        for source, holder in ((planet, f"{gone}/planet"), (blog, "elsewhere:1:2-x/1")):
            assert hold_source(db, source, holder=holder, now=home.clock())
        assert hold_source(db, planet, holder=f"{holding_module.new_worker()}/planet", now=home.clock())
        for source in (planet, blog):
            assert not hold_source(db, source, holder="elsewhere:3:4-y/1", now=home.clock())
