"""A lane: one connection to a mail server. It is opened by smtplib; mails go over its socket in as few turns as may be.

Where the server offers PIPELINING (RFC 2920) the envelope of the next mail leaves together with the body of this one;
DATA never leaves before it is asked for, so that the ledger may be written first.
"""

import re
import smtplib
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from newsletter.deliver.answers import Answer, NoSmtp, Phase, take_answer
from newsletter.deliver.transport import Smtp, SmtpSettings
from newsletter.deliver.work import Letter
from newsletter.errors import MailFault

_READ = 65_536
_MOST_VECTORS = 64
_END = b".\r\n"
_PATH = re.compile(r"[^<>\s]{3,320}")


@dataclass(frozen=True, slots=True)
class Waits:
    """How many seconds a server has for an answer, and for taking a piece of a body (RFC 5321, 4.5.3.2)."""

    answer: float = 300
    body: float = 180
    dot: float = 600


class NotOpened(Exception):
    """A lane that could not be opened; ``is_final`` when the server wants no mail of ours, or cannot be trusted."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(text)


class Broken(Exception):
    """The connection is of no more use."""


class Lane:
    """A connection that is ready for mails. Nothing here blocks after it was opened."""

    def __init__(self, server: smtplib.SMTP, waits: Waits = Waits()) -> None:
        self.has_pipelining = server.has_extn("pipelining")
        self.has_8bit = server.has_extn("8bitmime")
        self.has_utf8 = server.has_extn("smtputf8")
        assert server.sock is not None
        self.socket: socket.socket = server.sock
        if server.file is not None:
            server.file.close()
        server.sock = server.file = None
        self.socket.setblocking(False)
        self.waits = waits
        self._is_tls = isinstance(self.socket, ssl.SSLSocket)
        self._in = bytearray()
        self._out: deque[memoryview] = deque()
        self._later: deque[tuple[Phase, bytes]] = deque()
        self._expected: deque[Phase] = deque()
        self._until_dot = 0
        self._lost = ""
        self.deadline = monotonic() + waits.answer
        self.wants_write = False

    def fileno(self) -> int:
        """For a selector."""
        return self.socket.fileno()

    @property
    def waits_for(self) -> Phase | None:
        """What is answered next."""
        return self._expected[0] if self._expected else None

    @property
    def may_have_it_all(self) -> bool:
        """Whether the end of a body left us, so that the server may have taken the mail."""
        return self.waits_for == "dot" and self._until_dot <= 0

    def ask(self, letter: Letter, *, reset: bool = False) -> None:
        """Begin a mail: its envelope, after taking back the one before when that was refused."""
        if reset:
            self._command("rset", b"RSET\r\n")
        self._envelope(letter)
        self.flush()

    def ask_data(self) -> None:
        """Say that the body follows."""
        self._command("data", b"DATA\r\n")
        self.flush()

    def send_body(self, pieces: Sequence[bytes], following: Letter | None = None) -> None:
        """The body, its end, and at once the envelope of the ``following`` mail."""
        end = _END if not pieces or pieces[-1].endswith(b"\r\n") else b"\r\n" + _END
        self._out.extend(memoryview(piece) for piece in pieces if piece)
        self._out.append(memoryview(end))
        self._until_dot = sum(map(len, self._out))
        self._expected.append("dot")
        if following is not None and self.has_pipelining:
            self._envelope(following)
        self.flush()

    def flush(self) -> None:
        """Send what can be sent. That the connection is lost is told by :meth:`answer`, after what was said before."""
        try:
            while self._out:
                self._sent(self._send())
        except (BlockingIOError, ssl.SSLWantWriteError):
            self.wants_write = True
            self._wait()
            return
        except ssl.SSLWantReadError:
            pass
        except OSError as fault:
            self._lose(_words(fault))
        self.wants_write = False
        self._wait()

    def receive(self) -> None:
        """Read what has come."""
        while True:
            try:
                data = self.socket.recv(_READ)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as fault:
                return self._lose(_words(fault))
            if not data:
                return self._lose("the server closed the connection")
            self._in += data
            if not self._is_tls and len(data) < _READ:
                return None

    def answer(self) -> tuple[Phase, Answer] | None:
        """The next answer that came, and what it is about. Raises Broken when it is no SMTP, or none can come."""
        try:
            found = take_answer(self._in)
        except NoSmtp as fault:
            raise Broken(f"what the server says is no SMTP: “{fault}”") from fault
        if found is None:
            if self._lost:
                raise Broken(self._lost)
            return None
        if not self._expected:
            raise Broken(f"the server said: {found}")
        phase = self._expected.popleft()
        if self._later:
            self._command(*self._later.popleft())
            self.flush()
        self._wait()
        return phase, found

    def quit(self) -> None:
        """Take leave and close; no answer is waited for."""
        if not self._expected and not self._lost:
            self._command("quit", b"QUIT\r\n")
            self.flush()
        self.close()

    def close(self) -> None:
        """Close the connection as it is."""
        self.socket.close()

    def _envelope(self, letter: Letter) -> None:
        needs_utf8 = self.has_utf8 and not (letter.mail_from + letter.rcpt_to).isascii()
        extra = (" BODY=8BITMIME" if self.has_8bit else "") + (" SMTPUTF8" if needs_utf8 else "")
        self._command("mail", f"MAIL FROM:<{letter.mail_from}>{extra}\r\n".encode())
        rcpt = f"RCPT TO:<{letter.rcpt_to}>\r\n".encode()
        if self.has_pipelining:
            self._command("rcpt", rcpt)
        else:
            self._later.append(("rcpt", rcpt))

    def _command(self, phase: Phase, line: bytes) -> None:
        if not self.has_pipelining and self._expected:
            self._later.append((phase, line))
            return
        self._out.append(memoryview(line))
        self._expected.append(phase)

    def _send(self) -> int:
        if not self._is_tls:
            vectors = [self._out[at] for at in range(min(len(self._out), _MOST_VECTORS))]
            return self.socket.sendmsg(vectors)
        if len(self._out) > 1:
            whole = memoryview(b"".join(self._out))
            self._out.clear()
            self._out.append(whole)
        return self.socket.send(self._out[0])

    def _sent(self, count: int) -> None:
        self._until_dot -= count
        while count:
            first = self._out[0]
            if count < len(first):
                self._out[0] = first[count:]
                return
            count -= len(first)
            self._out.popleft()

    def _lose(self, words: str) -> None:
        self._lost = self._lost or words
        self._out.clear()
        self._later.clear()

    def _wait(self) -> None:
        """Set the time until which the server has to do something."""
        phase = self.waits_for
        seconds = self.waits.answer if phase != "dot" else self.waits.body if self.wants_write else self.waits.dot
        self.deadline = monotonic() + seconds


def check_envelope(letter: Letter) -> None:
    """Raise MailFault for what could end a command, or the path in it: it is no address."""
    for address in (letter.mail_from, letter.rcpt_to):
        if not (_PATH.fullmatch(address) and address.isprintable()):
            raise MailFault(f"{address[:80]!a} is no mail address.", is_final=True)


def open_lane(settings: SmtpSettings, waits: Waits = Waits()) -> Lane:
    """A new lane, greeted, encrypted and signed in. Raises NotOpened."""
    where = f"{settings.server}:{settings.port}"
    try:
        return Lane(Smtp(settings).connect(), waits)
    except smtplib.SMTPAuthenticationError as fault:
        text = f"{where} refuses the user or the password ({_said(fault)})"
        raise NotOpened(text, is_final=fault.smtp_code >= 500) from fault
    except smtplib.SMTPResponseException as fault:
        raise NotOpened(
            f"{where} takes no mail of ours ({_said(fault)})", is_final=500 <= fault.smtp_code < 600
        ) from fault
    except smtplib.SMTPNotSupportedError as fault:
        raise NotOpened(f"{where} cannot be used: {fault}", is_final=True) from fault
    except MailFault as fault:
        raise NotOpened(str(fault).rstrip("."), is_final=True) from fault
    except smtplib.SMTPException as fault:
        raise NotOpened(f"{where} broke off ({_words(fault)})") from fault
    except ssl.SSLCertVerificationError as fault:
        raise NotOpened(f"{where} cannot be trusted ({fault.verify_message})", is_final=True) from fault
    except (OSError, ValueError) as fault:
        raise NotOpened(f"{where} cannot be reached ({_words(fault)})") from fault


def _said(fault: smtplib.SMTPResponseException) -> str:
    said = fault.smtp_error
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(f"{fault.smtp_code} {words}".split()) if fault.smtp_code > 0 else "it speaks no SMTP"


def _words(fault: BaseException) -> str:
    return str(getattr(fault, "strerror", None) or fault) or type(fault).__name__
