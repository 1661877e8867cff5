"""A lane over servers of every make: encrypted, signed in, without PIPELINING, slow to take, and odd addresses."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from newsletter.deliver.send import send_all
from newsletter.deliver.setup import Setup
from newsletter.deliver.smtp_lane import Lane, NotOpened, Waits, check_envelope, open_lane
from newsletter.deliver.transport import SmtpSettings
from newsletter.deliver.work import Letter
from newsletter.errors import MailFault
from newsletter.store.database import Database
from tests.mail_server import make_certificate
from tests.mailed import Mailed, needs_sink, sink
from tests.services import free_port

pytestmark = [needs_sink, pytest.mark.slow]


class Keeper:
    """What the server took."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        """Keep a mail."""
        self.mails.append((envelope.rcpt_tos[0], envelope.content))
        return "250 2.0.0 kept"


class OverTls(Controller):
    """Encrypted from the first byte; the controller of the library tries it with a context that trusts nobody."""

    def _trigger_server(self) -> None:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), 5) as plain,
            trusting.wrap_socket(plain) as safe,
        ):
            safe.recv(64)


Serve = Callable[..., tuple[int, Keeper]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers; each call gives the port of one and what it keeps."""
    started: list[Controller] = []

    def start(cls: type[Controller] = Controller, **options: Any) -> tuple[int, Keeper]:
        keeper = Keeper()
        made = cls(keeper, hostname="127.0.0.1", port=free_port(), **options)
        made.start()
        started.append(made)
        return made.port, keeper

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def contexts(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server with a certificate of its own, and of a client that trusts it."""
    make_certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return server, ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))


def sent(tmp_path: Path, settings: SmtpSettings, *, large: int = 1, readers: int = 6) -> Mailed:
    """Some mails by a server with those settings."""
    database = Database(f"sqlite:///{tmp_path / 'n.db'}")
    database.migrate()
    mailed = Mailed(database, waits=Waits(answer=30, body=30, dot=60))
    mailed.body *= large
    mailed.freeze(readers)
    ledger = mailed.ledger()
    plain = mailed.setup(settings.port, ledger)

    def dial() -> Lane:
        return open_lane(settings, mailed.waits)

    report = send_all(
        Setup(ledger, plain.compose, dial, plain.paces, connections=2, now=mailed.clock, rest=mailed.rest)
    )
    ledger.close()
    assert report.end == "done", report
    assert mailed.states() == {"accepted": readers}
    database.close()
    return mailed


def plain_body(mailed: Mailed) -> bytes:
    return mailed.body.replace(b"\r\n..", b"\r\n.")


def test_by_starttls_and_signed_in(
    tmp_path: Path, serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    asked: list[Any] = []

    def check(server: object, session: object, envelope: object, mechanism: str, data: Any) -> AuthResult:
        asked.append((data.login, data.password))
        return AuthResult(success=True)

    port, keeper = serve(tls_context=contexts[0], require_starttls=True, authenticator=check, auth_required=True)
    settings = SmtpSettings("localhost", port, "us", "secret", seconds=5, context=contexts[1])
    mailed = sent(tmp_path, settings, large=60)
    assert set(asked) == {(b"us", b"secret")}
    assert sorted(to for to, _ in keeper.mails) == [f"r{n}@example.org" for n in range(6)]
    assert all(content.partition(b"\r\n\r\n")[2] == plain_body(mailed) for _, content in keeper.mails)


def test_encrypted_from_the_first_byte(
    tmp_path: Path,
    serve: Serve,
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port, keeper = serve(OverTls, ssl_context=contexts[0])
    monkeypatch.setattr("newsletter.deliver.transport.TLS_PORT", port)
    mailed = sent(tmp_path, SmtpSettings("localhost", port, seconds=5, context=contexts[1]), large=60)
    assert len(keeper.mails) == 6
    assert all(content.partition(b"\r\n\r\n")[2] == plain_body(mailed) for _, content in keeper.mails)


def test_a_certificate_that_cannot_be_trusted_is_final(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    port, _ = serve(tls_context=contexts[0], require_starttls=True)
    with pytest.raises(NotOpened, match="cannot be trusted") as told:
        open_lane(SmtpSettings("localhost", port, seconds=5))
    assert told.value.is_final


def test_a_password_is_not_said_in_plain(serve: Serve) -> None:
    port, _ = serve()
    settings = SmtpSettings("ip6-localhost.invalid", port, "us", "secret", seconds=5)
    with pytest.raises(NotOpened, match="cannot be reached"):
        open_lane(settings)
    with pytest.raises(NotOpened, match="cannot be used") as told:
        open_lane(SmtpSettings("127.0.0.1", port, "us", "secret", seconds=5))
    assert told.value.is_final


def test_without_pipelining(tmp_path: Path, serve: Serve) -> None:
    """The library's server offers none."""
    port, keeper = serve()
    lane = open_lane(SmtpSettings("127.0.0.1", port, seconds=5))
    assert not lane.has_pipelining
    lane.quit()
    sent(tmp_path, SmtpSettings("127.0.0.1", port, seconds=5))
    assert len(keeper.mails) == 6


def test_a_body_larger_than_any_buffer(tmp_path: Path) -> None:
    with sink() as server:
        sent(tmp_path, SmtpSettings("127.0.0.1", server.port, seconds=5), large=4_000, readers=2)
        assert all(row["size"] > 4_500_000 for row in server.mails)
        assert len(server.mails) == 2


@pytest.mark.parametrize(
    "address",
    ["a@example.org>\r\nRCPT TO:<b@example.org", "a b@example.org", "<a@example.org>", "", "a" * 400, "a\x07@b"],
)
def test_what_could_end_a_command_is_no_address(address: str) -> None:
    with pytest.raises(MailFault, match="is no mail address"):
        check_envelope(Letter("us@example.org", address, [b"x"]))
