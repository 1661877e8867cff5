"""How far the changes of a wiki were read, and what is known of the pages of the weeks that still grow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsletter.fetch.wiki import Edit, PageEdits, add_edits, is_over

TAKE_WORDS = ("changes", "new pages", "minor changes")
MOST_PAGES_KNOWN = 5_000
"""Pages that still grow; the longest unchanged ones are forgotten, and counted anew if they change again."""


def wanted_edits(edits: Iterable[Edit], take: Sequence[str]) -> list[Edit]:
    """Those of ``edits`` that count: never those of robots."""
    return [
        each
        for each in edits
        if not each.is_robot
        and (not each.is_minor or "minor changes" in take)
        and (each.is_new or "changes" in take or (each.is_minor and "minor changes" in take))
    ]


@dataclass(slots=True)
class WikiProgress:
    """The time of the newest change that was read, those that had it, and the pages of the last week."""

    settings: str
    at: datetime | None = None
    keys: frozenset[str] = frozenset()
    pages: dict[tuple[str, str], PageEdits] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Mapping[str, Any], settings: str) -> "WikiProgress":
        """The progress stored in ``cursor``, unless it was made with other settings."""
        if cursor.get("settings") != settings:
            return cls(settings)
        at = cursor.get("at")
        pages = [PageEdits.from_json(each) for each in cursor.get("pages", ())]
        return cls(
            settings,
            datetime.fromisoformat(at) if at else None,
            frozenset(cursor.get("keys", ())),
            {(each.page, each.span): each for each in pages},
        )

    def take(self, edits: Sequence[Edit], take: Sequence[str], summed_by: str) -> tuple[list[PageEdits], bool]:
        """The pages that ``edits`` changed, and whether there was any change that was not read before."""
        fresh = [each for each in edits if self._is_new(each)]
        changed = add_edits(self.pages, wanted_edits(fresh, take), summed_by)
        self.pages.update(changed)
        newest = max((each.at for each in fresh), default=None)
        if newest is not None:
            keys = frozenset(each.key for each in fresh if each.at == newest)
            self.at, self.keys = newest, keys | self.keys if newest == self.at else keys
            self._forget(newest)
        return list(changed.values()), bool(changed)

    def as_json(self) -> dict[str, Any]:
        """What to store."""
        return {
            "settings": self.settings,
            "at": self.at.isoformat() if self.at else None,
            "keys": sorted(self.keys),
            "pages": [each.as_json() for each in self.pages.values()],
        }

    def _is_new(self, edit: Edit) -> bool:
        return self.at is None or edit.at > self.at or (edit.at == self.at and edit.key not in self.keys)

    def _forget(self, newest: datetime) -> None:
        kept = [each for each in self.pages.values() if not is_over(each, newest)]
        kept = sorted(kept, key=lambda each: each.last_at)[-MOST_PAGES_KNOWN:]
        self.pages = {(each.page, each.span): each for each in kept}
