"""What sending asks of others: the mails to send, the ledger they are written down in, and the time."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from newsletter.model.subscriber import DeliveryState

Order = Literal["go on", "stopped", "paused", "lost", "interrupted"]
"""What the ledger says about going on; ``lost`` means that another installation has the right to send,
``interrupted`` that this process is asked to end."""


class Work(Protocol):
    """A mail to a reader that is due."""

    @property
    def subscriber_id(self) -> int:
        """Whose it is."""

    @property
    def address(self) -> str:
        """Where it goes."""

    @property
    def edition(self) -> str:
        """Which body it has."""

    @property
    def domain(self) -> str:
        """Behind the @ of the address."""

    @property
    def attempts(self) -> int:
        """How often it was tried before."""

    @property
    def epoch(self) -> int:
        """What the tokens of its links are bound to."""

    @property
    def first_at(self) -> datetime | None:
        """When it was tried first."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it leaves: envelope, and the bytes that follow DATA, dots stuffed, without the final one."""

    mail_from: str
    rcpt_to: str
    pieces: Sequence[bytes]
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a mail."""

    subscriber_id: int
    state: DeliveryState
    code: int | None = None
    answer: str = ""
    next_at: datetime | None = None

    @property
    def released(self) -> bool:
        """Whether it never began, as nothing was said to anybody yet: it is due as it was."""
        return self.state == "queued"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast mail may go on a lane: not before a time, and so many a minute."""

    name: str
    not_before: datetime | None = None
    per_minute: int | None = None
    free_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is left: mails that may begin now, all that are open, and when the next one that waits is due."""

    ready_count: int
    open_count: int
    next_at: datetime | None


class Ledger(Protocol):
    """Where every step is written down. Each call is one transaction; StoreFault when it cannot be."""

    def due(self, after: int, count: int, but: Collection[str]) -> Sequence[Work]:
        """Mails that may begin; queued ones of readers above ``after``, none for the domains in ``but``."""

    def write(self, done: Sequence[Done], begins: Sequence[int], paces: Sequence[Pace]) -> Collection[int]:
        """Write down results and that other mails begin; the readers of those that may begin indeed."""

    def skip(self, subscriber_id: int) -> bool:
        """Pass over a reader who left meanwhile; false when that is not so."""

    def outlook(self) -> Outlook:
        """What is left to do."""

    def order(self) -> Order:
        """Whether to go on; says at the same time that this process is alive."""


Compose = Callable[[Work], Letter]
"""Makes the mail for a reader; MailFault when there can be none for that address."""
