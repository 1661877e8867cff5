"""The shared client of services: what is asked again, what never is, and what a refusal sounds like."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from newsletter.deliver.campaign_api import Api, moment
from newsletter.errors import ServiceFault
from tests.campaign_services import Fault, serving


class Rest:
    """Waits that only count."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def service() -> Iterator[Any]:
    with serving("mailchimp") as found:
        yield found


@pytest.fixture
def rest() -> Rest:
    return Rest()


@pytest.fixture
def api(service: Any, rest: Rest) -> Api:
    def words(said: Any) -> str:
        return said.get("detail", "") if isinstance(said, dict) else ""

    return Api("Pigeons", f"{service.base}/3.0", {"Authorization": "Basic eDp5"}, words, "Look at the key.", rest)


def fault_of(api: Api, method: str = "get", *more: Any) -> ServiceFault:
    with pytest.raises(ServiceFault) as caught:
        getattr(api, method)("/campaigns/0123456789", *more)
    return caught.value


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(api: Api, service: Any, rest: Rest, status: int) -> None:
    service.campaigns["0123456789"] = {"id": "0123456789"}
    service.faults.append(Fault("GET", "/campaigns", status, times=2))
    assert api.get("/campaigns/0123456789") == {"id": "0123456789"}
    assert rest.waits == [1.0, 2.0]


def test_it_waits_as_it_is_asked_and_not_for_long(api: Api, service: Any, rest: Rest) -> None:
    service.faults.append(Fault("GET", "/", 429, None, {"Retry-After": "4"}))
    assert fault_of(api).status == 404
    assert rest.waits == [4.0]
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    service.faults.append(Fault("GET", "/", 503, None, {"Retry-After": later}))
    fault = fault_of(api)
    assert fault.wait == pytest.approx(600, abs=3)
    assert not fault.is_final
    assert rest.waits == [4.0]


@pytest.mark.parametrize(
    ("status", "may_be_done"), [(429, False), (503, False), (500, True), (502, True), (None, True)]
)
def test_a_post_is_said_once(api: Api, service: Any, rest: Rest, status: int | None, may_be_done: bool) -> None:
    service.faults.append(Fault("POST", "/", status, times=9))
    fault = fault_of(api, "post", {"type": "regular"})
    assert (fault.may_be_done, fault.is_final, len(service.asked), rest.waits) == (may_be_done, False, 1, [])


def test_a_patch_that_lets_go_is_said_once(api: Api, service: Any) -> None:
    service.faults.append(Fault("PATCH", "/", 500, times=9))
    assert not fault_of(api, "patch_once", {}, {}).is_final
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("status", "said", "text"),
    [
        (
            401,
            {"detail": "no such key"},
            "Pigeons refuses the login or what it may do (401: no such key). Look at the key.",
        ),
        (403, b"<html>no</html>", "Pigeons refuses the login or what it may do (403 Forbidden). Look at the key."),
        (422, {"detail": "a\nb" + "c" * 999}, "Pigeons does not take it (422: a b" + "c" * 290),
        (302, None, "Pigeons is somewhere else than at "),
        (200, b"<html>hello</html>", "Pigeons answered with something else than its API does."),
    ],
)
def test_a_refusal_says_what_to_mend(api: Api, service: Any, status: int, said: Any, text: str) -> None:
    service.faults.append(Fault("GET", "/", status, said, {"Location": "https://elsewhere.example/"}))
    fault = fault_of(api)
    assert str(fault).startswith(text[:290])
    assert (fault.is_final, len(service.asked)) == (True, 1)


def test_a_server_that_is_not_there(rest: Rest) -> None:
    api = Api("Pigeons", "http://127.0.0.1:9", {}, str, "", rest)
    fault = fault_of(api)
    assert "Pigeons at 127.0.0.1:9 cannot be reached (" in str(fault)
    assert (fault.is_final, fault.may_be_done, len(rest.waits)) == (False, False, 2)
    assert not fault_of(api, "post").may_be_done


def test_what_is_gone_is_deleted(api: Api) -> None:
    api.delete("/campaigns/0123456789")


def test_an_answer_without_end_is_cut(api: Api, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.deliver.campaign_api._LARGEST", 1000)
    service.faults.append(Fault("GET", "/", 200, b"x" * 5000, times=3))
    assert "too large" in str(fault_of(api))


class Dripping(threading.Thread):
    """A server that says each byte of ``answer`` after a pause, once, and closes when it is said."""

    def __init__(self, answer: bytes, pause: float) -> None:
        super().__init__(daemon=True)
        self.answer, self.pause = answer, pause
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError), self.socket:
            client, _ = self.socket.accept()
            with client:
                client.recv(65_536)
                for at in range(len(self.answer)):
                    client.sendall(self.answer[at : at + 1])
                    time.sleep(self.pause)


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500, 0.01),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500, 0.01),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}", 0),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", 0),
        (b"SSH-2.0-pigeon\r\n", 0),
    ],
)
def test_what_drips_or_breaks_off_is_no_answer(rest: Rest, answer: bytes, pause: float) -> None:
    server = Dripping(answer, pause)
    port = server.socket.getsockname()[1]
    api = Api("Pigeons", f"http://127.0.0.1:{port}", {}, str, "", rest, seconds=0.08)
    fault = fault_of(api, "post")
    assert "cannot be reached" in str(fault)
    assert (fault.is_final, fault.may_be_done) == (False, True)
    server.join(5)


def test_the_key_is_not_shown(api: Api) -> None:
    assert "eDp5" not in repr(api)


@pytest.mark.parametrize("text", ["", "soon", None, 7])
def test_what_is_no_time(text: Any) -> None:
    assert moment(text) is None


def test_times_are_utc() -> None:
    assert str(moment("2026-10-16T12:00:00+02:00")) == "2026-10-16 10:00:00+00:00"
    assert str(moment("2026-10-16T12:00:00")) == "2026-10-16 12:00:00+00:00"
