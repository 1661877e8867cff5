"""What an issue was made from, as its snapshot tells, and what editors did to it."""

from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.errors import NotFound
from newsletter.model.issue import IssueState
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.draft import SNAPSHOT
from newsletter.pipeline.publish import config_of
from newsletter.pipeline.snapshot import read_snapshot
from newsletter.store import issues
from newsletter.store.approvals import approvals_of


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """An issue's provenance. What the snapshot tells is None when it cannot be read, which ``trouble`` says."""

    number: int
    title: str
    state: IssueState
    drafted_at: datetime
    changes_count: int
    editors: tuple[str, ...]
    approved_by: tuple[str, ...]
    items_count: int | None = None
    sources_count: int | None = None
    rules_count: int | None = None
    templates_count: int | None = None
    program: str = ""
    model: str = ""
    trouble: str = ""


def facts_of(app: Newsletter, number: int) -> IssueFacts:
    """What is known about issue ``number`` (NotFound)."""
    with app.database.reading() as db:
        stored, changes = issues.issue(db, number), issues.changes(db, number)
        approvals = approvals_of(db, number)
    facts = IssueFacts(
        number=number,
        title=stored.title,
        state=stored.state,
        drafted_at=stored.drafted_at,
        changes_count=len(changes),
        editors=tuple(dict.fromkeys(each.editor for each in changes)),
        approved_by=tuple(each.editor for each in approvals),
    )
    try:
        snapshot = read_snapshot(app.issue_folder(number) / SNAPSHOT)
    except NotFound as fault:
        return replace(facts, trouble=str(fault))
    config, found = config_of(snapshot.feeds), snapshot.draft_input
    return replace(
        facts,
        items_count=len(found.candidates),
        sources_count=len({each.item.source_id for each in found.candidates}),
        rules_count=len(config.rules),
        templates_count=len(snapshot.templates or {}),
        program=found.program,
        model=found.model,
    )
