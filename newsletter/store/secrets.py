"""What the program signs with: made once, kept in the database, so that all its processes have the same."""

import secrets as random

from sqlalchemy import select

from newsletter.store.database import Db
from newsletter.store.mail_tables import secrets

_BYTES = 32


def secret(db: Db, name: str) -> bytes:
    """The secret called ``name``; made in this (writing) transaction when there is none yet."""
    db.insert_new(secrets, [{"name": name, "value": random.token_hex(_BYTES)}])
    return known_secret(db, name) or b""


def known_secret(db: Db, name: str) -> bytes | None:
    """The secret called ``name``, None when it was never made."""
    found = db.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one_or_none()
    return None if found is None else bytes.fromhex(found)
