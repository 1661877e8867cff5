"""Which sources carry the same items: by their addresses and by the keys they have of themselves."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from newsletter.model.item import Item
from newsletter.store.columns import stored_key
from newsletter.store.content import url_key
from newsletter.store.database import Db, in_parts
from newsletter.store.tables import item_keys, items, sources


def carried_by(db: Db, found: Iterable[Item]) -> dict[str, int]:
    """How many of ``found`` each stored source has as well, by its id."""
    by_url: dict[str, set[str]] = defaultdict(set)
    by_key: dict[str, set[str]] = defaultdict(set)
    for item in found:
        if item.url:
            by_url[url_key(item.url)].add(item.id)
        for key in item.native_keys:
            by_key[stored_key(key)].add(item.id)
    shared: dict[str, set[str]] = defaultdict(set)
    urls = select(items.c.source_id, items.c.url_key).distinct()
    for part in in_parts(by_url):
        for row in db.execute(urls.where(items.c.url_key.in_(part))):
            shared[row.source_id] |= by_url[row.url_key]
    known = list(db.execute(select(sources.c.id).order_by(sources.c.id)).scalars())
    keys = select(item_keys.c.source_id, item_keys.c.key).where(item_keys.c.source_id.in_(known))
    # A key such as "1" is another one in every source; only those that are unique in the world are compared.
    for part in in_parts(key for key in by_key if ":" in key or "@" in key):
        for row in db.execute(keys.where(item_keys.c.key.in_(part))):
            shared[row.source_id] |= by_key[row.key]
    return {source_id: len(ids) for source_id, ids in sorted(shared.items())}
