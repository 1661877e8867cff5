"""What a source's server answered last, how long its address has moved, and what editors were told of trouble."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_COUNTED = ["effective_at", "source_id", "form", "id", "thread_root"]


def upgrade() -> None:
    """Add the columns, make the table of notices, and let items be counted by source without being read."""
    op.add_column("sources", sa.Column("moved_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("answer", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("sources", sa.Column("warned", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "trouble_notices",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("paragraphs", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )
    op.create_index(f"ix_items_{'_'.join(_COUNTED)}", "items", _COUNTED)
    op.drop_index("ix_items_effective_at", "items")


def downgrade() -> None:
    """Take them away again."""
    op.create_index("ix_items_effective_at", "items", ["effective_at"])
    op.drop_index(f"ix_items_{'_'.join(_COUNTED)}", "items")
    op.drop_table("trouble_notices")
    for name in ("warned", "answer", "moved_count"):
        op.drop_column("sources", name)
