"""Kinds whose keys are known and checked already; their readers come with later versions."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from newsletter.fetch.kinds import kind

_CODE_WORDS = ("releases", "merged", "first-time contributor", "waiting more than N days", "issues with N comments")


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
    take_words: ClassVar[tuple[str, ...]] = _CODE_WORDS


@kind("gitlab", can_read=False)
@dataclass(frozen=True, slots=True)
class Gitlab:
    """Releases, merged changes and much discussed issues of projects on GitLab, or on a server of its kind."""

    repositories: tuple[str, ...] = ()
    organisation: str | None = None
    take: tuple[str, ...] = ("releases", "merged")
    token: str | None = None
    url: str | None = None

    one_of: ClassVar[tuple[str, ...]] = ("repositories", "organisation")
    take_words: ClassVar[tuple[str, ...]] = _CODE_WORDS


@kind("launchpad", can_read=False)
@dataclass(frozen=True, slots=True)
class Launchpad:
    """Blueprints, milestones, releases and bugs of projects on Launchpad."""

    projects: tuple[str, ...]
    take: tuple[str, ...] = ("new blueprints", "milestones", "release candidates")

    take_words: ClassVar[tuple[str, ...]] = (
        *("new blueprints", "milestones", "release candidates", "releases", "bug summary"),
    )


@kind("calendar", can_read=False)
@dataclass(frozen=True, slots=True)
class Calendar:
    """The dates of an iCalendar file, on the web or on disk, for the time of ``look_ahead``."""

    url: str | None = None
    file: str | None = None
    look_ahead: timedelta = timedelta(weeks=6)

    one_of: ClassVar[tuple[str, ...]] = ("url", "file")


@kind("chat log", can_read=False)
@dataclass(frozen=True, slots=True)
class ChatLog:
    """Meetings and classes held in a chat; ``url`` may hold a date as %Y-%m-%d, ``folder`` holds log files."""

    url: str | None = None
    folder: str | None = None
    take: tuple[str, ...] = ("decisions", "action items", "questions with answers")

    one_of: ClassVar[tuple[str, ...]] = ("url", "folder")
    take_words: ClassVar[tuple[str, ...]] = ("decisions", "action items", "questions with answers")


@kind("pad", can_read=False)
@dataclass(frozen=True, slots=True)
class Pad:
    """What was added this week to a page that many people write together."""

    url: str


@kind("web page", can_read=False)
@dataclass(frozen=True, slots=True)
class WebPage:
    """A new or changed part of a page; ``watch`` names the parts as CSS selectors."""

    url: str
    watch: str


@kind("inbox", can_read=False)
@dataclass(frozen=True, slots=True)
class Inbox:
    """Tips that readers send by mail, to an ``address`` of the program or into a ``mailbox`` on disk."""

    address: str | None = None
    mailbox: str | None = None
    publish_without_review: Literal["never"] = "never"

    one_of: ClassVar[tuple[str, ...]] = ("address", "mailbox")
