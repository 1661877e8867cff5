"""What a person does to a draft: each is a Change, stored and folded, never written over what was fetched."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from newsletter.edit.changes import TEXTS, UNDO, act_of, check_change, effective, standing
from newsletter.edit.desk import Desk
from newsletter.edit.placed_entries import find
from newsletter.errors import ChangedMeanwhile, NotFound
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Issue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.folded import folded, remember
from newsletter.pipeline.same_story import take_back_decisions
from newsletter.store import issues

Wish = tuple[str, str, Any]
"""What an editor wants: action, target, value."""


def change(app: Newsletter, number: int, *, action: str, target: str, value: Any, editor: str) -> Issue:
    """Store one change and give the issue after it. Raises UsageError, NotFound, WrongState."""
    return act(app, number, [(action, target, value)], editor=editor).issue


def act(app: Newsletter, number: int, wishes: Sequence[Wish], *, editor: str, seen: int | None = None) -> Desk:
    """Store the changes of one act, all or none, which one undo takes back; the desk after them.

    ``seen`` is the last change of the page it was made on. What changes nothing, such as a form sent twice, is not
    stored. "pin" (value: True) keeps an entry at the front of the section that shows the best.
    Raises UsageError, NotFound, WrongState, and ChangedMeanwhile when somebody changed the same since ``seen``.
    """
    with app.database.transaction() as db:
        known = folded(app, db, number)
        issue, before = known.raw, known.changes
        made: list[Change] = []
        for wish in wishes:
            _check_seen(before, wish, editor=editor, seen=seen)
            for action, target, value in _remembering(issue, before, wish):
                check_change(action, value)
                found = find(issue, target)
                in_view = found[1].revisions if found else ()
                wanted = Change(0, editor, app.now(), action, target, value, in_view)
                if not _is_repeated(before, wanted):
                    made.append(wanted)
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
            return taken[0]
        issues.add_change(db, number, Change(0, editor, app.now(), UNDO, str(act_of(taken[0])), str(act_of(taken[0]))))
        take_back_decisions(db, taken, editor=editor, now=app.now())
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


_SAID: Mapping[str, str] = {
    "keep": "kept",
    "release": "opened again",
    "drop": "dropped",
    "snooze": "put off to the next issue",
    "move": "moved",
    "title": "changed the title of",
    "summary": "changed the text of",
    "event": "changed the date of",
    "merge": "joined another story to",
    "split": "split",
    "order": "put in another order",
    "blurb": "took the model’s text for",
    "remark": "noted about",
    "note": "changed the note of",
    "show figure": "showed or hid the figure",
    "figure note": "changed the note of the figure",
    "say quiet": "changed what is said of quiet projects in",
    UNDO: "took back act",
    "send at": "moved the hour of",
    "short form": "changed the length of",
    "link": "mended a link in",
    "decline tip": "declined a tip for",
    "join next": "put off",
}


def said_of(change: Change) -> str:
    """What was done, in a word or two that fit between the editor's name and the thing."""
    return _SAID.get(change.action, f"changed ({change.action})")


def _check_seen(before: Sequence[Change], wish: Wish, *, editor: str, seen: int | None) -> None:
    """Refuse what would go over the head of somebody: a newer change to the same by another, or a newer text."""
    action, target, _ = wish
    if seen is None:
        return
    for each in reversed(effective(before)):
        if each.number <= seen or each.target != target or (target == "issue" and each.action != action):
            continue
        if each.editor != editor or (action in TEXTS and each.action == action):
            who = "You" if each.editor == editor else each.editor
            text = f"{who} {said_of(each)} this since you opened the page. Look at it, then decide again."
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
        return [("keep", target, {**kept, "section": value})]
    if action == "pin":
        picking = next((each.id for each in issue.sections if each.settings and each.settings.pick), section.id)
        return [("keep", target, {**kept, "section": picking, "at": 0})]
    is_remembered = any(each.target == target and each.action == "keep" for each in effective(before))
    return [wish] if is_remembered or is_below else [("keep", target, kept), wish]


_REWRITING = ("title", "summary", "blurb", "event")


def _is_repeated(before: Sequence[Change], wanted: Change) -> bool:
    """Whether the last thing that was done to the target is just this."""
    counting = effective(before)
    last = next((each for each in reversed(counting) if each.target == wanted.target), None)
    if last is None or last.action != wanted.action:
        return False
    if wanted.action == "keep":
        # What was pinned to the front stands there only until something else is done.
        is_there = "at" not in wanted.value or (last is counting[-1] and last.value.get("at") == wanted.value["at"])
        return bool(last.value.get("section") == wanted.value.get("section")) and is_there
    return bool(last.value == wanted.value)
