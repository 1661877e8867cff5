"""Who may sign in to the desk, with which links and where they are signed in."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "editors",
        sa.Column("key", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "role", "initials")),
        sa.Column("address", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("password", "totp_secret")),
        sa.Column("totp_step", sa.BigInteger()),
        sa.Column("recovery", sa.Text(), nullable=False),
    )
    _belonging_to_an_editor(
        "editor_links",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    _belonging_to_an_editor(
        "editor_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "seen_at", "expires_at")),
        sa.Column("agent", sa.Text(), nullable=False),
    )


def _belonging_to_an_editor(name: str, *columns: sa.Column[Any]) -> None:
    editor = sa.Column("editor", sa.Text(), sa.ForeignKey("editors.key"), nullable=False)
    op.create_table(name, columns[0], editor, *columns[1:])
    op.create_index(None, name, ["editor"])


def downgrade() -> None:
    """Drop them."""
    for name in ("editor_sessions", "editor_links", "editors"):
        op.drop_table(name)
