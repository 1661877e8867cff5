"""What mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965), read field by field.

What people and programs write into the body for other people is not looked at: it is in any language, and holds the
words of the mail that came back.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from typing import Literal

from newsletter.deliver.verp import Returned, returned_to
from newsletter.text import one_line, shorten

ReportKind = Literal["hard", "soft", "complaint", "ignored"]
"""``ignored`` says nothing about the reader: a delay, our own fault, an automatic answer."""

_LARGEST = 1 << 20
_MOST_RECIPIENTS = 50
_MOST_PARTS = 100
_LONGEST_WORDS = 500
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([45])\d\d\b")
_TO_FIELDS = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")
_COMPLAINTS = frozenset(("abuse", "fraud", "virus"))
_HARD_5_1 = frozenset((0, 1, 2, 3, 6, 10))
"""Subjects of 5.1.x (RFC 3463, RFC 7505) about the reader's address; 5.1.7 and 5.1.8 are about the sender's."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one report says about one reader.

    ``status`` is the enhanced code (RFC 3463) or "", ``words`` the server's own. ``returned`` holds the token of the
    envelope sender that the mail came back to, ``recipient`` and ``message_id`` what the report itself claims.
    """

    kind: ReportKind
    status: str
    words: str
    returned: Returned | None = None
    recipient: str | None = None
    message_id: str | None = None
    at: datetime | None = None
    """When the report was written, if it says so."""


def read_reports(data: bytes, *, mailed_to: Sequence[str] = ()) -> tuple[Report, ...]:
    """What the mail ``data`` reports; empty when it is no report, but something a person may want to read.

    ``mailed_to`` are the recipients of its envelope where they are known.
    """
    mail = BytesParser(policy=compat32).parsebytes(data[:_LARGEST])
    parts = list(_parts(mail))
    headers = _returned_headers(parts)
    fields = [mail.get(name) for name in _TO_FIELDS]
    returned = returned_to([*mailed_to, *map(_text, fields), _field(headers, "Return-Path")])
    message_id = _field(headers, "Message-ID") or None
    found = [*_complaints(parts), *_deliveries(parts)]
    if not found:
        found = list(_without_report(mail, returned))
    at = _date(_field(mail, "Date"))
    return tuple(
        replace(each, returned=each.returned or returned, message_id=message_id, at=at)
        for each in found[:_MOST_RECIPIENTS]
    )


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of ``mail`` outside the mail that came back, which is only looked at for its headers."""
    waiting, count = [mail], 0
    while waiting and count < _MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        is_inside = part.get_content_type() == "message/rfc822"
        if part.is_multipart() and not is_inside and part.get_content_type() != "message/delivery-status":
            waiting = [*(each for each in part.get_payload() if isinstance(each, Message)), *waiting]


def _returned_headers(parts: Sequence[Message]) -> Message | None:
    """The headers of the mail that came back."""
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload and isinstance(payload[0], Message):
            return payload[0]
        if kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            return BytesParser(policy=compat32).parsebytes(_bytes_of(part), headersonly=True)
    return None


def _complaints(parts: Sequence[Message]) -> Iterator[Report]:
    for part in parts:
        if part.get_content_type() != "message/feedback-report":
            continue
        said = BytesParser(policy=compat32).parsebytes(_bytes_of(part), headersonly=True)
        kind = _field(said, "Feedback-Type").lower()
        words = f"complaint ({kind or 'of no kind'}) by way of {_field(said, 'User-Agent') or 'an unnamed program'}"
        yield Report(
            "complaint" if kind in _COMPLAINTS else "ignored",
            "",
            shorten(words, _LONGEST_WORDS),
            returned_to([_field(said, "Original-Mail-From")]),
            _address(_field(said, "Original-Rcpt-To")),
        )


def _deliveries(parts: Sequence[Message]) -> Iterator[Report]:
    for part in parts:
        if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        for block in _blocks(part):
            recipient = _address(_field(block, "Original-Recipient")) or _address(_field(block, "Final-Recipient"))
            if recipient or "Action" in block:
                yield _delivery(block, recipient)


def _blocks(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (each for each in payload if isinstance(each, Message))
        return
    for text in re.split(rb"\r?\n[ \t]*\r?\n", _bytes_of(part)):
        yield BytesParser(policy=compat32).parsebytes(text.strip(), headersonly=True)


def _delivery(block: Message, recipient: str | None) -> Report:
    action, words = _field(block, "Action").lower(), _field(block, "Diagnostic-Code")
    said = words.partition(";")[2].strip() or words
    status = _status_of(_field(block, "Status"), said)
    kind = judged(status) if action in ("failed", "") else "ignored"
    return Report(kind, status, shorten(said or f"{action} {status}".strip(), _LONGEST_WORDS), recipient=recipient)


def _status_of(status: str, said: str) -> str:
    """The enhanced code; what the last server said counts for more than the general code of the one that reports."""
    own, theirs = _STATUS.search(status), _STATUS.search(said)
    if theirs and (own is None or (own[1] == theirs[1] and own[2] in "03")):
        return theirs[0]
    if own:
        return own[0]
    reply = _REPLY.search(said[:40])
    return f"{reply[1]}.0.0" if reply else ""


def status_in(words: str) -> str:
    """The enhanced code in what a server said, "" when it said none."""
    found = _STATUS.search(words)
    return found[0] if found else ""


def judged(status: str) -> ReportKind:
    """What an enhanced status code (RFC 3463) of a failed delivery says about the reader.

    No such mailbox is hard. A full or moved mailbox, a network or a server out of order is soft. A mail that was too
    large, badly formed or refused by policy (5.3.4, 5.5, 5.6, 5.7) is ours to mend and counts against nobody.
    """
    found = _STATUS.fullmatch(status)
    if found is None:
        return "soft"
    kind, subject, detail = found[1], int(found[2]), int(found[3])
    if kind == "2" or subject in (5, 6, 7) or (subject, detail) in ((3, 4), (2, 3), (1, 7), (1, 8)):
        return "ignored"
    if kind == "4":
        return "soft"
    if (subject == 1 and detail in _HARD_5_1) or (subject, detail) == (2, 1):
        return "hard"
    return "soft"


def _without_report(mail: Message, returned: Returned | None) -> Iterator[Report]:
    """A mail to an address that only servers know of, from a program that writes no reports: it came back somehow."""
    failed = _address(_field(mail, "X-Failed-Recipients"))
    answered = _field(mail, "Auto-Submitted").lower().startswith("auto-replied")
    if failed:
        yield Report("soft", "", "came back without a report", recipient=failed)
    elif returned and (answered or not _is_from_server(mail)):
        yield Report("ignored", "", "an automatic answer")
    elif returned:
        yield Report("soft", "", "came back without a report")


def _is_from_server(mail: Message) -> bool:
    if _field(mail, "Return-Path") == "<>":
        return True
    sender = _field(mail, "From").lower()
    return any(name in sender for name in ("mailer-daemon", "postmaster@", "mail delivery"))


def _field(block: Message | None, name: str) -> str:
    return "" if block is None else _text(block.get(name))


def _text(value: object) -> str:
    return one_line(str(value)) if value is not None else ""


def _address(field: str) -> str | None:
    """The address of ``rfc822; name@example.org``."""
    text = field.partition(";")[2].strip() if ";" in field else field
    text = text.partition(",")[0].strip().strip("<>").strip()
    return text if "@" in text and " " not in text else None


def _date(text: str) -> datetime | None:
    with suppress(ValueError, OverflowError):
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _bytes_of(part: Message) -> bytes:
    """The content of ``part``, decoded; what is no transfer encoding stays as it is."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"\n\n".join(each.as_bytes() for each in payload if isinstance(each, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
