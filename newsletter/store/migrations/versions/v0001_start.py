"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _make_sources()
    _make_items()
    _make_stories()
    _make_issues()
    op.create_table(
        "jobs",
        sa.Column("job", sa.Text(), primary_key=True),
        sa.Column("slot", sa.Text(), primary_key=True),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
    )


def downgrade() -> None:
    """Drop all tables."""
    for table in ("jobs", "issue_statistics", "told", "changes", "issues", "story_decisions", "story_items", "stories"):
        op.drop_table(table)
    for table in ("mail_ids", "item_revisions", "item_keys", "topics", "items", "hosts", "sources"):
        op.drop_table(table)


def _make_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "address", "cursor")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "state_reason", "reader")),
        *(sa.Column(name, sa.BigInteger()) for name in ("checked_at", "next_at", "last_new_at", "failing_since")),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("items_count", sa.Integer(), nullable=False),
        sa.Column("moved_to", sa.Text()),
        sa.Column("since", sa.BigInteger()),
    )
    op.create_table(
        "hosts",
        sa.Column("domain", sa.Text(), primary_key=True),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
    )


def _make_items() -> None:
    op.create_table(
        "items",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("author_key", sa.Text()),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("merged_at", sa.BigInteger()),
        sa.Column("thread_root", sa.Text()),
        sa.Column("url_key", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(32), nullable=False),
    )
    for columns in (["effective_at"], ["thread_root", "source_id"], ["url_key"], ["author_key", "merged_at"]):
        op.create_index(None, "items", columns)
    op.create_table(
        "topics",
        sa.Column("item_id", sa.String(20), sa.ForeignKey("items.id"), primary_key=True),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger()),
        sa.Column("last_at", sa.BigInteger()),
    )
    op.create_index(None, "topics", ["last_at"])
    op.create_table(
        "item_keys",
        sa.Column("source_id", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("item_id", sa.String(20), sa.ForeignKey("items.id"), nullable=False),
    )
    op.create_table(
        "item_revisions",
        sa.Column("item_id", sa.String(20), sa.ForeignKey("items.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "mail_ids",
        sa.Column("source_id", sa.Text(), primary_key=True),
        sa.Column("message_id", sa.Text(), primary_key=True),
        sa.Column("root_id", sa.Text(), nullable=False),
    )
    op.create_index(None, "mail_ids", ["source_id", "root_id"])


def _make_stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("lead_item_id", sa.String(20), nullable=False),
    )
    op.create_table(
        "story_items",
        sa.Column("item_id", sa.String(20), primary_key=True),
        sa.Column("story_id", sa.String(40), sa.ForeignKey("stories.id"), nullable=False),
    )
    op.create_index(None, "story_items", ["story_id"])
    op.create_table(
        "story_decisions",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("item_a", sa.String(20), nullable=False),
        sa.Column("item_b", sa.String(20), nullable=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
    )


def _make_issues() -> None:
    op.create_table(
        "issues",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("period_start", sa.BigInteger(), nullable=False),
        sa.Column("period_end", sa.BigInteger(), nullable=False),
        sa.Column("publish_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "state", "draft")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at", "drafted_at", "state_at")),
        sa.UniqueConstraint("period_start", "period_end"),
    )
    op.create_table(
        "changes",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
    )
    op.create_table(
        "told",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("story_id", sa.String(40), primary_key=True),
        sa.Column("item_id", sa.String(20), primary_key=True),
        sa.Column("section", sa.Text(), nullable=False),
    )
    op.create_index(None, "told", ["story_id"])
    op.create_index(None, "told", ["item_id"])
    op.create_table(
        "issue_statistics",
        sa.Column("issue_number", sa.Integer(), sa.ForeignKey("issues.number"), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("proof", sa.Text()),
        sa.Column("note", sa.Text()),
    )
