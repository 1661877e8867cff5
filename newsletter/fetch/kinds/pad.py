"""Pages that many people write together. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.kinds import kind


@kind("pad", can_read=False)
@dataclass(frozen=True, slots=True)
class Pad:
    """What was added this week to a page that many people write together."""

    url: str

    address_shape: ClassVar[str] = r"^https?://(ether)?pad\.|/p/[^/]+$"
