"""Since when somebody holds a place, and how long readings took."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who holds a place now is not asked since when; no reading was measured before."""
    op.add_column("holds", sa.Column("since", sa.BigInteger()))
    op.create_table(
        "reading_seconds",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("outcome", sa.Text(), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("reading_seconds")
    op.drop_column("holds", "since")
