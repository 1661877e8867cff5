"""What is remembered of a code host between two fetches: a source's cursor."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from newsletter.fetch.code_host import Ticket
from newsletter.fetch.http import Document

_SETTLED = timedelta(minutes=1)
"""After so long a server has no more to tell of a second that is over."""
_OVERLAP = timedelta(minutes=10)
_MOST_PEOPLE = 2_000


@dataclass(slots=True)
class ListMemory:
    """How far one list of tickets was read.

    ``since`` is where the next reading begins, ``seen`` holds the tickets of that very moment.
    What was done before ``floor`` was told already; ``document`` is the list as it was when
    nothing new stood in it.
    """

    wishes: str
    since: datetime | None = None
    floor: datetime | None = None
    seen: dict[str, str] = field(default_factory=dict)
    document: Document = Document()
    url: str = ""

    @classmethod
    def read(cls, value: Mapping[str, Any] | None, wishes: str, since: datetime | None) -> "ListMemory":
        """The memory stored as ``value``; one that begins at ``since`` for none, or for other wishes."""
        if not value or value.get("wishes") != wishes:
            return cls(wishes, since, since)
        return cls(
            wishes,
            _time(value.get("since")),
            _time(value.get("floor")),
            dict(value.get("seen") or {}),
            Document.from_json(value.get("document")),
            str(value.get("url") or ""),
        )

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "wishes": self.wishes,
            "since": self.since.isoformat() if self.since else None,
            "floor": self.floor.isoformat() if self.floor else None,
            "seen": self.seen,
            "document": self.document.as_json(),
            "url": self.url,
        }

    def is_new(self, ticket: Ticket, begun: datetime | None) -> bool:
        """Whether the ticket, as it is now, did not come before; ``begun`` is where this reading began."""
        at = ticket.updated_at
        if at is None:
            return True
        return (begun is None or at >= begun) and self.seen.get(str(ticket.number)) != at.isoformat()

    def is_told(self, change: Ticket) -> bool:
        """Whether the change was merged so long ago that it was told before, or is not asked for."""
        return self.floor is not None and change.done_at is not None and change.done_at < self.floor

    def advance(self, tickets: list[Ticket], *, limit: datetime | None) -> None:
        """Remember that ``tickets`` were read; one dated after ``limit`` would hide all that follow."""
        times = {ticket.number: ticket.updated_at for ticket in tickets if ticket.updated_at}
        newest = max((at for at in times.values() if limit is None or at <= limit), default=None)
        if newest is None or (self.since and newest < self.since):
            return
        if newest != self.since:
            self.since, self.seen = newest, {}
        self.seen.update({str(number): at.isoformat() for number, at in times.items() if at >= newest})

    def finish(self, now: datetime | None, step: timedelta) -> None:
        """All was read; the next time begins behind the newest once nothing can be added to its moment."""
        if not self.since:
            return
        told = self.since - _OVERLAP
        self.floor = max(self.floor or told, told)
        if self.seen and now and now - self.since > _SETTLED:
            self.since, self.seen = self.since + step, {}


@dataclass(slots=True)
class HostMemory:
    """A cursor: what is known of each project, where to go on, and what was told last of those that wait."""

    projects: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    next_project: str = ""
    waiting: str = ""

    @classmethod
    def read(cls, cursor: Mapping[str, Any]) -> "HostMemory":
        """The memory stored as ``cursor``."""
        copied = json.loads(json.dumps(dict(cursor)))
        return cls(
            copied.get("projects") or {},
            copied.get("members") or {},
            copied.get("next") or "",
            copied.get("waiting") or "",
        )

    def of(self, project: str, name: str) -> dict[str, Any]:
        """What is known of one part of a project, for writing into."""
        found: dict[str, Any] = self.projects.setdefault(project.casefold(), {}).setdefault(name, {})
        return found

    def keep_only(self, projects: tuple[str, ...]) -> None:
        """Forget all others."""
        kept = {project.casefold() for project in projects}
        self.projects = {name: value for name, value in self.projects.items() if name in kept}

    def as_json(self) -> dict[str, Any]:
        """What to store, apart from what is remembered from now on."""
        for parts in self.projects.values():
            if len(firsts := parts.get("firsts") or {}) > _MOST_PEOPLE:
                parts["firsts"] = dict(list(firsts.items())[-_MOST_PEOPLE:])
        whole = {
            "projects": self.projects,
            "members": self.members,
            "next": self.next_project,
            "waiting": self.waiting,
        }
        copied: dict[str, Any] = json.loads(json.dumps(whole))
        return copied


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
