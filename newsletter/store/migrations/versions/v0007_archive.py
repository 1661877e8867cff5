"""The entries of all issues as lines that can be searched."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; they are filled when somebody searches."""
    op.create_table(
        "archive_issues",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("entries_count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "archive_lines",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                *("anchor", "title", "summary", "section", "section_title", "project", "person"),
                *("words", "person_words", "project_words"),
            )
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("archive_lines")
    op.drop_table("archive_issues")
