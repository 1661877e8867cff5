"""Workers on a real broker: every source is read, whoever dies meanwhile; what is stored is stored once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from newsletter.jobs.queue import InlineQueue
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.jobs.work import Workshop
from newsletter.pipeline.app import system_clock
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.readings_aside import READ
from newsletter.store.queue import open_jobs
from newsletter.store.sources import load_states
from newsletter.store.tables import items, jobs
from tests.loopback import Web, atom, serving

pytestmark = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.xdist_group("rabbitmq"), pytest.mark.timeout(240)]
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\nsources:\n"
SOURCES = 40


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, list[Web]]]:
    with ExitStack() as stack:
        webs = [stack.enter_context(serving(f"127.0.0.{number}")) for number in range(2, 10)]
        lines = []
        for number in range(SOURCES):
            web = webs[number % len(webs)]
            web[f"/{number}.xml"] = atom((f"one-{number}", f"Words {number}", "2026-10-12T09:00:00Z", "Hello there."))
            lines.append(f"  - name: S{number}\n    kind: feed\n    url: {web.base}/{number}.xml\n")
        (tmp_path / "feeds.yaml").write_text(HEAD + "".join(lines))
        yield tmp_path, webs


@contextmanager
def workers(home: Path, environ: dict[str, str], count: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "newsletter", "worker", "--home", str(home), "--processes", str(count)]
    process = subprocess.Popen(command, env={**os.environ, **environ}, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        began = time.monotonic()
        process.terminate()
        process.wait(20)
        assert time.monotonic() - began < 10, "a worker ends within ten seconds"


def wait_for(is_so: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)


def left(shop: Workshop) -> int:
    with shop.app.database.reading() as db:
        return len(open_jobs(db, [READ]))


@contextmanager
def scheduler(home: Path, environ: dict[str, str]) -> Iterator[tuple[Workshop, Runner, InlineQueue]]:
    shop, here, asked = make_queue(Surroundings(home, environ, system_clock, {}))
    with shop.opened():
        yield shop, Runner(shop.current, asked), here


def test_a_worker_that_is_killed_loses_nothing(home: tuple[Path, list[Web]], rabbitmq: str) -> None:
    folder, _ = home
    environ = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSLETTER_QUEUE_URL": rabbitmq}
    with scheduler(folder, environ) as (shop, runner, _), workers(folder, environ, 2) as process:
        wait_for(lambda: len(psutil.Process(process.pid).children()) == 2)
        runner.look()
        assert left(shop) > 0
        wait_for(lambda: left(shop) <= SOURCES - 3)
        psutil.Process(process.pid).children()[0].send_signal(signal.SIGKILL)
        wait_for(lambda: left(shop) == 0)
        with shop.app.database.reading() as db:
            states = load_states(db)
            stored = db.execute(select(func.count()).select_from(items)).scalar()
        assert {each.state for each in states.values()} <= {"ok", "unchanged"}
        assert all(each.checked_at for each in states.values())
        assert stored == SOURCES, "each item is stored once"


def test_what_a_lost_broker_forgot_is_sent_again(home: tuple[Path, list[Web]], rabbitmq: str) -> None:
    folder, _ = home
    environ = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSLETTER_QUEUE_URL": "amqp://127.0.0.1:1"}
    with scheduler(folder, environ) as (shop, runner, _):
        runner.look()
        assert left(shop) == SOURCES, "what is asked for is written down without a broker"
    environ["NEWSLETTER_QUEUE_URL"] = rabbitmq
    with scheduler(folder, environ) as (shop, runner, _), workers(folder, environ, 1):
        runner.look()
        wait_for(lambda: left(shop) == 0)


def test_a_worker_ends_soon_while_it_parses_and_gives_the_job_back(tmp_path: Path, rabbitmq: str) -> None:
    source = "  - name: Planet\n    kind: feed\n    url: http://127.0.0.1:9/\n"
    (tmp_path / "feeds.yaml").write_text(HEAD + source)
    environ = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSLETTER_QUEUE_URL": rabbitmq}
    mark = tmp_path / "begun"
    command = [sys.executable, "-m", "tests.jobs.slow", "parsing", str(mark), "worker", "--home", str(tmp_path)]
    with scheduler(tmp_path, environ) as (shop, runner, _):
        process = subprocess.Popen(command, env={**os.environ, **environ}, stderr=subprocess.DEVNULL)
        try:
            runner.look()
            wait_for(mark.exists)
            children = psutil.Process(process.pid).children(recursive=True)
            began = time.monotonic()
            process.terminate()
            assert process.wait(30) == 0
            assert time.monotonic() - began < 10
        finally:
            process.kill()
            process.wait()
        assert psutil.wait_procs(children, timeout=2)[1] == []
        with shop.app.database.reading() as db:
            [job] = open_jobs(db, [READ])
            [row] = db.execute(select(jobs.c.claimed_by).where(jobs.c.job == READ))
        assert (job.attempts, row.claimed_by) == (0, "")
