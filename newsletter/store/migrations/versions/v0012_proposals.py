"""What editors answered to rules that the program proposed, and in which session it asked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of answers and of sessions."""
    op.create_table(
        "proposal_answers",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "proposal_sessions",
        sa.Column("session", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("proposal_sessions", "proposal_answers"):
        op.drop_table(name)
