"""Addresses that get nothing, kept as keyed hashes: they outlive erasing and a new import."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from newsletter.model.address import address_key
from newsletter.store.database import Db, in_parts
from newsletter.store.mail_tables import suppressed
from newsletter.store.secrets import known_secret, secret

ADDRESSES = "addresses"
"""The name of the secret that the hashes are made with."""


def suppress(db: Db, address: str, reason: str, at: datetime) -> None:
    """Let nothing go to ``address``; the first reason stays. Whoever calls it ends the subscription, too."""
    suppress_all(db, [address], reason, at)


def suppress_all(db: Db, addresses: Sequence[str], reason: str, at: datetime) -> None:
    """As :func:`suppress`, for many."""
    if addresses:
        key = secret(db, ADDRESSES)
        hashes = sorted({hash_of(key, each) for each in addresses})
        db.insert_new(suppressed, [{"address_hash": each, "reason": reason, "at": at} for each in hashes])


def lift(db: Db, address: str) -> None:
    """Let mail go to ``address`` again: its owner confirmed a new subscription."""
    key = known_secret(db, ADDRESSES)
    if key is not None:
        db.execute(delete(suppressed).where(suppressed.c.address_hash == hash_of(key, address)))


def is_suppressed(db: Db, address: str) -> bool:
    """Whether nothing may go to ``address``."""
    return bool(suppressed_keys(db, [address_key(address)]))


def suppressed_keys(db: Db, keys: Iterable[str]) -> frozenset[str]:
    """Those of ``keys``, addresses in one spelling, to which nothing may go."""
    key = known_secret(db, ADDRESSES)
    if key is None:
        return frozenset()
    hashes = {hash_of(key, each): each for each in keys}
    found: set[str] = set()
    for part in in_parts(hashes):
        rows = db.execute(select(suppressed.c.address_hash).where(suppressed.c.address_hash.in_(part)))
        found.update(hashes[each] for each in rows.scalars())
    return frozenset(found)


def suppressed_count(db: Db) -> int:
    """How many addresses get nothing."""
    return int(db.execute(select(func.count()).select_from(suppressed)).scalar_one())


def hash_of(key: bytes, address: str) -> str:
    """What ``address`` is known by; without the key nobody can tell which address it was."""
    return hmac.digest(key, address_key(address).encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
