"""What a person does to a draft: each is a Change, stored and folded, never written over what was fetched."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from newsletter.edit.changes import TEXTS, UNDO, act_of, check_change, effective, last_at, standing
from newsletter.edit.desk import Desk
from newsletter.edit.placed_entries import find
from newsletter.edit.said import overtaken
from newsletter.errors import ChangedMeanwhile, NotFound
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.folded import folded, remember
from newsletter.pipeline.same_story import settle_decisions
from newsletter.store import issues

Wish = tuple[str, str, Any]
"""What an editor wants: action, target, value."""


def change(app: Newsletter, number: int, *, action: str, target: str, value: Any, editor: str) -> Issue:
    """Store one change and give the issue after it. Raises UsageError, NotFound, WrongState."""
    return act(app, number, [(action, target, value)], editor=editor).issue


def act(app: Newsletter, number: int, wishes: Sequence[Wish], *, editor: str, seen: int | None = None) -> Desk:
    """Store the changes of one act, all or none, which one undo takes back; the desk after them.

    ``seen`` is the last change of the page it was made on. What changes nothing, such as a form sent twice, is not
    stored, and nobody is asked about it. "pin" (value: True) keeps an entry at the front of the section that shows
    the best.
    Raises UsageError, NotFound, WrongState, and ChangedMeanwhile when somebody changed the same since ``seen``.
    """
    with app.database.transaction() as db:
        issues.hold(db, number)
        known = folded(app, db, number)
        issue, before = known.raw, known.changes
        made: list[Change] = []
        for wish in wishes:
            wanted = [_change(app, issue, each, editor=editor) for each in _remembering(issue, before, wish)]
            new = [each for each in wanted if not _is_repeated(before, each)]
            if new or any(_is_of_another(before, each) for each in wanted):
                _check_seen(before, wish, editor=editor, seen=seen, now=app.now())
            made += new
        after = known.and_then(issues.add_changes(db, number, made)) if made else known
    remember(app, number, after)
    return after.desk


def open_desk(app: Newsletter, number: int) -> Desk:
    """The desk of issue ``number`` as it stands (NotFound); put together once for each state of the issue."""
    with app.database.reading() as db:
        known = folded(app, db, number)
    return known.desk


def undo(app: Newsletter, number: int, *, editor: str, batch: int | None = None) -> Change | None:
    """Take back the act ``batch``, or the last one of ``editor`` that still counts; None when there is none.

    Gives the first change that was taken back. The whole session can be undone so, one act after the other;
    nothing is erased: an undoing is a change, too, and can be taken back by its number. What is taken back already,
    by a form sent twice, stays so and is not stored again.
    """
    with app.database.transaction() as db:
        issues.hold(db, number)
        all_changes = issues.changes(db, number)
        counting = effective(all_changes)
        if batch is None:
            mine = [each for each in counting if each.editor == editor]
            taken = [each for each in mine if act_of(each) == act_of(mine[-1])] if mine else []
        else:
            taken = [each for each in all_changes if act_of(each) == batch]
        if not taken:
            return None
        if act_of(taken[0]) not in {act_of(each) for each in standing(all_changes)}:
            return taken[0]  # it is taken back already: the form came twice
        act_taken = str(act_of(taken[0]))
        made = issues.add_change(db, number, Change(0, editor, app.now(), UNDO, act_taken, act_taken))
        settle_decisions(db, counting, effective((*all_changes, made)), editor=editor, now=app.now())
        return taken[0]


def add_note(app: Newsletter, number: int, *, text: str, by: str) -> Issue:
    """Put the editor's note at the top of issue ``number``."""
    return change(app, number, action="note", target="issue", value={"text": text, "by": by}, editor=by or "editor")


def read_note(text: str) -> str:
    """The note itself: ``text``, or the content of the file it names as ``@FILE``."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise NotFound(f"The note {text[1:]} cannot be read: {said}.") from fault


def _change(app: Newsletter, issue: Issue, wish: Wish, *, editor: str) -> Change:
    """``wish`` as a change that can be stored (UsageError)."""
    action, target, value = wish
    check_change(action, value)
    found = find(issue, target)
    return Change(0, editor, app.now(), action, target, value, found[1].revisions if found else ())


def _check_seen(before: Sequence[Change], wish: Wish, *, editor: str, seen: int | None, now: datetime) -> None:
    """Refuse what would go over the head of somebody: a newer change to the same by another, or a newer text."""
    action, target, _ = wish
    if seen is None:
        return
    for each in reversed(effective(before)):
        if each.number <= seen or each.target != target or (target == "issue" and each.action != action):
            continue
        if each.editor != editor or (action in TEXTS and each.action == action):
            text = overtaken(each, by=editor, now=now)
            raise ChangedMeanwhile(text, editor=each.editor, made_at=each.made_at, number=each.number)


def _remembering(issue: Issue, before: Sequence[Change], wish: Wish) -> list[Wish]:
    """``wish`` so that it holds when a new draft has no longer what it is about: a decision remembers the entry."""
    action, target, value = wish
    found = find(issue, target)
    if found is None or action not in ("keep", "move", "pin", *_REWRITING):
        return [wish]
    section, entry, is_below = found
    kept = {"section": section.id, "entry": to_json(entry)}
    if action == "keep":
        return [(action, target, {**kept, **value})]
    if action == "move":
        return [("keep", target, {**kept, "section": value, "from": section.id})]
    if action == "pin":
        picking = next((each.id for each in issue.sections if each.settings and each.settings.pick), section.id)
        if entry.is_kept and section.id == picking and section.entries[:1] == (entry,):
            return []
        return [("keep", target, {**kept, "section": picking, "at": 0})]
    is_remembered = any(each.target == target and each.action == "keep" for each in effective(before))
    return [wish] if is_remembered or is_below else [("keep", target, kept), wish]


_REWRITING = ("title", "summary", "blurb", "event")


def _is_repeated(before: Sequence[Change], wanted: Change) -> bool:
    """Whether the last thing that was done to the target is just this."""
    last = last_at(before, wanted.target)
    counting = effective(before)
    if last is None or last.action != wanted.action:
        return False
    if wanted.action == "keep":
        # What was pinned to the front stands there only until something else is done.
        is_there = "at" not in wanted.value or (last is counting[-1] and last.value.get("at") == wanted.value["at"])
        return bool(last.value.get("section") == wanted.value.get("section")) and is_there
    return bool(last.value == wanted.value)


def _is_of_another(before: Sequence[Change], wanted: Change) -> bool:
    """Whether somebody else did the last thing to the target."""
    last = last_at(before, wanted.target)
    return last is not None and last.editor != wanted.editor
