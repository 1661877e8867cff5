"""joined_stories: the stories that an editor joined to an entry, each as it was before. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.edit.entry_changes import item_of
from newsletter.model.codec import from_json
from newsletter.model.issue import Change, Entry


@dataclass(frozen=True, slots=True)
class JoinedStory:
    """A story that became part of another one; ``entry`` is the line that told it, with all that was written in it."""

    entry: Entry

    @property
    def items(self) -> tuple[str, ...]:
        """The ids of the items it was made of."""
        return tuple(dict.fromkeys(map(item_of, self.entry.revisions)))


def joined_stories(entry: Entry, changes: Iterable[Change]) -> tuple[JoinedStory, ...]:
    """What ``changes``, which count, joined to ``entry`` and is whole in it still, in the order it was joined."""
    left = set(map(item_of, entry.revisions))
    found: dict[str, JoinedStory] = {}
    for each in changes:
        if each.action == "merge" and each.target == entry.id and "other" in each.value:
            story = JoinedStory(from_json(Entry, each.value["other"]))
            if story.items and left > set(story.items):
                found[story.entry.id] = story
    return tuple(found.values())
