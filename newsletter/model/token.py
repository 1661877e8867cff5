"""A token of the API: with it a program reads more than everybody, or sends tips and late items."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Scope = Literal["read", "tip", "hot"]
"""What a token allows: to read drafts and whole items, to send tips, to put items into the draft."""
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program that may use the API; its secret is kept as a hash only."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str = ""
    expires_at: datetime | None = None
    used_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it has not run out."""
        return self.expires_at is None or now < self.expires_at
