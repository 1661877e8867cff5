"""Mails as they arrive: those of a Maildir, an mbox, or a folder on an IMAP server that are new. Blocking."""

import contextlib
import hashlib
import imaplib
import ipaddress
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from newsletter.errors import NotReadable, Unreachable
from newsletter.fetch.mbox_split import Trace, is_mbox, split_mails
from newsletter.fetch.tips import LARGEST_MAIL
from newsletter.text import one_line, shorten

MAILS_A_PACK = 50
MOST_MAILS = 1_000
"""So many mails are taken in one reading; the next one goes on from there."""

_MOST_SEEN = 50_000
_SECONDS = 30
_LONGEST_LITERAL = LARGEST_MAIL + (64 << 10)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_NUMBER = re.compile(rb"\d{1,10}")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A pack of mails, each with the words for where it lies, and what to remember when they are stored."""

    mails: tuple[tuple[str, bytes], ...]
    cursor: Mapping[str, Any]


def read_mailbox(path: Path, cursor: Mapping[str, Any], since: datetime | None) -> Iterator[Arrived]:
    """The mails of the Maildir or mbox at ``path`` that came after ``cursor``. Raises NotReadable."""
    if (path / "cur").is_dir() and (path / "new").is_dir():
        yield from _read_maildir(path, cursor, None if "seen" in cursor else since)
    elif path.is_file():
        yield from _read_mbox(path, cursor)
    else:
        raise NotReadable(f"{path} is neither a Maildir (a folder with “new” and “cur” in it) nor an mbox file")


def _read_maildir(path: Path, cursor: Mapping[str, Any], since: datetime | None) -> Iterator[Arrived]:
    seen = set(cursor.get("seen", ()))
    try:
        found = (file for folder in ("cur", "new") for file in (path / folder).iterdir())
        # A pipe or a device would keep the reader waiting for ever.
        files = sorted((file.name, file) for file in found if file.is_file())
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror or error}") from error
    named = {_short(name.partition(":2,")[0]): file for name, file in files if not name.startswith(".")}
    fresh = [name for name in named if name not in seen][:MOST_MAILS]
    # Names of mails that somebody took out need not be remembered.
    kept = [name for name in cursor.get("seen", ()) if name in named][-_MOST_SEEN:]
    for at in range(0, len(fresh), MAILS_A_PACK):
        pack = fresh[at : at + MAILS_A_PACK]
        mails = ((named[name].name, _read_file(named[name], since)) for name in pack)
        kept = [*kept, *pack]
        yield Arrived(tuple((name, data) for name, data in mails if data), {"seen": kept})


def _short(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _read_file(path: Path, since: datetime | None) -> bytes:
    """The beginning of the mail; nothing for one that is older than ``since``, or was moved meanwhile."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if since is None or path.stat().st_mtime >= since.timestamp():
            return file.read(LARGEST_MAIL)
    return b""


def _read_mbox(path: Path, cursor: Mapping[str, Any]) -> Iterator[Arrived]:
    try:
        found = path.stat()
        stamp = [found.st_size, found.st_mtime_ns]
        if cursor.get("stamp") == stamp or not found.st_size:
            return
        with path.open("rb") as file:
            if not is_mbox(file.read(2_000)):
                raise NotReadable(f"{path} is no mbox: no mail begins in it")
            done = int(cursor.get("done", 0))
            trace = Trace.of(file, done)
            if trace.size != done or str(trace) != cursor.get("before"):
                # Somebody took mails out: read it all; what is known already changes nothing.
                file.seek(0)
                trace = Trace()
            for pack in split_mails(file, trace=trace):
                ends = (*pack.starts[1:], len(pack.data))
                mails = tuple(
                    (f"byte {pack.offset + start}", pack.data[start:end][:LARGEST_MAIL])
                    for start, end in zip(pack.starts, ends, strict=True)
                )
                if mails:
                    # The last mail is read again next time, in case it was not whole.
                    yield Arrived(mails, {"done": pack.last, "before": pack.before_last})
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where an IMAP server is and who we are there. ``encryption`` is "tls", "starttls" or, on this machine, "none"."""

    server: str
    user: str
    password: str
    port: int = 0
    encryption: str = "tls"
    folder: str = "INBOX"


class _Bounded:
    """Takes no more of an answer than a mail may have."""

    def read(self, size: int) -> bytes:
        """``size`` bytes of the answer."""
        if size > _LONGEST_LITERAL:
            raise NotReadable(f"the mail server sends {size} bytes where {LARGEST_MAIL} were asked for")
        return super().read(size)  # type: ignore[misc, no-any-return]


class _Tls(_Bounded, imaplib.IMAP4_SSL):
    pass


class _Plain(_Bounded, imaplib.IMAP4):
    pass


def read_imap(settings: ImapSettings, cursor: Mapping[str, Any], since: datetime | None) -> Iterator[Arrived]:
    """The mails that came into the folder after ``cursor``; it is only looked at, nothing is marked or deleted.

    Raises Unreachable and NotReadable.
    """
    try:
        connection = _connected(settings)
        try:
            _sign_in(connection, settings)
            yield from _new_mails(connection, settings, cursor, since)
        finally:
            # It says goodbye if it can, and closes in any case.
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                connection.logout()
    except imaplib.IMAP4.error as error:
        raise NotReadable(f"{settings.server}: {_words(error)}") from error
    except (OSError, EOFError) as error:
        raise Unreachable(f"{settings.server} does not answer as a mail server: {_words(error)}") from error


def _connected(settings: ImapSettings) -> imaplib.IMAP4:
    trust = ssl.create_default_context()
    if settings.encryption == "tls":
        return _Tls(settings.server, settings.port or 993, ssl_context=trust, timeout=_SECONDS)
    if settings.encryption == "none" and not _is_this_machine(settings.server):
        raise NotReadable('"encryption: none" is for a server on this machine; elsewhere the password could be read')
    connection = _Plain(settings.server, settings.port or 143, timeout=_SECONDS)
    if settings.encryption == "starttls":
        try:
            connection.starttls(trust)
        except BaseException:
            connection.shutdown()
            raise
    return connection


def _is_this_machine(server: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(server.strip("[]")).is_loopback
    return server.lower() == "localhost"


def _sign_in(connection: imaplib.IMAP4, settings: ImapSettings) -> None:
    said = f"\0{settings.user}\0{settings.password}".encode()
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: said)
        else:
            connection.login(settings.user, settings.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        # What the server says may repeat what was sent.
        raise NotReadable(f'{settings.server} does not let "{settings.user}" in; look at user and password') from error


def _new_mails(
    connection: imaplib.IMAP4, settings: ImapSettings, cursor: Mapping[str, Any], since: datetime | None
) -> Iterator[Arrived]:
    escaped = settings.folder.replace("\\", "\\\\").replace('"', '\\"')
    kind, _ = connection.select(f'"{escaped}"', readonly=True)
    if kind != "OK":
        raise NotReadable(f'{settings.server} has no folder "{settings.folder}" that can be read')
    validity, following = _number(connection, "UIDVALIDITY"), _number(connection, "UIDNEXT")
    # Numbers of another validity mean nothing any more (RFC 9051, 2.3.1.1).
    last = int(cursor.get("last", 0)) if cursor.get("validity") == validity else 0
    if following and following <= last + 1:
        return
    asked = f"UID {last + 1}:* UNDELETED"
    if not last and since is not None:
        asked += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
    _, answer = connection.uid("SEARCH", asked)
    numbers = sorted({int(each) for each in _NUMBER.findall(b" ".join(part for part in answer if part))})
    # "*" is the last mail even when its number is below ours.
    fresh = [number for number in numbers if number > last][:MOST_MAILS]
    for at in range(0, len(fresh), MAILS_A_PACK):
        pack = fresh[at : at + MAILS_A_PACK]
        _, parts = connection.uid("FETCH", ",".join(map(str, pack)), f"(UID BODY.PEEK[]<0.{LARGEST_MAIL}>)")
        mails = tuple((f"UID {number}", data) for number, data in _literals(parts))
        yield Arrived(mails, {"validity": validity, "last": pack[-1]})


def _number(connection: imaplib.IMAP4, name: str) -> int:
    _, answer = connection.response(name)
    found = _NUMBER.search(answer[0] or b"") if answer else None
    return int(found.group()) if found else 0


def _literals(parts: list[Any]) -> Iterator[tuple[int, bytes]]:
    """The mails of an answer to FETCH with their numbers, which may stand before the mail or behind it."""
    for at, part in enumerate(parts):
        if isinstance(part, tuple) and len(part) == 2:
            after = parts[at + 1] if at + 1 < len(parts) and isinstance(parts[at + 1], bytes) else b""
            found = _UID.search(part[0]) or _UID.search(after)
            if found and isinstance(part[1], bytes):
                yield int(found[1]), part[1]


def _words(error: BaseException) -> str:
    said = error.args[-1] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return shorten(one_line(text), 200) or type(error).__name__
