"""Mails handed to real servers on loopback, well and badly, and to the folder while no server is named."""

import importlib.util
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from newsletter.deliver import transport
from newsletter.deliver.transport import Outbox, Smtp, SmtpSettings
from newsletter.errors import MailFault
from tests.corpus import SHARED
from tests.mail_server import make_certificate
from tests.services import free_port

SENDER, READER = "letter@lantern.example", "ines@lantern.example"


def mail(text: str = "Hello.\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = SENDER, READER, "A draft waits"
    made.set_content(text)
    return made


class Box(Sink):
    """Keeps what came."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Envelope] = []
        self.was_encrypted: list[bool] = []

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        self.mails.append(envelope)
        self.was_encrypted.append(session.ssl is not None)
        return "250 OK"


def _knows(server: Server, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"us", b"fifty-small-boats")
    return AuthResult(success=is_known, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    make_certificate(folder)
    return folder


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate / "cert.pem"))


@contextmanager
def listening(**options: Any) -> Iterator[tuple[Box, int]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()


def test_a_plain_server_takes_a_mail() -> None:
    with listening() as (box, port):
        Smtp(SmtpSettings("127.0.0.1", port)).send(mail(), sender=SENDER, to=[READER])
    (came,) = box.mails
    assert (came.mail_from, came.rcpt_tos) == (SENDER, [READER])
    assert b"Subject: A draft waits" in came.content


def test_starttls_and_a_password(certificate: Path) -> None:
    options = {"authenticator": _knows, "auth_required": True, "auth_require_tls": True, "require_starttls": True}
    with listening(tls_context=server_side(certificate), **options) as (box, port):
        settings = SmtpSettings("localhost", port, "us", "fifty-small-boats", context=trusting(certificate))
        Smtp(settings).send(mail(), sender=SENDER, to=[READER])
        assert box.was_encrypted == [True]
        wrong = SmtpSettings("localhost", port, "us", "wrong", context=trusting(certificate))
        with pytest.raises(MailFault, match="refuses the user or the password"):
            Smtp(wrong).send(mail(), sender=SENDER, to=[READER])


def test_a_certificate_nobody_knows_is_refused(certificate: Path) -> None:
    with listening(tls_context=server_side(certificate)) as (box, port):
        with pytest.raises(MailFault, match="cannot be trusted"):
            Smtp(SmtpSettings("localhost", port)).send(mail(), sender=SENDER, to=[READER])
        assert not box.mails


def test_encrypted_from_the_first_byte(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(ssl_context=server_side(certificate)) as (box, port):
        monkeypatch.setattr(transport, "TLS_PORT", port)
        Smtp(SmtpSettings("localhost", port, context=trusting(certificate))).send(mail(), sender=SENDER, to=[READER])
    assert len(box.mails) == 1


def test_a_password_never_leaves_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_is_this_machine", lambda server: False)
    with listening(authenticator=_knows, auth_require_tls=False) as (box, port):
        with pytest.raises(MailFault, match="a password is not sent without"):
            Smtp(SmtpSettings("127.0.0.1", port, "us", "fifty-small-boats")).send(mail(), sender=SENDER, to=[READER])
        assert not box.mails


@pytest.mark.parametrize(
    ("server", "is_here"), [("localhost", True), ("127.0.0.5", True), ("[::1]", True), ("mail.example.org", False)]
)
def test_this_machine(server: str, is_here: bool) -> None:
    assert transport._is_this_machine(server) is is_here


def sink_module() -> Any:
    spec = importlib.util.spec_from_file_location("smtp_sink", SHARED / "tools" / "smtp_sink.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("fault", "words", "is_final"),
    [
        ("rcpt-550", "does not take mail for ines@lantern.example", True),
        ("rcpt-451", "does not take mail for", False),
        ("mail-550", "refuses the mail", True),
        ("dot-451", "refuses the mail", False),
        ("dot-550", "refuses the mail", True),
        ("banner-554", "refuses the mail", True),
        ("dot-lost", "broke off|cannot be reached", False),
        ("refuse", "broke off|cannot be reached", False),
        ("garbage-banner", "refuses the mail|broke off", False),
    ],
)
def test_what_a_server_refuses_is_said_and_whether_for_good(fault: str, words: str, is_final: bool) -> None:
    with sink_module().SmtpSink(faults=[f"{fault}#1"]) as sink:
        with pytest.raises(MailFault, match=words) as told:
            Smtp(SmtpSettings("127.0.0.1", sink.port, seconds=2)).send(mail(), sender=SENDER, to=[READER])
        assert told.value.is_final is is_final
        assert not sink.mails


def test_nobody_listens() -> None:
    with pytest.raises(MailFault, match="cannot be reached"):
        Smtp(SmtpSettings("127.0.0.1", free_port(), seconds=1)).send(mail(), sender=SENDER, to=[READER])


def test_without_a_server_mails_are_files(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.send(mail("Grüße aus dem Hafen.\n"), sender=SENDER, to=[READER])
    outbox.send(mail(), sender=SENDER, to=["odd/../name@lantern.example"])
    paths = sorted((tmp_path / "outbox").iterdir())
    assert [path.suffix for path in paths] == [".eml", ".eml"]
    first = next(path for path in paths if "ines@lantern.example" in path.name)
    assert message_from_bytes(first.read_bytes(), policy=default).get_content().strip() == "Grüße aus dem Hafen."


def test_a_mail_that_is_ready_is_handed_over_as_it_is(tmp_path: Path) -> None:
    ready = b"Subject: ready\r\nTo:  two  spaces\r\n\r\n.a dot\r\n"
    with listening() as (box, port):
        Smtp(SmtpSettings("127.0.0.1", port)).send_bytes(ready, sender=SENDER, to=[READER])
    assert [(each.content, each.rcpt_tos) for each in box.mails] == [(ready, [READER])]
    Outbox(tmp_path).send_bytes(ready, sender=SENDER, to=["é@lantern.example"])
    assert [path.read_bytes() for path in tmp_path.glob("*.eml")] == [ready]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(MailFault, match="cannot be written"):
        Outbox(tmp_path / "outbox").send(mail(), sender=SENDER, to=[READER])
