"""The tables of the API: its tokens, and what was posted under a key; the migrations lead to the same."""

from sqlalchemy import Column, Index, Integer, String, Table

from newsletter.store.columns import Json, Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("key", Key, primary_key=True),
    Column("id", String(16), nullable=False),
    Column("name", PlainText, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", PlainText, nullable=False),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    Index(None, "token_hash", unique=True),
)
"""Programs that may use the API. ``key`` is the name in one spelling; of the token there is the hash only."""

api_posts = Table(
    "api_posts",
    metadata,
    Column("token_id", String(16), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Json, nullable=False),
    Column("made_at", Moment, nullable=False),
    Index(None, "made_at"),
)
"""What was posted with an Idempotency-Key, and what was answered: the same post again gets the same answer."""
