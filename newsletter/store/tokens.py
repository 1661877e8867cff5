"""Tokens of the API, and what was answered to a post that named a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from newsletter.errors import NotFound
from newsletter.model.token import ApiToken
from newsletter.store.database import Db
from newsletter.store.editors import editor_key
from newsletter.store.token_tables import api_posts as posts
from newsletter.store.token_tables import api_tokens as rows


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to a post; ``fingerprint`` tells what was posted."""

    fingerprint: str
    status: int
    answer: Any


def all_tokens(db: Db) -> list[ApiToken]:
    """Every token, by name; also those that ran out."""
    return [_token(row) for row in db.execute(select(rows).order_by(rows.c.key))]


def add_token(db: Db, new: ApiToken, token_hash: str) -> bool:
    """Store a new token; False when there is one of that name already."""
    row = {
        **{"key": editor_key(new.name), "id": new.id, "name": new.name, "token_hash": token_hash},
        **{"scopes": list(new.scopes), "created_at": new.created_at, "created_by": new.created_by},
        **{"expires_at": new.expires_at, "used_at": new.used_at},
    }
    return db.insert_new_one(rows, row)


def find_token(db: Db, token_hash: str) -> ApiToken | None:
    """The token with that hash, also when it ran out; None when there is none."""
    row = db.execute(select(rows).where(rows.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _token(row)


def remove_token(db: Db, name: str) -> ApiToken:
    """Forget a token with the answers it got (NotFound); what was sent with it stays under its name."""
    row = db.execute(select(rows).where(rows.c.key == editor_key(name))).one_or_none()
    if row is None:
        raise NotFound(f"There is no token “{name}”. “newsletter tokens list” names them.")
    db.execute(delete(rows).where(rows.c.key == row.key))
    db.execute(delete(posts).where(posts.c.token_id == row.id))
    return _token(row)


def touch_token(db: Db, token_id: str, *, used_at: datetime) -> None:
    """Note that a token was just used."""
    db.execute(update(rows).where(rows.c.id == token_id).values(used_at=used_at))


def answered(db: Db, token_id: str, key: str, *, since: datetime) -> Answered | None:
    """What was answered to the post under ``key``, from that time on; None when there was none."""
    asked = select(posts).where(posts.c.token_id == token_id, posts.c.key == key, posts.c.made_at >= since)
    row = db.execute(asked).one_or_none()
    return None if row is None else Answered(row.fingerprint, row.status, row.answer)


def keep_answer(db: Db, token_id: str, key: str, found: Answered, *, now: datetime) -> None:
    """Keep what was answered; what another process answered meanwhile stays."""
    row = {"token_id": token_id, "key": key, "fingerprint": found.fingerprint, "status": found.status}
    db.insert_new(posts, [row | {"answer": found.answer, "made_at": now}])


def forget_answers(db: Db, *, before: datetime) -> None:
    """Forget what was answered before that time."""
    db.execute(delete(posts).where(posts.c.made_at < before))


def _token(row: Any) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
