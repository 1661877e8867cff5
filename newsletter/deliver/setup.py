"""What sending is given, and what it reports."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from newsletter.deliver.pace import Paces
from newsletter.deliver.smtp_lane import Lane
from newsletter.deliver.work import Compose, Ledger

End = Literal["done", "waiting", "stopped", "paused", "lost", "interrupted", "no ledger"]
"""Why sending ended: nothing is left; what is left has to wait; somebody stopped it; somebody or too many refusals
paused it; another one has the right to send; this process ends; the ledger could not be written."""


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Setup:
    """How to send: ``dial`` opens a connection (NotOpened), ``connections`` at most."""

    ledger: Ledger
    compose: Compose
    dial: Callable[[], Lane]
    paces: Paces
    connections: int = 4
    sends_again: bool = False
    """Whether a mail that may have arrived is sent again, with the same Message-ID; else a person decides."""
    now: Callable[[], datetime] = _clock
    rest: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Report:
    """How sending ended, what came of the mails, and when to go on."""

    end: End
    reason: str = ""
    next_at: datetime | None = None
    counts: Counter[str] = field(default_factory=Counter)
    not_written: tuple[int, ...] = ()
    """Readers whose result could not be written down."""
