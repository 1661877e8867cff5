"""The history of an issue as its page shows it: every change, in words a person would use. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.edit.changes import UNDO, act_of, standing
from newsletter.edit.desk import Desk
from newsletter.edit.placed_entries import pools
from newsletter.edit.said import said_of
from newsletter.model.codec import from_json
from newsletter.model.issue import Change, Entry
from newsletter.text import one_line, shorten
from newsletter.web.card_words import said_in_change
from newsletter.web.list_views import Clock

_MOST_TITLE = 120


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change in the history."""

    number: int
    batch: int
    who: str
    when: str
    iso: str
    what: str
    title: str
    """What it was done to."""
    entry_id: str
    """Its card, if there is one."""
    where: str
    """Whereto: to General; may be empty."""
    words: str
    """What was written; may be empty."""
    is_undone: bool
    is_last: bool
    """Whether it is the last of its act: there the act can be taken back."""
    act_size: int


def history(desk: Desk, *, clock: Clock) -> list[ChangeView]:
    """Every change, the newest first; those that were taken back are told as such."""
    counting = {each.number for each in standing(desk.changes)}
    titles = _titles(desk)
    sizes = Counter(act_of(each) for each in desk.changes)
    last = {act_of(each): each.number for each in desk.changes}
    found: list[ChangeView] = []
    for each in desk.changes:
        batch = act_of(each)
        found.append(
            ChangeView(
                number=each.number,
                batch=batch,
                who=one_line(each.editor),
                when=clock(each.made_at),
                iso=each.made_at.isoformat(timespec="seconds"),
                what=said_of(each),
                title=shorten(titles.get(each.target, each.target), _MOST_TITLE)
                if each.action != UNDO
                else _taken_back(desk, each, titles),
                entry_id=each.target if each.action != UNDO and desk.card(each.target) else "",
                where=_where(each, titles, clock),
                words=one_line(said_in_change(each)),
                is_undone=each.number not in counting,
                is_last=last[batch] == each.number,
                act_size=sizes[batch],
            )
        )
    return found[::-1]


def _taken_back(desk: Desk, undoing: Change, titles: Mapping[str, str]) -> str:
    """What an undoing took back: Ben dropped “The bridge opens” and 3 more."""
    act = [each for each in desk.changes if str(act_of(each)) == undoing.target]
    if not act:
        return f"act {undoing.target} was done"
    first = act[0]
    if first.action == UNDO:
        return f"{one_line(first.editor)} {said_of(first)} {_taken_back(desk, first, titles)}"
    name = shorten(titles.get(first.target, first.target), _MOST_TITLE)
    more = f" and {len(act) - 1} more" if len({each.target for each in act}) > 1 else ""
    shown = name if first.target == "issue" else f"“{name}”"
    return f"{one_line(first.editor)} {said_of(first)} {shown}{more}"


def _where(change: Change, titles: Mapping[str, str], clock: Clock) -> str:
    """Whereto something was moved: a section, an hour."""
    value = change.value
    if not isinstance(value, Mapping):
        return ""
    if change.action == "send at" and value.get("at"):
        return f"to {clock(datetime.fromisoformat(str(value['at'])))}"
    if change.action == "keep" and said_of(change) == "moved":
        section = str(value["section"])
        return f"to {titles.get(section, section)}"
    return ""


def _titles(desk: Desk) -> dict[str, str]:
    """What the targets of changes are called."""
    found = {each.target: "a tip" for each in desk.changes if each.action == "decline tip"}
    found |= {each.target: f"the link {each.target}" for each in desk.changes if each.action == "link"}
    found |= {figure.name: f"the figure {figure.name}" for figure in desk.drafted.statistics}
    found |= {change.target: _entry(change).title for change in desk.changes if _has_entry(change)}
    for issue in (desk.drafted, desk.issue):
        found.update({entry.id: one_line(entry.title) for _, pool, _ in pools(issue) for entry in pool})
    found.update({section.id: one_line(section.title) for section in desk.sections if section.id not in found})
    return found | {"issue": "the issue"}


def _has_entry(change: Change) -> bool:
    return isinstance(change.value, Mapping) and isinstance(change.value.get("entry"), Mapping)


def _entry(change: Change) -> Entry:
    return from_json(Entry, change.value["entry"])
