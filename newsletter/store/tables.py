"""All tables, as SQLAlchemy Core sees them; the migrations lead to the same."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from newsletter.store.columns import Json, Key, Moment, PlainText

SCHEMA = "0024"
"""The newest migration; a database with another one is upgraded, or refused when it is newer."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sources = Table(
    "sources",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("address", PlainText, nullable=False),
    Column("cursor", Json, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("state_reason", PlainText, nullable=False),
    Column("reader", PlainText, nullable=False),
    Column("checked_at", Moment),
    Column("next_at", Moment),
    Column("last_new_at", Moment),
    Column("failing_since", Moment),
    Column("failures", Integer, nullable=False),
    Column("items_count", Integer, nullable=False),
    Column("moved_to", PlainText),
    Column("since", Moment),
    Column("seen_until", Moment),
    Column("fresh_from", Moment),
    Column("moved_count", Integer, nullable=False, server_default="0"),
    Column("answer", Json, nullable=False, server_default="{}"),
    Column("warned", Json, nullable=False, server_default="{}"),
    Column("fresh_seconds", Integer),
)

hosts = Table(
    "hosts",
    metadata,
    Column("domain", Key, primary_key=True),
    Column("not_before", Moment, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("source_id", Key, nullable=False),
    Column("form", PlainText, nullable=False),
    Column("author_key", Key),
    Column("published_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
    Column("effective_at", Moment, nullable=False),
    Column("merged_at", Moment),
    Column("thread_root", Key),
    Column("url_key", Key),
    Column("revision", Integer, nullable=False),
    Column("content_hash", String(32), nullable=False),
    Index(None, "effective_at", "source_id", "form", "id", "thread_root"),
    Index(None, "thread_root", "source_id"),
    Index(None, "url_key"),
    Index(None, "author_key", "merged_at"),
)

topics = Table(
    "topics",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("reply_count", Integer, nullable=False),
    Column("people_count", Integer, nullable=False),
    Column("first_at", Moment),
    Column("last_at", Moment),
    Index(None, "last_at"),
)
"""The replies of items that are a whole discussion: a forum's topic, a ticket. They grow without a new revision."""

item_keys = Table(
    "item_keys",
    metadata,
    Column("source_id", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("item_id", ForeignKey("items.id"), nullable=False),
)

item_revisions = Table(
    "item_revisions",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("fetched_at", Moment, nullable=False),
    Column("content", Text, nullable=False),
)

mail_ids = Table(
    "mail_ids",
    metadata,
    Column("source_id", Key, primary_key=True),
    Column("message_id", Key, primary_key=True),
    Column("root_id", Key, nullable=False),
    Index(None, "source_id", "root_id"),
)
"""To which thread a Message-ID belongs, also one that was referred to and never seen."""

stories = Table(
    "stories",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("lead_item_id", String(20), nullable=False),
)

story_items = Table(
    "story_items",
    metadata,
    Column("item_id", String(20), primary_key=True),
    Column("story_id", ForeignKey("stories.id"), nullable=False, index=True),
)

story_decisions = Table(
    "story_decisions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("decision", PlainText, nullable=False),
    Column("item_a", String(20), nullable=False),
    Column("item_b", String(20), nullable=False),
    Column("editor", PlainText, nullable=False),
    Column("made_at", Moment, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("period_start", Moment, nullable=False),
    Column("period_end", Moment, nullable=False),
    Column("publish_on", Date, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("draft", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("state_at", Moment, nullable=False),
    UniqueConstraint("period_start", "period_end"),
)

changes = Table(
    "changes",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("editor", PlainText, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("action", PlainText, nullable=False),
    Column("target", PlainText, nullable=False),
    Column("value", Json),
    Column("revisions", Json, nullable=False, server_default="[]"),
    Column("batch", Integer, nullable=False, server_default="0"),
)
"""What editors did, appended only: nothing in this program updates or deletes a row."""

cards = Table(
    "cards",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("entry_id", Key, primary_key=True),
    Column("editor", PlainText, nullable=False),
    Column("page", PlainText, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)
"""Who is at which entry of a draft, as long as their page says so."""

told = Table(
    "told",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("story_id", String(40), primary_key=True),
    Column("item_id", String(20), primary_key=True),
    Column("section", PlainText, nullable=False),
    Index(None, "story_id"),
    Index(None, "item_id"),
)

issue_statistics = Table(
    "issue_statistics",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("name", Key, primary_key=True),
    Column("value", Integer, nullable=False),
    Column("proof", PlainText),
    Column("note", PlainText),
)

jobs = Table(
    "jobs",
    metadata,
    Column("job", Key, primary_key=True),
    Column("slot", Key, primary_key=True),
    Column("claimed_by", PlainText, nullable=False),
    Column("claimed_until", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done_at", Moment),
    Column("args", Json),
    Column("reason", PlainText),
    Column("aside_at", Moment),
    Column("sent_at", Moment),
    Index(None, "done_at", "claimed_until"),
)
"""What was done, and what is to be done where ``args`` are there; nobody takes it before ``claimed_until``."""

aside = Table(
    "aside",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("source_id", Key, nullable=False, index=True),
    Column("address", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("note", PlainText, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kept_size", Integer, nullable=False),
    Column("content_type", PlainText, nullable=False),
    Column("reader", PlainText, nullable=False),
    Column("is_document", Boolean, nullable=False),
    Column("set_aside_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("seen_count", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", PlainText, nullable=False),
)
"""Documents and records that could not be read, packed; the id is a hash of source, address and bytes."""

models = Table(
    "models",
    metadata,
    Column("name", Key, primary_key=True),
    Column("version", PlainText, nullable=False),
    Column("learned_at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""What was learned from past issues, packed."""

contenders = Table(
    "contenders",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""The stories that an issue was chosen from, packed: what a model learns the editors' choice from."""

editors = Table(
    "editors",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("initials", PlainText, nullable=False),
    Column("address", PlainText),
    Column("created_at", Moment, nullable=False),
    Column("password", PlainText),
    Column("totp_secret", PlainText),
    Column("totp_step", BigInteger),
    Column("recovery", Json, nullable=False),
)
"""Who may sign in. ``key`` is the name in one spelling, ``totp_step`` the last code that was used."""

editor_links = Table(
    "editor_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("editor", ForeignKey("editors.key"), nullable=False, index=True),
    Column("purpose", PlainText, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

editor_sessions = Table(
    "editor_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("editor", ForeignKey("editors.key"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("agent", PlainText, nullable=False),
)
"""Where editors are signed in; tokens are kept as hashes only."""
links = Table(
    "links",
    metadata,
    Column("key", Key, primary_key=True),
    Column("url", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("status", Integer),
    Column("final_url", PlainText),
    Column("checked_at", Moment, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("mended", PlainText),
    Column("archived", PlainText),
)
"""What the addresses of issues answered when they were asked last."""

approvals = Table(
    "approvals",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("editor", Key, primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("approved_at", Moment, nullable=False),
)
"""Who approved which draft (when it was made, up to which Change); an issue may need two."""

issue_files = Table(
    "issue_files",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("name", Key, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
)
"""The files of an approved issue: the very bytes that are sent and shown."""

corrections = Table(
    "corrections",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("entry", PlainText, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("editor", PlainText, nullable=False),
    Column("note", PlainText, nullable=False),
    Column("title", PlainText),
    Column("summary", PlainText),
    Column("url", PlainText),
    Column("event", Json),
)
"""What was corrected in issues that are out, appended only."""

archive_issues = Table(
    "archive_issues",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("stamp", PlainText, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("published_on", Date, nullable=False),
    Column("entries_count", Integer, nullable=False),
)
"""What of each issue is in the archive; ``stamp`` is what the issue was then: another one is read again."""

archive_lines = Table(
    "archive_lines",
    metadata,
    Column("issue_number", ForeignKey("issues.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("anchor", PlainText, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("summary", PlainText, nullable=False),
    Column("section", PlainText, nullable=False),
    Column("section_title", PlainText, nullable=False),
    Column("project", PlainText, nullable=False),
    Column("person", PlainText, nullable=False),
    Column("words", PlainText, nullable=False),
    Column("person_words", PlainText, nullable=False),
    Column("project_words", PlainText, nullable=False),
)
"""Every entry of every issue as readers see it; ``words`` is what it is found by."""

schema_version = MetaData()
alembic_version = Table(
    "alembic_version",
    schema_version,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As Alembic makes it."""
