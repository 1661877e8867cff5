"""What doctor finds out about the queue: whether the broker answers, lets us in, and has the queue of this database."""

import logging
import sys
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import NewsletterError
from newsletter.model.check import Check, fault, ok
from newsletter.pipeline.doctor_here import Opening
from newsletter.pipeline.in_force import QUEUE_VARIABLE
from newsletter.store.checkup import condition
from newsletter.store.queue import queue_name

SECONDS = 4.0
_NOT_FOUND = 404
_MEND = {
    "login": f"refuses the user or the password. Put those in {QUEUE_VARIABLE} right (rabbitmqctl list_users).",
    "virtual host": f"refuses the virtual host. Make it and give the user rights there, or put {QUEUE_VARIABLE} right.",
    "queue": "does not let this user at the queue. Give it the right: rabbitmqctl set_permissions USER '.*' '.*' '.*'",
}


def queue_check(address: str, opening: Opening | None = None) -> Check:
    """Whether the broker at ``address`` lets us in; ``opening`` gives the database that knows what its queue is."""
    try:
        where = ", ".join(map(_place, address.split(";")))
    except ValueError:
        return fault("queue", f"{QUEUE_VARIABLE} is no address. Write it as amqp://USER:PASSWORD@HOST:5672")
    found: list[Check] = []
    # A broker that stops in the middle of a sentence is waited for by nobody.
    asking = threading.Thread(target=_ask, args=(address, where, opening, found), daemon=True)
    asking.start()
    asking.join(SECONDS)
    text = (
        f"{where} takes connections and says nothing for {SECONDS:g} s. Start RabbitMQ anew, or look at what is there."
    )
    return found[-1] if found else fault("queue", text)


def _place(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname or 'localhost'}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"


def _ask(address: str, where: str, opening: Opening | None, found: list[Check]) -> None:
    """Put into ``found`` what there is to say."""
    try:
        import pika

        from newsletter.pipeline import broker_words as words
    except ModuleNotFoundError as missing:
        text = f"The queue needs {missing.name}, which is not installed. Run: pip install 'newsletter[queue]'"
        found.append(fault("queue", text))
        return
    # What is wrong is said here, in a line.
    logging.getLogger("pika").setLevel(sys.maxsize)
    try:
        connection = pika.BlockingConnection([_parameters(pika, each) for each in address.split(";")])
    except words.FAULTS as wrong:
        if words.says_nothing(wrong):
            return
        what = words.refused(wrong)
        text = _MEND[what] if what else f"cannot be reached ({words.said_of(wrong)}). Start RabbitMQ."
        found.append(fault("queue", f"{where} {text}"))
        return
    except ValueError:
        found.append(fault("queue", f"{QUEUE_VARIABLE} is no address. Write it as amqp://USER:PASSWORD@HOST:5672"))
        return
    found.append(ok("queue", f"{where} lets us in."))
    name = _name(opening)
    found.clear()
    try:
        found.append(_of_queue(connection.channel(), where, name))
    except words.FAULTS as wrong:
        what = words.refused(wrong)
        said = words.said_of(wrong)
        found.append(fault("queue", f"{where} {_MEND[what] if what else f'lets us in, and then: {said}.'}"))
    with suppress(*words.FAULTS):
        connection.close()


def _parameters(pika: Any, address: str) -> Any:
    made = pika.URLParameters(address)
    made.connection_attempts = 1
    made.socket_timeout = made.stack_timeout = SECONDS
    return made


def _name(opening: Opening | None) -> str | None:
    """What the queue of the database is called; a database that is away is told elsewhere."""
    if opening is None:
        return None
    with suppress(NewsletterError, OSError), opening() as database:
        if condition(database).is_current:
            with database.reading() as db:
                return queue_name(db)
    return None


def _of_queue(channel: Any, where: str, name: str | None) -> Check:
    if name is None:
        return ok("queue", f"{where} lets us in. “newsletter run” makes the queue.")
    try:
        answer = channel.queue_declare(queue=name, passive=True).method
    except Exception as wrong:
        if getattr(wrong, "reply_code", None) != _NOT_FOUND:
            raise
        return ok("queue", f"{where} lets us in. The queue {name} is not there yet; whoever sends first makes it.")
    number = answer.message_count
    waiting = "1 message waits" if number == 1 else f"{number:,} messages wait"
    return ok("queue", f"{where} lets us in; {waiting} in {name}, where {answer.consumer_count} workers listen.")
