"""The tables of rules that were proposed to editors; the migrations lead to the same."""

from sqlalchemy import Column, Table

from newsletter.store.columns import Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

proposal_answers = Table(
    "proposal_answers",
    metadata,
    Column("key", Key, primary_key=True),
    Column("answer", PlainText, nullable=False),
    Column("editor", PlainText, nullable=False),
    Column("answered_at", Moment, nullable=False),
)
"""What editors said to a rule that was proposed: "yes", "later" or "never"."""

proposal_sessions = Table(
    "proposal_sessions",
    metadata,
    Column("session", Key, primary_key=True),
    Column("key", Key, nullable=False),
    Column("asked_at", Moment, nullable=False),
)
"""The one proposal that was made in a session of an editor."""
