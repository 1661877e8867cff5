"""The table of places that workers share; the migrations lead to the same."""

from sqlalchemy import Column, Integer, Table

from newsletter.store.columns import Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

holds = Table(
    "holds",
    metadata,
    Column("name", Key, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("holder", PlainText, nullable=False),
    Column("until", Moment, nullable=False),
)
"""The few places at a thing that many workers share: one at a source, two at a host."""
