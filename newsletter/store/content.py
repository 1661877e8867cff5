"""What is kept of an Item as its revision, and how two revisions are compared. Pure."""

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from newsletter.model.codec import from_json, to_json
from newsletter.model.item import Item
from newsletter.store.columns import json_text, stored_key
from newsletter.text import canonical_url

_BESIDE = ("native_keys", "updated_at", "thread")
_COMPARED = tuple((each.name, each.default) for each in fields(Item) if each.name not in ("id", *_BESIDE))


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An Item as it stands in the store; ``effective_at`` is when it counts as said."""

    item: Item
    revision_id: str
    first_seen_at: datetime
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """An item's JSON in two parts: what makes a revision, and its hash.

    Servers touch ``updated_at`` without a change of anything one can read, and a thread grows
    without a change of its mails: neither makes a revision, so they stand outside.
    """

    item: Item
    compared: str
    hash: str

    @property
    def text(self) -> str:
        """All of it as JSON; the thread without its counts, which are counted anew when it is read."""
        beside: dict[str, Any] = {"native_keys": self.item.native_keys}
        if self.item.updated_at:
            beside["updated_at"] = to_json(self.item.updated_at)
        if self.item.thread:
            beside["thread"] = {"root_id": self.item.thread.root_id}
        return f"{json_text(beside)[:-1]},{self.compared[1:]}"

    def columns(self, now: datetime) -> dict[str, Any]:
        """The values of the items table that follow from the content."""
        item = self.item
        return {
            "form": item.form,
            "author_key": item.author.identity if item.author else None,
            "published_at": item.published_at,
            "effective_at": item.published_at or now,
            "merged_at": item.review.merged_at if item.review else None,
            "url_key": url_key(item.url) if item.url else None,
            "content_hash": self.hash,
        }


def url_key(url: str) -> str:
    """By what two addresses of one page are compared; a broken one is compared as it is."""
    try:
        return stored_key(canonical_url(url))
    except ValueError:
        return stored_key(url)


def content_of(item: Item) -> Content:
    """The content of ``item`` as it is stored and compared."""
    values = ((name, getattr(item, name), default) for name, default in _COMPARED)
    compared = json_text({name: to_json(value) for name, value, default in values if value != default})
    return Content(item, compared, hashlib.blake2b(compared.encode(), digest_size=16).hexdigest())


def read_content(text: str, *, item_id: str, thread_root: str | None) -> Item:
    """The Item kept as ``text``, under the id and in the thread that the store settled on."""
    item = from_json(Item, {**json.loads(text), "id": item_id})
    if item.thread is None or thread_root is None or item.thread.root_id == thread_root:
        return item
    return replace(item, thread=replace(item.thread, root_id=thread_root))


def project_in(text: str) -> str | None:
    """The project of the item kept as ``text``, without making the item."""
    found: str | None = json.loads(text).get("project")
    return found


def revision_id(item_id: str, number: int) -> str:
    """The name of a revision, for entries to point at: "ITEM.NUMBER"."""
    return f"{item_id}.{number}"


def split_revision_id(name: str) -> tuple[str, int]:
    """The item's id and the number in a revision's name; number 0 when it names none."""
    item_id, _, number = name.rpartition(".")
    return (item_id, int(number)) if item_id and number.isdecimal() else (name, 0)
