"""How a mail is handed over: to a mail server, or into a folder while none is named."""

import os
import re
import secrets
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.policy import SMTPUTF8
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from newsletter.errors import MailFault

TLS_PORT = 465
"""The port on which a connection is encrypted from its first byte (RFC 8314)."""
_UNFIT = re.compile(r"[^\w.@+-]+")
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_FINAL = 500


class Transport(Protocol):
    """Takes a mail for its readers."""

    def send(self, mail: EmailMessage, *, sender: str, to: Sequence[str]) -> None:
        """Hand ``mail`` over; when it returns, somebody else answers for it. Raises MailFault."""

    def send_bytes(self, data: bytes, *, sender: str, to: Sequence[str]) -> None:
        """The same with a mail that is ready: not a byte of it changes."""


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where the mail server is, and who we are to it."""

    server: str
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = 30
    context: ssl.SSLContext | None = None
    """What a certificate is checked with; the system's authorities if left out."""


class Smtp:
    """A mail server: encrypted from the start on port 465, else by STARTTLS where it is offered.

    A name and a password never leave unencrypted, but to this same machine.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings

    def send(self, mail: EmailMessage, *, sender: str, to: Sequence[str]) -> None:
        """Hand ``mail`` over in a connection of its own. Raises MailFault, also when one of ``to`` is refused."""
        self._hand_over(lambda server: server.send_message(mail, from_addr=sender, to_addrs=list(to)))

    def send_bytes(self, data: bytes, *, sender: str, to: Sequence[str]) -> None:
        """Hand ``data`` over as it is. Raises MailFault, also when one of ``to`` is refused."""
        options = ["SMTPUTF8"] if _needs_utf8(sender, to) else []
        self._hand_over(lambda server: server.sendmail(sender, list(to), data, mail_options=options))

    def _hand_over(self, send: Callable[[smtplib.SMTP], dict[str, tuple[int, bytes]]]) -> None:
        where = f"{self.settings.server}:{self.settings.port}"
        try:
            with self.connect() as server:
                refused = send(server)
        except smtplib.SMTPAuthenticationError as fault:
            raise MailFault(f"{where} refuses the user or the password ({_said(fault)}).") from fault
        except smtplib.SMTPRecipientsRefused as fault:
            raise _refused(where, fault.recipients) from fault
        except smtplib.SMTPResponseException as fault:
            text = f"{where} refuses the mail ({_said(fault)})."
            raise MailFault(text, is_final=fault.smtp_code >= _FINAL) from fault
        except smtplib.SMTPNotSupportedError as fault:
            raise MailFault(f"{where} cannot take it: {fault}.") from fault
        except smtplib.SMTPException as fault:
            raise MailFault(f"{where} broke off ({fault}).") from fault
        except ssl.SSLError as fault:
            raise MailFault(f"{where} cannot be trusted ({fault.reason or fault}).") from fault
        except OSError as fault:
            raise MailFault(f"{where} cannot be reached ({fault.strerror or fault}).") from fault
        if refused:
            raise _refused(where, refused)

    def connect(self) -> smtplib.SMTP:
        """A connection that was greeted, encrypted and signed in on. Raises what smtplib raises, and MailFault."""
        server = self._connected()
        try:
            self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _connected(self) -> smtplib.SMTP:
        settings, name = self.settings, _own_name()
        if settings.port == TLS_PORT:
            return smtplib.SMTP_SSL(
                settings.server, settings.port, name, timeout=settings.seconds, context=self._context()
            )
        return smtplib.SMTP(settings.server, settings.port, name, timeout=settings.seconds)

    def _greet(self, server: smtplib.SMTP) -> None:
        settings = self.settings
        server.ehlo_or_helo_if_needed()
        is_safe = isinstance(server, smtplib.SMTP_SSL)
        if not is_safe and server.has_extn("starttls"):
            server.starttls(context=self._context())
            server.ehlo()
            is_safe = True
        if settings.user is None:
            return
        if not (is_safe or _is_this_machine(settings.server)):
            where = f"{settings.server}:{settings.port}"
            raise MailFault(f"{where} offers no encryption, and a password is not sent without. Try port 465.")
        server.login(settings.user, settings.password or "")

    def _context(self) -> ssl.SSLContext:
        return self.settings.context or ssl.create_default_context()


@cache
def _own_name() -> str:
    """What we call ourselves in EHLO (RFC 5321, 4.1.4); asked once, for it may take the name server's time."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _is_this_machine(server: str) -> bool:
    if server.casefold() == "localhost":
        return True
    try:
        return ip_address(server.strip("[]")).is_loopback
    except ValueError:
        return False


def _refused(where: str, recipients: dict[str, tuple[int, bytes]]) -> MailFault:
    address, (code, said) = next(iter(recipients.items()))
    words = said.decode("utf-8", "replace")
    text = f"{where} does not take mail for {address} ({code} {words})."
    return MailFault(text, is_final=all(code >= _FINAL for code, _ in recipients.values()))


def _said(fault: smtplib.SMTPResponseException) -> str:
    said = fault.smtp_error
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{fault.smtp_code} {words}".strip()


def mail_bytes(mail: EmailMessage, *, sender: str, to: Sequence[str]) -> bytes:
    """``mail`` as it goes over a line to ``to``."""
    return mail.as_bytes(policy=SMTPUTF8 if _needs_utf8(sender, to) else CRLF)


def message_id_in(data: bytes) -> str:
    """The Message-ID in the header of a mail; "" when it has none."""
    found = _MESSAGE_ID.search(data.partition(b"\r\n\r\n")[0])
    return found[1].decode("ascii", "replace") if found else ""


def _needs_utf8(sender: str, to: Sequence[str]) -> bool:
    return not all(each.isascii() for each in (sender, *to))


class Outbox:
    """A folder of .eml files: what would have been mailed, while no mail server is named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: EmailMessage, *, sender: str, to: Sequence[str]) -> None:
        """Write ``mail`` as a file of its own; it is whole or not there. Raises MailFault."""
        self.send_bytes(mail_bytes(mail, sender=sender, to=to), sender=sender, to=to)

    def send_bytes(self, data: bytes, *, sender: str, to: Sequence[str]) -> None:
        """Write ``data`` as a file of its own; it is whole or not there. Raises MailFault."""
        at = datetime.now(UTC)
        name = f"{at:%Y%m%dT%H%M%S}-{_UNFIT.sub('_', ','.join(to))[:80]}-{secrets.token_hex(4)}.eml"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self.folder / f".{name}.new"
            with new.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.folder / name)
        except OSError as fault:
            raise MailFault(f"{self.folder} cannot be written: {fault.strerror or fault}.") from fault
