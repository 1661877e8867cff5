"""What the review desk keeps: what editors had in view, which changes are one act, who is at which card."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the table."""
    with op.batch_alter_table("changes") as batch:
        batch.add_column(sa.Column("revisions", sa.Text(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("batch", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "cards",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("entry_id", sa.Text(), primary_key=True),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("cards")
    with op.batch_alter_table("changes") as batch:
        batch.drop_column("batch")
        batch.drop_column("revisions")
