"""The tables of what is let go of in time; the migrations lead to the same."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from newsletter.store.columns import Json, Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

delivery_totals = Table(
    "delivery_totals",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("state", Key, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How many deliveries of a mailing were in which state, when their rows were let go of."""

keep_marks = Table(
    "keep_marks",
    metadata,
    Column("name", Key, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("after", PlainText, nullable=False),
    Column("counts", Json, nullable=False),
)
"""How far a clean-up came in what is ordered by time (``after`` is the last id then), and what it let go of."""
