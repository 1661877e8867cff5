"""The table of feeds.yaml as it was over time; the migrations lead to the same."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from newsletter.store.columns import Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

feeds_versions = Table(
    "feeds_versions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", PlainText, nullable=False),
    Column("note", PlainText, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "hash"),
)
"""Every good version of feeds.yaml and of the files it includes, appended only; ``content`` is packed."""
