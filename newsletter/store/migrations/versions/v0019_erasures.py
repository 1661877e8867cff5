"""Who was erased, as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of erasures and of what they are known by."""
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("by", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erased_words",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first", sa.String(64), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("erasure_id", sa.Integer(), sa.ForeignKey("erasures.id"), nullable=False),
    )
    op.create_index("ix_erased_words_erasure_id", "erased_words", ["erasure_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("erased_words")
    op.drop_table("erasures")
