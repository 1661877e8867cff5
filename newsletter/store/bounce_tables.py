"""The tables of what comes back, beside the bounces themselves; the migrations lead to the same."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from newsletter.store.columns import Json, Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

probes = Table(
    "probes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("reason", PlainText, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", PlainText, nullable=False),
)
"""The question to a reader whose mail came back whether the address is alive; ``outcome`` is alive, dead or ""."""

mailbox_cursors = Table(
    "mailbox_cursors",
    metadata,
    Column("name", Key, primary_key=True),
    Column("cursor", Json, nullable=False),
)
"""How far a mailbox of the program was read."""
