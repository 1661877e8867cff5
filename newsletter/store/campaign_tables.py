"""The table of campaigns, beside those of mail; the migrations lead to the same."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from newsletter.store.columns import Json, Key, Moment, PlainText
from newsletter.store.mail_tables import metadata as metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("edition", Key, primary_key=True),
    Column("service", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("lists", Json, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("remote_id", PlainText),
    Column("handed", PlainText, nullable=False),
    Column("page", PlainText),
    Column("scheduled_at", Moment),
    Column("reader_count", Integer),
    Column("sent_count", Integer),
    Column("words", PlainText, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("look_at", Moment, nullable=False),
)
"""What a service sends in our place: an edition of a mailing for some of its lists, found there by ``name``.

``state`` is what the service said last, "waiting" before it was asked; ``handed`` is a hash of what it holds,
``words`` what went wrong last, and ``look_at`` when to ask again.
"""
