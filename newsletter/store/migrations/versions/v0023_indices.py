"""What is asked each week is found without reading the years before."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indices."""
    op.create_index("ix_items_source_id_effective_at", "items", ["source_id", "effective_at"])
    is_merged = sa.text("merged_at IS NOT NULL")
    op.create_index("ix_items_merged_at", "items", ["merged_at"], sqlite_where=is_merged, postgresql_where=is_merged)
    op.create_index("ix_issues_state_state_at_drafted_at", "issues", ["state", "state_at", "drafted_at"])
    op.create_index("ix_issues_period_end", "issues", ["period_end"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_issues_period_end", "issues")
    op.drop_index("ix_issues_state_state_at_drafted_at", "issues")
    op.drop_index("ix_items_merged_at", "items")
    op.drop_index("ix_items_source_id_effective_at", "items")
