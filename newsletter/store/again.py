"""Posts that come again: under another id after their site moved, or with another date. They are the ones known."""

import json
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import and_, select

from newsletter.model.item import Item
from newsletter.store.content import url_key
from newsletter.store.database import Db, in_parts
from newsletter.store.tables import item_revisions, items
from newsletter.text import host_of, one_line

FORMS = ("post", "release")
_MANY = 3
"""So many unknown posts at once are compared with what the source told before, not by their addresses alone."""
_COMPARED = 1_000
_LONG_TITLE = 12
_BEGINNING = 200
_SAME_DAY = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class _Known:
    """A stored post, as far as it is compared."""

    item_id: str
    title: str
    url: str
    text: str
    published_at: datetime | None


def known_again(db: Db, unknown: Sequence[Item], present: AbstractSet[str]) -> dict[str, str]:
    """By the id of a post that is ``unknown`` by all its keys: the id of the stored item that it is.

    All are of one source. It is the same when title and address are, and nothing says that it is told anew; after a
    move, when the title is and the text, the end of the address, or day and host. An item whose id is in ``present``
    stands in the document under a key of its own, and is no other one.
    """
    unknown = [item for item in unknown if item.form in FORMS]
    if not unknown:
        return {}
    source_id = unknown[0].source_id
    stored = _at_addresses(db, source_id, (item.url for item in unknown if item.url))
    if len(unknown) >= _MANY:
        stored |= _newest(db, source_id)
    by_title: dict[str, list[_Known]] = {}
    for each in stored.values():
        if each.item_id not in present:
            by_title.setdefault(each.title, []).append(each)
    again: dict[str, str] = {}
    taken: set[str] = set()
    for item in unknown:
        candidates = (each for each in by_title.get(_plain(item.title), ()) if each.item_id not in taken)
        match = next((each.item_id for each in candidates if _is_same(item, each)), None)
        if match:
            again[item.id] = match
            taken.add(match)
    return again


def _is_same(item: Item, stored: _Known) -> bool:
    """Whether ``item`` is the post with the same title that is ``stored``."""
    is_at_one_place = bool(item.url and stored.url) and url_key(item.url or "") == url_key(stored.url)
    is_named_alike = bool(_tail(item.url)) and _tail(item.url) == _tail(stored.url)
    if not is_at_one_place and len(_plain(item.title)) < _LONG_TITLE:
        return False
    is_of_one_day = (
        item.published_at is not None
        and stored.published_at is not None
        and abs(item.published_at - stored.published_at) <= _SAME_DAY
    )
    if is_of_one_day and host_of(item.url or "") == host_of(stored.url):
        return True
    return is_named_alike or _is_alike(item.text, stored.text, may_be_empty=is_at_one_place)


def _is_alike(first: str, second: str, *, may_be_empty: bool) -> bool:
    """Whether two texts begin alike, as far as the shorter one goes."""
    one, other = _beginning(first), _beginning(second)
    length = min(len(one), len(other))
    return one[:length] == other[:length] if length >= _LONG_TITLE else may_be_empty and one == other


def _plain(title: str) -> str:
    return one_line(title).casefold()


def _beginning(text: str) -> str:
    return "".join(text.split()).casefold()[:_BEGINNING]


def _tail(url: str | None) -> str:
    """The last part of an address's path that names something: not a number alone."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return ""
    last = path.rstrip("/").rpartition("/")[2].partition(".")[0].casefold()
    return "" if last.isdecimal() or len(last) < _LONG_TITLE else last


def _at_addresses(db: Db, source_id: str, urls: Iterable[str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for part in in_parts(dict.fromkeys(map(url_key, urls))):
        found |= _read(db, and_(items.c.url_key.in_(part), items.c.source_id == source_id))
    return found


def _newest(db: Db, source_id: str) -> dict[str, _Known]:
    """The newest posts of the source."""
    return _read(db, items.c.source_id == source_id, limit=_COMPARED)


def _read(db: Db, condition: Any, *, limit: int | None = None) -> dict[str, _Known]:
    is_current = and_(item_revisions.c.item_id == items.c.id, item_revisions.c.number == items.c.revision)
    question = (
        select(items.c.id, items.c.published_at, item_revisions.c.content)
        .join(item_revisions, is_current)
        .where(condition, items.c.form.in_(FORMS))
        .order_by(items.c.effective_at.desc(), items.c.id)
        .limit(limit)
    )
    found: dict[str, _Known] = {}
    for row in db.execute(question):
        content = json.loads(row.content)
        title, text = content.get("title", ""), content.get("text", "")
        found[row.id] = _Known(row.id, _plain(title), content.get("url") or "", text, row.published_at)
    return found


def with_first_date(item: Item, first: datetime | None) -> Item:
    """``item`` with the date it had first: a post that is dated anew was said when it was said."""
    if item.form not in FORMS or first is None or item.published_at is None or item.published_at <= first:
        return item
    return replace(item, published_at=first)
