"""What programs send: tips and late items; each once, however often it comes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from newsletter.edit.changes import effective
from newsletter.edit.entry_changes import item_of
from newsletter.edit.placed_entries import pools
from newsletter.errors import NotFound, UsageError, WrongState
from newsletter.model.codec import to_json
from newsletter.model.issue import Change, Entry
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.folded import Folded, folded
from newsletter.pipeline.offering import LateItem, check_late, entries_for, made_late
from newsletter.pipeline.tips import Tip, WaitingTip, take_in, waiting_tips
from newsletter.store import issues, items
from newsletter.store.database import Db
from newsletter.store.tokens import Answered, answered, forget_answers, keep_answer
from newsletter.text import one_line, shorten, without_controls

KEPT_FOR = timedelta(days=7)
"""So long an answer is remembered for its Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a late item stands; ``is_new``: it did not stand there before."""

    number: int
    entry_id: str
    is_new: bool


def once(
    app: Newsletter, who: str, key: str, *, fingerprint: str, do: Callable[[], tuple[int, Any]]
) -> tuple[int, Any, bool]:
    """Status and answer of ``do``, or those it had when ``who`` posted the same under ``key``, and whether it had.

    UsageError when something else was posted under that key. What fails is not remembered.
    """
    since = app.now() - KEPT_FOR
    with app.database.reading() as db:
        known = answered(db, who, key, since=since)
    is_known = known is not None
    if known is None:
        status, value = do()
        with app.database.transaction() as db:
            forget_answers(db, before=since)
            keep_answer(db, who, key, Answered(fingerprint, status, value), now=app.now())
            known = answered(db, who, key, since=since)
        assert known is not None
    if known.fingerprint != fingerprint:
        raise UsageError("Something else was sent under this Idempotency-Key. Take a new key for each thing you send.")
    return known.status, known.answer, is_known


def post_tip(app: Newsletter, tip: Tip, *, program: str) -> tuple[WaitingTip, bool]:
    """Put a tip into the editors' inbox; the tip, and whether it is new there (UsageError)."""
    item, is_new = take_in(app, tip, program=program)
    return tip_sent(app, item.id), is_new


def tip_sent(app: Newsletter, tip_id: str) -> WaitingTip:
    """What became of a tip of the last four weeks (NotFound)."""
    with app.database.reading() as db:
        newest = issues.newest(db)
    tips = waiting_tips(app, newest[0] if newest else None)
    found = next((each for each in tips if each.item.id == tip_id), None)
    if found is None:
        raise NotFound(f"There is no tip {shorten(tip_id, 40)} of the last four weeks.")
    return found


class WrongSection(UsageError):
    """There is no section of that id."""


def post_hot(app: Newsletter, late: LateItem, *, program: str) -> Placed:
    """Put a late item into the draft under review, where an editor decides about it.

    What stands there already stays as it is. An item that was read at this address is taken instead of a second one.
    Raises UsageError, and WrongState when there is no draft, or when an editor took it out of the draft.
    """
    title, text = (without_controls(each).strip() for each in (one_line(late.title), late.text))
    url, credit = late.url.strip(), one_line(without_controls(late.credit))
    check_late(title, url, text)
    _check_section(app, late.section)
    with app.database.transaction() as db:
        number = _open_draft(db)
        known = folded(app, db, number)
        ids = items.items_at(db, [url]).get(url)
        if not ids:
            item = made_late(title, url, text, credit=credit, now=app.now())
            items.save_items(db, [item], now=app.now())
            ids = (item.id,)
        entry, guessed = entries_for(app, db, number, _not_tips(db, ids))[0]
        standing = _standing(known, entry, ids)
        if standing is not None:
            return Placed(number, standing, is_new=False)
        _check_not_taken_out(known, entry)
        _place(app, db, number, entry, where=late.section or guessed or "", program=program)
    return Placed(number, entry.id, is_new=True)


def _not_tips(db: Db, ids: tuple[str, ...]) -> list[str]:
    """Those that are no tips, of which an editor says when they are told; all of them when there are only tips."""
    return [each.item.id for each in items.stored_items(db, ids) if not each.item.is_tip] or list(ids)


def _check_section(app: Newsletter, section: str | None) -> None:
    known = [each.id for each in app.config.sections if not each.show]
    if section is not None and section not in known:
        names = f"Write one of: {', '.join(known)}." if known else "Leave it out."
        raise WrongSection(f"There is no section “{shorten(section, 40)}”. {names}")


def _open_draft(db: Db) -> int:
    newest = issues.newest(db)
    if newest is None:
        raise WrongState("There is no draft yet. Send it as a tip, or again when there is one.")
    number, state, _ = newest
    if state != "draft":
        raise WrongState(f"Issue {number} is {state}, and the next draft is not made yet. Send it as a tip.")
    return number


def _standing(known: Folded, entry: Entry, ids: tuple[str, ...]) -> str | None:
    """The entry above the line that tells it already."""
    for _, pool, is_below in pools(known.raw):
        for each in () if is_below else pool:
            if each.story_id == entry.story_id or set(ids) & set(map(item_of, each.revisions)):
                return each.id
    return None


def _check_not_taken_out(known: Folded, entry: Entry) -> None:
    gone = (each for each in effective(known.changes) if each.action in ("drop", "snooze"))
    if any(each.target == entry.id for each in gone):
        raise WrongState(f"An editor took this out of issue {known.drafted.number}. Ask them.")


def _place(app: Newsletter, db: Db, number: int, entry: Entry, *, where: str, program: str) -> None:
    """Bring the entry in as one that nobody decided about; nobody takes the program for an editor of its name."""
    who = f"{program} (program)"
    value = {"section": where, "entry": to_json(entry), "how": "added"}
    kept = Change(0, who, app.now(), "keep", entry.id, value, entry.revisions)
    issues.add_changes(db, number, [kept, Change(0, who, app.now(), "release", entry.id, True, entry.revisions)])
