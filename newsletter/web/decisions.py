"""A form of the review page as what an editor wants, and the desk after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from newsletter.edit.changes import MOST_LETTERS, last_at
from newsletter.edit.desk import Desk
from newsletter.edit.placed_entries import pools
from newsletter.errors import NotFound, UsageError, WrongState
from newsletter.pipeline import same_story
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.offering import restore
from newsletter.pipeline.presence import at_cards
from newsletter.pipeline.review import Wish, act, open_desk
from newsletter.text import shorten, without_controls
from newsletter.web.rows import grouped
from newsletter.web.sessions import check_complete, field, form_of, is_by_script

GONE = "That item is not in this issue any more. Load the page again; what you decided before is stored."
_VALUES: Mapping[str, Any] = {"keep": {}, "drop": "", "snooze": "", "pin": True, "release": True}
_TEXTS = ("title", "summary")
_SAYING = (*_TEXTS, "remark", "move", "say", "leave out")
"""The acts that are about a value: without it there is nothing to do."""
_WAYS = {"up": -1, "down": 1}
_BULK = "bulk"
_MOST_TARGETS = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """What was sent: one action, what it is done to, and the last change the page knew."""

    action: str
    targets: tuple[str, ...]
    value: str
    seen: int | None
    is_from_page: bool = False
    """Whether a browser sent the form itself: it may come twice."""


def decision_in(request: Request) -> Decision:
    """The decision in a form (UsageError).

    A button says it in one field, ``do``: "keep ENTRY"; "bulk drop" is about all that is marked. Or there
    are the fields ``action``, ``target`` (repeated for several) and ``value``.
    """
    form = form_of(request)
    action, _, target = field(request, "do").partition(" ")
    targets = [target]
    if action == _BULK:
        action, targets = target, _all(form, "marked")
        if not targets:
            raise UsageError("Nothing is marked. Mark the items first, then say what to do with them.")
    elif not action:
        action, targets = field(request, "action"), _all(form, "target")
    seen = field(request, "seen")
    if not action or not any(targets):
        raise UsageError("The form does not say what to do, and with what. Load the page again.")
    if len(targets) > _MOST_TARGETS:
        raise UsageError(f"{len(targets):,} items at once are too many; {_MOST_TARGETS} are the most.")
    # The list's form holds a menu of sections, which says something only when it is about moving.
    is_about_value = action == "move" or not field(request, "do")
    if is_about_value and action in _SAYING:
        check_complete(request, "value")
    value = field(request, "value", at_most=MOST_LETTERS, lines=action in _TEXTS) if is_about_value else ""
    return Decision(
        action, tuple(dict.fromkeys(targets)), value, int(seen) if seen.isdecimal() else None, not is_by_script(request)
    )


def perform(app: Newsletter, number: int, decision: Decision, *, editor: str) -> Desk:
    """Do what was decided, all of it or nothing; the desk after it. Raises as :func:`act` does."""
    if decision.action == "restore":
        return restore(app, number, decision.targets[0], editor=editor)
    if decision.action == "merge":
        return _merge(app, number, decision, editor=editor)
    desk = open_desk(app, number)
    _check_known(desk, decision)
    _check_free(app, desk, decision, editor=editor)
    returning = _returning(desk, decision)
    if returning:
        return restore(app, number, returning, editor=editor)
    if _is_resent(desk, decision, editor=editor):
        return desk
    wishes = [wish for target in decision.targets for wish in _wishes(desk, decision, target)]
    return act(app, number, wishes, editor=editor, seen=decision.seen)


def put_in_order(app: Newsletter, number: int, section: str, ids: Sequence[str], *, editor: str) -> Desk:
    """Bring the entries of a section into the order of ``ids``. Raises NotFound when one is not there."""
    found = open_desk(app, number).section(section)
    if found is None or not ids or not set(ids) <= {card.entry.id for card in found.cards}:
        raise NotFound(GONE)
    return act(app, number, [("order", section, list(ids))], editor=editor)


def _merge(app: Newsletter, number: int, decision: Decision, *, editor: str) -> Desk:
    """Of two marked ones, or of one and the one named as the value, one story."""
    both = (*decision.targets, decision.value) if decision.value else decision.targets
    if len(both) != 2:
        raise UsageError(f"{len(both)} items are marked. Two can be joined to one story: mark just these.")
    same_story.merge(app, number, entry=both[0], other=both[1], editor=editor)
    return open_desk(app, number)


def _all(form: FormData, name: str) -> list[str]:
    return [without_controls(each).strip()[:200] for each in form.getlist(name) if isinstance(each, str)]


def _check_known(desk: Desk, decision: Decision) -> None:
    """Refuse ids of another issue, and those that nobody ever had: nothing would come of it."""
    known = {entry.id for _, pool, _ in pools(desk.drafted) for entry in pool}
    known |= {change.target for change in desk.changes} | {section.id for section in desk.sections}
    known |= {card.entry.id for card in desk.cards()}
    if not known.issuperset(decision.targets):
        raise NotFound(GONE)


def _check_free(app: Newsletter, desk: Desk, decision: Decision, *, editor: str) -> None:
    """Refuse what another editor is writing at: they would lose it unseen (WrongState)."""
    held = at_cards(app, desk.issue.number)
    for target in decision.targets:
        there, card = held.get(target), desk.card(target)
        is_newer = card is not None and decision.seen is not None and card.seen > decision.seen
        if there is None or there.editor == editor or card is None or is_newer:
            continue
        since = f"{there.opened_at.astimezone(app.config.schedule.zone):%H:%M}"
        title = shorten(card.entry.title, 60)
        text = f"{there.editor} is at “{title}” since {since}. Wait, or open it and take it over."
        raise WrongState(text)


def _returning(desk: Desk, decision: Decision) -> str:
    """The story to bring back, when somebody keeps what was dropped before."""
    if decision.action not in ("keep", "pin", "move") or len(decision.targets) > 1:
        return ""
    if desk.card(decision.targets[0]) is not None:
        return ""
    pool = (entry for _, entries, _ in pools(desk.drafted) for entry in entries)
    story = next((entry.story_id for entry in pool if entry.id == decision.targets[0]), "")
    is_mine = desk.last_number == decision.seen or decision.seen is None
    return story if is_mine and any(each.story_id == story for each in (*desk.dropped, *desk.snoozed)) else ""


def _is_resent(desk: Desk, decision: Decision, *, editor: str) -> bool:
    """Whether this is a step up or down that was taken since the page was made: a form that came twice steps once."""
    card = desk.card(decision.targets[0])
    if decision.action not in _WAYS or decision.seen is None or card is None or not decision.is_from_page:
        return False
    last = last_at(desk.changes, card.section)
    return last is not None and (last.action, last.editor) == ("order", editor) and last.number > decision.seen


def _wishes(desk: Desk, decision: Decision, target: str) -> list[Wish]:
    action, value = decision.action, decision.value
    if action in _WAYS:
        return _step(desk, target, _WAYS[action])
    if action in ("drop", "snooze"):
        return [(action, target, value)]
    if action in _TEXTS:
        return [(action, target, value)]
    if action == "move":
        if desk.section(value) is None:
            raise NotFound("There is no such section in this issue. Load the page again.")
        return [("move", target, value)]
    if action in ("say", "leave out"):
        return [("say quiet", target, {"project": value, "say": action == "say"})]
    if action == "remark":
        return [("remark", target, {"text": value})]
    if action in _VALUES:
        return [(action, target, _VALUES[action])]
    raise UsageError(f"There is no act “{action[:40]}”. Load the page again.")


def _step(desk: Desk, target: str, way: int) -> list[Wish]:
    """One place up or down among those it stands with."""
    card = desk.card(target)
    section = desk.section(card.section) if card else None
    if card is None or section is None or card.state == "below":
        raise NotFound(GONE)
    groups = [[each.entry.id for each in cards] for _, cards in grouped(section)]
    group = next(each for each in groups if target in each)
    place = group.index(target)
    if not 0 <= place + way < len(group):
        return []
    group[place], group[place + way] = group[place + way], group[place]
    return [("order", section.id, [entry_id for each in groups for entry_id in each])]
