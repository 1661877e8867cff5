"""Jobs with their arguments and why they failed, places that workers share, and how long a source says it stays."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns of the queue and the table of places."""
    with op.batch_alter_table("jobs") as table:
        table.add_column(sa.Column("args", sa.Text()))
        table.add_column(sa.Column("reason", sa.Text()))
        table.add_column(sa.Column("aside_at", sa.BigInteger()))
        table.add_column(sa.Column("sent_at", sa.BigInteger()))
    op.create_index("ix_jobs_done_at_claimed_until", "jobs", ["done_at", "claimed_until"])
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("fresh_seconds", sa.Integer()))
    op.create_table(
        "holds",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("holds")
    with op.batch_alter_table("sources") as table:
        table.drop_column("fresh_seconds")
    op.drop_index("ix_jobs_done_at_claimed_until", "jobs")
    with op.batch_alter_table("jobs") as table:
        for name in ("sent_at", "aside_at", "reason", "args"):
            table.drop_column(name)
