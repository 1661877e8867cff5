"""What was typed of somebody who is erased is kept until it is done, for whoever goes on after a fall."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of erasures that were broken off before, it is not known."""
    op.add_column("erasures", sa.Column("wanted", sa.Text()))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("erasures", "wanted")
