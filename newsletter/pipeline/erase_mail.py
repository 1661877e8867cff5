"""Names out of a mail as a file: what is not named stays byte for byte, whatever its parts are coded in. Pure."""

import base64
import binascii
import re
from collections.abc import Iterator
from email.header import Header, decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser

from newsletter.model.erased import Erased

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FROM = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_CODED = re.compile(rb"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=(?:(?:\r?\n)?[ \t]+=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)*")
_QUOTED = re.compile(rb"=[ \t]*(\r?\n)|=([\dA-Fa-f]{2})|(.)", re.DOTALL)
_SOFT = re.compile(rb"=[ \t]*\r?\n")
_DEEPEST = 12


def clean_mails(data: bytes, erased: Erased) -> bytes:
    """The mails in ``data``, one or a mailbox of many, without those names."""
    starts = [each.start() for each in _FROM.finditer(data)] if data.startswith(b"From ") else []
    if not starts:
        return clean_mail(data, erased)
    parts = (data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True))
    return b"".join(
        _clean_plain(part[: (at := part.index(b"\n") + 1)], erased) + clean_mail(part[at:], erased) for part in parts
    )


def clean_mail(data: bytes, erased: Erased, depth: int = 0) -> bytes:
    """One mail, or one part of it, without those names."""
    end = _HEAD_END.search(data)
    head, gap, body = (data, b"", b"") if end is None else (data[: end.start()], end[0], data[end.end() :])
    said = BytesHeaderParser().parsebytes(head + b"\n\n")
    return _clean_head(head, erased) + gap + _clean_body(body, said, erased, depth)


def _clean_body(body: bytes, said: Message, erased: Erased, depth: int) -> bytes:
    boundary = said.get_boundary()
    if boundary and depth < _DEEPEST:
        return b"".join(_clean_parts(body, boundary.encode("ascii", "replace"), erased, depth))
    if said.get_content_type() == "message/rfc822" and depth < _DEEPEST:
        return clean_mail(body, erased, depth + 1)
    if said.get_content_maintype() not in ("text", "message", "application"):
        return body
    coding = str(said.get("Content-Transfer-Encoding", "")).strip().lower()
    charset = said.get_content_charset("utf-8") or "utf-8"
    if coding == "base64":
        return _clean_base64(body, charset, erased)
    return _clean_quoted(body, erased) if coding == "quoted-printable" else _clean_plain(body, erased)


def _clean_parts(body: bytes, boundary: bytes, erased: Erased, depth: int) -> Iterator[bytes]:
    at = 0
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
    is_first = True
    for found in line.finditer(body):
        part = body[at : found.start()]
        yield _clean_plain(part, erased) if is_first else clean_mail(part, erased, depth + 1)
        yield found[0]
        at, is_first = found.end(), False
    yield _clean_plain(body[at:], erased)


def _clean_head(head: bytes, erased: Erased) -> bytes:
    return _CODED.sub(lambda found: _clean_coded(found[0], erased), _clean_plain(head, erased))


def _clean_coded(coded: bytes, erased: Erased) -> bytes:
    try:
        shown = str(make_header(decode_header(coded.decode("ascii"))))
    except (ValueError, LookupError, UnicodeError):
        return coded
    clean = erased.text(shown)
    return coded if clean == shown else Header(clean, "utf-8").encode().encode("ascii")


def _clean_plain(data: bytes, erased: Erased) -> bytes:
    shown = data.decode("utf-8", "surrogateescape")
    clean = erased.text(shown)
    return data if clean == shown else clean.encode("utf-8", "surrogateescape")


def _clean_base64(body: bytes, charset: str, erased: Erased) -> bytes:
    try:
        data = base64.b64decode(body)
        shown = data.decode(charset)
    except (binascii.Error, ValueError, LookupError):
        return body
    clean = erased.text(shown)
    if clean == shown:
        return body
    end = b"\r\n" if b"\r\n" in body else b"\n"
    packed = base64.b64encode(clean.encode(charset, "replace"))
    return b"".join(packed[at : at + 76] + end for at in range(0, len(packed), 76))


def _clean_quoted(body: bytes, erased: Erased) -> bytes:
    """Only what names somebody is written anew: placeholders and all else stay where they are."""
    if not erased.may_name(binascii.a2b_qp(_SOFT.sub(b"", body)).decode("utf-8", "surrogateescape")):
        return body
    plain, places = bytearray(), []
    for found in _QUOTED.finditer(body):
        if found[1] is None:
            plain += bytes((int(found[2], 16),)) if found[2] else found[3]
            places.append(found.start())
    shown = plain.decode("utf-8", "surrogateescape")
    spans = erased.spans(shown)
    if not spans:
        return body
    end = b"\r\n" if b"\r\n" in body else b"\n"
    places.append(len(body))
    made, at = [], 0
    for span in spans:
        start, stop = (places[len(shown[:each].encode("utf-8", "surrogateescape"))] for each in (span.start, span.end))
        # Lines may have 76 characters, and what stands there instead may be longer.
        made += [body[at:start], b"=" + end, span.instead.encode("ascii"), b"=" + end]
        at = stop
    return b"".join([*made, body[at:]])
