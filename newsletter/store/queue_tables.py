"""Places that workers share, and how long they read; the migrations lead to the same tables."""

from sqlalchemy import Column, Float, Integer, Table

from newsletter.store.columns import Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

holds = Table(
    "holds",
    metadata,
    Column("name", Key, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("holder", PlainText, nullable=False),
    Column("until", Moment, nullable=False),
    Column("since", Moment),
)
"""The few places at a thing that many workers share: one at a source, two at a host; who holds one, since when."""

reading_seconds = Table(
    "reading_seconds",
    metadata,
    Column("kind", Key, primary_key=True),
    Column("outcome", Key, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)
"""How many readings took how long, of all processes: ``place`` is the number of the span that a reading fell in."""
