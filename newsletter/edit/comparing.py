"""Two drafts of one issue, made under two versions of feeds.yaml: what differs, and which line did it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from newsletter.edit.entry_changes import item_of
from newsletter.edit.placing import Judged
from newsletter.edit.reasons import Cause, Ground, causes_of
from newsletter.model.issue import Entry, Issue

Kind = Literal["entered", "left", "moved", "retold"]
"""retold: it stands where it stood, and is shown in another way."""

_DATE = "-date"
_NAMED = 3


@dataclass(frozen=True)
class Drafted:
    """A draft, the judged stories it was made of, and what decided about them."""

    issue: Issue
    judged: Sequence[Judged]
    ground: Ground

    @cached_property
    def places(self) -> Mapping[str, tuple[Entry, str]]:
        """By story id: its entry and the section it stands in; dates shown a second time are left out."""
        return {
            entry.story_id: (entry, section.id)
            for section in self.issue.sections
            for entry in section.entries
            if not entry.id.endswith(_DATE)
        }

    @cached_property
    def stories(self) -> Mapping[str, Judged]:
        """The judged stories by id."""
        return {each.story.id: each for each in self.judged}

    @cached_property
    def by_item(self) -> Mapping[str, str]:
        """By item id: the story it belongs to."""
        return {item.id: each.story.id for each in self.judged for item in each.story.items}

    def same_as(self, story: Judged) -> str | None:
        """The id under which ``story`` of another draft stands here; None when nothing of it does."""
        return story.story.id if story.story.id in self.stories else self.by_item.get(story.story.lead.id)

    @cached_property
    def _outside(self) -> Mapping[str, str]:
        below = {
            entry.story_id: f"below the line of {section.title}"
            for section in self.issue.sections
            for entry in section.runners_up
        }
        return below | {each.story_id: each.reason for each in self.issue.dropped}

    def outside(self, story_id: str) -> str:
        """Why a story of this draft stands in no section; empty when it is none of it."""
        return self._outside.get(story_id, "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is not where it was. Sections are ids, None where it stands in none."""

    kind: Kind
    entry: Entry
    before: str | None
    after: str | None
    causes: tuple[Cause, ...] = ()
    reason: str = ""
    """Of one that left: why it stands in no section now."""


def compare(before: Drafted, after: Drafted) -> tuple[Difference, ...]:
    """What differs, in reading order: what came in, what went, what moved, what is told otherwise."""
    found: list[Difference] = []
    for story_id, (entry, section) in after.places.items():
        was = _place_in(before, after, story_id)
        if was is None:
            found.append(Difference("entered", entry, None, section))
        elif was[1] != section:
            found.append(Difference("moved", entry, was[1], section))
        elif _is_retold(was[0], entry):
            found.append(Difference("retold", entry, section, section))
    for story_id, (entry, section) in before.places.items():
        if _place_in(after, before, story_id) is None:
            found.append(Difference("left", entry, section, None))
    order: Sequence[Kind] = ("entered", "left", "moved", "retold")
    found.sort(key=lambda each: order.index(each.kind))
    return tuple(_explained(each, found, before, after) for each in found)


def _place_in(there: Drafted, here: Drafted, story_id: str) -> tuple[Entry, str] | None:
    """Where the story that is ``story_id`` here stands there."""
    if story_id in there.places:
        return there.places[story_id]
    story = here.stories.get(story_id)
    other = there.same_as(story) if story else None
    return there.places.get(other) if other else None


def _is_retold(one: Entry, two: Entry) -> bool:
    def told(entry: Entry) -> tuple[object, ...]:
        return entry.show_as, entry.labels, entry.summary, entry.title, entry.author

    return told(one) != told(two)


def _explained(each: Difference, found: Sequence[Difference], before: Drafted, after: Drafted) -> Difference:
    made_of = {item_of(name) for name in each.entry.revisions}
    was, now = _judged(before, each.entry, made_of), _judged(after, each.entry, made_of)
    direct = causes_of(was, now, before.ground, after.ground)
    causes = direct or _section_causes(each, before.ground, after.ground) or _crowd(each, found)
    reason = after.outside(now.story.id) if now and each.kind == "left" else ""
    return Difference(each.kind, each.entry, each.before, each.after, causes, reason)


def _judged(draft: Drafted, entry: Entry, made_of: Iterable[str]) -> Judged | None:
    if entry.story_id in draft.stories:
        return draft.stories[entry.story_id]
    ids = (draft.by_item[name] for name in made_of if name in draft.by_item)
    story_id = next(ids, None)
    return draft.stories[story_id] if story_id else None


def _section_causes(each: Difference, before: Ground, after: Ground) -> tuple[Cause, ...]:
    """What the settings of the sections it left and entered have to do with it."""
    found: list[Cause] = []
    for name in dict.fromkeys(filter(None, (each.after, each.before))):
        was, now = before.sections.get(name), after.sections.get(name)
        if was is None or now is None:
            there = was or now
            title = there.title if there else name
            said = f"section “{title}” is {'new' if was is None else 'not'} in this file"
            found.append(Cause(said, now.line or None if now else None))
        elif (was.at_most, was.at_most_per_vendor) != (now.at_most, now.at_most_per_vendor):
            limits = [_limit(each.at_most) for each in (was, now)]
            if limits[0] == limits[1]:
                limits = [f"{_limit(each.at_most_per_vendor)} of a company" for each in (was, now)]
            found.append(Cause(f"section “{now.title}” takes {limits[1]} (was {limits[0]})", now.line or None))
    return tuple(found)


def _limit(count: int | None) -> str:
    return "any number" if count is None else f"at most {count}"


def _crowd(each: Difference, found: Sequence[Difference]) -> tuple[Cause, ...]:
    """Nothing was decided about it: others made room, or took it."""
    if each.kind == "retold":
        return (Cause("it is made of other items now"),)
    gave = [other for other in found if other is not each and other.before and other.before == each.after]
    took = [other for other in found if other is not each and other.after and other.after == each.before]
    said = [f"room that {_names(gave)} left"] if gave else []
    said += [f"{_names(took)} took the place"] if took else []
    return tuple(map(Cause, said)) or (Cause("others of its section or source changed their place"),)


def _names(found: Sequence[Difference]) -> str:
    names = [f"“{_short(each.entry.title)}”" for each in found[:_NAMED]]
    more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return " and ".join([", ".join(names), *more])


def _short(title: str) -> str:
    return title if len(title) <= 40 else f"{title[:39].rstrip()}…"
