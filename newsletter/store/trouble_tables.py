"""The table of notices about sources in trouble; the migrations lead to the same."""

from sqlalchemy import Column, Table

from newsletter.store.columns import Json, Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

trouble_notices = Table(
    "trouble_notices",
    metadata,
    Column("key", Key, primary_key=True),
    Column("subject", PlainText, nullable=False),
    Column("paragraphs", Json, nullable=False),
    Column("made_at", Moment, nullable=False),
)
"""The mails about sources in trouble, whole: who could not be told at once is told the same later."""
