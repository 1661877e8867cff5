"""An entry that an editor rewrote and its original: back to it, or stay with what was written."""

from collections.abc import Sequence
from datetime import datetime

from newsletter.edit.changes import UNDO, act_of, effective
from newsletter.edit.desk import Card, Desk, desk_of
from newsletter.edit.said import overtaken
from newsletter.errors import ChangedMeanwhile, NotFound
from newsletter.model.issue import Change
from newsletter.pipeline.app import Newsletter
from newsletter.store import issues

REWRITING = ("title", "summary", "blurb", "event")
"""The actions by which an editor rewrites what the program made."""


def take_original(app: Newsletter, number: int, entry: str, *, editor: str, seen: int | None = None) -> Desk:
    """The entry as the program makes it, now and when its original changes again; it stays kept.

    It is one act, which takes back every act that rewrote the entry and nothing else of them.
    Raises NotFound, WrongState, and ChangedMeanwhile when somebody else changed it since ``seen``.
    """
    with app.database.transaction() as db:
        issues.hold(db, number)
        drafted, before = issues.issue(db, number).issue, issues.changes(db, number)
        card = _card(desk_of(drafted, before), entry)
        _check_seen(card, editor, seen, app.now())
        acts = list(dict.fromkeys(act_of(each) for each in card.changes if each.action in REWRITING))
        undone = [Change(0, editor, app.now(), UNDO, str(each), str(each)) for each in acts]
        again = [
            _again(each, editor, app) for each in effective(before) if act_of(each) in acts and _stays(each, entry)
        ]
        if not undone:
            return desk_of(drafted, before)
        return desk_of(drafted, (*before, *issues.add_changes(db, number, [*undone, *again])))


def keep_mine(app: Newsletter, number: int, entry: str, *, editor: str, seen: int | None = None) -> Desk:
    """What the editors wrote stands, with the original as it is now before their eyes. Raises as take_original does."""
    with app.database.transaction() as db:
        issues.hold(db, number)
        drafted, before = issues.issue(db, number).issue, issues.changes(db, number)
        card = _card(desk_of(drafted, before), entry)
        _check_seen(card, editor, seen, app.now())
        last = {each.action: each for each in card.changes if each.action in REWRITING}
        if not card.is_outdated:
            return desk_of(drafted, before)
        made = [
            Change(0, editor, app.now(), each.action, entry, each.value, card.entry.revisions)
            for each in sorted(last.values(), key=lambda change: change.number)
        ]
        return desk_of(drafted, (*before, *issues.add_changes(db, number, made)))


def _stays(change: Change, entry: str) -> bool:
    """Whether a change of an act that goes is about something else than how the entry is worded."""
    return change.action not in REWRITING or change.target != entry


def _again(change: Change, editor: str, app: Newsletter) -> Change:
    return Change(0, editor, app.now(), change.action, change.target, change.value, change.revisions)


def _card(desk: Desk, entry: str) -> Card:
    card = desk.card(entry)
    if card is None:
        raise NotFound("That item is not in the draft any more. Load the page again.")
    return card


def _check_seen(card: Card, editor: str, seen: int | None, now: datetime) -> None:
    newer: Sequence[Change] = [each for each in reversed(card.changes) if seen is not None and each.number > seen]
    for each in newer:
        if each.editor != editor:
            text = overtaken(each, by=editor, now=now)
            raise ChangedMeanwhile(text, editor=each.editor, made_at=each.made_at, number=each.number)
