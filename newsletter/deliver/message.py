"""Edition: the mail of all readers of one choice, read once, with holes for what is a reader's own."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsletter.deliver import headers
from newsletter.deliver.edition_file import PLACEHOLDERS
from newsletter.deliver.tokens import LENGTH
from newsletter.errors import StoreFault

_NAMED = re.compile(rf"unsubscribe=([\w-]{{{LENGTH}}})\s+preferences=([\w-]{{{LENGTH}}})", re.ASCII)
_HEADER = re.compile(rb"([!-9;-~]+):((?:[^\r\n]|\r\n[ \t])*)\r\n")
_LINE_START = re.compile(rb"^\.", re.MULTILINE)
_SOFT_END = rb"(?:=\r\n)?"
_MAC_LETTERS = 24
_TO_ITS_END = 10_000
"""Where a value ends that is longer than what stands for it."""


@dataclass(frozen=True, slots=True)
class Personal:
    """What is one reader's own in a mail; tokens have the length of ``tokens.LENGTH``."""

    address: str
    subscriber_id: int
    message_id: str
    unsubscribe_token: str
    preferences_token: str
    bounce_token: str
    name: str | None = None


class Signing(Protocol):
    """Makes the DKIM-Signature of a mail whose shared part it knows."""

    def body_hash(self, values: Sequence[bytes]) -> bytes:
        """The hash of the body that holds a reader's ``values``."""

    def signatures(self, values: Sequence[bytes]) -> bytes:
        """The header lines that stand before all others."""


class Signer(Protocol):
    """Prepares the signing of an edition (see ``deliver.dkim``)."""

    def prepare(self, head: "Cut", body: "Cut") -> Signing:
        """Read what the readers share once."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Bytes with holes: ``pieces`` has an empty one for each, ``holes`` says which letters of which value go there."""

    pieces: tuple[bytes, ...]
    holes: tuple[tuple[int, int, int, int], ...]

    def filled(self, values: Sequence[bytes]) -> list[bytes]:
        """The pieces with ``values`` in the holes."""
        found = list(self.pieces)
        for at, which, start, stop in self.holes:
            found[at] = values[which][start:stop]
        return found


class Edition:
    """A mail but for what is a reader's own."""

    def __init__(self, head: bytes, body: bytes, stands_for: Sequence[bytes], signer: Signer | None = None) -> None:
        """``stands_for`` stands in head and body for To, Message-ID and the two tokens."""
        whole = head + b"\r\n" + body
        self._plain = cut(whole, stands_for)
        self._stuffed = cut(_LINE_START.sub(b"..", whole), stands_for)
        self._signing = signer.prepare(cut(head, stands_for), cut(body, stands_for)) if signer else None

    @classmethod
    def read(
        cls, data: bytes, *, signer: Signer | None = None, at: datetime | None = None, mark: str = ""
    ) -> "Edition":
        """The edition that ``write_edition`` wrote.

        ``at`` replaces its date, ``mark`` stands before its subject and says that it is a test. Raises StoreFault.
        """
        head, gap, body = data.partition(b"\r\n\r\n")
        lines = [(found[1].decode(), found[0]) for found in _HEADER.finditer(head + b"\r\n")]
        named = _NAMED.search(next((line.decode() for name, line in lines if name == PLACEHOLDERS), ""))
        if not (gap and named):
            raise StoreFault("This is no edition of an issue. Take the issue back and approve it again.")
        stands_for = (b"\0to\0", b"\0id\0", named[1].encode(), named[2].encode())
        return cls(_head(lines, at=at, mark=mark), body, stands_for, signer)

    def for_reader(self, personal: Personal) -> bytes:
        """The complete mail: its lines end in CRLF, dots are as they are. Raises MailFault for what is no address."""
        values = _values(personal)
        return b"".join([self._signature(values), *self._plain.filled(values)])

    def pieces(self, personal: Personal) -> list[bytes]:
        """The same as it is sent after DATA, dots stuffed, in pieces that all readers share but for their own."""
        values = _values(personal)
        found = self._stuffed.filled(values)
        if self._signing is not None:
            found.insert(0, self._signing.signatures(values))
        return found

    def _signature(self, values: Sequence[bytes]) -> bytes:
        return self._signing.signatures(values) if self._signing else b""


def message_id(secret: bytes, issue_number: int, kind: str, subscriber_id: int, host: str) -> str:
    """The Message-ID of a mailing for one reader: the same each time it is sent, and nobody can guess it."""
    said = f"message-id\0{issue_number}\0{kind}\0{subscriber_id}".encode()
    mark = hmac.digest(secret, said, hashlib.sha256).hex()[:_MAC_LETTERS]
    return f"<{kind}-{issue_number}.{mark}@{host}>"


def cut(data: bytes, stands_for: Sequence[bytes]) -> Cut:
    """``data`` with holes where ``stands_for`` stands; a soft line end of quoted-printable inside one stays there."""
    named = (_SOFT_END.join(re.escape(bytes([letter])) for letter in name) for name in stands_for)
    pieces: list[bytes] = []
    holes: list[tuple[int, int, int, int]] = []
    end = 0
    for found in re.finditer(b"|".join(b"(%s)" % name for name in named), data):
        which = (found.lastindex or 1) - 1
        pieces.append(data[end : found.start()])
        start = 0
        parts = found[0].split(b"=\r\n")
        for number, part in enumerate(parts):
            stop = start + len(part)
            holes.append((len(pieces), which, start, stop if len(parts) > number + 1 else _TO_ITS_END))
            pieces += [b"", b"=\r\n"] if len(parts) > number + 1 else [b""]
            start = stop
        end = found.end()
    return Cut((*pieces, data[end:]), tuple(holes))


def _head(lines: Sequence[tuple[str, bytes]], *, at: datetime | None, mark: str) -> bytes:
    """The headers of a mail, with To and Message-ID where they are expected."""
    found: list[bytes] = []
    for name, line in lines:
        if name == PLACEHOLDERS:
            continue
        if name == "Subject":
            found.append(b"To: \0to\0\r\n")
            line = line.replace(b"Subject:", f"Subject: {mark}\r\n".encode(), 1) if mark else line
        found.append(headers.date_line(at) if name == "Date" and at else line)
        if name == "Date":
            found.append(b"Message-ID: \0id\0\r\n")
    return b"".join([*found[:-1], b"X-Test: yes\r\n", found[-1]] if mark else found)


def _values(personal: Personal) -> tuple[bytes, bytes, bytes, bytes]:
    tokens = personal.unsubscribe_token.encode(), personal.preferences_token.encode()
    if len(tokens[0]) != LENGTH or len(tokens[1]) != LENGTH:
        raise ValueError("a token has another length than its placeholder")
    address = headers.mail_address(personal.address)
    to = headers.mailbox_line("To", [(personal.name, address)])[4:-2] if personal.name else address.encode()
    return to, personal.message_id.encode(), *tokens
