"""Questions to readers whose mail came back, and how far the mailbox of bounces was read."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of probes and of mailbox cursors."""
    op.create_table(
        "probes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text(), nullable=False),
    )
    op.create_index("ix_probes_subscriber_id", "probes", ["subscriber_id"])
    op.create_table(
        "mailbox_cursors",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("cursor", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("mailbox_cursors", "probes"):
        op.drop_table(name)
