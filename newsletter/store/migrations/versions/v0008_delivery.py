"""Who gets the newsletter, what is mailed to whom, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of subscribers and deliveries."""
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("address", sa.Text()),
        sa.Column("address_key", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sections", sa.Text()),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.Date()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("left_at", sa.BigInteger()),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.UniqueConstraint("address_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscribers_state", "subscribers", ["state"])
    op.create_table(
        "consents",
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscribers.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
    )
    op.create_table(
        "moves",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_moves_subscriber_id", "moves", ["subscriber_id"])
    op.create_table(
        "suppressed",
        sa.Column("address_hash", sa.String(64), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "mailings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("send_at", sa.BigInteger(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.UniqueConstraint("issue_number", "kind"),
    )
    op.create_table(
        "editions",
        sa.Column("mailing_id", sa.Integer(), sa.ForeignKey("mailings.id"), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("sections", sa.Text()),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("mailing_id", sa.Integer(), sa.ForeignKey("mailings.id"), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscribers.id"), primary_key=True),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("first_at", sa.BigInteger()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("answer", sa.Text(), nullable=False),
    )
    is_waiting = sa.text("state = 'deferred'")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["mailing_id", "next_at"],
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
    op.create_index("ix_deliveries_subscriber_id", "deliveries", ["subscriber_id"])
    op.create_table(
        "delivery_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mailing_id", sa.Integer(), sa.ForeignKey("mailings.id"), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
    )
    op.create_index("ix_delivery_events_of", "delivery_events", ["mailing_id", "subscriber_id"])
    op.create_table(
        "mail_lanes",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("per_minute", sa.Integer()),
        sa.Column("free_at", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_table(
        "send_rights",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "send_runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mailing_id", sa.Integer(), sa.ForeignKey("mailings.id"), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("began_count", sa.Integer(), nullable=False),
        sa.Column("unknown_count", sa.Integer(), nullable=False),
    )
    op.create_index("ix_send_runs_mailing_id", "send_runs", ["mailing_id"])
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("mailing_id", sa.Integer(), sa.ForeignKey("mailings.id")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.UniqueConstraint("subscriber_id", "day"),
    )
    op.create_table(
        "usefulness",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("answer", sa.Text(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in (
        "usefulness",
        "bounces",
        "send_runs",
        "send_rights",
        "mail_lanes",
        "delivery_events",
        "deliveries",
        "editions",
        "mailings",
        "secrets",
        "suppressed",
        "moves",
        "consents",
        "subscribers",
    ):
        op.drop_table(name)
