"""What editors did to a draft: an append-only layer of Changes, folded over what was drafted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from newsletter.edit import entry_changes, issue_changes
from newsletter.edit.deadlines import refresh_deadlines
from newsletter.edit.draft import issue_title
from newsletter.edit.placed_entries import Apply
from newsletter.edit.short import short_issue
from newsletter.errors import UsageError
from newsletter.model.issue import Change, Issue

UNDO = "undo"


def fold(issue: Issue, changes: Iterable[Change]) -> Issue:
    """``issue`` as it stands after ``changes``, in their order; a target that is gone changes nothing.

    What follows from the entries follows them: the deadlines, and the title until an editor wrote one.
    """
    return following(applied(issue, changes), issue)


def applied(issue: Issue, changes: Iterable[Change]) -> Issue:
    """``issue`` after ``changes``, without what follows from them."""
    return reduce(apply_change, effective(changes), issue)


def following(changed: Issue, issue: Issue) -> Issue:
    """``changed``, which was ``issue``, with what follows from its entries."""
    if changed.sections != issue.sections:
        changed = replace(changed, deadlines=refresh_deadlines(changed))
        if changed.title == issue.title == issue_title(issue.sections, issue.title):
            changed = replace(changed, title=issue_title(changed.sections, issue.title))
    return short_issue(changed) if changed.is_short else changed


def effective(changes: Iterable[Change]) -> list[Change]:
    """The changes that still count, in their order: without those that were undone, and without the undoing."""
    return [each for each in standing(changes) if each.action != UNDO]


def standing(changes: Iterable[Change]) -> list[Change]:
    """The changes that nobody has taken back, in their order; those that take others back are among them."""
    undone: set[int] = set()
    left: list[Change] = []
    for each in sorted(changes, key=lambda change: change.number, reverse=True):
        if act_of(each) in undone:
            continue
        if each.action == UNDO:
            undone.add(int(each.target) if each.target.isdecimal() else 0)
        left.append(each)
    return left[::-1]


def last_at(changes: Iterable[Change], target: str) -> Change | None:
    """The last change to ``target`` that counts, None when there is none."""
    return next((each for each in reversed(effective(changes)) if each.target == target), None)


def act_of(change: Change) -> int:
    """The number that the changes of one act share."""
    return change.batch or change.number


def apply_change(issue: Issue, change: Change) -> Issue:
    """``issue`` after one change."""
    return _ACTIONS[change.action](issue, change.target, change.value)


def check_change(action: str, value: Any) -> None:
    """Refuse an action that does not exist or a value it cannot work with (UsageError)."""
    if action not in ACTIONS:
        raise UsageError(f"There is no change “{action}”. Changes: {', '.join(sorted(ACTIONS))}.")
    if not isinstance(value, ACTIONS[action]):
        raise UsageError(f"The change “{action}” needs {ACTIONS[action].__name__}, not {type(value).__name__}.")
    for text in _texts(value):
        if len(text) > MOST_LETTERS:
            raise UsageError(f"The text has {len(text):,} letters; {MOST_LETTERS:,} is the most. Shorten it.")
    if action == "event" and isinstance(value, Mapping):
        entry_changes.check_event(value)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)


MOST_LETTERS = 20_000
"""The most letters a text of an editor may have."""

_ACTIONS: Mapping[str, Apply] = {
    **entry_changes.ACTIONS,
    **issue_changes.ACTIONS,
    UNDO: lambda issue, target, value: issue,
}

ACTIONS: Mapping[str, type] = {
    **dict.fromkeys(("title", "summary", "drop", "move", "snooze", "figure note", "link"), str),
    **dict.fromkeys(("decline tip", "join next"), str),
    **dict.fromkeys(("blurb", "note", "keep", "event", "merge", "split", "remark", "say quiet", "send at"), dict),
    **{"order": list, "show figure": bool, "release": bool, "short form": bool, UNDO: str},
}
"""Every action with the type of its value; the target is an entry's id, a section's id, a figure's name or "issue"."""

TEXTS = frozenset(("title", "summary", "event", "note", "remark", "figure note"))
"""The actions that carry what somebody wrote: a newer one of another page is never overwritten unseen."""
