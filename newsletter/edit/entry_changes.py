"""What an editor does to one entry: keep, drop, move, rewrite, join, split, date it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from newsletter.edit.placed_entries import Apply, edit_entry, edit_section, find, is_by_date, put, start_of, without
from newsletter.errors import UsageError
from newsletter.model.codec import from_json, to_json
from newsletter.model.issue import Dropped, Entry, Issue, Section
from newsletter.model.item import Event
from newsletter.text import one_line

SNOOZED = "It waits for the next issue."
_BLANK = Event(date(2000, 1, 1))


def _title(issue: Issue, target: str, value: str) -> Issue:
    if target == "issue":
        return replace(issue, title=one_line(value))
    return edit_entry(issue, target, title=one_line(value), is_kept=True) if one_line(value) else issue


def _summary(issue: Issue, target: str, value: str) -> Issue:
    return edit_entry(issue, target, summary=value.strip(), is_kept=True)


def _blurb(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    """What a model proposed and an editor took over; ``value`` names the model beside the text."""
    text = one_line(str(value.get("text") or ""))
    return edit_entry(issue, target, summary=text, is_kept=True) if text else issue


def _keep(issue: Issue, target: str, value: Mapping[str, Any]) -> Issue:
    """It stands in the issue, where it is or in the section ``value`` names, at the place ``at`` if that is given.

    ``value`` may hold the ``entry`` as it was then: what a new draft no longer has comes back.
    """
    found = find(issue, target)
    if found is None:
        if "entry" not in value:
            return issue
        entry = from_json(Entry, value["entry"])
        return put(_not_dropped(issue, entry.story_id), _section_for(issue, value.get("section")), entry)
    section, entry, is_below = found
    wanted, at = value.get("section") or section.id, value.get("at")
    if is_below or at is not None or wanted != section.id:
        return put(issue, wanted if _is_section(issue, wanted) else section.id, entry, at=at)
    return edit_entry(issue, target, is_kept=True)


def _release(issue: Issue, target: str, value: bool) -> Issue:
    """Nobody has decided about it any more."""
    return edit_entry(issue, target, is_kept=False)


def _drop(issue: Issue, target: str, value: str) -> Issue:
    found = find(issue, target)
    if found is None:
        return issue
    entry = found[1]
    dropped = Dropped(entry.story_id, entry.title, entry.url, value or "dropped by an editor", entry.score)
    return replace(without(issue, target), dropped=(*issue.dropped, dropped))


def _snooze(issue: Issue, target: str, value: str) -> Issue:
    return _drop(issue, target, value or SNOOZED)


def _move(issue: Issue, target: str, value: str) -> Issue:
    """Into section ``value``, at its end; from the runners-up of the same section it enters."""
    found = find(issue, target)
    if found is None or not _is_section(issue, value):
        return issue
    return put(issue, value, found[1])


def _event(issue: Issue, target: str, value: Mapping[str, Any]) -> Issue:
    """The date as the editor has it: ``value`` holds what differs; {"none": true} shows it without a date."""
    found = find(issue, target)
    if found is None:
        return issue
    section, entry, is_below = found
    event = None if value.get("none") else edited_event(entry.event, value)
    if event is None and not value.get("none"):
        return issue
    dated = replace(entry, event=event)
    if is_by_date(section) and not is_below and start_of(dated) != start_of(entry):
        return put(issue, section.id, dated)
    return edit_entry(issue, target, event=event, is_kept=True)


def check_event(value: Mapping[str, Any]) -> None:
    """Refuse what no event can hold (UsageError)."""
    if value.get("none"):
        return
    event = edited_event(_BLANK, value)
    assert event is not None
    start, end = event.starts_at, event.ends_at
    # A day and a moment, or a moment with a zone and one without, cannot be compared so simply.
    if end is None or isinstance(end, datetime) != isinstance(start, datetime):
        return
    if end.isoformat() < start.isoformat():
        raise UsageError(f"The end, {event.ends_at}, lies before the start, {event.starts_at}. Change one of them.")


def edited_event(event: Event | None, value: Mapping[str, Any]) -> Event | None:
    """``event`` with what ``value`` has otherwise; None without a start. UsageError when it is no date."""
    if event is None and not value.get("starts_at"):
        return None
    known = to_json(event) if event else {}
    try:
        edited = from_json(Event, {**known, **value, "is_guess": False, "words": None})
    except (TypeError, ValueError) as fault:
        raise UsageError(f"That is no date: {fault}. Write 2011-03-31 or 2011-03-31T18:00.") from fault
    return edited


def _merge(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    """``target`` tells what the entry ``value["entry"]`` told, too."""
    found, other = find(issue, target), find(issue, str(value.get("entry")))
    if found is None or other is None or found[1].id == other[1].id:
        return issue
    one, two = found[1], other[1]
    places = dict.fromkeys((*one.places, *two.places))
    return edit_entry(
        without(issue, two.id),
        target,
        places=tuple(places),
        reply_count=one.reply_count + two.reply_count,
        people_count=max(one.people_count, two.people_count),
        event=one.event or two.event,
        revisions=tuple(dict.fromkeys((*one.revisions, *two.revisions))),
        is_kept=one.is_kept or two.is_kept,
    )


def _split(issue: Issue, target: str, value: Mapping[str, Sequence[Mapping[str, Any]]]) -> Issue:
    """The entries in ``value`` stand for themselves again; a draft that was made since has them so already."""
    found = find(issue, target)
    parts = [from_json(Entry, each) for each in value.get("entries", ())]
    if found is None or not parts:
        return issue
    section, entry, _ = found
    gone = {item_of(name) for part in parts for name in part.revisions}
    left = tuple(name for name in entry.revisions if item_of(name) not in gone)
    if left == entry.revisions or not left:
        return issue
    urls = {place.url for part in parts for place in part.places} | {part.url for part in parts}
    places = tuple(each for each in entry.places if each.url not in urls)
    issue = edit_entry(issue, target, revisions=left, places=places)
    new = tuple(part for part in parts if find(issue, part.id) is None)
    return edit_section(issue, section.id, lambda each: _with_parts(each, target, new))


def _with_parts(section: Section, target: str, parts: tuple[Entry, ...]) -> Section:
    """``section`` with ``parts`` after the entry they were split from, on its side of the line."""

    def joined(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        at = next((number for number, entry in enumerate(entries) if entry.id == target), None)
        return entries if at is None else (*entries[: at + 1], *parts, *entries[at + 1 :])

    return replace(section, entries=joined(section.entries), runners_up=joined(section.runners_up))


def _remark(issue: Issue, target: str, value: Mapping[str, str]) -> Issue:
    """A word to the other editor changes nothing that readers see."""
    return issue


def item_of(revision: str) -> str:
    """The id of the item that a revision is one of."""
    return revision.rpartition(".")[0] or revision


def _not_dropped(issue: Issue, story_id: str) -> Issue:
    return replace(issue, dropped=tuple(each for each in issue.dropped if each.story_id != story_id))


def _is_section(issue: Issue, section_id: str) -> bool:
    return any(section.id == section_id for section in issue.sections)


def _section_for(issue: Issue, wanted: str | None) -> str:
    """The section of that id, else the first that takes everything."""
    if wanted and _is_section(issue, wanted):
        return wanted
    plain = [each for each in issue.sections if not each.settings or not (each.settings.pick or each.settings.show)]
    return (plain[-1] if plain else issue.sections[-1]).id


ACTIONS: Mapping[str, Apply] = {
    "title": _title,
    "summary": _summary,
    "blurb": _blurb,
    "keep": _keep,
    "release": _release,
    "drop": _drop,
    "snooze": _snooze,
    "move": _move,
    "event": _event,
    "merge": _merge,
    "split": _split,
    "remark": _remark,
}
