"""Pads as text: where a pad's export lies, and what was added to it this week as an Item. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit, urlunsplit

from newsletter.fetch.added import Additions, Told, tell_additions, week_of
from newsletter.fetch.clean import paragraphs
from newsletter.fetch.losses import flat_losses
from newsletter.fetch.mending import hide_addresses
from newsletter.model.item import Item, item_id
from newsletter.text import is_web_url, one_line, shorten, without_controls

_ETHERPAD = re.compile(r"^(?P<before>.*)/p/(?P<name>[^/]+)(?:/.*)?$")
_EXPORT = re.compile(r"/export/txt$|/download$|\.(?:txt|md)$")
_ACTIONS = re.compile(r"/(?:edit|view|both|publish|slide|timeslider|info|revision)/?$")
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]*_]")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)
_TITLE_WORDS = 80
_LONGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class PadNews:
    """What was added this week as an item (None: nothing new), and what to remember."""

    item: Item | None
    additions: Additions
    lines_count: int


def export_urls(url: str) -> tuple[str, ...]:
    """Where the text of the pad at ``url`` may lie, the likeliest first."""
    parts = urlsplit(url)
    path = _ACTIONS.sub("", parts.path).rstrip("/")

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    if _EXPORT.search(path):
        return (at(path),)
    if found := _ETHERPAD.match(path):
        return (at(f"{found['before']}/p/{found['name']}/export/txt"),)
    host = (parts.hostname or "").lower()
    folder, _, name = path.rpartition("/")
    choices = (at(f"{folder}/p/{name}/export/txt"), at(f"{path}/download"))
    return choices if re.match(r"(?:ether)?pad\.|etherpad", host) else choices[::-1]


def pad_name(url: str) -> str:
    """What a pad is called, by its address."""
    path = _EXPORT.sub("", _ACTIONS.sub("", urlsplit(url).path).rstrip("/"))
    return one_line(unquote(path.rpartition("/")[2]).replace("_", " ")) or urlsplit(url).netloc


def is_pad_text(body: bytes, media_type: str) -> bool:
    """Whether an answer is the text of a pad, not a page about it."""
    if media_type and media_type not in ("text/plain", "text/markdown", "text/x-markdown", "application/octet-stream"):
        return False
    start = body[:1_000].lstrip().lower()
    return b"\x00" not in body[:1_000] and not start.startswith((b"<!doctype", b"<html"))


def read_pad(text: str, url: str, source_id: str, before: Additions | None, now: datetime) -> PadNews:
    """What is new in the ``text`` of the pad at ``url`` since ``before``."""
    plain = _FRONT_MATTER.sub("", hide_addresses(without_controls(text[:_LONGEST])), count=1)
    lines = plain.split("\n")
    told = tell_additions(lines, before, now)
    item = _item(told, url, source_id, now) if told.has_news else None
    return PadNews(item, told.additions, sum(1 for line in lines if line.strip()))


def _item(told: Told, url: str, source_id: str, now: datetime) -> Item:
    text = "\n\n".join(told.paragraphs)
    key = f"{url} {week_of(now)}"
    links = dict.fromkeys(found for found in _LINK.findall(text) if is_web_url(found))
    first = re.sub(r"^[\s*#>+-]+", "", told.paragraphs[0].split("\n")[0])
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind="pad",
        form="page",
        native_keys=(key,),
        title=f"{pad_name(url)}: {shorten(first, _TITLE_WORDS)}",
        url=url,
        updated_at=now,
        text=text,
        html=paragraphs(text),
        links=tuple(links)[:200],
        warnings=flat_losses(text),
    )
