"""Campaigns: what was handed over to a service that sends in our place."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of campaigns."""
    op.create_table(
        "campaigns",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("edition", sa.Text(), primary_key=True),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lists", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text()),
        sa.Column("handed", sa.Text(), nullable=False),
        sa.Column("page", sa.Text()),
        sa.Column("scheduled_at", sa.BigInteger()),
        sa.Column("reader_count", sa.Integer()),
        sa.Column("sent_count", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("campaigns")
