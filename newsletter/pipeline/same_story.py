"""One story or two: what an editor says of two entries holds for this issue and for every later one."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from newsletter.edit.changes import effective, fold
from newsletter.edit.entry_changes import item_of
from newsletter.edit.joined import JoinedStory, joined_stories
from newsletter.edit.placed_entries import find
from newsletter.errors import NotFound, UsageError
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Entry, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.offering import entries_for
from newsletter.store import issues, stories
from newsletter.store.database import Db
from newsletter.store.stories import Decision, Pair


def merge(app: Newsletter, number: int, *, entry: str, other: str, editor: str) -> Change:
    """The entry ``entry`` tells what ``other`` told, too, now and in later issues. Raises NotFound, UsageError.

    What was joined so is one story already, and stays it, whatever else was done to it since.
    """
    with app.database.transaction() as db:
        issues.hold(db, number)
        issue = _issue(db, number)
        done = _done_before(issues.changes(db, number), entry, lambda each: _joined(each, other))
        if done is not None and find(issue, other) is None:
            return done
        one, two = _entry(issue, entry), _entry(issue, other)
        if one.id == two.id:
            raise UsageError("These are one story already. Mark another one first.")
        pairs = [(_lead(one), item_of(name)) for name in two.revisions[:1] if _lead(one)]
        for pair in pairs:
            stories.add_decision(db, "merge", pair, editor=editor, now=app.now())
        value = {"entry": other, "pairs": [list(pair) for pair in pairs], "other": to_json(two)}
        made = Change(0, editor, app.now(), "merge", entry, value, one.revisions)
        return issues.add_change(db, number, made)


def keep_apart(app: Newsletter, number: int, *, entry: str, other: str, editor: str) -> None:
    """Remember that two entries are two stories, however alike they look. Raises NotFound."""
    with app.database.transaction() as db:
        issues.hold(db, number)
        issue = _issue(db, number)
        one, two = _entry(issue, entry), _entry(issue, other)
        stories.add_decision(db, "apart", (_lead(one), _lead(two)), editor=editor, now=app.now())


def split(app: Newsletter, number: int, *, entry: str, editor: str, items: Sequence[str] | None = None) -> Change:
    """Take ``items`` (ids; all but the first if left out) out of an entry; each stands for itself, now and later.

    A story that was joined to it and goes out whole stands as it did before, with what was written in it.
    Raises NotFound, and UsageError when there is nothing to split.
    """
    with app.database.transaction() as db:
        issues.hold(db, number)
        changes = issues.changes(db, number)
        found = _entry(fold(issues.issue(db, number).issue, changes), entry)
        ids = list(dict.fromkeys(item_of(name) for name in found.revisions))
        gone = [each for each in ids if each in items] if items is not None else ids[1:]
        left = [each for each in ids if each not in gone]
        done = _done_before(changes, entry, lambda each: _took_out(each, items or ()))
        if not gone and items and done is not None:
            return done  # the form came twice
        if not gone or not left:
            raise UsageError("This story was made of one thing: there is nothing to split.")
        pairs = [(one, two) for one in left for two in gone]
        for pair in pairs:
            stories.add_decision(db, "apart", pair, editor=editor, now=app.now())
        parts = _parts(app, db, number, gone, joined_stories(found, effective(changes)))
        value = {"entries": [to_json(part) for part in parts], "pairs": [list(pair) for pair in pairs]}
        made = Change(0, editor, app.now(), "split", entry, value, found.revisions)
        return issues.add_change(db, number, made)


def _done_before(changes: Iterable[Change], entry: str, is_it: Callable[[Change], bool]) -> Change | None:
    """The last of the changes to ``entry`` that count for which ``is_it`` holds."""
    return next((each for each in reversed(effective(changes)) if each.target == entry and is_it(each)), None)


def _joined(change: Change, other: str) -> bool:
    return change.action == "merge" and change.value.get("entry") == other


def _took_out(change: Change, ids: Sequence[str]) -> bool:
    """Whether this was the splitting that took the items ``ids`` out."""
    pairs = change.value.get("pairs", ()) if change.action == "split" else ()
    return bool(pairs) and {out for _, out in pairs} == set(ids)


def _parts(app: Newsletter, db: Db, number: int, gone: Sequence[str], joined: Sequence[JoinedStory]) -> Sequence[Entry]:
    """Entries of what goes out of a story: joined ones that go whole as they were, the rest as a draft makes them."""
    whole = [each for each in joined if set(each.items) <= set(gone)]
    outer = [each for each in whole if not any(set(each.items) < set(other.items) for other in whole)]
    rest = [each for each in gone if not any(each in story.items for story in outer)]
    made = entries_for(app, db, number, rest) if rest else ()
    return [*(each.entry for each in outer), *(part for part, _ in made)]


def settle_decisions(db: Db, before: Iterable[Change], after: Iterable[Change], *, editor: str, now: datetime) -> None:
    """Of the changes of an issue ``before`` counted and ``after`` do: what they say of later issues follows them.

    A pair of which nothing is said any more is open again; what an undoing had taken back holds again.
    """
    was, is_now = _decided(before), _decided(after)
    for pair in dict.fromkeys((*was, *is_now)):
        if was.get(pair) != is_now.get(pair):
            stories.add_decision(db, is_now.get(pair, "open"), pair, editor=editor, now=now)


def _decided(changes: Iterable[Change]) -> dict[Pair, Decision]:
    """The last word of ``changes`` on each pair of items."""
    words: dict[str, Decision] = {"merge": "merge", "split": "apart"}
    return {
        (min(pair), max(pair)): words[each.action]
        for each in changes
        if each.action in words
        for pair in each.value.get("pairs", ())
    }


def _issue(db: Db, number: int) -> Issue:
    return fold(issues.issue(db, number).issue, issues.changes(db, number))


def _entry(issue: Issue, entry_id: str) -> Entry:
    found = find(issue, entry_id)
    if found is None:
        raise NotFound("That item is not in the draft any more. Load the page again.")
    return found[1]


def _lead(entry: Entry) -> str:
    return item_of(entry.revisions[0]) if entry.revisions else ""
