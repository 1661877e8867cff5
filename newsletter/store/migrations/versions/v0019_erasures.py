"""Who was erased, as keyed hashes; what is let go of in time."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of erasures, of what they are known by, and of what is let go of."""
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
    op.create_table(
        "delivery_totals",
        sa.Column("mailing_id", sa.Integer(), sa.ForeignKey("mailings.id"), primary_key=True),
        sa.Column("state", sa.Text(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "keep_marks",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("keep_marks")
    op.drop_table("delivery_totals")
    op.drop_table("erased_words")
    op.drop_table("erasures")
