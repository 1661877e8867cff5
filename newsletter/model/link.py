"""What became of a look at the addresses of an issue: LinkResult, LinkReport."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LinkState = Literal["good", "moved", "dead", "refused", "unknown"]
"""It answers; it moved for good; nothing is there; it lies where nobody may look; it could not be told."""


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What one address answered, and what may stand in its place."""

    url: str
    state: LinkState
    checked_at: datetime
    status: int | None = None
    final_url: str | None = None
    """Where it moved to for good."""
    reason: str = ""
    mended: str | None = None
    """Another spelling of a dead address that answers."""
    archived: str | None = None
    """A copy of a dead page in an archive."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The newest result of each address that was asked, by address."""

    results: Mapping[str, LinkResult] = field(default_factory=dict)

    @property
    def checked_at(self) -> datetime | None:
        """When the oldest of the results was found out; None without one."""
        return min((each.checked_at for each in self.results.values()), default=None)
