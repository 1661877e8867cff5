"""Jobs are done once, tried three times, kept while their process lives, and shared with other processes."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from newsletter.errors import Busy, NotFound, StoreFault
from newsletter.jobs import errands, work
from newsletter.jobs.errands import Errand
from newsletter.jobs.queue import InlineQueue
from newsletter.jobs.work import Workshop
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.job_aside import all_jobs_aside, drop_jobs, try_jobs_again
from newsletter.pipeline.readings_aside import READ
from newsletter.store import jobs, queue
from newsletter.store.queue import Job
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import any_home as any_home
from tests.pipeline.conftest import home as home

HELLO = Job("hello", "one", {"to": "you"})


class Trial:
    """An errand whose behaviour a test says; ``done`` is what it was asked."""

    def __init__(self) -> None:
        self.done: list[Mapping[str, Any]] = []
        self.fault: Exception | None = None

    def __call__(self, desk: Any, args: Mapping[str, Any]) -> None:
        self.done.append(dict(args))
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Trial:
    found = Trial()
    monkeypatch.setattr(work, "ERRANDS", {"hello": Errand(found, "anywhere", seconds=60, backs_off=60)})
    return found


@contextmanager
def working(home: Home) -> Iterator[InlineQueue]:
    home.write("")
    shop = Workshop(Surroundings(home.folder, home.environ, home.clock, {}), put=lambda app, job: None)
    with shop.opened():
        yield InlineQueue(shop, names=["hello"])


def put(at: InlineQueue, *wanted: Job) -> int:
    return at.put(at.shop.app, list(wanted))


def test_a_job_is_done_once_however_often_it_is_asked_for(any_home: Home, trial: Trial) -> None:
    with working(any_home) as at:
        assert put(at, HELLO, HELLO) == 1
        assert at.drain() == 1
        assert put(at, HELLO) == 0
        assert at.drain() == 0
        with at.shop.app.database.reading() as db:
            assert jobs.is_done(db, "hello", "one")
    assert trial.done == [{"to": "you"}]


def test_a_failing_job_waits_longer_each_time_and_is_set_aside_after_three(any_home: Home, trial: Trial) -> None:
    trial.fault = NotFound("no such thing")
    with working(any_home) as at, capture_logs():
        put(at, HELLO)
        assert at.drain() == 1
        any_home.clock.move(seconds=59)
        assert at.drain() == 0
        any_home.clock.move(seconds=1)
        assert at.drain() == 1
        any_home.clock.move(seconds=119)
        assert at.drain() == 0
        any_home.clock.move(seconds=1)
        assert at.drain() == 1
        any_home.clock.move(days=9)
        assert (at.drain(), put(at, HELLO)) == (0, 0)
        [found] = all_jobs_aside(at.shop.app)
        assert (found.name, found.args, found.attempts, found.reason) == ("hello", {"to": "you"}, 3, "no such thing")
        trial.fault = None
        try_jobs_again(at.shop.app, [found])
        assert at.drain() == 1
        assert all_jobs_aside(at.shop.app) == []
    assert len(trial.done) == 4


def test_a_job_that_was_dropped_does_not_come_back(home: Home, trial: Trial) -> None:
    trial.fault = ZeroDivisionError("a mistake in the program")
    with working(home) as at, capture_logs():
        put(at, HELLO)
        for _ in range(3):
            at.drain()
            home.clock.move(minutes=5)
        [found] = all_jobs_aside(at.shop.app)
        assert found.reason == "ZeroDivisionError: a mistake in the program"
        drop_jobs(at.shop.app, [found])
        assert (all_jobs_aside(at.shop.app), put(at, HELLO), at.drain()) == ([], 0, 0)


@pytest.mark.parametrize("fault", [Busy("another is at it", seconds=5), StoreFault("the disk is full"), OSError("no")])
def test_what_is_not_the_jobs_fault_does_not_count(home: Home, trial: Trial, fault: Exception) -> None:
    trial.fault = fault
    with working(home) as at, capture_logs():
        put(at, HELLO)
        for _ in range(9):
            assert at.drain() == 1
            home.clock.move(minutes=2)
        assert all_jobs_aside(at.shop.app) == []
        trial.fault = None
        assert at.drain() == 1


def test_a_job_that_ends_its_process_three_times_is_not_begun_again(any_home: Home, trial: Trial) -> None:
    with working(any_home) as at, capture_logs():
        put(at, HELLO)
        for worker in "abc":
            with at.shop.app.database.transaction() as db:
                [found] = queue.claim_ready(db, ["hello"], worker=worker, now=any_home.clock(), limit=5)
                assert found.attempts == "abc".index(worker) + 1
            assert at.drain() == 0, "its lease still runs"
            any_home.clock.move(minutes=16)
        assert at.drain() == 1
        [aside] = all_jobs_aside(at.shop.app)
        assert aside.reason == "the process that ran it ended 3 times, each time before its end"
    assert not trial.done


def test_of_two_that_claim_at_once_each_job_is_one_s(any_home: Home, trial: Trial) -> None:
    many = [Job("hello", f"{number:02}", {"number": number}) for number in range(40)]
    with working(any_home) as one, working(any_home) as two:
        put(one, *many)
        threads = [threading.Thread(target=each.drain) for each in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(args["number"] for args in trial.done) == list(range(40))


def test_in_the_background_jobs_are_done_beside_each_other_and_the_end_is_soon(home: Home, trial: Trial) -> None:
    both = threading.Barrier(2, timeout=10)

    def meet(desk: Any, args: Mapping[str, Any]) -> None:
        both.wait()

    work.ERRANDS["hello"] = Errand(meet, "anywhere", seconds=60, backs_off=60)  # type: ignore[index]
    with working(home) as at:
        at.start()
        put(at, HELLO, Job("hello", "two", {}))
        until = time.monotonic() + 10
        while _open(at) and time.monotonic() < until:
            time.sleep(0.01)
        assert _open(at) == 0
        assert at.stop(5)


def test_readings_that_hang_leave_room_for_the_others(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, over, sent = threading.Semaphore(0), threading.Event(), threading.Event()

    def hang(desk: Any, args: Mapping[str, Any]) -> None:
        begun.release()
        assert over.wait(60)

    def send(desk: Any, args: Mapping[str, Any]) -> None:
        sent.set()

    at_once = {name: Errand(do, "anywhere", seconds=60, backs_off=60) for name, do in ((READ, hang), ("send", send))}
    monkeypatch.setattr(work, "ERRANDS", at_once)
    home.write("")
    shop = Workshop(Surroundings(home.folder, home.environ, home.clock, {}), put=lambda app, job: None)
    with shop.opened():
        at = InlineQueue(shop, names=["send", READ], at_once=6)
        put(at, *(Job(READ, f"{number}", {"id": "x"}) for number in range(9)))
        at.start()
        try:
            for _ in range(2):
                assert begun.acquire(timeout=20)
            put(at, Job("send", "now", {}))
            assert sent.wait(20), "all places are taken by servers that hang"
            assert not begun.acquire(blocking=False), "two of six places are for readings"
        finally:
            over.set()
            assert at.stop(20)


def _open(at: InlineQueue) -> int:
    with at.shop.app.database.reading() as db:
        return len(queue.open_jobs(db, ["hello"]))


def test_a_process_that_ends_gives_back_what_it_took(any_home: Home, trial: Trial) -> None:
    with working(any_home) as other:
        with working(any_home) as at:
            put(at, HELLO)
            assert len(at._claim(5)) == 1
            assert other.drain() == 0
        assert other.drain() == 1
    assert trial.done == [{"to": "you"}]


def test_every_errand_says_where_and_how_long() -> None:
    assert {name for name, each in errands.ERRANDS.items() if each.place == "anywhere"} == {
        "read source",
        "check links",
    }
    assert all(each.tries == 3 and each.backs_off > 0 for each in errands.ERRANDS.values())


def test_done_rows_are_forgotten_after_their_time(any_home: Home, trial: Trial) -> None:
    with working(any_home) as at:
        put(at, HELLO)
        at.drain()
        with at.shop.app.database.transaction() as db:
            assert queue.forget_done(db, ["hello"], before=any_home.clock()) == 0
            assert queue.forget_done(db, ["hello"], before=any_home.clock() + timedelta(seconds=1)) == 1


def test_a_process_whose_file_names_a_source_begins_its_reading_again_that_failed_for_want_of_it(home: Home) -> None:
    feeds = "sources:\n  - name: B\n    kind: feed\n    url: {web}/b.xml\n"
    home.write("")
    shop = Workshop(Surroundings(home.folder, home.environ, home.clock, {}), put=lambda app, job: None)

    def waiting() -> list[str]:
        with shop.app.database.reading() as db:
            return [each.args["id"] for each in queue.open_jobs(db, [READ])]

    with capture_logs() as said, shop.opened():
        here = InlineQueue(shop, names=[READ])
        put(here, Job(READ, "b", {"id": "b", "slot": "b"}))
        for _ in range(3):
            here.drain()
            home.clock.move(minutes=9)
        [aside] = all_jobs_aside(shop.app)
        assert aside.reason == "There is no source with the id “b” in feeds.yaml of this machine."
        shop._keep()
        assert waiting() == []
        home.write(feeds)
        shop._keep()
        assert waiting() == ["b"]
    assert next(each for each in said if each["event"] == "readings set aside begin again")["count"] == 1


def test_the_command_shows_drops_and_replays_what_was_set_aside(home: Home, trial: Trial) -> None:
    from click.testing import CliRunner

    from newsletter.cli.aside import aside

    trial.fault = NotFound("no such thing")

    def told(*words: str) -> str:
        result = CliRunner().invoke(aside, [*words, "--home", str(home.folder)], standalone_mode=False)
        assert result.exception is None, result.output
        return result.output

    with working(home) as at, capture_logs():
        put(at, HELLO, Job("hello", "two", {}))
        for _ in range(3):
            at.drain()
            home.clock.move(minutes=5)
        assert f"{HELLO.id}  2026-10-15 18:4" in told("list")
        assert "job: hello  tried 3 times\n              no such thing\n" in told("list")
        assert "2 are set aside." in told("list")
        assert "1 dropped." in told("drop", HELLO.id[:8])
        assert "tried again" in told("replay", "--all")
        assert "Nothing is set aside." in told("list")
        trial.fault = None
        home.clock.now = at.shop.app.now() + timedelta(days=365)
        assert at.drain() == 1
