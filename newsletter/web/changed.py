"""Two editors, one item: what the slower one is told, with everything that was typed."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from newsletter.edit.changes import effective
from newsletter.edit.desk import Desk
from newsletter.edit.said import ago, said_of
from newsletter.errors import ChangedMeanwhile
from newsletter.model.issue import Change
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.review import open_desk
from newsletter.text import one_line
from newsletter.web.decisions import Decision
from newsletter.web.frame import frame_of
from newsletter.web.pages import show
from newsletter.web.review_page import base_of
from newsletter.web.sessions import editor_of, is_by_script, newsletter_of

_TAKING = ("drop", "snooze")
_JUST, _MOST = 600, 3
"""For so many seconds it is said what somebody took out, and at most so many of them at once."""
_ACTS = {"keep": "Keep it", "drop": "Drop it", "snooze": "Put it off", "move": "Move it", "title": "Use my title"}


@dataclass(frozen=True, slots=True)
class Changed:
    """What ``desk/changed.html`` shows."""

    text: str
    title: str
    """The item's title, empty when it is not known."""
    look_url: str
    act_url: str
    action: str
    """What was wanted, to be sent again over the other's change."""
    act: str
    targets: tuple[str, ...]
    value: str
    seen: int
    restores: str
    """What brings back what the other one dropped, empty when nothing was."""


def taken_out(app: Newsletter, desk: Desk, *, editor: str) -> tuple[Changed, ...]:
    """What another editor has just taken out of the issue although ``editor`` had kept or written it; newest first."""
    counting = effective(desk.changes)
    found: list[Changed] = []
    for change in reversed(counting):
        seconds = max(0, round((app.now() - change.made_at).total_seconds()))
        if seconds > _JUST or len(found) == _MOST:
            break
        mine = (each for each in counting if each.target == change.target and each.editor == editor)
        is_loss = change.action in _TAKING and change.editor != editor and desk.card(change.target) is None
        if is_loss and any(each.number < change.number and each.action not in _TAKING for each in mine):
            found.append(_lost(app, desk, change))
    return tuple(found)


def _lost(app: Newsletter, desk: Desk, change: Change) -> Changed:
    base = base_of(desk.issue.number)
    return Changed(
        text=f"{change.editor} {said_of(change)} this {ago(change.made_at, app.now())}.",
        title=_title(desk, change.target),
        look_url=f"{base}dropped" if change.action == "drop" else f"{base}snoozed",
        act_url=f"{base}act",
        action="restore",
        act="Restore",
        targets=(change.target,),
        value="",
        seen=desk.last_number,
        restores=_story(desk, change.target),
    )


def changed_meanwhile(request: Request, number: int, decision: Decision, fault: ChangedMeanwhile) -> Response:
    """Say who did what, and offer to restore it or to decide all the same."""
    app = newsletter_of(request)
    desk = open_desk(app, number)
    change = next((each for each in desk.changes if each.number == fault.number), None)
    target = change.target if change else decision.targets[0]
    card = desk.card(target)
    who = "You" if fault.editor == editor_of(request).name else one_line(fault.editor)
    said = said_of(change) if change else "changed"
    context = Changed(
        text=f"{who} {said} this {ago(fault.made_at, app.now())}.",
        title=one_line(card.entry.title) if card else _title(desk, target),
        look_url=f"{base_of(number)}?at={quote(target)}#card" if card else f"{base_of(number)}dropped",
        act_url=f"{base_of(number)}act",
        action=decision.action,
        act=_ACTS.get(decision.action, "Do it"),
        targets=decision.targets,
        value=decision.value,
        seen=desk.last_number,
        restores="" if card or len(decision.targets) > 1 else _story(desk, target),
    )
    if not is_by_script(request):
        return show(request, "desk/changed.html", {"changed": context}, status=409, current="Review")
    text = app.templates.render("desk/_overtaken.html", frame=frame_of(request), changed=context)
    return HTMLResponse(text, 409)


def _title(desk: Desk, target: str) -> str:
    return one_line(_known(desk, target, "title"))


def _story(desk: Desk, target: str) -> str:
    return _known(desk, target, "story_id")


def _known(desk: Desk, target: str, name: str) -> str:
    """A field of an entry as it was drafted, or as it was when an editor brought it in; empty when neither is known."""
    drafted = (entry for each in desk.drafted.sections for entry in (*each.entries, *each.runners_up))
    if entry := next((each for each in drafted if each.id == target), None):
        return str(getattr(entry, name))
    kept = (each.value for each in reversed(desk.changes) if each.action == "keep" and each.target == target)
    return next((str(value.get("entry", {}).get(name) or "") for value in kept), "")
