"""Repositories on GitHub. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.kinds import kind

_WORDS = ("releases", "merged", "first-time contributor", "waiting more than N days", "issues with N comments")


@kind("github", can_read=False)
@dataclass(frozen=True, slots=True)
class Github:
    """Releases, merged changes and much discussed issues of repositories on GitHub, or on a server of its kind.

    ``repositories`` are "owner/name"; ``organisation`` stands for all of its repositories.
    """

    repositories: tuple[str, ...] = ()
    organisation: str | None = None
    take: tuple[str, ...] = ("releases", "merged")
    token: str | None = None
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "organisation")
    take_words: ClassVar[tuple[str, ...]] = _WORDS
    address_shape: ClassVar[str] = r"^https?://(www\.)?github\.com/[^/]+/[^/]+/?$"
