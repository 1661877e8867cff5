"""The queue for many machines: Dramatiq on RabbitMQ carries the names of jobs, our rows say what is done.

A message is acknowledged when its job came to an end, so that a worker which dies gives it back at once. A message too
many does no harm, for whoever has it must claim the row; one too few is sent again by the next look of the scheduler.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.middleware import Retries, TimeLimit

from newsletter.errors import NewsletterError
from newsletter.jobs.broker_link import UNREACHABLE, Link, quiet_libraries
from newsletter.jobs.errands import ERRANDS
from newsletter.jobs.work import Workshop
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.broker_words import ANSWER_SECONDS
from newsletter.store.queue import Job, make_queue_name, queue_name

ANYWHERE = tuple(name for name, each in ERRANDS.items() if each.place == "anywhere")
AT_HOME = tuple(name for name, each in ERRANDS.items() if each.place == "home")

Do = Callable[[str, str], None]


class _Broker(RabbitmqBroker):
    """A broker that says when those who listen to it lose it."""

    def __init__(self, url: str) -> None:
        super().__init__(url=url, confirm_delivery=True, middleware=[TimeLimit(), Retries()])
        for each in self.parameters if isinstance(self.parameters, list) else [self.parameters]:
            # Each place of an address is tried once; who asks comes back by itself.
            each.connection_attempts = 1
            each.socket_timeout = each.stack_timeout = each.blocked_connection_timeout = ANSWER_SECONDS
        self.link = Link(then="it is asked again every few seconds")

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> dramatiq.Consumer:
        """What listens to a queue; a connection that was lost is opened again by asking anew."""
        try:
            found = super().consume(queue_name, prefetch, timeout)
        except UNREACHABLE as fault:
            self.link.is_lost(fault)
            raise
        self.link.is_found()
        return found


class Messages:
    """The broker, and an actor for each job that may be done anywhere; ``name`` says what their queue is called."""

    def __init__(self, url: str, do: Do, name: Callable[[], str]) -> None:
        quiet_libraries()
        self.broker = _Broker(url)
        self._do, self._name = do, name
        self._actors: dict[str, Any] = {}

    @cached_property
    def queue(self) -> str:
        """What the queue is called; asked for once, for the database that knows it is opened later than this."""
        queue = self._name()
        for name in ANYWHERE:
            errand = ERRANDS[name]
            make = dramatiq.actor(
                actor_name=name.replace(" ", "_"),
                queue_name=queue,
                broker=self.broker,
                max_retries=errand.tries,
                min_backoff=errand.backs_off * 1000,
                time_limit=errand.seconds * 1000,
            )
            self._actors[name] = make(self._do)
        return queue

    def send(self, job: Job, *, seconds: float = 0) -> None:
        """Send the name of a job, to be taken after so many seconds. Raises what is UNREACHABLE."""
        delay = {"delay": int(seconds * 1000)} if seconds > 0 else {}
        assert self.queue
        self._actors[job.name].send_with_options(args=(job.name, job.slot), **delay)

    def is_empty(self) -> bool:
        """Whether no message waits. Raises what is UNREACHABLE."""
        ready, delayed, _ = self.broker.get_queue_message_counts(self.queue)
        return not ready and not delayed

    def rest(self) -> None:
        """Close the connection of this thread: nobody would answer for it until something else is sent."""
        with suppress(*UNREACHABLE):
            del self.broker.connection

    def close(self) -> None:
        """Take leave of the broker."""
        with suppress(*UNREACHABLE):
            self.broker.close()


def do_with(shop: Workshop, send: Callable[[Job, float], None]) -> Do:
    """What a worker does with a message: the job it names, and another message when it is to be tried again."""

    def do(name: str, slot: str) -> None:
        outcome = shop.claim_and_do(name, slot)
        if outcome.again_at is not None:
            seconds = (outcome.again_at - shop.app.now()) / timedelta(seconds=1)
            send(Job(name, slot, {}), max(seconds, 0))

    return do


def queue_of(app: Newsletter) -> str:
    """What the queue of this newsletter is called: the same for all that work on its database, and for nobody else."""
    with app.database.reading() as db:
        known = queue_name(db)
    if known:
        return known
    with app.database.transaction() as db:
        return make_queue_name(db)


def no_work(name: str, slot: str) -> None:
    """For whoever only sends."""
    raise NewsletterError(f"“{name}” is not done here.")
