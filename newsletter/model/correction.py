"""A Correction: what was wrong in an issue that is out, and what is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
    event: Mapping[str, Any] | None = None
    """What is right of its date, place and cost, as an "event" change has it."""
