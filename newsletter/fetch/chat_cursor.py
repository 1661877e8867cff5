"""What is remembered of the logs of a chat: validators, which days are over and read, what pages list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from newsletter.fetch.chat_places import LogPlace, day_in
from newsletter.fetch.http import Document

_SETTLES = timedelta(hours=14)
"""How long after midnight (UTC) a log may still grow: the server's day ends later, and the log is written behind it."""
_MOST_REMEMBERED = 2_000
_MOST_DONE = 20_000


@dataclass(slots=True)
class ChatCursor:
    """The cursor of a chat log. ``done`` holds the names of logs that will not be asked for again."""

    documents: dict[str, Document] = field(default_factory=dict)
    done_until: date | None = None
    done: dict[str, None] = field(default_factory=dict)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, list[int]] = field(default_factory=dict)
    has_read: bool = False

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "ChatCursor":
        """The stored cursor."""
        return cls(
            {url: Document.from_json(each) for url, each in value.get("documents", {}).items()},
            date.fromisoformat(value["done_until"]) if value.get("done_until") else None,
            dict.fromkeys(value.get("done", ())),
            {url: dict(each) for url, each in value.get("pages", {}).items()},
            {name: list(each) for name, each in value.get("files", {}).items()},
            bool(value.get("has_read")),
        )

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        documents = dict(list(self.documents.items())[-_MOST_REMEMBERED:])
        return {
            "documents": {url: document.as_json() for url, document in documents.items()},
            "done_until": self.done_until.isoformat() if self.done_until else None,
            "done": list(self.done)[-_MOST_DONE:],
            "pages": self.pages,
            "files": self.files,
            "has_read": self.has_read,
        }

    def document(self, url: str) -> Document | None:
        """What is known of the document at ``url``."""
        return self.documents.get(url)

    def is_over(self, day: date | None, now: datetime) -> bool:
        """Whether a log of that day will not grow any more; one without day is over when it is read."""
        if day is None:
            return True
        return datetime.combine(day, time(), UTC) + timedelta(days=1) + _SETTLES <= now

    def finish_day(self, day: date, url: str) -> None:
        """The log of ``day`` is read, or there is none."""
        self.done_until = max(self.done_until or day, day + timedelta(days=1))
        self.documents.pop(url, None)

    def finish(self, place: LogPlace) -> None:
        """A listed log is read to its end."""
        self.done[place.key] = None
        self.documents.pop(place.url, None)

    def remember_page(self, url: str, logs: Sequence[LogPlace], folders: Sequence[str]) -> None:
        """Keep what a page lists that is not done, for the time when it is unchanged."""
        left = [[place.url, place.key] for place in logs if place.key not in self.done]
        self.pages[url] = {"logs": left[-_MOST_REMEMBERED:], "folders": list(folders)[-50:]}

    def page(self, url: str) -> tuple[list[LogPlace], list[str]]:
        """What the page listed when it was read last, without what is done."""
        kept = self.pages.get(url, {})
        logs = [LogPlace(at, key, day_in(at)) for at, key in kept.get("logs", ()) if key not in self.done]
        return logs, list(kept.get("folders", ()))

    def open_folders(self, folders: Sequence[str], since: datetime | None) -> list[str]:
        """The folders to look into: the newest two always, older ones until they were read once."""
        newest = list(folders)[-2:]
        return [each for each in folders if each in newest or (since is not None and each not in self.pages)]

    def due(self, places: Iterable[LogPlace], since: datetime | None) -> list[LogPlace]:
        """The logs to ask for, oldest first: not done, and not older than ``since``; older ones are done with."""
        left = [place for place in places if place.key not in self.done]
        if since is not None:
            for place in left:
                if place.day is not None and place.day < since.date():
                    self.finish(place)
        left = [place for place in left if place.key not in self.done]
        return sorted(left, key=lambda place: (place.day or date.min, place.key))
