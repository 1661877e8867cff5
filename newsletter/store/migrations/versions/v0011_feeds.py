"""The versions of feeds.yaml, and the back catalogue of a source that starts quietly."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of versions, and the columns of the back catalogue."""
    op.create_table(
        "feeds_versions",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_feeds_versions_hash", "feeds_versions", ["hash"])
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("seen_until", sa.BigInteger()))
        table.add_column(sa.Column("fresh_from", sa.BigInteger()))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("sources") as table:
        table.drop_column("fresh_from")
        table.drop_column("seen_until")
    op.drop_table("feeds_versions")
