"""Threads over all stored mails of a source: those that name each other belong together, whatever came first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, distinct, func, select, update

from newsletter.model.item import Item, Thread
from newsletter.store.columns import stored_key
from newsletter.store.database import Db, in_parts
from newsletter.store.tables import items, mail_ids

_MOST_REFERENCES = 60


@dataclass(slots=True)
class _Roots:
    """To which root each Message-ID leads; joining two threads lets one root lead to the other."""

    root_of: dict[str, str]
    moved: dict[str, str] = field(default_factory=dict)

    def find(self, message_id: str) -> str:
        """The root that ``message_id`` leads to, as far as is known now."""
        root = self.root_of.get(message_id, message_id)
        while root in self.moved:
            root = self.moved[root]
        return root

    def join(self, claimed_root: str, others: Iterable[str]) -> None:
        """Everything that ``others`` lead to belongs under the root of ``claimed_root``."""
        root = self.find(claimed_root)
        self.root_of.setdefault(claimed_root, root)
        for other in others:
            found = self.find(other)
            if found != root:
                self.moved[found] = root
            self.root_of.setdefault(other, root)


def settle_threads(db: Db, source_id: str, mails: Sequence[Item]) -> dict[str, str]:
    """The root of each of ``mails`` by its item's id; stored mails that turn out to belong to them are moved there."""
    named = {item.id: _named(item) for item in mails if item.thread}
    known = _known_roots(db, source_id, (each for root, others in named.values() for each in (root, *others)))
    roots = _Roots(dict(known))
    for root, others in named.values():
        roots.join(root, others)
    _store(db, source_id, roots, known)
    return {mail_id: roots.find(root) for mail_id, (root, _) in named.items()}


def _own_ids(item: Item) -> tuple[str, ...]:
    return tuple(stored_key(key.strip("<> ")) for key in item.native_keys) or (item.id,)


def _named(item: Item) -> tuple[str, tuple[str, ...]]:
    """The root that the mail claims, and its own ids with all those it answers."""
    claimed = item.thread.root_id if item.thread else ""
    answered = (stored_key(each.strip("<> ")) for each in item.in_reply_to[:_MOST_REFERENCES])
    return stored_key(claimed.strip("<> ")), (*_own_ids(item), *answered)


def _known_roots(db: Db, source_id: str, message_ids: Iterable[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    columns = select(mail_ids.c.message_id, mail_ids.c.root_id).where(mail_ids.c.source_id == source_id)
    for part in in_parts(dict.fromkeys(message_ids)):
        rows = db.execute(columns.where(mail_ids.c.message_id.in_(part)))
        known.update((row.message_id, row.root_id) for row in rows)
    return known


def _store(db: Db, source_id: str, roots: _Roots, known: Mapping[str, str]) -> None:
    moved = [{"source": source_id, "old": old, "new": roots.find(old)} for old in roots.moved]
    if moved:
        for table, column in ((items, items.c.thread_root), (mail_ids, mail_ids.c.root_id)):
            of_source = table.c.source_id == bindparam("source")
            statement = update(table).where(of_source, column == bindparam("old")).values({column: bindparam("new")})
            db.execute(statement, moved)
    rows = [
        {"source_id": source_id, "message_id": each, "root_id": roots.find(each)}
        for each in roots.root_of
        if each not in known
    ]
    db.insert_new(mail_ids, rows)


def count_threads(db: Db, roots: Iterable[str], *, until: datetime | None = None) -> dict[tuple[str, str], Thread]:
    """The threads under ``roots``, by source and root, counted over all that is stored (said before ``until``)."""
    threads: dict[tuple[str, str], Thread] = {}
    counts = (
        select(
            items.c.source_id,
            items.c.thread_root,
            func.count().label("mails"),
            func.count(distinct(items.c.author_key)).label("people"),
            func.min(items.c.published_at, type_=items.c.published_at.type).label("first_at"),
            func.max(items.c.published_at, type_=items.c.published_at.type).label("last_at"),
        )
        .where(items.c.form == "mail")  # a topic or ticket counts its answers itself
        .group_by(items.c.source_id, items.c.thread_root)
        .order_by(items.c.source_id, items.c.thread_root)
    )
    if until is not None:
        counts = counts.where(items.c.effective_at < until)
    for part in in_parts(dict.fromkeys(roots)):
        for row in db.execute(counts.where(items.c.thread_root.in_(part))):
            thread = Thread(row.thread_root, row.mails - 1, max(1, row.people), row.first_at, row.last_at)
            threads[row.source_id, row.thread_root] = thread
    return threads
