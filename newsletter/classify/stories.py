"""group_stories(): items that tell one thing become a Story, whatever sources they came from."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from newsletter.classify.groups import Groups
from newsletter.classify.joining import Pool, by_decision, join_all
from newsletter.classify.telling import Telling, known_projects, tell
from newsletter.model.item import Item, Thread
from newsletter.model.source import Source
from newsletter.model.story import Story

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoryContext:
    """What grouping knows beside the items.

    ``known`` is the story each item was grouped into before. ``merge`` and ``apart`` are pairs of
    item ids that an editor decided about, ``merge_marks`` items that a rule calls copies.
    ``threads`` are counted over the whole store, by root id.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    merge: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    threads: Mapping[str, Thread] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    merge_marks: AbstractSet[str] = frozenset()
    taken: AbstractSet[str] = frozenset()
    """Story ids that other stories have already."""

    def marking(self, merge_marks: AbstractSet[str]) -> "StoryContext":
        """The same with other items marked as copies."""
        return replace(self, merge_marks=merge_marks)

    def avoiding(self, taken: AbstractSet[str]) -> "StoryContext":
        """The same, but no story gets one of these ids."""
        return replace(self, taken=taken)


def group_stories(items: Sequence[Item], *, context: StoryContext) -> tuple[Story, ...]:
    """The stories of ``items``, the earliest first; the same for any order of the items."""
    ordered = sorted({item.id: item for item in items}.values(), key=_order)
    groups = Groups(len(ordered), by_decision(ordered, context.apart))
    for first, second in by_decision(ordered, context.merge):
        groups.join(first, second, "an editor joined them")
    # Who sends a tip writes to the editors: it must not speak for what is public, nor be hidden in it.
    groups.leave_alone(number for number, item in enumerate(ordered) if item.is_tip)
    join_all(Pool(ordered, context.merge_marks), groups)
    telling = Telling(context.threads, context.sources, known_projects(ordered, context.sources.values()))
    stories = [
        tell([ordered[number] for number in members], telling, groups.reasons(members[0]))
        for members in groups.members()
    ]
    return _with_ids(stories, context.known, context.taken)


def _order(item: Item) -> tuple[datetime, str]:
    return (item.published_at or _NEVER, item.id)


def _with_ids(stories: Sequence[Story], known: Mapping[str, str], avoided: AbstractSet[str]) -> tuple[Story, ...]:
    """Every story keeps the id of its lead or earliest known item; no id is given twice.

    Where a story was split, the id stays with the part that holds more of its items.
    """
    wishes = [_wishes(story, known) for story in stories]
    given: dict[int, str] = {}
    taken = set(avoided)
    ranks = max((len(wish) for wish in wishes), default=0)
    for rank in range(ranks):
        asking = [number for number, wish in enumerate(wishes) if number not in given and rank < len(wish)]
        for number in sorted(asking, key=lambda each: (-_holds(stories[each], wishes[each][rank], known), each)):
            wish = wishes[number][rank]
            if wish not in taken:
                given[number] = wish
                taken.add(wish)
    taken.update(known.values())
    for number, story in enumerate(stories):
        if number not in given:
            given[number] = _new_id(story, taken)
            taken.add(given[number])
    return tuple(replace(story, id=given[number]) for number, story in enumerate(stories))


def _wishes(story: Story, known: Mapping[str, str]) -> list[str]:
    """The ids the story may keep, the dearest first."""
    return list(dict.fromkeys(known[item.id] for item in story.items if item.id in known))


def _holds(story: Story, story_id: str, known: Mapping[str, str]) -> int:
    return Counter(known.get(item.id) for item in story.items)[story_id]


def _new_id(story: Story, taken: AbstractSet[str]) -> str:
    number = 0
    while True:
        salt = f"\0{number}" if number else ""
        made = hashlib.sha256(f"story\0{story.lead.id}{salt}".encode()).hexdigest()[:20]
        if made not in taken:
            return made
        number += 1
