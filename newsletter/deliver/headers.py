"""Header lines of a mail (RFC 5322): one each, folded, in seven bits; no value can begin another header."""

import base64
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

import idna

from newsletter.errors import MailFault
from newsletter.text import one_line

WIDTH = 78
"""The most octets of a line that can be broken (RFC 5322, 2.1.1)."""
_WORD_OCTETS = 39
"""Octets of text in an encoded word, so that a line with the name of a header has at most 76 (RFC 2047, 2)."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_QUOTED = re.compile(r'(["\\])')
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SIGNS = frozenset('()<>@,;:\\"[]')
_LONGEST_ADDRESS, _LONGEST_LOCAL, _LONGEST_DOMAIN = 254, 64, 253
_LONGEST_URL = 900
_UNFIT = re.compile(r"[^\x21-\x7e]|[<>]")


def text_line(name: str, text: str) -> bytes:
    """A header whose value is words, such as a subject."""
    return _line(name, _words(one_line(text)))


def mailbox_line(name: str, mailboxes: Iterable[tuple[str, str]]) -> bytes:
    """A header whose value is names with addresses."""
    words: list[str] = []
    for display, address in mailboxes:
        if words:
            words[-1] += ","
        words += [*_phrase(display), f"<{mail_address(address)}>"] if one_line(display) else [mail_address(address)]
    return _line(name, words)


def url_line(name: str, urls: Iterable[str]) -> bytes:
    """A header whose value is addresses in angle brackets (RFC 2369, 2); nothing when none fits into a line."""
    found = [f"<{_UNFIT.sub(lambda sign: quote(sign[0], errors='replace'), url)}>" for url in urls]
    found = [url for url in found if len(url) <= _LONGEST_URL]
    if not found:
        return b""
    return _line(name, [*(f"{url}," for url in found[:-1]), found[-1]])


def list_id_line(display: str, label: str) -> bytes:
    """The List-Id: a name for people, and one for machines that stays (RFC 2919)."""
    return _line("List-Id", [*_phrase(display), f"<{label}>"])


def date_line(at: datetime) -> bytes:
    """The Date."""
    return _line("Date", [format_datetime(at)])


def plain_line(name: str, value: str) -> bytes:
    """A header whose value is a word of ours in printable ASCII."""
    return _line(name, [value])


@lru_cache(4_096)
def mail_address(text: str) -> str:
    """The address ``text`` as it stands in headers and envelopes: its domain in ASCII (IDNA 2008).

    A local part with other letters stays; it needs a server with SMTPUTF8. Raises MailFault, for good, for what is
    no address: nothing that a header or a command would read as more than one survives.
    """
    local, at, domain = text.rpartition("@")
    try:
        host = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True, transitional=False).decode()
    except idna.IDNAError:
        host = ""
    is_good = at and _is_local(local) and _DOMAIN.fullmatch(host) and len(host) <= _LONGEST_DOMAIN
    if not is_good or len(f"{local}@{host}".encode("utf-8", "replace")) > _LONGEST_ADDRESS:
        raise MailFault(f"“{one_line(text)[:80]}” is no mail address.", is_final=True)
    return f"{local}@{host}"


def needs_utf8(address: str) -> bool:
    """Whether mail to ``address`` goes only to servers that know SMTPUTF8 (RFC 6531)."""
    return not address.isascii()


def _is_local(local: str) -> bool:
    if len(local.encode("utf-8", "replace")) > _LONGEST_LOCAL:
        return False
    if local.isascii():
        return bool(_LOCAL.fullmatch(local))
    return all(local.split(".")) and local.isprintable() and not (_SIGNS & set(local) or any(map(str.isspace, local)))


def _words(text: str) -> list[str]:
    """``text`` as words that a line may be broken between; as encoded words where it must be (RFC 2047)."""
    if text.isascii() and "=?" not in text and all(len(word) < WIDTH - 2 for word in text.split()):
        return text.split()
    return _encoded(text)


def _phrase(text: str) -> list[str]:
    """``text`` as the words before an address."""
    text = one_line(text)
    if not text.isascii() or "=?" in text or any(len(word) >= WIDTH - 2 for word in text.split()):
        return _encoded(text)
    if _ATOMS.fullmatch(text):
        return text.split()
    return ('"' + _QUOTED.sub(r"\\\1", text) + '"').split(" ")


def _encoded(text: str) -> list[str]:
    found: list[bytes] = [b""]
    for letter in text:
        octets = letter.encode("utf-8", "replace")
        if len(found[-1]) + len(octets) > _WORD_OCTETS:
            found.append(b"")
        found[-1] += octets
    return [f"=?utf-8?b?{base64.b64encode(each).decode()}?=" for each in found]


def _line(name: str, words: Sequence[str]) -> bytes:
    """Broken between words, never behind the name: not every program reads on there."""
    lines, line = [], f"{name}:"
    for number, word in enumerate(words):
        if number and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]).encode() + b"\r\n"
