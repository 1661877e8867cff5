"""The tables of those who were erased; the migrations lead to the same."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from newsletter.store.columns import Json, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asked_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("by", PlainText, nullable=False),
    Column("wanted", Json),
    sqlite_autoincrement=True,
)
"""Each person who was erased; without ``done_at`` it was broken off, and goes on.

``wanted`` is what was typed, for as long."""

erased_words = Table(
    "erased_words",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", PlainText, nullable=False),
    Column("first", String(64), nullable=False),
    Column("length", Integer, nullable=False),
    Column("erasure_id", ForeignKey("erasures.id"), nullable=False, index=True),
)
"""The names and addresses of the erased as keyed hashes: so they are known when a source tells them again."""
