"""The broker is spoken to, not only reached; what it refuses is told with what to do, and when it says nothing."""

import socket
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from newsletter.model.check import Check
from newsletter.pipeline import doctor_queue
from newsletter.pipeline.doctor_queue import queue_check
from newsletter.store.database import Database
from newsletter.store.queue import make_queue_name

on_rabbitmq = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.xdist_group("rabbitmq"), pytest.mark.timeout(120)]


def is_told(found: Check, *words: str) -> bool:
    return found.standing == "fault" and all(word in found.text for word in words)


class TestOnABroker:
    pytestmark = on_rabbitmq

    def test_who_is_let_in_and_what_lies_there(self, rabbitmq: str, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'x.db'}")
        database.migrate()

        def look() -> Check:
            return queue_check(rabbitmq, lambda: nullcontext(database))

        found = queue_check(rabbitmq)
        assert (found.standing, "lets us in" in found.text) == ("ok", True)
        assert "makes the queue" in look().text
        with database.transaction() as db:
            name = make_queue_name(db)
        assert f"The queue {name} is not there yet" in look().text
        import pika

        with pika.BlockingConnection(pika.URLParameters(rabbitmq)) as connection:
            channel = connection.channel()
            channel.queue_declare(name)
            channel.confirm_delivery()
            channel.basic_publish("", name, b"x")
            found = look()
            assert (found.standing, f"1 message waits in {name}" in found.text) == ("ok", True), found.text
            channel.queue_delete(name)
        database.close()

    def test_what_is_refused_is_named(self, rabbitmq: str) -> None:
        assert is_told(queue_check(rabbitmq.replace("guest:guest", "guest:wrong")), "refuses the user or the password")
        found = queue_check(f"{rabbitmq}/nowhere")
        assert is_told(found, "refuses the virtual host")
        assert "guest" not in found.text


@pytest.mark.slow
def test_a_broker_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_queue, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        found = queue_check(f"amqp://127.0.0.1:{server.getsockname()[1]}")
        assert time.monotonic() - began < 2
    assert is_told(found, "says nothing", "Start RabbitMQ anew")


def test_nobody_there_and_no_address() -> None:
    assert is_told(queue_check("amqp://127.0.0.1:1"), "cannot be reached", "Start RabbitMQ")
    for address in ("amqp://u:secret@127.0.0.1:port", "amqp://u:secret@127.0.0.1:1/?heartbeat=often"):
        found = queue_check(address)
        assert is_told(found, "NEWSLETTER_QUEUE_URL is no address")
        assert "secret" not in found.text


def test_without_what_speaks_to_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pika", None)
    assert is_told(queue_check("amqp://127.0.0.1:1"), "newsletter[queue]")
