"""The service of a home: the schedule, the queue, what comes back by mail, and whatever is served beside it."""

import _thread
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import structlog

from newsletter.errors import UsageError
from newsletter.jobs.lock import only_one
from newsletter.jobs.memory import share_heaps
from newsletter.jobs.queue import InlineQueue, Queue
from newsletter.jobs.schedule import Clock, Runner
from newsletter.jobs.work import Workshop
from newsletter.pipeline.app import open_newsletter, system_clock
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.in_force import QUEUE_VARIABLE
from newsletter.pipeline.other_runs import announce

_LOOK_SECONDS = 0.5

log = structlog.get_logger()

Beside = Callable[[], AbstractContextManager[str]]
"""Serves something as long as it is entered, and gives its address."""


def run_until_stopped(home: Path, *, environ: Mapping[str, str], beside: Beside = lambda: nullcontext("")) -> None:
    """Run the newsletter of ``home`` until SIGINT or SIGTERM, then end within ten seconds.

    Raises WrongState when it runs already, ConfigError when its feeds.yaml was never good.
    """
    stop = stop_signal()
    with only_one(home):
        shop, queue, asked = make_queue(Surroundings(home, environ, system_clock, {}))
        with shop.opened(), beside() as url:
            _tell_others(shop)
            clock = Clock(Runner(shop.current, asked))
            clock.start()
            queue.start()
            log.info(
                "started", home=str(home.resolve()), stop_it_with="Ctrl+C", **({"desk": f"{url}desk/"} if url else {})
            )
            with _listening(home, environ):
                wait_for(stop)
            clock.stop()
            is_whole = queue.stop()
        end(is_whole=is_whole)


def _tell_others(shop: Workshop) -> None:
    """Say which other services work on this database, each in a home of its own: what one makes the other lacks."""
    for other in announce(shop.app, shop.worker):
        log.warning(
            "another run is alive on this database",
            host=other.host,
            home=other.home,
            then="Drafts lie in the home of the one that made them. Stop one of the two.",
        )


def make_queue(around: Surroundings) -> tuple[Workshop, InlineQueue, Queue]:
    """Where this process works, what does jobs here, and the queue that takes all: the broker's where one is named."""
    share_heaps()
    url = around.environ.get(QUEUE_VARIABLE)
    shop = Workshop(around, put=lambda app, job: asked.put(app, [job]))
    asked: Queue
    if not url:
        asked = here = InlineQueue(shop)
        return shop, here, asked
    broker = import_broker()
    from newsletter.jobs.broker_queue import BrokerQueue  # needs what was just found

    here = InlineQueue(shop, names=broker.AT_HOME)
    messages = broker.Messages(url, broker.no_work, lambda: broker.queue_of(shop.app))
    asked = sending = BrokerQueue(messages, here)
    shop.at_end.append(sending.close)
    return shop, here, asked


def import_broker() -> Any:
    """What speaks to a broker; only who names one needs it. Raises UsageError when it is not installed."""
    try:
        return importlib.import_module("newsletter.jobs.broker")
    except ModuleNotFoundError as fault:
        text = f"The queue needs {fault.name}, which is not installed. Run: pip install 'newsletter[queue]'"
        raise UsageError(text) from fault


def stop_signal() -> threading.Event:
    """What is set when somebody ends this process."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A thread of its own sets it: the main one may just hold the lock of the event, and would wait for itself.
        signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ()))
    return stop


def wait_for(stop: threading.Event) -> None:
    """Wait until somebody ends this process."""
    # A signal that comes just as a wait begins, or that another thread takes, is noted by the interpreter and does not
    # wake the main thread, which alone heeds it: it has to look by itself.
    while not stop.wait(_LOOK_SECONDS):
        pass


def end(*, is_whole: bool) -> None:
    """Say that it is over. What is still in its middle has no more time: all of it can be begun again."""
    log.info("stopped", the_next_start="goes on where this one was")
    # At its end the interpreter waits for every thread that is no daemon, such as one that pages began a reading in.
    others = (each for each in threading.enumerate() if each is not threading.main_thread())
    if not is_whole or any(not each.daemon for each in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


@contextmanager
def _listening(home: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Take what comes back by LMTP, where feeds.yaml says so when the service starts."""
    with open_newsletter(home, environ=environ) as app:
        place = app.config.delivery.bounces.listener
    if place is None:
        yield
        return
    # Only who has such a mail server needs to know its language.
    from newsletter.jobs.bounce_listener import listening_for_bounces

    with listening_for_bounces(home, place, environ=environ) as where:
        log.info("bounces", taken_at=f"{where[0]}:{where[1]}")
        yield
