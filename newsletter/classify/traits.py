"""What an item has, as rules ask for it: picture, date, deadline, question, code, link to a host."""

import re
from datetime import datetime

from newsletter.classify.events import find_deadline, find_event
from newsletter.classify.words import is_on_host
from newsletter.model.item import Item

_PICTURE = re.compile(r"<(?:img|picture)\b", re.IGNORECASE)
_PICTURE_URL = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif)(?:$|\?)", re.IGNORECASE)
_CODE_TAG = re.compile(r"<(?:code|pre)\b", re.IGNORECASE)
_CODE_LINE = re.compile(r"^(?:```|(?: {4}|\t)\S|[$#>] ?\w+ -)|^(?:\+\+\+|diff) ", re.MULTILINE)
_QUESTION = re.compile(r"\w[\"”’')]?\?+(?:\s|$)")
_LINK = re.compile(r"link to (\S+)", re.IGNORECASE)


def has_trait(item: Item, trait: str, *, now: datetime) -> bool:
    """Whether ``item`` has what ``trait`` names; an unknown word names nothing."""
    if link := _LINK.fullmatch(trait.strip()):
        return any(is_on_host(url, link[1]) for url in item.links)
    match trait.strip().casefold():
        case "picture":
            return bool(_PICTURE.search(item.html)) or any(_PICTURE_URL.search(url) for url in item.links)
        case "date":
            return find_event(item, now=now) is not None
        case "deadline":
            event = item.event or find_event(item, now=now)
            return find_deadline(item, now=now) is not None or (event is not None and event.deadline_at is not None)
        case "question":
            return "?" in item.title or bool(_QUESTION.search(_own_text(item)))
        case "code":
            return bool(_CODE_TAG.search(item.html)) or bool(_CODE_LINE.search(_own_text(item)))
    return False


def _own_text(item: Item) -> str:
    return "\n".join(line for line in item.text.split("\n") if not line.startswith(">"))
