"""How a person would tell what was done to an issue, and how long ago. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsletter.model.issue import Change

_SAID: Mapping[str, str] = {
    "keep": "kept",
    "release": "reopened",
    "drop": "dropped",
    "snooze": "put off",
    "move": "moved",
    "title": "changed the title of",
    "summary": "changed the text of",
    "event": "changed the date of",
    "merge": "joined another story to",
    "split": "split",
    "order": "reordered",
    "blurb": "took the model’s text for",
    "remark": "left a note at",
    "note": "changed the note of",
    "show figure": "held back",
    "figure note": "changed the note of",
    "say quiet": "left a quiet project out of",
    "send at": "moved the hour of",
    "short form": "put everything back into",
    "link": "mended",
    "decline tip": "declined",
    "join next": "joined the next week to",
    "undo": "took back that",
}
_SAID_IF_SO: Mapping[str, str] = {"show figure": "let through", "short form": "shortened"}
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def said_of(change: Change) -> str:
    """What was done, in words that fit between the editor's name and the thing: Ada *changed the title of* this."""
    action, value = change.action, change.value
    if value is True and action in _SAID_IF_SO:
        return _SAID_IF_SO[action]
    if action == "title" and change.target == "issue":
        return "changed the subject of"
    found = _said_of_value(action, value) if isinstance(value, Mapping) else None
    return found or _SAID[action]


def _said_of_value(action: str, value: Mapping[str, Any]) -> str | None:
    if action == "keep":
        is_moved = bool(value.get("from")) and value["from"] != value.get("section")
        return "pinned" if value.get("at") == 0 else "moved" if is_moved else value.get("how")
    if action == "event" and value.get("none"):
        return "took the date off"
    if action == "note" and not str(value.get("text") or "").strip():
        return "took the note off"
    if action == "say quiet" and value.get("say"):
        return "named a quiet project in"
    return None


def ago(since: datetime, now: datetime) -> str:
    """How long it is from ``since`` to ``now``: 10 s ago, 3 min ago, 5 h ago, 4 days ago."""
    seconds = max(0, round((now - since).total_seconds()))
    if seconds < 2 * _MINUTE:
        return f"{seconds} s ago"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE} min ago"
    return f"{seconds // _HOUR} h ago" if seconds < 2 * _DAY else f"{seconds // _DAY} days ago"


def overtaken(change: Change, *, by: str, now: datetime) -> str:
    """What an editor is told whose page is older than ``change``; ``by`` is who that editor is."""
    who = "You" if change.editor == by else change.editor
    when = ago(change.made_at, now)
    return f"{who} {said_of(change)} this {when}, after you opened the page. Look at it, then decide again."
