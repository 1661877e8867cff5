"""write_edition: what all readers of one choice get, as a file; where a reader's own tokens go, placeholders stand."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from newsletter.deliver import headers
from newsletter.deliver.tokens import LENGTH

PLACEHOLDERS = "X-Placeholders"
"""The header of the file, and of no mail, that names the placeholders."""
_LINE_END = re.compile(r"\r\n?|\n")
_BASE64_LINE = 57


@dataclass(frozen=True, slots=True)
class Placeholders:
    """What stands in an edition for a reader's tokens: of their length, and known to nobody who writes into it."""

    unsubscribe: str
    preferences: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What the headers of an edition say; addresses are pairs of name and address."""

    sender: tuple[str, str]
    subject: str
    at: datetime
    list_name: str
    list_label: str
    language: str
    answers: tuple[str, str]
    """Where a person reads: answers, questions, and a farewell by mail if nothing else is named for it."""
    has_reply_to: bool = False
    farewells: str | None = None
    """The address where the program itself reads that somebody unsubscribes by mail."""
    unsubscribe_url: str | None = None
    """With the placeholder in it; None without a site."""
    archive_url: str | None = None
    issue_url: str | None = None


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a mail holds: plain text as format=flowed, HTML, and perhaps a calendar file."""

    flowed: str
    html: str
    calendar: bytes | None = None


def placeholders_for(content: str) -> Placeholders:
    """Placeholders that ``content`` cannot hold: they follow from the whole of it."""

    def made(purpose: str) -> str:
        digest = hashlib.sha256(f"{purpose}\0{content}".encode("utf-8", "surrogatepass")).digest()
        return base64.urlsafe_b64encode(digest).decode()[:LENGTH]

    return Placeholders(made("unsubscribe"), made("preferences"))


def write_edition(heading: Heading, bodies: Bodies, placeholders: Placeholders) -> bytes:
    """The file: a mail (RFC 5322) but for To and Message-ID, and PLACEHOLDERS before it."""
    named = f"unsubscribe={placeholders.unsubscribe} preferences={placeholders.preferences}"
    lines = [
        headers.text_line(PLACEHOLDERS, named),
        headers.mailbox_line("From", [heading.sender]),
        *([headers.mailbox_line("Reply-To", [heading.answers])] if heading.has_reply_to else []),
        headers.text_line("Subject", heading.subject),
        headers.date_line(heading.at),
        *_list_lines(heading, placeholders),
        headers.plain_line("MIME-Version", "1.0"),
        headers.plain_line("Content-Language", heading.language),
    ]
    return b"".join(lines) + _content(bodies)


def _list_lines(heading: Heading, placeholders: Placeholders) -> list[bytes]:
    """What mail programs make their buttons of (RFC 2369, 2919, 5064 and 8058)."""
    mailto = _mailto(heading.answers[1])
    leave = f"{_mailto(heading.farewells or heading.answers[1])}?subject=unsubscribe%20{placeholders.unsubscribe}"
    web = heading.unsubscribe_url
    is_one_click = bool(web and web.startswith("https://"))
    return [
        headers.list_id_line(heading.list_name, heading.list_label),
        headers.url_line("List-Unsubscribe", [*([web] if web else []), leave]),
        *([headers.plain_line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if is_one_click else []),
        headers.url_line("List-Help", [f"{mailto}?subject=help"]),
        headers.url_line("List-Owner", [mailto]),
        *([headers.url_line("List-Archive", [heading.archive_url])] if heading.archive_url else []),
        headers.plain_line("List-Post", "NO"),
        *([headers.url_line("Archived-At", [heading.issue_url])] if heading.issue_url else []),
    ]


def _mailto(address: str) -> str:
    return f"mailto:{quote(headers.mail_address(address), safe='@+')}"


def _content(bodies: Bodies) -> bytes:
    """The headers of the content, an empty line, and the content."""
    texts = [
        _part('text/plain; charset="utf-8"; format=flowed', _quoted_printable(bodies.flowed)),
        _part('text/html; charset="utf-8"', _quoted_printable(bodies.html)),
    ]
    alternative = _multipart("alternative", texts)
    if bodies.calendar is None:
        return alternative
    head = (
        b'Content-Type: text/calendar; charset="utf-8"; name="events.ics"\r\n'
        b'Content-Disposition: attachment; filename="events.ics"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return _multipart("mixed", [alternative, head + _base64(bodies.calendar)])


def _part(content_type: str, encoded: bytes) -> bytes:
    return f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode() + encoded


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    # "=_" never occurs in quoted-printable or base64, so the boundary cannot be met inside a part (RFC 2045, 6.7).
    mark = hashlib.sha256(b"".join(parts)).hexdigest()[:24]
    boundary = f"=_{subtype}-{mark}"
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    inner = b"".join(f"--{boundary}\r\n".encode() + part for part in parts)
    return head + inner + f"--{boundary}--\r\n".encode()


def _quoted_printable(text: str) -> bytes:
    octets = (_LINE_END.sub("\n", text).rstrip("\n") + "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    return binascii.b2a_qp(octets, istext=True)


def _base64(data: bytes) -> bytes:
    lines = (data[at : at + _BASE64_LINE] for at in range(0, len(data), _BASE64_LINE))
    return b"".join(base64.b64encode(each) + b"\r\n" for each in lines)
