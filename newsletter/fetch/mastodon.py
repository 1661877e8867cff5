"""Statuses as Mastodon's API (and those like it) tell them, made into Items. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from newsletter.fetch.clean import clean_html, is_safe_url, title_text
from newsletter.fetch.records import Odd, parted
from newsletter.fetch.rest import Record, records
from newsletter.model.item import Item, Person, item_id
from newsletter.text import shorten, shorten_words

BOOST, REPLY, WARNED, ROBOT = "boost", "reply", "content warning", "robot"

_PUBLIC = ("", "public", "unlisted")
_TITLE_WORDS = 12
_NO_STATUS = "this is no status"
_LABELS_AT_MOST = 20
_LINKS_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Status:
    """A status: its number on the server, when it was edited, and its fields."""

    number: str
    edited_at: str
    row: Record

    @property
    def age(self) -> tuple[int, str]:
        """Sorts statuses: numbers grow with time, and are too large for some to be whole numbers."""
        return age_of(self.number)


def age_of(number: str) -> tuple[int, str]:
    """By what the number of a status is compared with another."""
    return (len(number), number)


def read_statuses(value: Any) -> tuple[tuple[Status, ...], tuple[Odd, ...]]:
    """The statuses of an answer, and what stands there and is none."""
    found, odd = parted(records(value), read_status, missing=_NO_STATUS)
    return tuple(made for _, made in found), tuple(odd)


def read_status(row: Record) -> Status | None:
    """The status that a row tells, None when it is none."""
    number = row.key("id")
    is_whole = number and (row.line("url") or row.line("uri")) and row.when("created_at")
    return Status(number, row.text("edited_at"), row) if is_whole else None


def is_public(status: Status) -> bool:
    """Whether everybody may read it; some servers tell more than they should."""
    return status.row.line("visibility") in _PUBLIC


def sort_of(status: Status) -> str:
    """What of the words "posts", "boosts" and "replies" it is; to answer oneself is to go on."""
    row = status.row
    if row.record("reblog"):
        return "boosts"
    answered = row.key("in_reply_to_account_id")
    is_reply = bool(row.key("in_reply_to_id")) and answered != row.key("account", "id")
    return "replies" if is_reply else "posts"


def status_item(status: Status, source_id: str, host: str) -> Item:
    """The status as an Item; a boost is told as what was boosted."""
    row = status.row
    boosted = row.record("reblog")
    said = boosted or row
    url = said.line("url") or said.line("uri")
    key = row.line("uri") if boosted else url
    warned = title_text(said.text("spoiler_text"))
    body = clean_html(_html(said, is_hidden=said.is_true("sensitive")), url)
    title = warned or shorten_words(body.text[:1000], _TITLE_WORDS) or url
    beside = (said.line("card", "url"), said.line("quote", "quoted_status", "url"), *_files(said))
    links = dict.fromkeys((*body.links, *(link for link in beside if is_safe_url(link))))
    return Item(
        id=item_id(source_id, key),
        source_id=source_id,
        kind="mastodon",
        form="post",
        native_keys=tuple(dict.fromkeys(each for each in (key, row.line("uri")) if each)),
        title=shorten(title, 1000),
        url=url if is_safe_url(url) else None,
        author=_person(said.record("account"), host),
        published_at=row.when("created_at"),
        updated_at=row.when("edited_at"),
        text=body.text,
        html=body.html,
        links=tuple(links)[:_LINKS_AT_MOST],
        language=said.line("language").partition("-")[0].lower()[:8] or None,
        labels=_labels(row, said, is_boost=bool(boosted), is_warned=bool(warned) or said.is_true("sensitive")),
        warnings=body.warnings,
    )


def status_items(statuses: Sequence[Status], source_id: str, host: str) -> tuple[Item, ...]:
    """The items of ``statuses``; for a worker."""
    return tuple(status_item(each, source_id, host) for each in statuses)


def _html(said: Record, *, is_hidden: bool) -> str:
    """What it says, its poll and its pictures with their descriptions; pictures behind a warning stay links."""
    parts = [said.text("content")]
    options = [each.line("title") for each in said.records("poll", "options")]
    if options:
        parts.append(f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in options)}</ul>")
    for media in said.records("media_attachments"):
        url, told = media.line("url") or media.line("remote_url"), media.line("description")
        if not url:
            continue
        if media.line("type") == "image" and not is_hidden:
            parts.append(f'<p><img src="{escape(url)}" alt="{escape(told)}"></p>')
        else:
            parts.append(f'<p><a href="{escape(url)}">{escape(told or media.line("type") or "attachment")}</a></p>')
    return "".join(parts)


def _files(said: Record) -> tuple[str, ...]:
    return tuple(media.line("url") for media in said.records("media_attachments"))


def _person(account: Record, host: str) -> Person | None:
    """Names hold the short names of little pictures (":blobcat:"), which stay as they are."""
    handle = account.line("acct") or account.line("username")
    name = account.line("display_name") or account.line("username")
    key = handle if "@" in handle else f"{handle}@{host}" if handle else ""
    return Person(shorten(name or handle, 200), key.lower()) if name or handle else None


def _labels(row: Record, said: Record, *, is_boost: bool, is_warned: bool) -> tuple[str, ...]:
    is_reply = sort_of(Status("", "", row)) == "replies"
    marks = ((BOOST, is_boost), (REPLY, is_reply), (WARNED, is_warned), (ROBOT, said.is_true("account", "bot")))
    tags = [each.line("name") for each in said.records("tags")][:_LABELS_AT_MOST]
    return tuple(dict.fromkeys((*(tag for tag in tags if tag), *(word for word, holds in marks if holds))))
