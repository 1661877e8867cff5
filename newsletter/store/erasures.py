"""Who was erased: kept as keyed hashes, and found again in what is to be stored."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from newsletter.model.erased import Erased, Word, words_for
from newsletter.store.database import Db
from newsletter.store.erasure_tables import erased_words, erasures
from newsletter.store.secrets import known_secret, secret

PEOPLE = "erased people"
"""The name of the secret that the hashes are made with."""


def add_erasure(db: Db, texts: Iterable[str], *, by: str, at: datetime) -> int:
    """Remember that who goes by ``texts`` is erased; the number of the person, an old one if they are known.

    What is stored from this transaction on names them no more.
    """
    key, texts = secret(db, PEOPLE), list(texts)
    hashes = [each.hash for each in words_for(key, texts, 0)]
    known = db.execute(select(erased_words.c.erasure_id).where(erased_words.c.hash.in_(hashes))).scalars().first()
    if known is None:
        made = db.execute(erasures.insert().values(asked_at=at, by=by).returning(erasures.c.id))
        known = int(made.scalar_one())
    else:
        db.execute(update(erasures).where(erasures.c.id == known).values(done_at=None, asked_at=at, by=by))
    rows = [
        {"hash": each.hash, "kind": each.kind, "first": each.first, "length": each.length, "erasure_id": known}
        for each in words_for(key, texts, known)
    ]
    db.insert_new(erased_words, rows)
    return int(known)


def load_erased(db: Db) -> Erased:
    """Everybody who was erased."""
    rows = db.execute(select(erased_words)).all()
    key = known_secret(db, PEOPLE) if rows else None
    if key is None:
        return Erased(b"")
    return Erased(key, (Word(row.hash, row.kind, row.first, row.length, row.erasure_id) for row in rows))


def end_erasures(db: Db, at: datetime) -> None:
    """Write down that nothing is left of anybody who was erased."""
    db.execute(update(erasures).where(erasures.c.done_at.is_(None)).values(done_at=at))


def is_anyone_left(db: Db) -> bool:
    """Whether an erasure was broken off."""
    return db.execute(select(erasures.c.id).where(erasures.c.done_at.is_(None)).limit(1)).first() is not None
