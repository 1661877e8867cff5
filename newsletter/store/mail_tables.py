"""The tables of subscribers and of what is mailed to them; the migrations lead to the same."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from newsletter.store.columns import Json, Key, Moment, PlainText
from newsletter.store.tables import metadata as metadata

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", PlainText),
    Column("address_key", Key, unique=True),
    Column("state", PlainText, nullable=False, index=True),
    Column("sections", Json),
    Column("rhythm", PlainText, nullable=False),
    Column("paused_until", Date),
    Column("source", PlainText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("left_at", Moment),
    Column("epoch", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""Who gets the newsletter. ``address_key`` is the address in one spelling; both are empty after erasing, the row
stays for the count. ``sections`` empty means all; tokens of another ``epoch`` are not good any more."""

consents = Table(
    "consents",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", PlainText, nullable=False),
    Column("wording", PlainText, nullable=False),
    Column("source", PlainText, nullable=False),
)
"""What a subscriber agreed to or took back, when, in which words; appended only."""

moves = Table(
    "moves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("address", PlainText, nullable=False),
    Column("asked_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
"""New addresses that readers asked for and have not confirmed yet; at most one a reader."""

suppressed = Table(
    "suppressed",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", PlainText, nullable=False),
    Column("at", Moment, nullable=False),
)
"""Addresses that get nothing, as keyed hashes: they outlive erasing and a new import."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", PlainText, nullable=False),
)
"""What the program signs with, in hexadecimal; made when first needed."""

mailings = Table(
    "mailings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_number", ForeignKey("issues.number"), nullable=False),
    Column("kind", Key, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("send_at", Moment, nullable=False),
    Column("frozen_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("reason", PlainText, nullable=False),
    Column("said_by", PlainText, nullable=False),
    UniqueConstraint("issue_number", "kind"),
)
"""What goes to an audience: an issue ("issue"), or the erratum of a correction ("erratum-1")."""

editions = Table(
    "editions",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("rhythm", PlainText, nullable=False),
    Column("sections", Json),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
)
"""One body for each distinct choice of sections and rhythm; the bytes lie beside the issue."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("edition", Key, nullable=False),
    Column("domain", Key, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment),
    Column("first_at", Moment),
    Column("changed_at", Moment, nullable=False),
    Column("holder", PlainText, nullable=False),
    Column("code", Integer),
    Column("answer", PlainText, nullable=False),
)
"""One row a person and mailing. ``state`` is queued, sending, accepted, deferred, failed, suppressed or unknown."""
_is_waiting = deliveries.c.state == "deferred"
# Of the others none is looked for by its state while mails go out, and an index would be written twice for each.
Index(
    "ix_deliveries_waiting",
    deliveries.c.mailing_id,
    deliveries.c.next_at,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)
Index("ix_deliveries_subscriber_id", deliveries.c.subscriber_id)

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("code", Integer),
    Column("answer", PlainText, nullable=False),
    Column("said_by", PlainText, nullable=False),
)
"""What happened to a delivery before it is what it is: deferred, uncertain, sent again. None if taken at once."""
Index("ix_delivery_events_of", delivery_events.c.mailing_id, delivery_events.c.subscriber_id)

mail_lanes = Table(
    "mail_lanes",
    metadata,
    Column("name", Key, primary_key=True),
    Column("not_before", Moment),
    Column("per_minute", Integer),
    Column("free_at", Moment),
    Column("reason", PlainText, nullable=False),
)
"""How fast mail may go to a relay ("relay mail.example.org") or a domain of readers ("domain example.net"): none
``not_before`` because a server said so, and the next one at ``free_at`` where so many a minute are allowed."""

send_rights = Table(
    "send_rights",
    metadata,
    Column("name", Key, primary_key=True),
    Column("holder", PlainText, nullable=False),
    Column("host", PlainText, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("turn", BigInteger, nullable=False),
)
"""Which installation may send, and when it was last seen; ``turn`` grows each time the right changes hands."""

send_runs = Table(
    "send_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=False, index=True),
    Column("holder", PlainText, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("seen_at", Moment, nullable=False),
    Column("outcome", PlainText, nullable=False),
    Column("began_count", Integer, nullable=False),
    Column("unknown_count", Integer, nullable=False),
)
"""Each time a process worked on a mailing: from how many readers on it went, and how many it left uncertain."""

bounces = Table(
    "bounces",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False),
    Column("mailing_id", ForeignKey("mailings.id")),
    Column("day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("status", PlainText, nullable=False),
    Column("words", PlainText, nullable=False),
    UniqueConstraint("subscriber_id", "day"),
)
"""Mail that came back and complaints: at most one a person and day counts."""

usefulness = Table(
    "usefulness",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("answer", Key, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often an issue was called useful or not; nobody knows by whom."""
