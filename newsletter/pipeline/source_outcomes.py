"""outcomes_of(): the newest items of a source and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from newsletter.edit.changes import fold
from newsletter.edit.whereabouts import Place, place_of
from newsletter.model.item import Item
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.catalogue import is_offered, load_catalogues
from newsletter.store import issues
from newsletter.store.database import Db
from newsletter.store.finding import newest_of_source
from newsletter.store.items import StoredItem, stored_items
from newsletter.store.stories import items_of_story, known_story_ids, told_stories

SHOWN = 20
_ISSUES = 9
"""So many issues are looked into: those of the eight weeks, and the draft."""

Kind = Literal["told", "below", "dropped", "waiting", "seen", "absent"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """An item and where it went: ``place`` is that of its story in the issue ``number``, None when none held it.

    ``into`` is the title of the item that speaks for the story, when that is another one.
    """

    item: Item
    at: datetime
    kind: Kind
    number: int | None = None
    is_draft: bool = False
    place: Place | None = None
    into: str = ""


@dataclass(frozen=True, slots=True)
class _InIssue:
    number: int
    is_draft: bool
    place: Place


def outcomes_of(app: Newsletter, source_id: str) -> tuple[Outcome, ...]:
    """The newest items of a source, the newest first."""
    with app.database.reading() as db:
        found = newest_of_source(db, source_id, most=SHOWN)
        stories = known_story_ids(db, [each.item.id for each in found])
        places, ends = _places(db, set(stories.values()))
        leads = _leads(db, set(stories.values()))
        catalogues = load_catalogues(db)
    made = []
    for each in found:
        story = stories.get(each.item.id, "")
        lead = leads.get(story)
        into = lead.item.title if lead and lead.item.id != each.item.id else ""
        at = places.get(story)
        if at:
            kind: Kind = "told" if at.place.kind == "told" else "below" if at.place.kind == "below" else "dropped"
            made.append(Outcome(each.item, each.effective_at, kind, at.number, at.is_draft, at.place, into))
        elif not is_offered(each, catalogues):
            made.append(Outcome(each.item, each.effective_at, "seen", into=into))
        else:
            kind = "waiting" if ends is None or each.effective_at >= ends else "absent"
            made.append(Outcome(each.item, each.effective_at, kind, into=into))
    return tuple(made)


def _places(db: Db, stories: set[str]) -> tuple[dict[str, _InIssue], datetime | None]:
    """Where the newest issue that has each of ``stories`` has it, and when the newest issue ends."""
    numbers = issues.numbers(db)[-_ISSUES:]
    told_in = told_stories(db, stories)
    found: dict[str, _InIssue] = {}
    end = None
    for number in reversed(numbers):
        stored = issues.issue(db, number)
        end = end or stored.issue.period.end
        issue = fold(stored.issue, issues.changes(db, number))
        for story in stories - found.keys():
            place = place_of(issue, story)
            # What an older issue told is left out of newer ones, which says nothing about it.
            is_told_before = place.kind == "dropped" and told_in.get(story, number) < number
            if place.kind != "absent" and not is_told_before:
                found[story] = _InIssue(number, stored.state == "draft", place)
        if stories <= found.keys():
            break
    return found, end


def _leads(db: Db, stories: set[str]) -> dict[str, StoredItem]:
    """The item that speaks for each of ``stories``."""
    first = {story: ids[0] for story in sorted(stories) if (ids := items_of_story(db, story))}
    read = {each.item.id: each for each in stored_items(db, first.values())}
    return {story: read[item_id] for story, item_id in first.items() if item_id in read}
