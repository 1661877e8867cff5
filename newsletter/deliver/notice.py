"""A notice: a short mail of the program to an editor, in plain text."""

import hashlib
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from newsletter.model.mail_policy import MAIL
from newsletter.text import one_line, shorten

WIDTH = 72
_LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: ``key`` names it for good, so that the same one is known again."""

    key: str
    subject: str
    paragraphs: tuple[str, ...]


def notice_mail(notice: Notice, *, sender: tuple[str, str], to: str, at: datetime) -> EmailMessage:
    """The mail of ``notice`` (RFC 5322) from ``sender``, a name and an address; no program answers it (RFC 3834)."""
    name, address = sender
    made = EmailMessage(policy=MAIL)
    made["From"] = Address(display_name=one_line(name), addr_spec=address)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = shorten(notice.subject, _LONGEST_SUBJECT)
    made["Date"] = format_datetime(at)
    mark = hashlib.sha256(f"{notice.key}\0{to}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    made["Message-ID"] = f"<notice-{mark}@{address.rpartition('@')[2].lower()}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content("\n\n".join(map(_filled, notice.paragraphs)) + "\n")
    return made


def _filled(paragraph: str) -> str:
    """``paragraph`` in lines of at most 72 columns; an address stays whole."""
    return textwrap.fill(one_line(paragraph), WIDTH, break_long_words=False, break_on_hyphens=False)
