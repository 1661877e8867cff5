"""Projects on Launchpad. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.kinds import kind


@kind("launchpad", can_read=False)
@dataclass(frozen=True, slots=True)
class Launchpad:
    """Blueprints, milestones, releases and bugs of projects on Launchpad."""

    projects: tuple[str, ...]
    take: tuple[str, ...] = ("new blueprints", "milestones", "release candidates")

    take_words: ClassVar[tuple[str, ...]] = (
        *("new blueprints", "milestones", "release candidates", "releases", "bug summary"),
    )
    address_shape: ClassVar[str] = r"^https?://(blueprints\.|bugs\.|code\.)?launchpad\.net/"
