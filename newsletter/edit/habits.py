"""What editors did with the entries of an issue, as examples of what they want. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.edit.changes import effective
from newsletter.edit.placed import final_places, moved_places
from newsletter.edit.placed_entries import pools
from newsletter.edit.placing import is_picked
from newsletter.model.issue import Change, Entry, Issue


@dataclass(frozen=True, slots=True)
class Placing:
    """An entry, where the program had put it and where it ended; None: an editor dropped it.

    ``corrected_at`` is when an editor put it elsewhere, None when the program had been right.
    """

    entry: Entry
    drafted: str
    final: str | None
    corrected_at: datetime | None = None


def placings(draft: Issue, changes: Sequence[Change], *, is_done: bool) -> list[Placing]:
    """The entries of an issue that say something: of a draft in work those that an editor decided about.

    What the program picked for its score and an editor put back is no word about its section.
    """
    places = final_places(draft, changes) if is_done else moved_places(draft, changes)
    drafted = {entry.id: section.id for section, entries, _ in pools(draft) for entry in entries}
    last = {each.target: each.made_at for each in effective(changes)}
    found = []
    for entry, final in places:
        was = drafted.get(entry.id)
        if was is None or (is_picked(entry) and final is not None):
            continue
        found.append(Placing(entry, was, final, last.get(entry.id) if final != was else None))
    return found
