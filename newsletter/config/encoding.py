"""The bytes of feeds.yaml as text, whatever program saved them."""

import codecs
import re
from dataclasses import dataclass

LARGEST = 300_000
"""A larger file is not read: 300 sources with notes are about 60 KB, and a parser works on this one for a second."""
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BREAKS = re.compile("\r\n|\r|\n")
_ODD_SPACE = re.compile("[\x85\u2028\u2029\ufeff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """``text`` with "\\n" between lines (None when it cannot be known), and what is wrong on ``line``."""

    text: str | None
    line: int = 1
    fault: str = ""


def decode(data: bytes) -> Decoded:
    """The text that ``data`` holds; UTF-8 with or without a mark at its start is the right way."""
    if len(data) > LARGEST:
        return Decoded(None, fault=f"This file is too large. {too_large(len(data))}")
    wide = _wide_encoding(data)
    if wide:
        fault = "This file is not saved as UTF-8 (looks like UTF-16 from Windows). Save it again as UTF-8."
        return Decoded(_try(data, wide), fault=fault)
    try:
        return Decoded(with_plain_breaks(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = "This file is not saved as UTF-8 (looks like Latin-1 or Windows-1252). Save it again as UTF-8."
        return Decoded(_try(data, "cp1252"), line, fault)


def too_large(size: int) -> str:
    """What to say of a file of so many bytes."""
    return (
        f"It has {size // 1000} KB, and at most {LARGEST // 1000} KB are read; 300 sources are about 60 KB. Is it the "
        'right file? If so, put parts of it into files of their own and name them under "include:".'
    )


def _wide_encoding(data: bytes) -> str | None:
    for mark, name in _WIDE:
        if data.startswith(mark):
            return name
    head = data[:200]
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if len(head) >= 4 and head[0::2].count(0) > len(head) // 3:
        return "utf-16-be"
    return None


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return with_plain_breaks(data.decode(encoding))
    except UnicodeDecodeError:
        return None


def with_plain_breaks(text: str) -> str:
    """``text`` with "\\n" between its lines, as they are read and counted."""
    # The parser counts U+0085, U+2028 and U+2029 as line breaks (YAML 1.1); editors do not.
    return _ODD_SPACE.sub(" ", _BREAKS.sub("\n", text.removeprefix("\ufeff")))
