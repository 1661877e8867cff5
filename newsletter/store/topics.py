"""Discussions that are one item: how much was answered, as the source told it last."""

from collections.abc import Iterable

from sqlalchemy import select

from newsletter.model.item import Item, Thread
from newsletter.model.period import Period
from newsletter.store.database import Db, in_parts
from newsletter.store.tables import items, topics


def is_topic(item: Item) -> bool:
    """Whether ``item`` is a whole discussion; of a mail's thread every mail is an item of its own."""
    return item.thread is not None and item.form != "mail"


def save_topics(db: Db, found: Iterable[Item]) -> None:
    """Remember how far the discussions among ``found`` have come."""
    rows = [
        {
            "item_id": item.id,
            "reply_count": item.thread.reply_count,
            "people_count": item.thread.people_count,
            "first_at": item.thread.first_at,
            "last_at": item.thread.last_at,
        }
        for item in found
        if item.thread and is_topic(item)
    ]
    db.upsert(topics, rows)


def load_topics(db: Db, item_ids: Iterable[str]) -> dict[str, Thread]:
    """The discussions of these items; those that are none are left out. The root is the item's own to name."""
    found: dict[str, Thread] = {}
    for part in in_parts(dict.fromkeys(item_ids)):
        for row in db.execute(select(topics).where(topics.c.item_id.in_(part))):
            found[row.item_id] = Thread(row.item_id, row.reply_count, row.people_count, row.first_at, row.last_at)
    return found


def grown_topics(db: Db, period: Period) -> tuple[str, ...]:
    """The items begun before ``period`` whose last reply lies in it."""
    found = (
        select(topics.c.item_id)
        .join(items)
        .where(topics.c.last_at >= period.start, topics.c.last_at < period.end)
        .where(topics.c.reply_count > 0, items.c.effective_at < period.start)
    )
    return tuple(db.execute(found.order_by(topics.c.item_id)).scalars())
