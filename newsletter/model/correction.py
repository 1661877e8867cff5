"""A Correction: what was wrong in an issue that is out, and what is right."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of one entry; what is None was right. Appended, never changed."""

    number: int
    entry: str
    made_at: datetime
    editor: str
    note: str = ""
    """What was wrong, in a sentence for readers."""
    title: str | None = None
    summary: str | None = None
    url: str | None = None
