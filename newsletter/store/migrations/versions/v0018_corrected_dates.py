"""A correction may set the date of an entry right."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; corrections that were made before say nothing of dates."""
    op.add_column("corrections", sa.Column("event", sa.Text()))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("corrections", "event")
