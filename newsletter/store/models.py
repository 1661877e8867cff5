"""What was learned from past issues: one blob a model, replaced whole."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from newsletter.store.database import Db
from newsletter.store.tables import contenders, models


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model as bytes, the version of program that can read it, and when it learned last."""

    version: str
    learned_at: datetime
    content: bytes


def model(db: Db, name: str) -> StoredModel | None:
    """The model of that name, None when nothing was learned yet."""
    row = db.execute(select(models).where(models.c.name == name)).one_or_none()
    return None if row is None else StoredModel(row.version, row.learned_at, bytes(row.content))


def has_models(db: Db) -> bool:
    """Whether anything was learned yet; the blobs are not read."""
    return db.execute(select(models.c.name).limit(1)).one_or_none() is not None


def save_model(db: Db, name: str, stored: StoredModel) -> None:
    """Store a model under its name, in place of the one before. Ask for it in the same transaction, under the lock."""
    row = {"name": name, "version": stored.version, "learned_at": stored.learned_at, "content": stored.content}
    db.upsert(models, [row])


def save_contenders(db: Db, issue_number: int, content: bytes) -> None:
    """Store what an issue was chosen from, in place of what was stored for an earlier draft of it."""
    db.upsert(contenders, [{"issue_number": issue_number, "content": content}])


def contenders_of(db: Db, issue_number: int) -> bytes | None:
    """What an issue was chosen from; None for one that was drafted before this was kept."""
    row = db.execute(select(contenders.c.content).where(contenders.c.issue_number == issue_number)).one_or_none()
    return None if row is None else bytes(row.content)


def lock_models(db: Db) -> None:
    """Be alone with the models until the transaction ends: who learns reads, learns and writes."""
    db.lock("models")
