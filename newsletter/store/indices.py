"""Indices that keep the work of a week from growing with the years: each names the question it answers."""

from sqlalchemy import Index

from newsletter.store.tables import issues, items

Index("ix_items_source_id_effective_at", items.c.source_id, items.c.effective_at)
"""The newest items of a source."""

Index(
    "ix_items_merged_at",
    items.c.merged_at,
    sqlite_where=items.c.merged_at.is_not(None),
    postgresql_where=items.c.merged_at.is_not(None),
)
"""Whether anything was merged before some day: most items are no changes at all."""

Index("ix_issues_state_state_at_drafted_at", issues.c.state, issues.c.state_at, issues.c.drafted_at)
"""Which issues are approved and since when; in their rows that stands behind a draft of a megabyte."""

Index("ix_issues_period_end", issues.c.period_end)
"""The issue before a period."""
