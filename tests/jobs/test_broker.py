"""A broker that cuts connections or goes away: messages go at once on a new one, and the log says it in a line."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dramatiq.errors import ConnectionClosed
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker, ConnectionClosedByBroker
from structlog.testing import capture_logs

from newsletter.jobs import broker, broker_queue
from newsletter.jobs.broker import Messages, no_work, queue_of
from newsletter.jobs.broker_link import UNREACHABLE, Link, quiet_libraries
from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.jobs.work import Workshop
from newsletter.pipeline import broker_words
from newsletter.pipeline.app import system_clock
from newsletter.pipeline.broker_words import said_of
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.due_jobs import ANYWHERE, CARE, NAMES
from newsletter.pipeline.readings_aside import READ
from newsletter.store.metering import queue_depth
from newsletter.store.queue import Job, open_jobs
from tests.services import free_port

QUEUE = "newsletter-of-tests"
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\nsources:\n"
on_rabbitmq = [pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.xdist_group("rabbitmq"), pytest.mark.timeout(120)]


class Wire:
    """Lies between a broker and who speaks to it; can be cut, taken away and put back."""

    def __init__(self, to: str) -> None:
        self.to, self.port = (urlsplit(to).hostname, urlsplit(to).port), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        self.opened = 0
        self.freezes_at: bytes | None = None
        """From these words on nothing is carried any more, and nothing is closed either."""
        self._ends: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def put_back(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def take_away(self) -> None:
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.cut()

    def cut(self) -> int:
        ends, self._ends = self._ends, []
        for each in ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        return len(ends) // 2

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self.to)
                self.opened += 1
                self._ends += [near, far]
                threading.Thread(target=self._carry_both, args=(near, far), daemon=True).start()

    def _carry_both(self, near: socket.socket, far: socket.socket) -> None:
        with near, far:
            back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
            back.start()
            self._carry(near, far)
            back.join()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        is_frozen = False
        with suppress(OSError):
            while data := one.recv(65536):
                is_frozen |= self.freezes_at is not None and self.freezes_at in data
                if not is_frozen:
                    other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(rabbitmq: str) -> Iterator[Wire]:
    found = Wire(rabbitmq)
    found.put_back()
    yield found
    found.take_away()


@pytest.fixture
def shop_and_queue(tmp_path: Path, wire: Wire) -> Iterator[tuple[Workshop, object]]:
    (tmp_path / "feeds.yaml").write_text(HEAD + "  - name: S\n    kind: feed\n    url: http://127.0.0.1:9/\n")
    shop, _, asked = make_queue(Surroundings(tmp_path, {"NEWSLETTER_QUEUE_URL": wire.url}, system_clock, {}))
    with shop.opened():
        yield shop, asked


def waiting(url: str, queue: str = QUEUE) -> int:
    messages = Messages(url, no_work, lambda: queue)
    try:
        return int(messages.broker.get_queue_message_counts(queue)[0])
    finally:
        messages.close()


@pytest.mark.usefixtures("rabbitmq")
class TestOnABroker:
    pytestmark = on_rabbitmq

    def test_nothing_is_left_open_that_could_be_cut(self, wire: Wire, shop_and_queue: tuple[Workshop, object]) -> None:
        shop, asked = shop_and_queue
        before = waiting(wire.url, queue_of(shop.app))
        with capture_logs() as said:
            for number in range(3):
                asked.put(shop.app, [Job(READ, f"slot {number}", {})])  # type: ignore[attr-defined]
                wire.cut()
        assert said == []
        assert waiting(wire.url, queue_of(shop.app)) == before + 3

    def test_a_connection_cut_between_two_messages_is_opened_again(
        self, wire: Wire, caplog: pytest.LogCaptureFixture
    ) -> None:
        messages = Messages(wire.url, no_work, lambda: QUEUE)
        before = waiting(wire.url)
        messages.send(Job(READ, "one", {}))
        assert wire.cut() >= 1
        messages.send(Job(READ, "two", {}))
        messages.close()
        assert waiting(wire.url) == before + 2
        assert caplog.records == []

    def test_a_broker_that_is_away_is_told_once_and_that_it_is_back(
        self, wire: Wire, shop_and_queue: tuple[Workshop, object]
    ) -> None:
        shop, asked = shop_and_queue
        before = waiting(wire.url, queue_of(shop.app))
        wire.take_away()
        with capture_logs() as said:
            for number in range(3):
                assert asked.put(shop.app, [Job(READ, f"away {number}", {})]) == 1  # type: ignore[attr-defined]
        [line] = said
        assert (line["log_level"], line["event"]) == ("warning", "queue")
        assert "does not answer" in line["trouble"]
        assert "exc_info" not in line
        wire.put_back()
        with capture_logs() as said:
            asked.put(shop.app, [])  # type: ignore[attr-defined]
            asked.put(shop.app, [])  # type: ignore[attr-defined]
        assert [each["log_level"] for each in said] == ["info"]
        assert waiting(wire.url, queue_of(shop.app)) == before + 3, "what was asked for meanwhile is sent at once"

    def test_two_newsletters_on_one_broker_have_a_queue_each(self, tmp_path: Path, rabbitmq: str) -> None:
        found = []
        for name in ("one", "other", "one"):
            home = tmp_path / name
            home.mkdir(exist_ok=True)
            (home / "feeds.yaml").write_text(HEAD + "  - name: S\n    kind: feed\n    url: http://127.0.0.1:9/\n")
            shop, _, asked = make_queue(Surroundings(home, {"NEWSLETTER_QUEUE_URL": rabbitmq}, system_clock, {}))
            with shop.opened():
                asked.put(shop.app, [Job(READ, f"{len(found)}", {})])
                queue = queue_of(shop.app)
                found.append((queue, waiting(rabbitmq, queue)))
        assert [count for _, count in found] == [1, 1, 2], "what one sends lies in no queue of the other"
        assert found[0][0] == found[2][0] != found[1][0]

    def test_a_wrong_password_is_no_broker_that_is_away(self, rabbitmq: str) -> None:
        messages = Messages(rabbitmq.replace("guest:guest", "guest:wrong"), no_work, lambda: QUEUE)
        with capture_logs() as said:
            for _ in range(2):
                with pytest.raises(UNREACHABLE):
                    messages.broker.consume(messages.queue)
        [line] = said
        assert "The broker refuses the login" in line["trouble"]

    def test_a_broker_that_freezes_while_it_is_sent_to_keeps_nobody(
        self, wire: Wire, shop_and_queue: tuple[Workshop, object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(broker_queue, "ANSWER_SECONDS", 0.5)
        shop, asked = shop_and_queue
        asked.put(shop.app, [])  # type: ignore[attr-defined]
        before = waiting(wire.url, queue_of(shop.app))
        wire.freezes_at = b"freezing"
        with capture_logs() as said:
            began = time.monotonic()
            for number in range(4):
                assert asked.put(shop.app, [Job(READ, f"freezing {number}", {}), Job(CARE, f"{number}", {})]) == 2  # type: ignore[attr-defined]
            assert time.monotonic() - began < 2
        assert [each["log_level"] for each in said] == ["warning"]
        assert rows(shop, CARE) == rows(shop, READ) == 4
        wire.freezes_at = None
        with capture_logs() as said:
            wire.cut()
            until = time.monotonic() + 20
            while waiting(wire.url, queue_of(shop.app)) < before + 4 and time.monotonic() < until:
                asked.put(shop.app, [])  # type: ignore[attr-defined]
                time.sleep(0.05)
        assert [each["log_level"] for each in said] == ["info"]


def rows(shop: Workshop, name: str) -> int:
    with shop.app.database.reading() as db:
        return len(open_jobs(db, [name]))


@pytest.fixture
def silent() -> Iterator[str]:
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"amqp://guest:guest@127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.slow
def test_a_broker_that_says_nothing_stops_neither_drafts_nor_reminders(
    tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_words, "ANSWER_SECONDS", 1.2)
    monkeypatch.setattr(broker, "ANSWER_SECONDS", 1.2)
    (tmp_path / "feeds.yaml").write_text(HEAD + "  - name: S\n    kind: feed\n    url: http://127.0.0.1:9/\n")
    shop, _, asked = make_queue(Surroundings(tmp_path, {"NEWSLETTER_QUEUE_URL": silent}, system_clock, {}))
    with capture_logs() as said, shop.opened():
        began = time.monotonic()
        runner = Runner(shop.current, asked)
        assert runner.look() is not None, "a look comes to its end"
        first = time.monotonic() - began
        for _ in range(5):
            assert runner.look() is not None
        whole = time.monotonic() - began
        assert rows(shop, CARE) == 1, "what is done at home does not ask the broker"
        assert rows(shop, READ) == 1, "what is to be sent is written down"
        with shop.app.database.reading() as db:
            since = queue_depth(db, now=shop.app.now()).ready_since
    assert since is not None
    assert 1 < first < 5
    assert whole - first < 1, "a broker that was waited for in vain is not waited for at each look"
    [line] = [each for each in said if each["event"] == "queue"]
    assert line["log_level"] == "warning"
    assert "does not answer" in line["trouble"]
    assert "says nothing" in line["trouble"]


@pytest.mark.slow
def test_who_asks_while_a_broker_says_nothing_waits_for_five_seconds_at_most() -> None:
    assert broker_words.ANSWER_SECONDS <= 5
    parameters = broker.Messages("amqp://a:1;amqp://b:2", no_work, lambda: QUEUE).broker.parameters
    assert {(each.stack_timeout, each.socket_timeout, each.connection_attempts) for each in parameters} == {(5, 5, 1)}


def _closed(fault: Exception) -> Exception:
    return ConnectionClosed(fault)  # type: ignore[no-untyped-call]


def test_a_link_tells_what_changes_only() -> None:
    link = Link(then="later")
    with capture_logs() as said:
        link.is_found()
        link.is_lost(ConnectionRefusedError(111, "Connection refused"))
        link.is_lost(_closed(AMQPConnectionError()))
        link.is_found()
        link.is_found()
        link.is_lost(OSError())
    assert [each["log_level"] for each in said] == ["warning", "info", "warning"]


def test_what_a_broker_refuses_is_told_apart_from_a_broker_that_is_away() -> None:
    link = Link(then="later")
    login = ConnectionClosedByBroker(403, "ACCESS_REFUSED - Login was refused using PLAIN.")
    with capture_logs() as said:
        link.is_lost(OSError(111, "Connection refused"))
        link.is_lost(_closed(login))
        link.is_lost(login)
        link.is_lost(ConnectionClosedByBroker(530, "NOT_ALLOWED - vhost weekly not found"))
        link.is_lost(_closed(ChannelClosedByBroker(403, "ACCESS_REFUSED - read access")))
        link.is_lost(ChannelClosedByBroker(406, "PRECONDITION_FAILED"))
    assert [each["trouble"] for each in said] == [
        "The broker does not answer: [Errno 111] Connection refused",
        "The broker refuses the login: ACCESS_REFUSED - Login was refused using PLAIN.",
        "The broker refuses the virtual host: NOT_ALLOWED - vhost weekly not found",
        "The broker refuses the queue: ACCESS_REFUSED - read access",
        "The broker does not answer: PRECONDITION_FAILED",
    ]
    assert link.is_away


def test_what_workers_do_is_what_doctor_looks_at() -> None:
    assert set(broker.ANYWHERE) == set(ANYWHERE)
    assert set(broker.AT_HOME) == set(NAMES) - set(ANYWHERE)


def test_a_fault_is_said_in_one_line() -> None:
    assert said_of(_closed(AMQPConnectionError("lost\nit"))) == "lost it"
    assert said_of(AMQPConnectionError()) == "AMQPConnectionError"


def test_libraries_say_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    quiet_libraries()
    root = logging.getLogger("pika.adapters.utils.io_services_utils")
    with capture_logs() as said:
        try:
            raise ConnectionResetError(104, "reset")
        except ConnectionResetError:
            root.exception("aborting connection")
            logging.getLogger("dramatiq.worker.ConsumerThread(x)").critical("An unexpected error.", exc_info=True)
        logging.getLogger("dramatiq.worker.ConsumerThread(x)").critical("lost: %s", _closed(OSError()))
        try:
            raise ValueError("a fault\nof ours")
        except ValueError:
            logging.getLogger("dramatiq.worker.WorkerThread").exception("Failed to process %s.", "it")
    assert said == [{"event": "queue", "log_level": "error", "trouble": "Failed to process it. a fault of ours"}]
    assert capsys.readouterr().err == ""
