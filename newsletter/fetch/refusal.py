"""What a server says with an error status: the first of its words, read in a moment."""

import asyncio
import contextlib
import re

import aiohttp

from newsletter.errors import TooLarge, Unreachable
from newsletter.fetch.decode import Unpacker
from newsletter.text import one_line, shorten

WORDS = 500
"""So many characters are kept."""
_SIZE = 4096
_SECONDS = 2.0
_NO_WORDS = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)|<[^<>]*>?", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


async def read_refusal(response: aiohttp.ClientResponse) -> bytes:
    """The beginning of the body, unpacked; what does not come at once is not waited for."""
    pieces: list[bytes] = []
    with contextlib.suppress(aiohttp.ClientError, Unreachable, TooLarge, TimeoutError, OSError):
        async with asyncio.timeout(_SECONDS):
            packed = await response.content.read(_SIZE)
        unpacker = Unpacker(response.headers.get("Content-Encoding", ""), 16 * _SIZE)
        pieces.extend(unpacker.feed(packed))
        pieces.extend(unpacker.finish())
    return b"".join(pieces)


def words_of(body: bytes) -> str:
    """The words in the beginning of a page or a text, on one line, without its mark-up."""
    if b"\x00" in body[:_SIZE]:
        return ""
    text = body[: 4 * _SIZE].decode("utf-8", "replace")
    if "<" not in text:
        return shorten(one_line(_CONTROL.sub(" ", text)), WORDS)
    found = one_line(_CONTROL.sub(" ", _NO_WORDS.sub(" ", text)))
    title = _TITLE.search(text)
    return shorten(found or (one_line(title[1]) if title else ""), WORDS)
