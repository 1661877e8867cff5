"""Who was erased: kept as keyed hashes, and found again in what is to be stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from newsletter.model.erased import Erased, Word, words_for
from newsletter.model.sieve import Sieve
from newsletter.store.database import Db
from newsletter.store.erasure_tables import erased_words, erasures
from newsletter.store.secrets import known_secret, secret

PEOPLE = "erased people"
"""The name of the secret that the hashes are made with."""
_ASKED = (
    select(erasures.c.id, erasures.c.asked_at, erasures.c.wanted)
    .where(erasures.c.done_at.is_(None))
    .order_by(erasures.c.id)
)


@dataclass(frozen=True, slots=True)
class OpenErasure:
    """An erasure that is not done: when it was asked, and what was typed; None when that is not known."""

    id: int
    asked_at: datetime
    wanted: Sequence[str] | None


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


def open_erasures(db: Db) -> tuple[OpenErasure, ...]:
    """Those that are not done; ask where those who were erased are loaded, so that both are the same."""
    return tuple(OpenErasure(row.id, row.asked_at, row.wanted) for row in db.execute(_ASKED))


def sieve_of(opened: Iterable[OpenErasure], texts: Iterable[str] = ()) -> Sieve | None:
    """A quick look for those who are ``opened``, and go by ``texts``; None when it is not known what was typed.

    That is so as well where nothing is: nobody's erasure is taken for done because another one ended it.
    """
    typed = [each.wanted for each in opened]
    wanted = [*texts, *(text for each in typed if each for text in each)]
    return None if not wanted or any(each is None for each in typed) else Sieve(wanted)


def end_erasures(db: Db, opened: Iterable[OpenErasure], at: datetime) -> None:
    """Write down that nothing is left of those who are ``opened``, and forget what was typed.

    What was asked since they were loaded was not looked for: it stays open.
    """
    asked = {row.id: OpenErasure(row.id, row.asked_at, row.wanted) for row in db.execute(_ASKED.with_for_update())}
    ended = [each.id for each in opened if asked.get(each.id) == each]
    db.execute(update(erasures).where(erasures.c.id.in_(ended)).values(done_at=at, wanted=None))


def is_anyone_left(db: Db) -> bool:
    """Whether an erasure was broken off."""
    return db.execute(select(erasures.c.id).where(erasures.c.done_at.is_(None)).limit(1)).first() is not None
