"""Entries for what the draft does not have: a dropped story, a part of a split one, a late item, a tip."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from newsletter.edit.changes import applied, effective, last_at
from newsletter.edit.desk import Desk
from newsletter.edit.placed_entries import pools
from newsletter.errors import NotFound, UsageError
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Entry
from newsletter.model.item import Item, Person, item_id
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.folded import Folded, folded
from newsletter.pipeline.making import make_entries
from newsletter.pipeline.snapshot import Candidate, DraftInput
from newsletter.pipeline.times import publish_time
from newsletter.store import issues, items, stories
from newsletter.store.database import Db
from newsletter.text import is_web_url, one_line

LATE = "late-items"
"""The source under which items stand that an editor brought in."""
_MOST_TITLE, _MOST_TEXT = 300, 5_000


def entries_for(app: Newsletter, db: Db, number: int, ids: Sequence[str]) -> tuple[tuple[Entry, str | None], ...]:
    """The items with these ids as entries of issue ``number``, with the section each would go to.

    They are grouped as they were and as editors decided; what is new becomes a story of its own.
    """
    period = issues.issue(db, number).period
    decisions = stories.decisions(db)
    read = items.stored_items(db, ids)
    known = stories.known_story_ids(db, ids)
    apart = {item_id for pair in decisions.apart for item_id in pair}
    found = DraftInput(
        number=number,
        period=period,
        publish_at=publish_time(app.config.schedule, period),
        candidates=tuple(Candidate(each.item, each.revision_id, each.effective_at) for each in read),
        known_stories={item_id: story for item_id, story in known.items() if item_id not in apart},
        merge=decisions.merge,
        apart=decisions.apart,
        source_ids={source.name: source.id for source in app.config.sources},
    )
    return make_entries(found, app.config)


def bring_in(
    app: Newsletter, db: Db, known: Folded, entry: Entry, *, where: tuple[str | None, str], editor: str
) -> Folded:
    """Keep ``entry``, which the draft need not have; the issue after it.

    ``where`` is its section (None: where it fits) and the word for it in the history. What was just brought in so is
    not stored again. Raises NotFound, WrongState.
    """
    section, how = where
    value = {"section": section or "", "entry": to_json(entry), "how": how}
    last = last_at(known.changes, entry.id)
    if last is not None and last.action == "keep" and _said_in(last.value) == _said_in(value):
        return known
    wanted = Change(0, editor, app.now(), "keep", entry.id, value, entry.revisions)
    return known.and_then([issues.add_change(db, known.drafted.number, wanted)])


def _said_in(value: Mapping[str, Any]) -> tuple[object, object]:
    """What a keeping says: where, and of what; that the entry is kept follows from it."""
    return value.get("section"), {**(value.get("entry") or {}), "is_kept": True}


def restore(app: Newsletter, number: int, story_id: str, *, section: str | None = None, editor: str) -> Desk:
    """Bring a dropped story back, into ``section`` or where it belongs. Raises NotFound, WrongState.

    What the editor brought back so and what stands in the issue still is not brought back again.
    """
    with app.database.transaction() as db:
        issues.hold(db, number)
        known = folded(app, db, number)
        if all(each.story_id != story_id for each in known.raw.dropped) and _is_back(known, story_id, section, editor):
            return known.desk
        entry, place = _before_it_went(known, story_id) or _dropped_story(app, db, known, story_id)
        after = bring_in(app, db, known, entry, where=(section or place, "brought back"), editor=editor)
    return after.desk


def _is_back(known: Folded, story_id: str, section: str | None, editor: str) -> bool:
    """Whether ``editor`` brought the story back, into that section if one is named: the form came twice."""
    there = {entry.id for _, pool, _ in pools(known.raw) for entry in pool if entry.story_id == story_id}
    return any(
        each.editor == editor and each.value.get("how") == "brought back"
        for each in effective(known.changes)
        if each.action == "keep" and each.target in there and section in (None, each.value.get("section"))
    )


def _before_it_went(known: Folded, story_id: str) -> tuple[Entry, str | None] | None:
    """The entry that an editor dropped or put off, with all that was written in it, and its section."""
    went = [each for each in effective(known.changes) if each.action not in ("drop", "snooze")]
    there = ((entry, section.id) for section, pool, _ in pools(applied(known.drafted, went)) for entry in pool)
    return next((found for found in there if found[0].story_id == story_id), None)


def _dropped_story(app: Newsletter, db: Db, known: Folded, story_id: str) -> tuple[Entry, str | None]:
    """The entry for a story that was dropped before anybody saw it, and where it would go (NotFound)."""
    if all(each.story_id != story_id for each in known.raw.dropped):
        raise NotFound("That story is not on the list of dropped ones any more. Load the page again.")
    made = entries_for(app, db, known.drafted.number, stories.items_of_story(db, story_id))
    if not made:
        raise NotFound("What this story was made of is not in the store any more.")
    return _named(made[0][0], story_id), made[0][1]


def _named(entry: Entry, story_id: str) -> Entry:
    """The entry under the id that a draft would give this story."""
    return replace(entry, story_id=story_id, id=story_id[:12])


@dataclass(frozen=True, slots=True)
class LateItem:
    """What an editor knows of something that no source told; ``credit`` names who sent it."""

    title: str
    url: str = ""
    text: str = ""
    section: str | None = None
    credit: str = ""


def late_item(app: Newsletter, number: int, late: LateItem, *, editor: str) -> str:
    """Bring in what no source told, until approval; the id of its entry. The same address twice is one item.

    An item with this address that was read already is taken instead of a second one.
    Raises UsageError, NotFound, WrongState.
    """
    title, url, text, credit = one_line(late.title), late.url.strip(), late.text.strip(), one_line(late.credit)
    check_late(title, url, text)
    with app.database.transaction() as db:
        issues.hold(db, number)
        before = folded(app, db, number)
        known = items.items_at(db, [url]).get(url) if url else None
        if not known:
            item = made_late(title, url, text, credit=credit, now=app.now())
            items.save_items(db, [item], now=app.now())
            known = (item.id,)
        entry, guessed = entries_for(app, db, number, known)[0]
        entry = replace(entry, title=title, summary=text or entry.summary, author=credit or entry.author)
        bring_in(app, db, before, entry, where=(late.section or guessed, "added"), editor=editor)
    return entry.id


def known_at(app: Newsletter, number: int, url: str) -> tuple[Entry, str | None] | None:
    """What a source told of the page at ``url``, as an entry of issue ``number`` with its section; None when none did.

    Raises NotFound.
    """
    with app.database.reading() as db:
        known = items.items_at(db, [url]).get(url)
        made = entries_for(app, db, number, known) if known else ()
    return made[0] if made else None


def check_late(title: str, url: str, text: str) -> None:
    """Refuse a late item that cannot be shown (UsageError)."""
    if not title:
        raise UsageError("The title is missing. Write what happened, in a few words.")
    if len(title) > _MOST_TITLE or len(text) > _MOST_TEXT:
        raise UsageError(f"Title and text may have {_MOST_TITLE} and {_MOST_TEXT:,} letters. Shorten them.")
    if url and not is_web_url(url):
        raise UsageError(f"“{url}” is no web address. It begins with https:// or http://.")


def made_late(title: str, url: str, text: str, *, credit: str, now: datetime) -> Item:
    """The item for what no source told."""
    key = url or hashlib.sha256(title.encode("utf-8", "replace")).hexdigest()[:20]
    return Item(
        id=item_id(LATE, key),
        source_id=LATE,
        kind="late item",
        form="page",
        native_keys=(key,),
        title=title,
        url=url or None,
        author=Person(credit) if credit else None,
        published_at=now,
        text=text,
    )
