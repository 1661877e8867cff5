"""Letting go of what nobody needs any more, a few rows at a time: each function does one batch and says how many."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, tuple_, update

from newsletter.store.columns import json_text
from newsletter.store.database import Db
from newsletter.store.keep_tables import delivery_totals, keep_marks
from newsletter.store.mail_tables import bounces, deliveries, delivery_events, mailings, subscribers
from newsletter.store.tables import aside, editor_links, editor_sessions, item_revisions, items, told

BATCH = 500
_EMPTIED = ("text", "html", "links")
_OVER = ("done", "stopped")
_WHOLE_LOOK = timedelta(days=30)


def forget_documents(db: Db, *, before: datetime) -> int:
    """Documents set aside that were not seen since then."""
    old = select(aside.c.id).where(aside.c.seen_at < before).limit(BATCH)
    return db.execute(delete(aside).where(aside.c.id.in_(old))).rowcount


def forget_sign_ins(db: Db, *, before: datetime) -> int:
    """Sign-ins and links for it that ended before."""
    old = select(editor_sessions.c.id).where(editor_sessions.c.expires_at < before).limit(BATCH)
    count = db.execute(delete(editor_sessions).where(editor_sessions.c.id.in_(old))).rowcount
    links = select(editor_links.c.token_hash).where(editor_links.c.expires_at < before).limit(BATCH)
    return count + db.execute(delete(editor_links).where(editor_links.c.token_hash.in_(links))).rowcount


def gone_readers(db: Db, *, before: datetime) -> list[int]:
    """Some of those who left or were removed before and whose address is still there."""
    since = func.coalesce(subscribers.c.left_at, subscribers.c.created_at)
    is_gone = (subscribers.c.state.in_(("left", "removed")), subscribers.c.address_key.is_not(None), since < before)
    return list(db.execute(select(subscribers.c.id).where(*is_gone).order_by(subscribers.c.id).limit(BATCH)).scalars())


def forget_answers(db: Db, *, before: datetime) -> int:
    """What happened to deliveries, what came back, and answers to mailings that ended before.

    Each day only those mailings are looked at that came to be old since then. What an editor says about a mail of an
    old one is an answer, too: once a month all of them are looked at.
    """
    count = 0
    for table in (delivery_events, bounces):
        old = select(table.c.id).where(table.c.at < before).order_by(table.c.id).limit(BATCH)
        count += db.execute(delete(table).where(table.c.id.in_(old))).rowcount
    mark = db.execute(select(keep_marks).where(keep_marks.c.name == "answers")).one_or_none()
    whole = datetime.fromisoformat(mark.counts["whole"]) if mark is not None else before - _WHOLE_LOOK
    is_fresh = timedelta(0) <= before - whole < _WHOLE_LOOK
    new = _ended(db, before, since=mark.at) if mark is not None else []
    for mailing_id in new if is_fresh else [*new, *_ended(db, before)]:
        if changed := _forget_words(db, mailing_id):
            return count + changed
    counts = {"whole": (whole if is_fresh else before).isoformat()}
    db.upsert(keep_marks, [{"name": "answers", "at": before, "after": "", "counts": counts}])
    return count


def _forget_words(db: Db, mailing_id: int) -> int:
    wanted = (deliveries.c.mailing_id == mailing_id, deliveries.c.answer != "")
    keys = select(deliveries.c.subscriber_id).where(*wanted).limit(BATCH)
    is_it = (deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id.in_(keys))
    return db.execute(update(deliveries).where(*is_it).values(answer="")).rowcount


def forget_deliveries(db: Db, *, before: datetime) -> int:
    """Who was sent a mailing that ended before; how many they were in each state stays."""
    for mailing_id in _ended(db, before):
        of_it = deliveries.c.mailing_id == mailing_id
        part = select(deliveries.c.subscriber_id).where(of_it).order_by(deliveries.c.subscriber_id).limit(BATCH)
        readers = list(db.execute(part).scalars())
        if not readers:
            continue
        them = (of_it, deliveries.c.subscriber_id.in_(readers))
        _add_totals(db, mailing_id, them)
        events = (delivery_events.c.mailing_id == mailing_id, delivery_events.c.subscriber_id.in_(readers))
        db.execute(delete(delivery_events).where(*events))
        return db.execute(delete(deliveries).where(*them)).rowcount
    return 0


def _add_totals(db: Db, mailing_id: int, them: Sequence[ColumnElement[bool]]) -> None:
    """Count some deliveries of a mailing into its totals."""
    total = delivery_totals.c
    known = {
        row.state: int(row.total)
        for row in db.execute(select(total.state, total["count"].label("total")).where(total.mailing_id == mailing_id))
    }
    found = select(deliveries.c.state, func.count().label("found")).where(*them).group_by(deliveries.c.state)
    rows = [
        {"mailing_id": mailing_id, "state": row.state, "count": known.get(row.state, 0) + row.found}
        for row in db.execute(found)
    ]
    db.upsert(delivery_totals, rows)


def _ended(db: Db, before: datetime, *, since: datetime | None = None) -> list[int]:
    """The mailings that ended before; those that wait or go out are left alone, and so are those let go of."""
    ended_at = func.coalesce(mailings.c.finished_at, mailings.c.send_at)
    is_old = and_(mailings.c.state.in_(_OVER), ended_at < before, true() if since is None else ended_at >= since)
    has_rows = select(deliveries.c.mailing_id).where(deliveries.c.mailing_id == mailings.c.id).exists()
    return list(db.execute(select(mailings.c.id).where(is_old, has_rows).order_by(mailings.c.id)).scalars())


def empty_items(db: Db, *, before: datetime) -> tuple[int, int]:
    """Take the text out of the next items said before that no issue told; how many were looked at, and emptied.

    That they were read stays: title, author, dates, keys, and the hash that knows them again when a source shows them.
    """
    mark = db.execute(select(keep_marks).where(keep_marks.c.name == "items")).one_or_none()
    is_next = items.c.effective_at < before
    if mark is not None:
        behind = and_(items.c.effective_at == mark.at, items.c.id > mark.after)
        is_next = and_(is_next, or_(items.c.effective_at > mark.at, behind))
    asked = select(items.c.id, items.c.effective_at).where(is_next)
    rows = db.execute(asked.order_by(items.c.effective_at, items.c.id).limit(BATCH)).all()
    if not rows:
        return 0, 0
    ids = [row.id for row in rows]
    kept = set(db.execute(select(told.c.item_id).where(told.c.item_id.in_(ids))).scalars())
    count = _empty(db, [each for each in ids if each not in kept], _EMPTIED)
    db.upsert(keep_marks, [{"name": "items", "at": rows[-1].effective_at, "after": rows[-1].id, "counts": {}}])
    return len(ids), count


def forget_senders(db: Db, source_ids: Collection[str], *, before: datetime) -> int:
    """Take out who sent the tips of these sources that came before; each day only what came to be old since then.

    A mail may come late with an old date: once a month all of them are looked at.
    """
    sources = sorted(source_ids)
    mark = db.execute(select(keep_marks).where(keep_marks.c.name == "tips")).one_or_none()
    said = mark.counts if mark is not None else {}
    whole = datetime.fromisoformat(said["whole"]) if said.get("sources") == sources else None
    since = mark.at if mark is not None and whole and timedelta(0) <= before - whole < _WHOLE_LOOK else None
    old = [items.c.source_id.in_(sources), items.c.effective_at < before, items.c.author_key.is_not(None)]
    old += [items.c.effective_at >= since] if since is not None else []
    ids = list(db.execute(select(items.c.id).where(*old).limit(BATCH)).scalars())
    _empty(db, ids, ("author",))
    if ids:
        db.execute(update(items).where(items.c.id.in_(ids)).values(author_key=None))
    if len(ids) < BATCH:
        counts = {"sources": sources, "whole": (whole if since is not None and whole else before).isoformat()}
        db.upsert(keep_marks, [{"name": "tips", "at": before, "after": "", "counts": counts}])
    return len(ids)


def note_counts(db: Db, counts: dict[str, int], *, at: datetime) -> None:
    """Remember what the last clean-up let go of."""
    db.upsert(keep_marks, [{"name": "last", "at": at, "after": "", "counts": counts}])


def last_counts(db: Db) -> tuple[datetime, dict[str, int]] | None:
    """When a clean-up let go of something last, and of what."""
    row = db.execute(select(keep_marks).where(keep_marks.c.name == "last")).one_or_none()
    return None if row is None else (row.at, row.counts)


def _empty(db: Db, ids: Sequence[str], fields: Sequence[str]) -> int:
    if not ids:
        return 0
    count = 0
    key = (item_revisions.c.item_id, item_revisions.c.number)
    rows = db.execute(select(*key, item_revisions.c.content).where(item_revisions.c.item_id.in_(ids))).all()
    for row in rows:
        held: dict[str, Any] = json.loads(row.content)
        clean = {name: value for name, value in held.items() if name not in fields}
        if clean != held:
            values = {"content": json_text(clean)}
            db.execute(update(item_revisions).where(tuple_(*key) == (row.item_id, row.number)).values(**values))
            count += 1
    return count
