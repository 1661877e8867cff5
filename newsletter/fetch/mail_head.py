"""The headers of a mail: names, encoded words, Message-IDs and dates, whatever programs made of them."""

import binascii
import codecs
import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from newsletter.fetch.dates import parse_date
from newsletter.text import one_line

_NAMES = (
    "From Date Subject Message-ID In-Reply-To References Content-Type Content-Transfer-Encoding Content-Disposition "
    "Archived-At List-Post List-Id Reply-To"
)
_WANTED = {spelt: name.lower() for name in _NAMES.split() for spelt in (name, name.lower(), name.title())}
_LARGEST_HEAD = 1 << 20
_LONGEST_VALUE = 1 << 16
_LONGEST_TITLE = 1_000
_LONGEST_IDS = 1 << 20

_FOLD = re.compile(r"\n[ \t]+")
_ENVELOPES = (">From ", "From ")

_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,40}\?[bBqQ]\?)")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")

_ID = re.compile(r"<([^<>\s]{1,1000})>")

_NAMES_OF_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MONTHS = {name: at // 3 + 1 for name, at in ((_NAMES_OF_MONTHS[at : at + 3], at) for at in range(0, 36, 3))}
_USUAL_DATE = re.compile(
    r"\s*(?:\w{2,12}, {1,2})?(\d{1,2}) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)(?: ?\(.*)?\s*\Z"
)
# As pipermail wrote for years, in the zone nobody knows of.
_CLOCK_DATE = re.compile(r"\s*\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})\s*\Z")
# What follows the offset, or stands between date and time, is for people.
_FIRST_YEAR = 1970
_LOOSE_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d")
_COMMENT = re.compile(r"\s*\([^()]*\)\s*")

# Not charsets, though Python knows codecs of these names; some of them need the square of the length.
_NOT_CHARSETS = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"))
_FALLBACKS = ("utf-8", "cp1252")


def read_head(data: bytes, start: int = 0) -> tuple[dict[str, str], int]:
    """The headers that are of use, by name in lower case, of the mail or part at ``start``; and where its body begins.

    Values stand on one line, encoded words in them as they are. Of a header that stands twice the
    first counts.
    """
    while data.startswith((b"\n", b"\r\n"), start):
        start = data.index(b"\n", start) + 1
    end, body = _gap(data, start)
    text = decode_text(data[start : min(end, start + _LARGEST_HEAD)])
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\n " in text or "\n\t\t" in text or "\n\t " in text:
        text = _FOLD.sub(" ", text)
    elif "\n\t" in text:
        text = text.replace("\n\t", " ")
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n")):
        name, colon, value = line.partition(":")
        if wanted := _WANTED.get(name) or _WANTED.get(name.rstrip().lower()):
            if wanted not in found:
                found[wanted] = value
        elif not (colon and " " not in name.rstrip()) and line.strip() and not line.startswith(_ENVELOPES):
            return found, _after_lines(data, start, number)
    return found, body


def _gap(data: bytes, start: int) -> tuple[int, int]:
    """Where the headers end and the body begins."""
    end = data.find(b"\n\n", start)
    with_return = data.find(b"\n\r\n", start, end if end >= 0 else len(data))
    if with_return >= 0:
        return with_return, with_return + 3
    return (end, end + 2) if end >= 0 else (len(data), len(data))


def _after_lines(data: bytes, start: int, count: int) -> int:
    """Where the body begins when no empty line stands before it: after ``count`` unfolded lines."""
    lines = 0
    at = start
    while at < len(data):
        if data[at] not in b" \t":
            lines += 1
        if lines > count:
            return at
        at = data.find(b"\n", at) + 1 or len(data)
    return at


def decode_text(data: bytes, charset: str = "") -> str:
    """``data`` as text. What the charset does not explain, or nobody knows it, is read as best it can be."""
    with contextlib.suppress(ValueError):
        return data.decode((charset and _codec(charset)) or "utf-8")
    for fallback in _FALLBACKS:
        try:
            return data.decode(fallback)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """The name of the codec, or None when there is none that makes text of bytes."""
    name = charset.strip("'\" ")[:40]
    try:
        b"a".decode(name, "replace")
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if found.replace("_", "-") in _NOT_CHARSETS:
        return None
    # Mails that say ASCII or Latin-1 and hold more mean what Windows does.
    return {"ascii": "utf-8", "iso8859-1": "cp1252"}.get(found, found)


def decode_words(value: str) -> str:
    """``value`` with its encoded words (RFC 2047) read."""
    value = value[:_LONGEST_VALUE]
    if "=?" not in value:
        return value
    parts: list[str] = []
    pending, charset, at = b"", "", 0
    # Words that follow each other may share a letter: their bytes are joined before they are read.
    value = _BETWEEN_WORDS.sub(r"\1", value)
    for found in _WORD.finditer(value):
        named = found[1].partition("*")[0].lower()
        if pending and (found.start() > at or named != charset):
            parts.append(decode_text(pending, charset))
            pending = b""
        parts.append(value[at : found.start()])
        pending += _word_bytes(found[2], found[3])
        charset, at = named, found.end()
    if pending:
        parts.append(decode_text(pending, charset))
    return "".join(parts) + value[at:]


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return _Q_ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), data.replace(b"_", b" "))
    return base64_bytes(data)


def base64_bytes(data: bytes) -> bytes:
    """What ``data`` stands for, as far as it can be read."""
    try:
        return binascii.a2b_base64(data + b"==")
    except binascii.Error:
        # One letter too many at the end.
        usable = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return binascii.a2b_base64(usable[: len(usable) // 4 * 4])


def subject(head: Mapping[str, str]) -> str:
    """The subject on one line, encoded words read."""
    return _one_line(head.get("subject", "")[:_LONGEST_VALUE])


@lru_cache(maxsize=1024)
def _one_line(value: str) -> str:
    return one_line(decode_words(value))[:_LONGEST_TITLE]


def message_id(head: Mapping[str, str]) -> str:
    """The Message-ID without its brackets, or ""."""
    value = head.get("message-id", "").strip()
    if value[:1] == "<" and value[-1:] == ">" and " " not in value:
        return value[1:-1]
    found = _ID.search(value)
    if found:
        return found[1]
    return value if "@" in value and " " not in value and "\t" not in value else ""


def answered_ids(head: Mapping[str, str]) -> Iterator[str]:
    """The Message-IDs the mail answers, the nearest first: In-Reply-To, then References from its end."""
    if value := head.get("in-reply-to"):
        yield from _ID.findall(value[:_LONGEST_VALUE])
    if value := head.get("references"):
        yield from reversed(_ID.findall(value[:_LONGEST_IDS]))


def date(value: str) -> datetime | None:
    """The time in UTC that a Date header names; None when it names none that a mail can have."""
    with contextlib.suppress(KeyError, ValueError, OverflowError):
        if found := _USUAL_DATE.match(value):
            day, month, year, hour, minute, second, hours, minutes = found.groups()
            offset = int(hours) * 60 + int(hours[0] + minutes)
        elif found := _CLOCK_DATE.match(value):
            month, day, hour, minute, second, year = found.groups()
            offset = 0
        else:
            return _loosely(value[:200])
        at = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        if at.year >= _FIRST_YEAR:
            return at - timedelta(minutes=offset) if offset else at
    return None


def _loosely(value: str) -> datetime | None:
    """A date that is written otherwise, or with something around it."""
    found = _LOOSE_DATE.search(value)
    at = parse_date(value) or parse_date(_COMMENT.sub(" ", value)) or (parse_date(found[0]) if found else None)
    return at if at and at.year >= _FIRST_YEAR else None
