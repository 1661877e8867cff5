"""Changes under review in the sample community, read from reviews.txt."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from newsletter.demo.clock import written_at
from newsletter.demo.people import Member, members, read_document

_STATES = {"merged": "MERGED", "open": "NEW", "abandoned": "ABANDONED"}
_FOLDERS = {
    "tumbler": ("src", "c"),
    "torque": ("motor", "c"),
    "basin": ("sheets", "svg"),
    "almanac": ("recipes", "txt"),
    "peg": ("panel", "ts"),
    "launderette": ("launderette", "py"),
    "docs": ("pages", "rst"),
    "infra": ("rack", "yaml"),
}


@dataclass(frozen=True, slots=True)
class ReviewedChange:
    """One change: ``updated_at`` is when it was merged, closed or last touched."""

    number: int
    status: str
    project: str
    owner: Member
    created_at: datetime
    updated_at: datetime
    lines_added: int
    lines_removed: int
    files_count: int
    subject: str

    @property
    def change_id(self) -> str:
        """The Change-Id of the commit message."""
        return "I" + hashlib.sha1(f"{self.project} {self.number}".encode(), usedforsecurity=False).hexdigest()

    @property
    def revision(self) -> str:
        """The hash of the newest commit."""
        return hashlib.sha1(f"{self.change_id} {self.updated_at}".encode(), usedforsecurity=False).hexdigest()

    @property
    def files(self) -> list[str]:
        """The paths it touches."""
        folder, ending = _FOLDERS[self.project.partition("/")[2]]
        return [f"{folder}/{count:03}-{self.number % 89}.{ending}" for count in range(self.files_count)]


@cache
def all_changes() -> tuple[ReviewedChange, ...]:
    """Every change, the one touched last first, as the review server lists them."""
    lines = (line for line in read_document("reviews.txt").splitlines() if line.strip() and not line.startswith("#"))
    return tuple(sorted(map(_change, lines), key=lambda change: (change.updated_at, change.number), reverse=True))


def _change(line: str) -> ReviewedChange:
    number, state, project, owner, created, updated, lines, files, subject = (
        part.strip() for part in line.split("|", 8)
    )
    added, removed = lines.split()
    return ReviewedChange(
        number=int(number),
        status=_STATES[state],
        project=f"drumlin/{project}",
        owner=members()[owner],
        created_at=written_at(created),
        updated_at=written_at(updated),
        lines_added=int(added),
        lines_removed=-int(removed),
        files_count=int(files),
        subject=subject,
    )
