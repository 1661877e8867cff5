"""Tips that readers send by mail. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from newsletter.fetch.kinds import kind


@kind("inbox", can_read=False)
@dataclass(frozen=True, slots=True)
class Inbox:
    """Tips that readers send by mail, to an ``address`` of the program or into a ``mailbox`` on disk."""

    address: str | None = None
    mailbox: str | None = None
    publish_without_review: Literal["never"] = "never"

    one_of: ClassVar[tuple[str, ...]] = ("address", "mailbox")
