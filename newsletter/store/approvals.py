"""Who approved a draft, and the very bytes that were approved."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from newsletter.errors import NotFound
from newsletter.store.database import Db
from newsletter.store.mail_tables import editions, mailings
from newsletter.store.tables import approvals, issue_files, issues


@dataclass(frozen=True, slots=True)
class Pinned:
    """The very bytes of a file: their SHA-256, and how many they are."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Approval:
    """That ``editor`` approved the draft made at ``drafted_at`` with its changes up to number ``seen``."""

    editor: str
    seen: int
    drafted_at: datetime
    approved_at: datetime


def lock_issue(db: Db, number: int) -> tuple[str, datetime]:
    """The state of an issue and when its draft was made; nobody changes it until the transaction ends (NotFound)."""
    asked = select(issues.c.state, issues.c.drafted_at).where(issues.c.number == number).with_for_update()
    row = db.execute(asked).one_or_none()
    if row is None:
        raise NotFound(f"There is no issue {number}.")
    return row.state, row.drafted_at


def approvals_of(db: Db, number: int) -> tuple[Approval, ...]:
    """Everybody's newest approval of an issue, the oldest first."""
    rows = db.execute(select(approvals).where(approvals.c.issue_number == number))
    found = (Approval(row.editor, row.seen, row.drafted_at, row.approved_at) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.approved_at, each.editor)))


def save_approval(db: Db, number: int, approval: Approval) -> None:
    """Remember an approval; an older one by the same editor is replaced."""
    row = {"issue_number": number, "editor": approval.editor, "seen": approval.seen}
    db.upsert(approvals, [row | {"drafted_at": approval.drafted_at, "approved_at": approval.approved_at}])


def forget_approvals(db: Db, number: int) -> None:
    """Take back every approval of an issue, and let go of its pinned files."""
    db.execute(delete(approvals).where(approvals.c.issue_number == number))
    db.execute(delete(issue_files).where(issue_files.c.issue_number == number))


def pin_files(db: Db, number: int, files: Mapping[str, bytes]) -> None:
    """Remember the bytes of ``files`` by their hash; other files that were pinned stay so."""
    rows = [
        {"issue_number": number, "name": name, "sha256": hash_of(content), "size": len(content)}
        for name, content in sorted(files.items())
    ]
    db.upsert(issue_files, rows)


def pinned_files(db: Db, number: int) -> dict[str, str]:
    """The SHA-256 of each pinned file of an issue by its name; empty when nothing was approved."""
    rows = db.execute(select(issue_files).where(issue_files.c.issue_number == number).order_by(issue_files.c.name))
    return {row.name: row.sha256 for row in rows}


def all_pinned(db: Db) -> tuple[tuple[int, str, str], ...]:
    """Issue, name and SHA-256 of every pinned file."""
    asked = select(issue_files.c.issue_number, issue_files.c.name, issue_files.c.sha256)
    rows = db.execute(asked.order_by(issue_files.c.issue_number, issue_files.c.name))
    return tuple((row.issue_number, row.name, row.sha256) for row in rows)


def pinned(db: Db, number: int) -> dict[str, Pinned]:
    """Hash and size of each pinned file of an issue by its name."""
    rows = db.execute(select(issue_files).where(issue_files.c.issue_number == number))
    return {row.name: Pinned(row.sha256, row.size) for row in rows}


def hash_of(content: bytes) -> str:
    """The hash by which a file is pinned."""
    return hashlib.sha256(content).hexdigest()


def replace_pinned(db: Db, number: int, name: str, *, before: bytes, after: bytes) -> None:
    """Let ``after`` be the approved bytes of a file where ``before`` were; what was not approved stays so."""
    values = {"sha256": hash_of(after), "size": len(after)}
    of_file = (issue_files.c.issue_number == number, issue_files.c.name == name)
    db.execute(update(issue_files).where(*of_file, issue_files.c.sha256 == hash_of(before)).values(**values))
    ours = select(mailings.c.id).where(mailings.c.issue_number == number)
    db.execute(
        update(editions).where(editions.c.mailing_id.in_(ours), editions.c.sha256 == hash_of(before)).values(**values)
    )
