"""Meetings and classes held in a chat. The reader comes with a later version; the keys are checked already."""

from dataclasses import dataclass
from typing import ClassVar

from newsletter.fetch.kinds import kind


@kind("chat log", can_read=False)
@dataclass(frozen=True, slots=True)
class ChatLog:
    """Meetings and classes held in a chat; ``url`` may hold a date as %Y-%m-%d, ``folder`` holds log files."""

    url: str | None = None
    folder: str | None = None
    take: tuple[str, ...] = ("decisions", "action items", "questions with answers")

    one_of: ClassVar[tuple[str, ...]] = ("url", "folder")
    take_words: ClassVar[tuple[str, ...]] = ("decisions", "action items", "questions with answers")
