"""Documents and records that could not be read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "aside",
        sa.Column("id", sa.String(12), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source_id", "address", "reason", "note")),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kept_size", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("content_type", "reader")),
        sa.Column("is_document", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("set_aside_at", "seen_at")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("seen_count", "tries")),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index(None, "aside", ["source_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("aside")
