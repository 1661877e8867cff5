"""Who was erased: kept as keyed hashes, and found again in what is to be stored."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from newsletter.model.erased import Erased, Word, words_for
from newsletter.model.sieve import Sieve
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
    # What was typed is kept until nothing is left of it: who goes on after a fall looks for it, too.
    hashes = [each.hash for each in words_for(key, texts, 0)]
    known = db.execute(select(erased_words.c.erasure_id).where(erased_words.c.hash.in_(hashes))).scalars().first()
    if known is None:
        made = db.execute(erasures.insert().values(asked_at=at, by=by, wanted=texts).returning(erasures.c.id))
        known = int(made.scalar_one())
    else:
        row = db.execute(select(erasures.c.done_at, erasures.c.wanted).where(erasures.c.id == known)).one()
        is_unknown = row.done_at is None and row.wanted is None
        wanted = None if is_unknown else list(dict.fromkeys([*(row.wanted or ()), *texts]))
        values = {"done_at": None, "asked_at": at, "by": by, "wanted": wanted}
        db.execute(update(erasures).where(erasures.c.id == known).values(**values))
    rows = [
        {"hash": each.hash, "kind": each.kind, "first": each.first, "length": each.length, "erasure_id": known}
        for each in words_for(key, texts, known)
    ]
    db.insert_new(erased_words, rows)
    return int(known)


def load_erased(db: Db, sieve: Sieve | None = None) -> Erased:
    """Everybody who was erased; with a ``sieve`` only those it lets through are found."""
    rows = db.execute(select(erased_words)).all()
    key = known_secret(db, PEOPLE) if rows else None
    if key is None:
        return Erased(b"")
    words = (Word(row.hash, row.kind, row.first, row.length, row.erasure_id) for row in rows)
    return Erased(key, words, sieve.may_name if sieve else None)


def sieve_of_open(db: Db) -> Sieve | None:
    """A quick look for those whose erasure is not done; None when it is not known what was typed for one of them."""
    rows = db.execute(select(erasures.c.wanted).where(erasures.c.done_at.is_(None))).scalars().all()
    return None if any(each is None for each in rows) else Sieve([text for each in rows for text in each])


def end_erasures(db: Db, at: datetime) -> None:
    """Write down that nothing is left of anybody who was erased, and forget what was typed."""
    db.execute(update(erasures).where(erasures.c.done_at.is_(None)).values(done_at=at, wanted=None))


def is_anyone_left(db: Db) -> bool:
    """Whether an erasure was broken off."""
    return db.execute(select(erasures.c.id).where(erasures.c.done_at.is_(None)).limit(1)).first() is not None
