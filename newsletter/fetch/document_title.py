"""What a document calls itself: the name of a feed, of a page, of a calendar. Pure."""

import html
import json
import re

from newsletter.fetch.http import Reply
from newsletter.text import one_line, shorten

_LONGEST = 80
_HEAD = 200_000
_TITLE = re.compile(
    r"<(?:\w+:)?title\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</(?:\w+:)?title>", re.DOTALL | re.IGNORECASE
)
_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CALENDAR = re.compile(r"^(?:X-WR-CALNAME|NAME)(?:;[^:\r\n]*)?:(.*)$", re.MULTILINE | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def document_title(reply: Reply) -> str:
    """The title of the document in ``reply``; "" when it has none."""
    text = reply.body[:_HEAD].decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _shown(_of_json(reply.body))
    if text.startswith("BEGIN:VCALENDAR"):
        found = _CALENDAR.search(text)
        return _shown(found[1] if found else "")
    entry = _ENTRY.search(text)
    found = _TITLE.search(text, 0, entry.start() if entry else len(text))
    return _shown(html.unescape(html.unescape(_TAG.sub(" ", found[1]))) if found else "")


def _of_json(body: bytes) -> str:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    title = value.get("title") if isinstance(value, dict) else None
    return title if isinstance(title, str) else ""


def _shown(title: str) -> str:
    return shorten(one_line(title.replace("\ufffd", "")), _LONGEST)
